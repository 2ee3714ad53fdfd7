/** MMULT, TRANSPOSE and SUMPRODUCT. */

import { PackedTable } from "./packed.js";
import { allFinite, asTable, BOOLEANS, CellError, MIXED, NUM, NUMBERS, single, Table, tidy, VALUE } from "./values.js";

/** @typedef {import("./values.js").Value} Value */

/** Multiply-adds from which on a product goes through the kernel, if there is one. */
const WORTH = 1 << 16;

/** @type {import("./kernel.js").Kernel | null} */
let kernel = null;

/** Lets large products run elsewhere, or here again. @param {import("./kernel.js").Kernel | null} found */
export function useKernel(found) {
  kernel = found;
}

/** The first error in a table, null if there is none. @param {Table} table */
function firstError(table) {
  if (table.kind !== MIXED) return null;
  const found = table.items().find((item) => item instanceof CellError);
  return found instanceof CellError ? found : null;
}

/**
 * The matrix product; #VALUE! if the sizes do not fit. A cell that is not a number makes every cell
 * of the result an error.
 * @param {Value | PackedTable} left
 * @param {Value | PackedTable} right
 * @returns {Value}
 */
export function multiply(left, right) {
  const [a, b] = [left, right].map((value) => (value instanceof PackedTable ? value : asTable(value)));
  if (a.cols !== b.rows) return VALUE;
  for (const table of [a, b]) {
    if (table instanceof Table && table.kind !== NUMBERS) {
      const error = firstError(table) ?? VALUE;
      return single(new Table(a.rows, b.cols, [error], MIXED, 0, 0, 0));
    }
  }
  const out = new Float64Array(a.rows * b.cols);
  if (!byKernel(a, b, out)) byLoops(decoded(a), decoded(b), out);
  if (allFinite(out)) return single(new Table(a.rows, b.cols, out, NUMBERS));
  return single(tidy(a.rows, b.cols, Array.from(out, (n) => (Number.isFinite(n) ? n : NUM))));
}

/** @param {Table | PackedTable} table */
function decoded(table) {
  return table instanceof PackedTable ? table.decoded() : table;
}

/**
 * The product by the kernel; false if it is not for it.
 * @param {Table | PackedTable} a
 * @param {Table | PackedTable} b
 * @param {Float64Array} out
 */
function byKernel(a, b, out) {
  if (!kernel || out.length * a.cols < WORTH) return false;
  for (const table of [a, b]) if (table instanceof Table && !(table.data instanceof Float64Array)) return false;
  if (inRows(b) && b.cols > 1) return a instanceof Table && kernel.alongRows(a, b, out);
  return inRows(a) && (inColumns(b) || a instanceof PackedTable) && kernel.alongColumns(a, b, out);
}

/** Whether the numbers of a row lie together. @param {Table | PackedTable} table */
function inRows(table) {
  return table instanceof PackedTable ? !table.turned : table.right === 1;
}

/** Whether the numbers of a column lie together. @param {Table | PackedTable} table */
function inColumns(table) {
  return table instanceof PackedTable ? table.turned : table.down === 1;
}

/** @param {Table} a @param {Table} b @param {Float64Array} out */
function byLoops(a, b, out) {
  const [x, y] = [/** @type {Float64Array} */ (a.data), /** @type {Float64Array} */ (b.data)];
  if (b.right === 1 && b.cols > 1) alongRows(a, x, b, y, out);
  else alongColumns(a, x, b, y, out);
}

/**
 * Adds multiples of rows of `b`, four of them at a time: `b`, which may be a large matrix of
 * weights, is read once for each row of `a` and in the order in which it lies in memory.
 * @param {Table} a
 * @param {Float64Array} x
 * @param {Table} b
 * @param {Float64Array} y
 * @param {Float64Array} out
 */
function alongRows(a, x, b, y, out) {
  const { cols } = b;
  const inner = a.cols;
  for (let i = 0; i < a.rows; i++) {
    const line = out.subarray(i * cols, (i + 1) * cols);
    const from = a.offset + i * a.down;
    let k = 0;
    for (; k + 3 < inner; k += 4) {
      const [p, q] = [from + k * a.right, b.offset + k * b.down];
      const [x0, x1] = [x[p], x[p + a.right]];
      const [x2, x3] = [x[p + 2 * a.right], x[p + 3 * a.right]];
      if (x0 === 0 && x1 === 0 && x2 === 0 && x3 === 0) continue;
      const [q1, q2, q3] = [q + b.down, q + 2 * b.down, q + 3 * b.down];
      for (let j = 0; j < cols; j++) {
        line[j] += x0 * y[q + j] + x1 * y[q1 + j] + x2 * y[q2 + j] + x3 * y[q3 + j];
      }
    }
    for (; k < inner; k++) {
      const x0 = x[from + k * a.right];
      const q = b.offset + k * b.down;
      for (let j = 0; j < cols; j++) line[j] += x0 * y[q + j];
    }
  }
}

/**
 * Inner products: of rows of `a` with columns of `b`, where those lie together in memory.
 * @param {Table} a
 * @param {Float64Array} x
 * @param {Table} b
 * @param {Float64Array} y
 * @param {Float64Array} out
 */
function alongColumns(a, x, b, y, out) {
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.cols; j++) {
      let total = 0;
      let p = a.offset + i * a.down;
      let q = b.offset + j * b.right;
      for (let k = 0; k < a.cols; k++, p += a.right, q += b.down) total += x[p] * y[q];
      out[i * b.cols + j] = total;
    }
  }
}

/** A view with rows and columns changed over. @param {Value} value @returns {Value} */
export function transpose(value) {
  if (!(value instanceof Table)) return value;
  const { rows, cols, data, kind, offset, down, right } = value;
  return new Table(cols, rows, data, kind, offset, right, down);
}

/** What is not a number counts as 0; different sizes give #VALUE!. @param {Value[]} values */
export function sumProduct(...values) {
  const tables = values.map(asTable);
  const [first] = tables;
  if (tables.some((t) => t.rows !== first.rows || t.cols !== first.cols)) return VALUE;
  for (const table of tables) {
    const error = firstError(table);
    if (error) return error;
  }
  if (tables.some((table) => table.kind === BOOLEANS)) return 0;
  let total = 0;
  for (let i = 0; i < first.rows; i++) {
    for (let j = 0; j < first.cols; j++) {
      let product = 1;
      for (const table of tables) {
        const item = table.at(i, j);
        product *= typeof item === "number" ? item : 0;
      }
      total += product;
    }
  }
  return Number.isFinite(total) ? total : NUM;
}
