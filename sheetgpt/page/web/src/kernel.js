/**
 * The two innermost loops of matrix products in WebAssembly, two numbers at a time (SIMD). The
 * numbers of the model lie in its memory from the start, so that none is copied.
 *
 * The module is written here instruction by instruction; the numbers are those of the binary format
 * (WebAssembly Core Specification 2.0, chapter 5).
 */

const FLOAT = 8;
const MEMORY_PAGE = 65536;
/** Numbers that fit into the memory besides those of the model: operands and results. */
const ROOM = 1 << 22;
/** Columns of a product that are computed together, few enough to stay in the processor's cache. */
const BLOCK = 256;

/** @param {number} value @returns {number[]} an unsigned number in LEB128 */
function leb(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

/** @param {number[][]} items */
const vector = (items) => [...leb(items.length), ...items.flat()];
/** @param {number} id @param {number[]} content */
const moduleSection = (id, content) => [id, ...leb(content.length), ...content];
/** @param {string} text */
const nameBytes = (text) => vector([...text].map((letter) => [letter.charCodeAt(0)]));

const [I32, F64, V128] = [0x7f, 0x7c, 0x7b];
const SIMD = 0xfd;
/** Instructions on two numbers at a time. */
const TWO = {
  load: [SIMD, 0x00, 3, 0],
  store: [SIMD, 0x0b, 3, 0],
  splat: [SIMD, 0x14],
  add: [SIMD, 0xf0, 0x01],
  multiply: [SIMD, 0xf2, 0x01],
  lane: (/** @type {number} */ lane) => [SIMD, 0x21, lane],
};
/** @param {number} local */
const localGet = (local) => [0x20, local];
/** @param {number} local */
const localSet = (local) => [0x21, local];
/** @param {number} value below 64 */
const small = (value) => [0x41, value];
const ADD_I32 = [0x6a];
/** Moves pointers by two numbers. @param {number[]} locals */
const advance = (...locals) => locals.flatMap((i) => [...localGet(i), ...small(2 * FLOAT), ...ADD_I32, ...localSet(i)]);
/** As long as one pointer is below another. @param {number} local @param {number} end @param {number[]} body */
const whileBelow = (local, end, body) => [
  ...[0x02, 0x40, 0x03, 0x40], ...localGet(local), ...localGet(end), 0x4f, 0x0d, 1, ...body, ...[0x0c, 0, 0x0b, 0x0b],
];

/** add(out, end, b0, b1, b2, b3, x0, x1, x2, x3): out += x0 b0 + x1 b1 + x2 b2 + x3 b3. */
function addBody() {
  const [out, end, first] = [0, 1, 2];
  const factors = [10, 11, 12, 13];
  const spread = factors.flatMap((f, i) => [...localGet(6 + i), ...TWO.splat, ...localSet(f)]);
  const term = (/** @type {number} */ i) => [...localGet(first + i), ...TWO.load, ...localGet(factors[i]), ...TWO.multiply];
  const sum = [...term(0), ...term(1), ...TWO.add, ...term(2), ...TWO.add, ...term(3), ...TWO.add];
  const loop = whileBelow(out, end, [...localGet(out), ...localGet(out), ...TWO.load, ...sum, ...TWO.add, ...TWO.store, ...advance(out, 2, 3, 4, 5)]);
  return [...vector([[4, V128]]), ...spread, ...loop, 0x0b];
}

/** dot(a, end, b): the sum of the products of two rows of numbers. */
function dotBody() {
  const [a, end, b, total] = [0, 1, 2, 3];
  const loop = whileBelow(a, end, [...localGet(total), ...localGet(a), ...TWO.load, ...localGet(b), ...TWO.load, ...TWO.multiply, ...TWO.add, ...localSet(total), ...advance(a, b)]);
  return [...vector([[1, V128]]), ...loop, ...localGet(total), ...TWO.lane(0), ...localGet(total), ...TWO.lane(1), 0xa0, 0x0b];
}

/** The module: imports page.memory, exports `add` and `dot`. */
function moduleBytes() {
  const types = [
    [0x60, ...vector([...Array(6).fill([I32]), ...Array(4).fill([F64])]), 0],
    [0x60, ...vector([[I32], [I32], [I32]]), 1, F64],
  ];
  const bodies = [addBody(), dotBody()].map((body) => [...leb(body.length), ...body]);
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...moduleSection(1, vector(types)),
    ...moduleSection(2, vector([[...nameBytes("page"), ...nameBytes("memory"), 2, 0, 1]])),
    ...moduleSection(3, vector([[0], [1]])),
    ...moduleSection(7, vector([[...nameBytes("add"), 0, 0], [...nameBytes("dot"), 0, 1]])),
    ...moduleSection(10, vector(bodies)),
  ]);
}

/** Room for numbers, and the loops that run over them. */
export class Kernel {
  /** @param {number} count of numbers that stay */
  constructor(count) {
    const pages = Math.ceil(((count + ROOM) * FLOAT) / MEMORY_PAGE);
    this.memory = new WebAssembly.Memory({ initial: pages });
    const module = new WebAssembly.Module(moduleBytes());
    const { exports } = new WebAssembly.Instance(module, { page: { memory: this.memory } });
    this.add = /** @type {(...numbers: number[]) => void} */ (exports.add);
    this.dot = /** @type {(a: number, end: number, b: number) => number} */ (exports.dot);
    this.numbers = new Float64Array(this.memory.buffer, 0, count);
    this.all = new Float64Array(this.memory.buffer);
    this.count = count;
  }

  /**
   * Where a table begins in the memory, in numbers; it is copied there if it lies elsewhere, `after`
   * numbers behind the model's. -1 if there is no room.
   * @param {Float64Array} data @param {number} offset @param {number} length @param {number} after
   */
  place(data, offset, length, after) {
    if (data.buffer === this.memory.buffer) return data.byteOffset / FLOAT + offset;
    if (after + length > ROOM) return -1;
    this.all.set(data.subarray(offset, offset + length), this.count + after);
    return this.count + after;
  }

  /**
   * `out` (m, n) = x (m, k) times y (k, n), whose rows lie together; false if there is no room.
   * @param {import("./values.js").Table} a
   * @param {Float64Array} x
   * @param {import("./values.js").Table} b
   * @param {Float64Array} y
   * @param {Float64Array} out
   */
  alongRows(a, x, b, y, out) {
    const { cols: n, rows: k } = b;
    const whole = n - (n % 2);
    const from = this.place(y, b.offset, (k - 1) * b.down + n, out.length);
    if (from < 0 || out.length > ROOM) return false;
    const { all, count } = this;
    all.fill(0, count, count + out.length);
    const padded = Math.ceil(k / 4) * 4;
    const factors = new Float64Array(a.rows * padded);
    for (let i = 0; i < a.rows; i++) {
      for (let p = 0; p < k; p++) factors[i * padded + p] = x[a.offset + i * a.down + p * a.right];
    }
    for (let left = 0; left < whole; left += BLOCK) {
      const width = Math.min(BLOCK, whole - left);
      for (let p = 0; p < k; p += 4) {
        const row = (/** @type {number} */ q) => (from + Math.min(q, k - 1) * b.down + left) * FLOAT;
        const [r0, r1, r2, r3] = [row(p), row(p + 1), row(p + 2), row(p + 3)];
        for (let i = 0, at = p; i < a.rows; i++, at += padded) {
          const to = (count + i * n + left) * FLOAT;
          this.add(to, to + width * FLOAT, r0, r1, r2, r3, factors[at], factors[at + 1], factors[at + 2], factors[at + 3]);
        }
      }
    }
    for (let i = 0; i < a.rows && whole < n; i++) {
      let total = 0;
      for (let p = 0; p < k; p++) total += x[a.offset + i * a.down + p * a.right] * all[from + p * b.down + whole];
      all[count + i * n + whole] = total;
    }
    out.set(all.subarray(count, count + out.length));
    return true;
  }

  /**
   * The same where the rows of x and the columns of y lie together.
   * @param {import("./values.js").Table} a
   * @param {Float64Array} x
   * @param {import("./values.js").Table} b
   * @param {Float64Array} y
   * @param {Float64Array} out
   */
  alongColumns(a, x, b, y, out) {
    const k = a.cols;
    const whole = k - (k % 2);
    const length = (a.rows - 1) * a.down + k;
    const left = this.place(x, a.offset, length, 0);
    const right = this.place(y, b.offset, (b.cols - 1) * b.right + k, x.buffer === this.memory.buffer ? 0 : length);
    if (left < 0 || right < 0) return false;
    const { all } = this;
    for (let i = 0, at = 0; i < a.rows; i++) {
      const p = left + i * a.down;
      for (let j = 0; j < b.cols; j++) {
        const q = right + j * b.right;
        let total = this.dot(p * FLOAT, (p + whole) * FLOAT, q * FLOAT);
        if (whole < k) total += all[p + whole] * all[q + whole];
        out[at++] = total;
      }
    }
    return true;
  }
}

/** A kernel for so many numbers, null where the browser does not have what it needs. @param {number} count */
export function kernelFor(count) {
  try {
    return new Kernel(count);
  } catch {
    return null;
  }
}
