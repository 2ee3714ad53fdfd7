/** Constant numbers from their bytes: decimals of a four-byte integer and its decimal places. */

import { kernelFor } from "./kernel.js";
import { useKernel } from "./matrices.js";

const CHUNK = 65536;
/** In place of the decimal places: the integer counts into the list of odd numbers. */
const ODD = 255;
/** Numbers from which on a model is large: only what is looked at is computed, a little at a time. */
export const LARGE = 5e6;
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Decodes bytes that come in pieces of any size. */
export class NumberReader {
  /**
   * @param {number} count of numbers
   * @param {number[]} odd numbers that are no such decimals
   * @param {boolean} fast whether matrix products go through WebAssembly, which then holds the numbers
   */
  constructor(count, odd, fast) {
    const kernel = fast ? kernelFor(count) : null;
    useKernel(kernel);
    this.numbers = kernel ? kernel.numbers : new Float64Array(count);
    this.odd = odd;
    this.done = 0;
    this.held = new Uint8Array(CHUNK * 5);
    this.size = 0;
  }

  /** The bytes of the chunk that comes next. */
  get next() {
    return Math.min(CHUNK, this.numbers.length - this.done) * 5;
  }

  /** @param {Uint8Array} bytes */
  add(bytes) {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.next - this.size);
      if (part.length === 0) throw new Error("The file of numbers is longer than it should be.");
      this.held.set(part, this.size);
      this.size += part.length;
      at += part.length;
      if (this.size === this.next) this.decode();
    }
  }

  decode() {
    const count = this.size / 5;
    const view = new DataView(this.held.buffer);
    for (let i = 0; i < count; i++) {
      const integer = view.getInt32(i * 4, true);
      const places = this.held[count * 4 + i];
      this.numbers[this.done + i] = places === ODD ? this.odd[integer] : integer / POWERS[places];
    }
    this.done += count;
    this.size = 0;
  }

  /** All numbers; an error if bytes are missing. */
  finish() {
    if (this.done < this.numbers.length) {
      throw new Error("The file of numbers is shorter than it should be.");
    }
    return this.numbers;
  }
}
