/** Gets the workbook: what is inside the page, and for large models the file of numbers beside it. */

import { byId, make } from "./dom.js";
import { NumberReader } from "./numbers.js";

const STORE = "sheetgpt";

/** Unpacks text that holds gzip in base 64. @param {string} text */
async function unpacked(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** @returns {Promise<import("./app.js").Data>} */
export async function loadData() {
  return JSON.parse(new TextDecoder().decode(await unpacked(byId("book").textContent ?? "")));
}

/**
 * All constant numbers of the workbook, and what keeps their file in the browser for the next time,
 * if it is not there yet.
 * @param {import("./app.js").Data} data
 * @param {(words: string) => void} say
 * @returns {Promise<{numbers: import("./numbers.js").Numbers, keep: (() => Promise<void>) | null}>}
 */
export async function loadNumbers(data, say) {
  const element = byId("numbers");
  const { file, hash } = element.dataset;
  const size = Number(element.dataset.size);
  const reader = () => new NumberReader(data.count, data.odd, file !== undefined); // others may not use WebAssembly
  if (!file) {
    const only = reader();
    only.add(await unpacked(element.textContent ?? ""));
    return { numbers: only.finish(), keep: null };
  }
  const kept = await stored(String(hash));
  if (kept?.size === size) {
    const numbers = await read(kept, reader(), say).catch(() => null); // the browser may have lost it
    if (numbers) return { numbers, keep: null };
  }
  const blob = (await beside(file, say)) ?? (await chosen(file, size, say));
  return { numbers: await read(blob, reader(), say), keep: () => store(String(hash), blob) };
}

/** Reads numbers from a file. @param {Blob} blob @param {NumberReader} reader @param {(words: string) => void} say */
async function read(blob, reader, say) {
  const stream = blob.stream().getReader();
  let done = 0;
  for (let part = await stream.read(); !part.done; part = await stream.read()) {
    reader.add(part.value);
    done += part.value.length;
    say(`Reading the numbers: ${Math.round((100 * done) / blob.size)} %`);
  }
  return reader.finish();
}

/** The file beside the page, null where pages may not read it. @param {string} file @param {(words: string) => void} say */
async function beside(file, say) {
  if (location.protocol === "file:") return null;
  say("Fetching the numbers ...");
  const answer = await fetch(file);
  if (!answer.ok) throw new Error(`The file ${file} is missing beside the page (${answer.status}).`);
  return answer.blob();
}

/** Lets the reader choose the file. @param {string} file @param {number} size @param {(words: string) => void} say @returns {Promise<Blob>} */
function chosen(file, size, say) {
  return new Promise((resolve) => {
    const input = make("input", { type: "file", id: "choose", accept: ".bin" });
    const label = make("label", { className: "choose" }, `Choose the file ${file} that lies beside this page: `, input);
    input.addEventListener("change", () => {
      const [found] = input.files ?? [];
      if (!found) return;
      if (found.size !== size) {
        say(`${found.name} has ${found.size.toLocaleString("en-US")} bytes and should have ${size.toLocaleString("en-US")}; choose ${file} from this page's folder.`);
        return;
      }
      label.remove();
      resolve(found);
    });
    byId("main").before(label);
    say(`This page needs the file ${file}. The browser keeps it for the next time.`);
  });
}

/** @returns {Promise<IDBDatabase>} */
function database() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(STORE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("numbers");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @template T @param {IDBTransactionMode} mode @param {(files: IDBObjectStore) => IDBRequest<T>} act @returns {Promise<T>} */
async function inStore(mode, act) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction("numbers", mode);
    const request = act(transaction.objectStore("numbers"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error); // as when there is no room on the disk
  });
}

/** The file as the browser kept it, null if it did not. @param {string} hash @returns {Promise<Blob | null>} */
async function stored(hash) {
  const kept = await inStore("readonly", (files) => files.get(hash)).catch(() => null);
  return kept instanceof Blob ? kept : null;
}

/** @param {string} hash @param {Blob} blob */
async function store(hash, blob) {
  await inStore("readwrite", (files) => files.put(blob, hash));
}
