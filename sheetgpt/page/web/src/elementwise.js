/** Operators and functions on whole tables, each cell by itself. */

import { below, SCALAR } from "./scalars.js";
import { allFinite, asTable, BOOLEANS, CellError, commonSize, MIXED, NUMBERS, Table, tidy, toBoolean } from "./values.js";

/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./values.js").Value} Value */
/** @typedef {import("./scalars.js").Rule} Rule */

/** Functions of one number on a whole table of them. @type {Record<string, (x: number) => number>} */
const FAST_ONE = {
  SQRT: Math.sqrt,
  EXP: Math.exp,
  TANH: Math.tanh,
  NORMSDIST: below,
  INT: Math.floor,
  ABS: Math.abs,
  "u-": (x) => -x,
};

/**
 * One operator over two tables of numbers, seen in the size of the result, row by row.
 * @typedef {(a: Table, b: Table, out: Float64Array | Uint8Array) => void} Loop
 */

/**
 * The loop that walks two tables; `step` does one row. Each operator has its own innermost loop,
 * which the browser's compiler turns into a few instructions.
 * @param {(x: any, p: number, dp: number, y: any, q: number, dq: number, out: any, k: number,
 *   n: number) => void} step
 * @returns {Loop}
 */
function byRows(step) {
  return (a, b, out) => {
    const n = a.cols;
    for (let i = 0; i < a.rows; i++) {
      const p = a.offset + i * a.down;
      step(a.data, p, a.right, b.data, b.offset + i * b.down, b.right, out, i * n, n);
    }
  };
}

/** @type {Record<string, Loop>} */
const LOOPS = {
  "+": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] + y[q];
  }),
  "-": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] - y[q];
  }),
  "*": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] * y[q];
  }),
  "/": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] / y[q];
  }),
  "^": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) {
      const base = x[p];
      const exponent = y[q];
      if (exponent === 2) out[k] = base * base;
      else if (exponent === 3) out[k] = base * base * base;
      else out[k] = base === 0 && exponent === 0 ? NaN : Math.pow(base, exponent); // 0^0: an error
    }
  }),
  "=": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] === y[q] ? 1 : 0;
  }),
  "<>": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] === y[q] ? 0 : 1;
  }),
  "<": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] < y[q] ? 1 : 0;
  }),
  ">": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] > y[q] ? 1 : 0;
  }),
  "<=": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] <= y[q] ? 1 : 0;
  }),
  ">=": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] >= y[q] ? 1 : 0;
  }),
};
const COMPARISONS = new Set(["=", "<>", "<", ">", "<=", ">="]);

/** A function of one argument on any value. @param {string} name @param {Value} value */
export function applyOne(name, value) {
  const rule = SCALAR[name];
  if (!(value instanceof Table)) return rule(value);
  const fast = FAST_ONE[name];
  if (fast && value.kind !== MIXED) {
    const out = new Float64Array(value.rows * value.cols);
    const data = /** @type {Float64Array} */ (value.data);
    for (let i = 0, k = 0; i < value.rows; i++) {
      let p = value.offset + i * value.down;
      for (let j = 0; j < value.cols; j++, p += value.right) out[k++] = fast(data[p]);
    }
    if (allFinite(out)) return new Table(value.rows, value.cols, out, NUMBERS);
  }
  return tidy(value.rows, value.cols, value.items().map((item) => rule(item)));
}

/**
 * An operator or function of two arguments on any values, the smaller one stretched.
 * @param {string} name
 * @param {Value} left
 * @param {Value} right
 * @returns {Value}
 */
export function applyTwo(name, left, right) {
  if (!(left instanceof Table) && !(right instanceof Table)) return SCALAR[name](left, right);
  const [a, b] = [asTable(left), asTable(right)];
  const { rows, cols } = commonSize(a, b);
  const [x, y] = [a.stretched(rows, cols), b.stretched(rows, cols)];
  const loop = LOOPS[name];
  const compares = COMPARISONS.has(name);
  const suits = compares ? a.kind === NUMBERS && b.kind === NUMBERS : a.kind && b.kind;
  if (loop && suits) {
    const out = compares ? new Uint8Array(rows * cols) : new Float64Array(rows * cols);
    loop(x, y, out);
    if (compares) return new Table(rows, cols, out, BOOLEANS);
    if (allFinite(out)) return new Table(rows, cols, out, NUMBERS);
  }
  return applyMany(SCALAR[name], [x, y]);
}

/**
 * A rule on any number of values.
 * @param {Rule} rule
 * @param {Value[]} values
 * @returns {Value}
 */
export function applyMany(rule, values) {
  if (!values.some((value) => value instanceof Table)) {
    return rule(.../** @type {Scalar[]} */ (values));
  }
  let size = { rows: 1, cols: 1 };
  const tables = values.map(asTable);
  for (const table of tables) size = commonSize(new Table(size.rows, size.cols, [], MIXED), table);
  const seen = tables.map((table) => table.stretched(size.rows, size.cols));
  const out = [];
  for (let i = 0; i < size.rows; i++) {
    for (let j = 0; j < size.cols; j++) out.push(rule(...seen.map((table) => table.at(i, j))));
  }
  return tidy(size.rows, size.cols, out);
}

/**
 * `yes` where the condition holds, else `no`; an error in the condition stays.
 * @param {Table} condition
 * @param {Value} yes
 * @param {Value} no
 */
export function choose(condition, yes, no) {
  return applyMany(
    (test, a, b) => {
      const truth = toBoolean(test);
      return truth instanceof CellError ? truth : truth ? a : b;
    },
    [condition, yes, no],
  );
}
