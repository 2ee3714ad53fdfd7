/** INDEX, MATCH, LOOKUP and COUNTIF by position, by index and by binary search. */

import { GridSheet } from "./sheets.js";
import { CellError, compareScalars, folded, NA, REF, Table, toNumber, VALUE } from "./values.js";

/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./sheets.js").Sheet} Sheet */

/**
 * @typedef {object} Cells where a reference lies
 * @property {Sheet} sheet
 * @property {number} row
 * @property {number} col
 * @property {number} rows
 * @property {number} cols
 */

/** A row or column of something. @typedef {{length: number, at: (i: number) => Scalar}} Line */

/** @param {Cells | Table} list @returns {Line | null} */
export function lineOf(list) {
  if (Math.min(list.rows, list.cols) !== 1) return null;
  const length = list.rows * list.cols;
  const down = list.rows >= list.cols;
  if (list instanceof Table) {
    return { length, at: (i) => (down ? list.at(i, 0) : list.at(0, i)) };
  }
  const { sheet, row, col } = list;
  return { length, at: (i) => (down ? sheet.get(row + i, col) : sheet.get(row, col + i)) };
}

/** Positions of numbers in columns of constants: made once for each, by sheet. */
export class Positions {
  constructor() {
    /** @type {WeakMap<Sheet, Map<string, Map<number, number>>>} */
    this.kept = new WeakMap();
  }

  /** @param {Sheet} sheet whose constants were changed */
  forget(sheet) {
    this.kept.delete(sheet);
  }

  /** @param {Cells} cells @param {Line} line */
  of(cells, line) {
    let lists = this.kept.get(cells.sheet);
    if (!lists) this.kept.set(cells.sheet, (lists = new Map()));
    const key = `${cells.row},${cells.col},${cells.rows},${cells.cols}`;
    let places = lists.get(key);
    if (!places) {
      places = new Map();
      for (let i = line.length - 1; i >= 0; i--) {
        const value = line.at(i);
        if (typeof value === "number") places.set(value, i + 1);
      }
      lists.set(key, places);
    }
    return places;
  }
}

/**
 * MATCH: the place of the first equal cell (kind 0), of the last that is not above the key in
 * ascending cells (1), or of the last that is not below it in descending ones (-1).
 * @param {Scalar} key
 * @param {Cells | Table} list
 * @param {number} kind
 * @param {Positions} positions
 * @returns {number | CellError}
 */
export function match(key, list, kind, positions) {
  const line = lineOf(list);
  if (key instanceof CellError) return key;
  if (line === null) return NA;
  const sought = /** @type {Exclude<Scalar, null | CellError>} */ (key ?? 0);
  if (kind === 0) return exact(sought, list, line, positions);
  if (kind < 0) return descending(sought, line);
  return typeof sought === "number" ? ascending(sought, line) : lastNotAbove(sought, line);
}

/**
 * @param {Exclude<Scalar, null | CellError>} key
 * @param {Cells | Table} list
 * @param {Line} line
 * @param {Positions} positions
 */
function exact(key, list, line, positions) {
  if (typeof key === "number" && !(list instanceof Table) && list.sheet.constant) {
    return positions.of(list, line).get(key) ?? NA;
  }
  if (typeof key === "number" && !(list instanceof Table) && list.sheet instanceof GridSheet) {
    return list.sheet.find(key, list);
  }
  const pattern = typeof key === "string" && /[*?]/.test(key) ? wildcard(key) : null;
  const wanted = typeof key === "string" ? folded(key) : key;
  for (let i = 0; i < line.length; i++) {
    const value = line.at(i);
    if (typeof value !== typeof key) continue;
    const seen = typeof value === "string" ? folded(value) : value;
    if (pattern ? pattern.test(String(seen)) : seen === wanted) return i + 1;
  }
  return NA;
}

/** Text with `*`, `?` and the escape `~` as a regular expression. @param {string} text */
function wildcard(text) {
  const body = folded(text).replace(/~[*?~]|[*?]|[\\^$.|+()[\]{}]/g, (piece) => {
    if (piece === "*") return ".*";
    if (piece === "?") return ".";
    return `\\${piece.at(-1)}`;
  });
  return new RegExp(`^${body}$`, "su");
}

/** Binary search; cells that are no numbers do not count. @param {number} key @param {Line} line */
function ascending(key, line) {
  let [low, high] = [0, line.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = line.at(middle);
    if (typeof value !== "number") return lastNotAbove(key, line);
    if (value <= key) low = middle + 1;
    else high = middle;
  }
  return low || NA;
}

/** @param {Exclude<Scalar, null | CellError>} key @param {Line} line */
function lastNotAbove(key, line) {
  /** @type {number | CellError} */
  let last = NA;
  for (let i = 0; i < line.length; i++) {
    const value = line.at(i);
    if (typeof value === typeof key && compareScalars(value, key) <= 0) last = i + 1;
  }
  return last;
}

/** @param {Exclude<Scalar, null | CellError>} key @param {Line} line */
function descending(key, line) {
  /** @type {number | CellError} */
  let last = NA;
  for (let i = 0; i < line.length; i++) {
    const value = line.at(i);
    if (typeof value !== typeof key) continue;
    if (compareScalars(value, key) < 0) break;
    last = i + 1;
  }
  return last;
}

/**
 * INDEX with a row and a column number, from 1; in a single row one number counts columns.
 * @param {Cells | Table} list
 * @param {Scalar} row
 * @param {Scalar | undefined} col
 * @returns {Scalar}
 */
export function index(list, row, col) {
  const across = col === undefined && list.rows === 1;
  const i = toNumber(across ? 1 : row);
  const j = toNumber(across ? row : col === undefined ? 1 : col);
  if (i instanceof CellError) return i;
  if (Math.trunc(i) < 1) return VALUE;
  if (Math.trunc(i) > list.rows) return REF;
  if (j instanceof CellError) return j;
  if (Math.trunc(j) < 1) return VALUE;
  if (Math.trunc(j) > list.cols) return REF;
  const [r, c] = [Math.trunc(i) - 1, Math.trunc(j) - 1];
  return list instanceof Table ? list.at(r, c) : list.sheet.get(list.row + r, list.col + c);
}

/**
 * COUNTIF: cells equal to a value, or that pass a criterion in text such as `>=3` or `a*`.
 * @param {Table} table
 * @param {Scalar} criterion
 */
export function countIf(table, criterion) {
  const text = typeof criterion === "string" ? criterion : null;
  const [, sign = "=", operand = ""] = (text && /^(<=|>=|<>|=|<|>)?(.*)$/s.exec(text)) || [];
  const number = text === null ? criterion : toNumber(operand);
  const wanted = text === null || (operand !== "" && typeof number === "number") ? number : operand;
  const pattern = typeof wanted === "string" ? wildcard(wanted) : null;
  return table.items().filter((item) => {
    if (pattern && (sign === "=" || sign === "<>")) {
      const fits = typeof item === "string" && pattern.test(folded(item));
      return fits === (sign === "=");
    }
    if (typeof item !== typeof wanted || item instanceof CellError) return sign === "<>";
    const order = compareScalars(item, /** @type {Scalar} */ (wanted));
    if (sign === "=") return order === 0;
    if (sign === "<>") return order !== 0;
    if (order === 0) return sign.length === 2;
    return order < 0 === (sign[0] === "<");
  }).length;
}
