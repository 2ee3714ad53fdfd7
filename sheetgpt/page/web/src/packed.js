/**
 * Constant numbers: as they are, or packed as the file has them, which is five bytes in place of
 * eight. Packed ones are decoded where they are read.
 */

import { NUMBERS, Table } from "./values.js";

/** In place of the decimal places: the integer counts into the list of odd numbers. */
const ODD = 255;
/** What an integer is divided by, for each number of decimal places; odd numbers have none. */
export const POWERS = Float64Array.from({ length: 256 }, (_, i) => (i < 23 ? Number(`1e${i}`) : NaN));

/** Numbers in eight bytes each. */
export class Floats {
  /** @param {number} count @param {number[]} odd */
  constructor(count, odd) {
    this.numbers = new Float64Array(count);
    this.odd = odd;
  }

  get count() {
    return this.numbers.length;
  }

  /** Large ones are packed. */
  free() {}

  /** Takes some numbers from the file. @param {number} from @param {Int32Array} integers @param {Uint8Array} places */
  take(from, integers, places) {
    for (let i = 0; i < integers.length; i++) {
      this.numbers[from + i] = places[i] === ODD ? this.odd[integers[i]] : integers[i] / POWERS[places[i]];
    }
  }

  /** @param {number} i */
  at(i) {
    return this.numbers[i];
  }

  /** @param {number} i @param {number} value */
  put(i, value) {
    this.numbers[i] = value;
  }

  /** Some numbers that follow each other, not to be written to. @param {number} from @param {number} count */
  run(from, count) {
    return this.numbers.subarray(from, from + count);
  }

  /** A rectangle: a view. @param {number} from @param {number} rows @param {number} cols @param {number} down */
  table(from, rows, cols, down) {
    return new Table(rows, cols, this.numbers, NUMBERS, from, down);
  }

  /** The same as a factor of a matrix product. @param {number} from @param {number} rows @param {number} cols @param {number} down */
  factor(from, rows, cols, down) {
    return this.table(from, rows, cols, down);
  }
}

/** Numbers as integers, and the decimal places of each. */
export class Packed {
  /** @param {number} count @param {number[]} odd the numbers that are no such decimals; it grows when others are put here */
  constructor(count, odd) {
    this.integers = new Int32Array(count);
    this.places = new Uint8Array(count);
    this.odd = odd;
  }

  get count() {
    return this.integers.length;
  }

  /**
   * Gives the memory back at once, where the browser would hold it until it tidies up, which is after
   * the next page has taken as much again. Nothing can be read afterwards.
   */
  free() {
    for (const { buffer } of [this.integers, this.places]) buffer.transfer?.(0);
  }

  /** Takes some numbers from the file. @param {number} from @param {Int32Array} integers @param {Uint8Array} places */
  take(from, integers, places) {
    this.integers.set(integers, from);
    this.places.set(places, from);
  }

  /** @param {number} i */
  at(i) {
    const places = this.places[i];
    return places === ODD ? this.odd[this.integers[i]] : this.integers[i] / POWERS[places];
  }

  /** @param {number} i @param {number} value */
  put(i, value) {
    this.integers[i] = this.odd.push(value) - 1;
    this.places[i] = ODD;
  }

  /** Some numbers that follow each other. @param {number} from @param {number} count */
  run(from, count) {
    return Float64Array.from({ length: count }, (_, i) => this.at(from + i));
  }

  /** A rectangle: a copy. @param {number} from @param {number} rows @param {number} cols @param {number} down */
  table(from, rows, cols, down) {
    const out = new Float64Array(rows * cols);
    for (let i = 0, k = 0; i < rows; i++) {
      for (let at = from + i * down, end = at + cols; at < end; at++) out[k++] = this.at(at);
    }
    return new Table(rows, cols, out, NUMBERS);
  }

  /** The same as a factor of a matrix product: not decoded yet. @param {number} from @param {number} rows @param {number} cols @param {number} down */
  factor(from, rows, cols, down) {
    return new PackedTable(this, from, rows, cols, down);
  }
}

/** A rectangle of packed numbers, or one with rows and columns changed over. */
export class PackedTable {
  /**
   * @param {Packed} packed
   * @param {number} from
   * @param {number} rows as it lies in the file
   * @param {number} cols
   * @param {number} down from a row to the next
   * @param {boolean} turned whether rows and columns are changed over
   */
  constructor(packed, from, rows, cols, down, turned = false) {
    this.packed = packed;
    this.from = from;
    this.lines = rows;
    this.length = cols;
    this.down = down;
    this.turned = turned;
  }

  get rows() {
    return this.turned ? this.length : this.lines;
  }

  get cols() {
    return this.turned ? this.lines : this.length;
  }

  /** @param {number} row @param {number} col */
  at(row, col) {
    const [line, place] = this.turned ? [col, row] : [row, col];
    return this.packed.at(this.from + line * this.down + place);
  }

  transposed() {
    return new PackedTable(this.packed, this.from, this.lines, this.length, this.down, !this.turned);
  }

  decoded() {
    const { rows, cols, data, kind, offset, down, right } = this.packed.table(this.from, this.lines, this.length, this.down);
    return this.turned ? new Table(cols, rows, data, kind, offset, right, down) : new Table(rows, cols, data, kind, offset, down, right);
  }
}
