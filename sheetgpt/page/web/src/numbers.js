/** Reads constant numbers from their bytes: decimals of a four-byte integer and its decimal places. */

import { makeKernel } from "./kernel.js";
import { useKernel } from "./matrices.js";
import { Floats, Packed } from "./packed.js";

const CHUNK = 65536;
/** Numbers from which on a model is large: only what is looked at is computed, a little at a time. */
export const LARGE = 5e6;

/** @typedef {import("./packed.js").Packed | Floats} Numbers */

/** Takes bytes that come in pieces of any size. */
export class NumberReader {
  /**
   * @param {number} count of numbers
   * @param {number[]} odd numbers that are no such decimals
   * @param {boolean} fast whether matrix products go through WebAssembly, which takes the numbers packed
   */
  constructor(count, odd, fast) {
    const kernel = fast ? makeKernel() : null;
    useKernel(kernel);
    /** @type {Numbers} */
    this.numbers = kernel ? new Packed(count, odd) : new Floats(count, odd);
    this.done = 0;
    this.held = new Uint8Array(CHUNK * 5);
    this.size = 0;
  }

  /** The bytes of the chunk that comes next. */
  get next() {
    return Math.min(CHUNK, this.numbers.count - this.done) * 5;
  }

  /** @param {Uint8Array} bytes */
  add(bytes) {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.next - this.size);
      if (part.length === 0) throw new Error("The file of numbers is longer than it should be.");
      this.held.set(part, this.size);
      this.size += part.length;
      at += part.length;
      if (this.size === this.next) this.take();
    }
  }

  take() {
    const count = this.size / 5;
    const { buffer } = this.held; // every browser runs on processors that hold the low byte first
    this.numbers.take(this.done, new Int32Array(buffer, 0, count), this.held.subarray(count * 4, this.size));
    this.done += count;
    this.size = 0;
  }

  /** All numbers; an error if bytes are missing. */
  finish() {
    if (this.done < this.numbers.count) {
      throw new Error("The file of numbers is shorter than it should be.");
    }
    return this.numbers;
  }
}
