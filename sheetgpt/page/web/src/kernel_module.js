/**
 * The innermost loops of matrix products in WebAssembly, two numbers at a time (SIMD).
 *
 * The module is written here instruction by instruction; the numbers are those of the binary format
 * (WebAssembly Core Specification 2.0, chapter 5).
 */

/** Bytes of a number. */
export const FLOAT = 8;
/** Numbers that one turn of `dot` takes. */
export const DOT = 8;

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
  loadFurther: (/** @type {number} */ bytes) => [SIMD, 0x00, 3, bytes],
  store: [SIMD, 0x0b, 3, 0],
  /** Two four-byte integers; a number into both halves, and into the second half of what is there. */
  loadIntegers: [SIMD, 0x5d, 2, 0],
  loadBoth: [SIMD, 0x0a, 3, 0],
  loadSecond: [SIMD, 0x57, 3, 0, 1],
  convert: [SIMD, 0xfe, 0x01],
  splat: [SIMD, 0x14],
  add: [SIMD, 0xf0, 0x01],
  multiply: [SIMD, 0xf2, 0x01],
  divide: [SIMD, 0xf3, 0x01],
  differ: [SIMD, 0x48],
  or: [SIMD, 0x50],
  any: [SIMD, 0x53],
  lane: (/** @type {number} */ lane) => [SIMD, 0x21, lane],
};
/** @param {number} local */
const localGet = (local) => [0x20, local];
/** @param {number} local */
const localSet = (local) => [0x21, local];
/** @param {number} value below 64 */
const small = (value) => [0x41, value];
const ADD_I32 = [0x6a];
/** Moves pointers. @param {number} bytes below 64 @param {number[]} locals */
const advance = (bytes, ...locals) => locals.flatMap((i) => [...localGet(i), ...small(bytes), ...ADD_I32, ...localSet(i)]);
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
  const loop = whileBelow(out, end, [...localGet(out), ...localGet(out), ...TWO.load, ...sum, ...TWO.add, ...TWO.store, ...advance(2 * FLOAT, out, 2, 3, 4, 5)]);
  return [...vector([[4, V128]]), ...spread, ...loop, 0x0b];
}

/**
 * dot(a, end, b): the sum of the products of two rows of numbers, in four sums that do not wait for
 * each other; `end` lies some times DOT numbers behind `a`.
 */
function dotBody() {
  const [a, end, b] = [0, 1, 2];
  const totals = [3, 4, 5, 6];
  const further = (/** @type {number} */ i) => TWO.loadFurther(i * 2 * FLOAT);
  const term = (/** @type {number} */ i) => [...localGet(a), ...further(i), ...localGet(b), ...further(i), ...TWO.multiply];
  const sums = totals.flatMap((total, i) => [...localGet(total), ...term(i), ...TWO.add, ...localSet(total)]);
  const half = (DOT / 2) * FLOAT;
  const loop = whileBelow(a, end, [...sums, ...advance(half, a, b), ...advance(half, a, b)]);
  const [first, ...rest] = totals;
  const sum = rest.flatMap((total) => [...localGet(total), ...TWO.add]);
  const whole = [...localGet(first), ...sum, ...localSet(first)];
  const ends = [...localGet(first), ...TWO.lane(0), ...localGet(first), ...TWO.lane(1), 0xa0, 0x0b];
  return [...vector([[totals.length, V128]]), ...loop, ...whole, ...ends];
}

/**
 * decode(integers, end, places, out, powers): each integer over the power that its places name; two
 * at a time, so that one too many is written for an odd count. Whether a result is NaN.
 */
function decodeBody() {
  const [integers, end, places, out, powers, number, seen] = [0, 1, 2, 3, 4, 5, 6];
  const power = (/** @type {number} */ i) => [...localGet(powers), ...localGet(places), 0x2d, 0, i, ...small(3), 0x74, ...ADD_I32];
  const divisors = [...power(1), ...power(0), ...TWO.loadBoth, ...TWO.loadSecond];
  const quotient = [...localGet(integers), ...TWO.loadIntegers, ...TWO.convert, ...divisors, ...TWO.divide, ...localSet(number)];
  const store = [...localGet(out), ...localGet(number), ...TWO.store];
  const look = [...localGet(number), ...localGet(number), ...TWO.differ, ...localGet(seen), ...TWO.or, ...localSet(seen)];
  const loop = whileBelow(integers, end, [...quotient, ...store, ...look, ...advance(FLOAT, integers), ...advance(2, places), ...advance(2 * FLOAT, out)]);
  return [...vector([[2, V128]]), ...loop, ...localGet(seen), ...TWO.any, 0x0b];
}

/** The module: imports page.memory, exports `add`, `dot` and `decode`. */
export function moduleBytes() {
  const types = [
    [0x60, ...vector([...Array(6).fill([I32]), ...Array(4).fill([F64])]), 0],
    [0x60, ...vector([[I32], [I32], [I32]]), 1, F64],
    [0x60, ...vector(Array(5).fill([I32])), 1, I32],
  ];
  const bodies = [addBody(), dotBody(), decodeBody()].map((body) => [...leb(body.length), ...body]);
  const names = ["add", "dot", "decode"].map((name, i) => [...nameBytes(name), 0, i]);
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...moduleSection(1, vector(types)),
    ...moduleSection(2, vector([[...nameBytes("page"), ...nameBytes("memory"), 2, 0, 1]])),
    ...moduleSection(3, vector(names.map((_, i) => [i]))),
    ...moduleSection(7, vector(names)),
    ...moduleSection(10, vector(bodies)),
  ]);
}
