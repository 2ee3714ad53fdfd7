/**
 * What a formula computes with, and how one kind of value becomes another.
 *
 * A value is a scalar or a `Table`, a rectangle of scalars. A table of numbers is a view of a typed
 * array, so that a range of a million cells costs nothing to read.
 */

/** An error value in a cell, such as #N/A: a value like any other. */
export class CellError {
  /** @param {string} code */
  constructor(code) {
    this.code = code;
  }

  toString() {
    return this.code;
  }
}

/** @typedef {number | string | boolean | null | CellError} Scalar a blank cell is null */
/** @typedef {Scalar | Table} Value */

export const NA = new CellError("#N/A");
export const VALUE = new CellError("#VALUE!");
export const DIV0 = new CellError("#DIV/0!");
export const NUM = new CellError("#NUM!");
export const REF = new CellError("#REF!");
export const NAME = new CellError("#NAME?");
const NULL = new CellError("#NULL!");

/** Every error value by its code. @type {Map<string, CellError>} */
export const ERRORS = new Map([NA, VALUE, DIV0, NUM, REF, NAME, NULL].map((e) => [e.code, e]));

/** A use of a formula that cannot be computed; the message is the end of a sentence. */
export class Refused extends Error {}

/** What a table holds: scalars of any kind, finite numbers alone, or booleans as 0 and 1. */
export const MIXED = 0;
export const NUMBERS = 1;
export const BOOLEANS = 2;

/** A rectangle of values: a view of `data` from `offset`, one row every `down` items. */
export class Table {
  /**
   * @param {number} rows
   * @param {number} cols
   * @param {Float64Array | Uint8Array | Scalar[]} data
   * @param {number} kind MIXED, NUMBERS or BOOLEANS
   * @param {number} offset
   * @param {number} down
   * @param {number} right
   */
  constructor(rows, cols, data, kind, offset = 0, down = cols, right = 1) {
    this.rows = rows;
    this.cols = cols;
    this.data = data;
    this.kind = kind;
    this.offset = offset;
    this.down = down;
    this.right = right;
  }

  /**
   * @param {number} row
   * @param {number} col
   * @returns {Scalar}
   */
  at(row, col) {
    const item = this.data[this.offset + row * this.down + col * this.right];
    return this.kind === BOOLEANS ? item !== 0 : item;
  }

  /**
   * The same cells seen from a larger rectangle: one row or column stands for all.
   * @param {number} rows
   * @param {number} cols
   */
  stretched(rows, cols) {
    const down = this.rows === 1 ? 0 : this.down;
    const right = this.cols === 1 ? 0 : this.right;
    return new Table(rows, cols, this.data, this.kind, this.offset, down, right);
  }

  /** All scalars, row by row. @returns {Scalar[]} */
  items() {
    const out = new Array(this.rows * this.cols);
    for (let i = 0, k = 0; i < this.rows; i++) {
      for (let j = 0; j < this.cols; j++) out[k++] = this.at(i, j);
    }
    return out;
  }
}

/** @param {Value} value @returns {Table} */
export function asTable(value) {
  if (value instanceof Table) return value;
  return typeof value === "number"
    ? new Table(1, 1, [value], NUMBERS)
    : new Table(1, 1, [value], MIXED);
}

/**
 * A table of scalars, as one of numbers or of booleans if all of them are.
 * @param {number} rows
 * @param {number} cols
 * @param {Scalar[]} items
 */
export function tidy(rows, cols, items) {
  let numbers = true;
  let booleans = true;
  for (let i = 0; i < items.length && (numbers || booleans); i++) {
    const type = typeof items[i];
    numbers &&= type === "number";
    booleans &&= type === "boolean";
  }
  if (numbers) {
    return new Table(rows, cols, Float64Array.from(/** @type {number[]} */ (items)), NUMBERS);
  }
  if (booleans) return new Table(rows, cols, Uint8Array.from(items, Number), BOOLEANS);
  return new Table(rows, cols, items, MIXED);
}

/** A table of one cell as its scalar. @param {Value} value @returns {Value} */
export function single(value) {
  return value instanceof Table && value.rows === 1 && value.cols === 1 ? value.at(0, 0) : value;
}

/** The rows and columns of two tables laid over each other. @param {Table} a @param {Table} b */
export function commonSize(a, b) {
  const rows = Math.max(a.rows, b.rows);
  const cols = Math.max(a.cols, b.cols);
  const fits = [a, b].every(
    (t) => (t.rows === rows || t.rows === 1) && (t.cols === cols || t.cols === 1),
  );
  if (!fits) {
    const sizes = `${a.rows} x ${a.cols}, ${b.rows} x ${b.cols}`;
    throw new Refused(`combines arrays of different sizes (${sizes})`);
  }
  return { rows, cols };
}

const NUMBER_TEXT = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;

/**
 * A scalar as an operand of arithmetic: blank is 0, TRUE is 1, numeric text its number.
 * @param {Scalar} value
 * @returns {number | CellError}
 */
export function toNumber(value) {
  if (typeof value === "number") return value;
  if (value === null) return 0;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof CellError) return value;
  return NUMBER_TEXT.test(value) ? Number(value) : VALUE;
}

/**
 * A scalar as a condition: text is #VALUE! unless it says TRUE or FALSE.
 * @param {Scalar} value
 * @returns {boolean | CellError}
 */
export function toBoolean(value) {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (value === null) return false;
  if (value instanceof CellError) return value;
  const upper = value.toUpperCase();
  return upper === "TRUE" ? true : upper === "FALSE" ? false : VALUE;
}

/**
 * A scalar as text: blank is empty, numbers in General format, an error its code.
 * @param {Scalar} value
 * @returns {string}
 */
export function toText(value) {
  if (typeof value === "string") return value;
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  return value instanceof CellError ? value.code : numberText(value);
}

/**
 * A number as `&` joins it: 15 significant digits, no exponent from 1E-9 up to 1E+21.
 * @param {number} number
 */
export function numberText(number) {
  if (number === 0) return "0";
  const size = Math.abs(number);
  if (size >= 1e-9 && size < 1e21) {
    const rounded = Number(number.toPrecision(15));
    const text = String(rounded);
    return text.includes("e") ? rounded.toFixed(24).replace(/\.?0+$/, "") : text;
  }
  const [mantissa, exponent] = number.toExponential(14).split("e");
  const digits = exponent.slice(1).padStart(2, "0");
  return `${mantissa.replace(/\.?0+$/, "")}E${exponent[0]}${digits}`;
}

/** Text without its case, for comparisons; ß is ss. @param {string} text */
export function folded(text) {
  return text.toUpperCase().toLowerCase();
}

/**
 * Which of two texts comes first, by code point: -1, 0 or 1.
 * @param {string} a
 * @param {string} b
 */
function compareText(a, b) {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a[i] === b[i]) i++;
  if (i === length) return a.length < b.length ? -1 : 1;
  const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
  // Halves of pairs stand for code points above all others.
  const [p, q] = [x, y].map((unit) => unit >= 0xd800 && unit < 0xe000);
  return p === q ? (x < y ? -1 : 1) : p ? 1 : -1;
}

/**
 * Which of two scalars, neither of them an error, comes first: -1, 0 or 1. Numbers come before text
 * before booleans; a blank cell equals 0, empty text and FALSE.
 * @param {Scalar} a
 * @param {Scalar} b
 */
export function compareScalars(a, b) {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [unblank(a, b), unblank(b, a)];
  const [p, q] = [rank(left), rank(right)];
  if (p !== q) return p < q ? -1 : 1;
  if (typeof left === "string") return compareText(folded(left), folded(String(right)));
  return Number(left) - Number(right) > 0 ? 1 : Number(left) < Number(right) ? -1 : 0;
}

/** @param {Scalar} value @param {Scalar} other */
function unblank(value, other) {
  if (value !== null) return value;
  return typeof other === "string" ? "" : typeof other === "boolean" ? false : 0;
}

/** @param {Scalar} value */
function rank(value) {
  return typeof value === "number" ? 0 : typeof value === "string" ? 1 : 2;
}

/** Whether a list holds finite numbers alone. @param {ArrayLike<number>} numbers */
export function allFinite(numbers) {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return false;
  return true;
}
