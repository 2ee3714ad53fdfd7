/** Gets the workbook: what is inside the page, and for large models the file of numbers beside it. */

import { byId, make } from "./dom.js";
import { Keeper, kept } from "./kept.js";
import { NumberReader } from "./numbers.js";

/** Bytes that are read at a time. */
const PART = 1 << 18;

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
 * All constant numbers of the workbook, and whether they are there the next time: the browser keeps
 * their file while it is read.
 * @param {import("./app.js").Data} data
 * @param {(words: string) => void} say
 * @returns {Promise<{numbers: import("./numbers.js").Numbers, stays: boolean}>}
 */
export async function loadNumbers(data, say) {
  const element = byId("numbers");
  const { file, hash } = element.dataset;
  const size = Number(element.dataset.size);
  const reader = () => new NumberReader(data.count, data.odd, file !== undefined); // others may not use WebAssembly
  if (!file) {
    const only = reader();
    only.add(await unpacked(element.textContent ?? ""));
    return { numbers: only.finish(), stays: true };
  }
  const before = await kept(String(hash), size);
  if (before) {
    const numbers = await read(before, reader(), say).catch(() => null); // the browser may have lost it
    if (numbers) return { numbers, stays: true };
  }
  const keeper = new Keeper(String(hash));
  const found = (await beside(file, say)) ?? (await chosen(file, size, say));
  const numbers = await read(found, reader(), say, keeper);
  return { numbers, stays: await keeper.finish() };
}

/**
 * Reads numbers from a file.
 * @param {Blob} file
 * @param {NumberReader} reader
 * @param {(words: string) => void} say
 * @param {Keeper} [keeper] keeps what was read
 */
async function read(file, reader, say, keeper) {
  let done = 0;
  for await (const part of partsOf(file.stream())) {
    reader.add(part);
    done += part.length;
    await keeper?.keep(file, done);
    say(`Reading the numbers: ${Math.round((100 * done) / file.size)} %`);
  }
  return reader.finish();
}

/**
 * The bytes of a stream, through one buffer: others would lie in memory until the browser tidies up.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 */
async function* partsOf(stream) {
  const parts = stream.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(PART);
  for (;;) {
    const { done, value } = await parts.read(new Uint8Array(buffer));
    if (done) return;
    yield value;
    buffer = value.buffer;
  }
}

/** The file beside the page, null where pages may not read it. @param {string} file @param {(words: string) => void} say */
async function beside(file, say) {
  if (location.protocol === "file:") return null;
  say("Fetching the numbers ...");
  const answer = await fetch(file);
  if (!answer.ok) throw new Error(`The file ${file} is missing beside the page (${answer.status}).`);
  return answer.blob(); // which the browser holds on its disk
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
