/**
 * The file of numbers in the browser's own storage, in pieces: each is written while the next one is
 * read, so that neither the page nor the browser ever holds much of it.
 */

const STORE = "sheetgpt";
const PIECES = "pieces";
/** Bytes of a piece. */
export const PIECE = 1 << 24;

/** @returns {Promise<IDBDatabase>} */
function database() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(STORE, 2);
    request.onupgradeneeded = () => {
      const { result } = request;
      for (const old of [...result.objectStoreNames]) result.deleteObjectStore(old); // files in one piece
      result.createObjectStore(PIECES);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("Another page holds the storage."));
  });
}

/** @template T @param {IDBTransactionMode} mode @param {(pieces: IDBObjectStore) => IDBRequest<T>} act @returns {Promise<T>} */
async function inStore(mode, act) {
  const db = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction(PIECES, mode);
      const request = act(transaction.objectStore(PIECES));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error); // as when there is no room on the disk
    });
  } finally {
    db.close();
  }
}

/** The keys of all pieces of a file. @param {string} hash */
function keysOf(hash) {
  return IDBKeyRange.bound([hash, 0], [hash, Infinity]);
}

/** The file as the browser kept it, null if it did not, or not all of it. @param {string} hash @param {number} size @returns {Promise<Blob | null>} */
export async function kept(hash, size) {
  const pieces = await inStore("readonly", (store) => store.getAll(keysOf(hash))).catch(() => []);
  const whole = new Blob(pieces); // by reference: nothing is read yet
  return whole.size === size ? whole : null;
}

/** Keeps the pieces of a file. */
export class Keeper {
  /** @param {string} hash */
  constructor(hash) {
    this.hash = hash;
    this.count = 0;
    /** Whether everything so far is kept. */
    this.fine = true;
    this.written = Promise.resolve();
  }

  /** Keeps a file up to a byte: each piece that is complete, once the one before it is written. @param {Blob} file @param {number} end */
  async keep(file, end) {
    for (let from = this.count * PIECE; from < end && (from + PIECE <= end || end === file.size); from += PIECE) {
      const key = [this.hash, this.count++];
      await this.written;
      if (this.fine) this.written = this.write(file.slice(from, Math.min(from + PIECE, end)), key);
    }
  }

  /** @param {Blob} piece @param {IDBValidKey} key */
  async write(piece, key) {
    await inStore("readwrite", (store) => store.put(piece, key)).catch(() => {
      this.fine = false;
    });
  }

  /** Whether all of the file is kept; part of a file is not. */
  async finish() {
    await this.written;
    if (!this.fine) await inStore("readwrite", (store) => store.delete(keysOf(this.hash))).catch(() => {});
    return this.fine;
  }
}
