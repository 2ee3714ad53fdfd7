/**
 * Matrix products in WebAssembly. Of the packed numbers of the model a few at a time are copied into
 * its memory, and decoded there while the processor's cache holds them, for all rows of the other
 * factor. Its memory lives until the browser tidies up, however many pages were loaded since; so the
 * model itself lies elsewhere.
 */

import { DOT, FLOAT, moduleBytes } from "./kernel_module.js";
import { PackedTable, POWERS } from "./packed.js";

/** @typedef {import("./values.js").Table} Table */
/** @typedef {import("./packed.js").Packed} Packed */

const MEMORY_PAGE = 65536;
/** Numbers that fit into the memory: operands and results. */
const ROOM = 1 << 22;
/** Rows of a factor that one turn of the innermost loop takes. */
const ROWS = 4;
/** Numbers of a row of a sheet at most. */
const LONGEST = 16384;
/** Packed numbers that are held at a time: at least so many rows. */
const HELD = ROWS * LONGEST;
/** Numbers that are decoded together: a row, and one for an odd count. */
const STRIP = LONGEST + 2;
/** Columns of a product that are computed together, few enough to stay in the processor's cache. */
const BLOCK = 256;

/** The memory, and the loops that run over it. */
export class Kernel {
  constructor() {
    this.powers = (HELD + STRIP) * 5 + FLOAT; // in bytes; the loops may read a little more than is held
    this.powers -= this.powers % FLOAT;
    this.strip = this.powers / FLOAT + POWERS.length;
    this.room = this.strip + STRIP;
    const pages = Math.ceil(((this.room + ROOM) * FLOAT) / MEMORY_PAGE);
    const memory = new WebAssembly.Memory({ initial: pages });
    const module = new WebAssembly.Module(moduleBytes());
    const { exports } = new WebAssembly.Instance(module, { page: { memory } });
    this.add = /** @type {(...numbers: number[]) => void} */ (exports.add);
    this.dot = /** @type {(a: number, end: number, b: number) => number} */ (exports.dot);
    this.decode = /** @type {(...numbers: number[]) => number} */ (exports.decode);
    const { buffer } = memory;
    this.integers = new Int32Array(buffer, 0, HELD);
    this.places = new Uint8Array(buffer, (HELD + STRIP) * 4, HELD);
    this.all = new Float64Array(buffer);
    this.all.set(POWERS, this.powers / FLOAT);
  }

  /** Copies rows of packed numbers into the memory, one behind the other. @param {PackedTable} table @param {number} first @param {number} rows */
  hold({ packed, from, down, length }, first, rows) {
    for (let i = 0, start = from + first * down; i < rows; i++, start += down) {
      this.integers.set(packed.integers.subarray(start, start + length), i * length);
      this.places.set(packed.places.subarray(start, start + length), i * length);
    }
  }

  /**
   * Decodes numbers that are held and follow each other.
   * @param {Packed} packed where they are from @param {number} from their number there
   * @param {number} held their number here @param {number} count
   * @param {number} to a place counted in numbers
   */
  unpack(packed, from, held, count, to) {
    const places = this.places.byteOffset + held;
    if (!this.decode(held * 4, (held + count) * 4, places, to * FLOAT, this.powers)) return;
    const { all } = this;
    for (let i = 0; i < count; i++) if (Number.isNaN(all[to + i])) all[to + i] = packed.at(from + i);
  }

  /**
   * Copies part of a table into the memory, `after` numbers from where there is room. Where it
   * begins, in numbers; -1 if it does not fit.
   * @param {Table} table @param {number} length @param {number} after
   */
  place({ data, offset }, length, after) {
    if (after + length > ROOM) return -1;
    this.all.set(/** @type {Float64Array} */ (data).subarray(offset, offset + length), this.room + after);
    return this.room + after;
  }

  /**
   * `out` (m, n) = a (m, k) times b (k, n), whose rows lie together; false if there is no room.
   * @param {Table} a
   * @param {Table | PackedTable} b
   * @param {Float64Array} out
   */
  alongRows(a, b, out) {
    const { cols: n, rows: k } = b;
    const { all, room, strip } = this;
    const whole = n - (n % 2);
    const packed = b instanceof PackedTable;
    const from = packed ? b.from : this.place(b, (k - 1) * b.down + n, out.length);
    if (from < 0 || out.length > ROOM || n > LONGEST) return false;
    all.fill(0, room, room + out.length);
    const padded = Math.ceil(k / ROWS) * ROWS;
    const factors = new Float64Array(a.rows * padded);
    for (let i = 0; i < a.rows; i++) {
      for (let p = 0; p < k; p++) factors[i * padded + p] = Number(a.data[a.offset + i * a.down + p * a.right]);
    }
    const lines = packed ? Math.floor(HELD / n / ROWS) * ROWS : k;
    for (let top = 0; top < k; top += lines) {
      const bottom = Math.min(top + lines, k);
      if (packed) this.hold(b, top, bottom - top);
      for (let left = 0; left < whole; left += BLOCK) {
        const width = Math.min(BLOCK, whole - left);
        for (let p = top; p < bottom; p += ROWS) {
          const row = (/** @type {number} */ q) => {
            const line = Math.min(p + q, k - 1);
            const at = from + line * b.down + left;
            if (packed) this.unpack(b.packed, at, (line - top) * n + left, width, strip + q * BLOCK);
            return (packed ? strip + q * BLOCK : at) * FLOAT;
          };
          const [r0, r1, r2, r3] = [row(0), row(1), row(2), row(3)];
          for (let i = 0, at = p; i < a.rows; i++, at += padded) {
            const to = (room + i * n + left) * FLOAT;
            this.add(to, to + width * FLOAT, r0, r1, r2, r3, factors[at], factors[at + 1], factors[at + 2], factors[at + 3]);
          }
        }
      }
    }
    for (let p = 0; p < k && whole < n; p++) {
      const at = from + p * b.down + whole;
      const number = packed ? b.packed.at(at) : all[at];
      for (let i = 0; i < a.rows; i++) all[room + i * n + whole] += factors[i * padded + p] * number;
    }
    out.set(all.subarray(room, room + out.length));
    return true;
  }

  /**
   * The same for factors whose numbers lie together along k, where the rows of a meet the columns of
   * b. Of packed lines each is decoded once, and meets all lines of the other factor.
   * @param {Table | PackedTable} a
   * @param {Table | PackedTable} b
   * @param {Float64Array} out
   */
  alongColumns(a, b, out) {
    const [m, n, k] = [a.rows, b.cols, a.cols];
    if (a instanceof PackedTable) {
      const lines = b instanceof PackedTable ? -1 : this.gather(b, n, b.right, k, b.down);
      return lines >= 0 && this.lines(a, m, 0, lines, n, k, (j, i, dot) => (out[j * n + i] = dot));
    }
    const lines = this.gather(a, m, a.down, k, a.right);
    const right = b instanceof PackedTable ? 0 : b.right;
    return lines >= 0 && this.lines(b, n, right, lines, m, k, (j, i, dot) => (out[i * n + j] = dot));
  }

  /**
   * Copies lines of numbers into the memory, one behind the other; where they begin, -1 if they do not fit.
   * @param {Table} table @param {number} count of lines @param {number} step from one to the next
   * @param {number} length @param {number} along from a number to the next
   */
  gather({ data, offset }, count, step, length, along) {
    if (count * length > ROOM) return -1;
    for (let i = 0, to = this.room; i < count; i++) {
      for (let p = 0, at = offset + i * step; p < length; p++, at += along) this.all[to++] = Number(data[at]);
    }
    return this.room;
  }

  /**
   * Products of all lines of one factor with lines that are in the memory, `k` numbers long.
   * @param {Table | PackedTable} outer
   * @param {number} count of its lines
   * @param {number} step from one of its lines to the next; packed ones know theirs
   * @param {number} inner where the others begin
   * @param {number} others how many they are
   * @param {number} k
   * @param {(j: number, i: number, dot: number) => void} take
   */
  lines(outer, count, step, inner, others, k, take) {
    const { all, strip } = this;
    const packed = outer instanceof PackedTable;
    const first = packed ? strip : this.place(outer, (count - 1) * step + k, others * k);
    if (first < 0 || k >= STRIP) return false;
    const whole = k - (k % DOT);
    for (let j = 0; j < count; j++) {
      const line = packed ? strip : first + j * step;
      if (packed) {
        this.hold(outer, j, 1);
        this.unpack(outer.packed, outer.from + j * outer.down, 0, k, strip);
      }
      for (let i = 0, other = inner; i < others; i++, other += k) {
        let total = this.dot(line * FLOAT, (line + whole) * FLOAT, other * FLOAT);
        for (let p = whole; p < k; p++) total += all[line + p] * all[other + p];
        take(j, i, total);
      }
    }
    return true;
  }
}

/** A kernel, null where the browser does not have what it needs. */
export function makeKernel() {
  try {
    return new Kernel();
  } catch {
    return null;
  }
}
