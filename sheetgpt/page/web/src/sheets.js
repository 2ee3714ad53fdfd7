/** The cells of one tab: numbers in typed arrays, everything else in a map. */

import { NA, NUMBERS, Table, tidy } from "./values.js";

/** @typedef {import("./values.js").Scalar} Scalar */

/**
 * @typedef {object} Patch constant numbers in a rectangle; a view of the numbers of the whole book
 * @property {number} row
 * @property {number} col
 * @property {number} rows
 * @property {number} cols
 * @property {Float64Array} data
 */

/** A tab with formulas: one number for each cell, NaN where it is blank or not a number. */
export class GridSheet {
  /**
   * @param {string} name
   * @param {number} rows
   * @param {number} cols
   * @param {Patch[]} patches
   */
  constructor(name, rows, cols, patches) {
    this.name = name;
    this.rows = rows;
    this.cols = cols;
    this.constant = false;
    /** Set whenever a cell gets another value than it had. */
    this.touched = false;
    this.numbers = new Float64Array(rows * cols).fill(NaN);
    /** @type {Map<number, Scalar>} */
    this.others = new Map();
    for (const patch of patches) {
      for (let i = 0; i < patch.rows; i++) {
        const line = patch.data.subarray(i * patch.cols, (i + 1) * patch.cols);
        this.numbers.set(line, (patch.row + i) * cols + patch.col);
      }
    }
  }

  /** @param {number} row @param {number} col @returns {Scalar} */
  get(row, col) {
    if (row >= this.rows || col >= this.cols) return null;
    const at = row * this.cols + col;
    const number = this.numbers[at];
    return Number.isNaN(number) ? (this.others.get(at) ?? null) : number;
  }

  /** @param {number} row @param {number} col @param {Scalar} value */
  put(row, col, value) {
    const at = row * this.cols + col;
    if (typeof value === "number") {
      if (this.numbers[at] === value) return;
      this.touched = true;
      this.numbers[at] = value;
      if (this.others.size) this.others.delete(at);
    } else {
      if (this.get(row, col) === value) return;
      this.touched = true;
      this.numbers[at] = NaN;
      if (value === null) this.others.delete(at);
      else this.others.set(at, value);
    }
  }

  /** Stores a table of the rectangle's size. @param {number} row @param {number} col @param {Table} table */
  putTable(row, col, table) {
    if (table.kind !== NUMBERS) {
      for (let i = 0; i < table.rows; i++) {
        for (let j = 0; j < table.cols; j++) this.put(row + i, col + j, table.at(i, j) ?? 0);
      }
      return;
    }
    for (let i = 0; i < table.rows; i++) {
      const at = (row + i) * this.cols + col;
      let from = table.offset + i * table.down;
      for (let j = 0; j < table.cols; j++, from += table.right) {
        const number = /** @type {number} */ (table.data[from]);
        if (this.numbers[at + j] === number) continue;
        this.touched = true;
        this.numbers[at + j] = number;
        if (this.others.size) this.others.delete(at + j);
      }
    }
  }

  /**
   * The values of a rectangle: a view if all are numbers.
   * @param {number} row
   * @param {number} col
   * @param {number} rows
   * @param {number} cols
   */
  table(row, col, rows, cols) {
    if (row + rows <= this.rows && col + cols <= this.cols) {
      if (this.allNumbers(row, col, rows, cols)) {
        return new Table(rows, cols, this.numbers, NUMBERS, row * this.cols + col, this.cols);
      }
    }
    return copied(this, row, col, rows, cols);
  }

  /**
   * The place of the first cell of a row or column that holds a number, from 1; #N/A if none does.
   * @param {number} number
   * @param {{row: number, col: number, rows: number, cols: number}} line
   */
  find(number, { row, col, rows, cols }) {
    const step = rows === 1 ? 1 : this.cols;
    let at = row * this.cols + col;
    const inside = rows === 1 ? Math.min(cols, this.cols - col) : Math.min(rows, this.rows - row);
    for (let i = 1; i <= inside; i++, at += step) if (this.numbers[at] === number) return i;
    return NA;
  }

  /** @param {number} row @param {number} col @param {number} rows @param {number} cols */
  allNumbers(row, col, rows, cols) {
    const { numbers } = this;
    for (let i = row; i < row + rows; i++) {
      for (let at = i * this.cols + col, end = at + cols; at < end; at++) {
        if (numbers[at] !== numbers[at]) return false;
      }
    }
    return true;
  }
}

/** A tab of constants, such as weights: some rectangles of numbers on a blank sheet. */
export class PatchSheet {
  /**
   * @param {string} name
   * @param {number} rows
   * @param {number} cols
   * @param {Patch[]} patches
   */
  constructor(name, rows, cols, patches) {
    this.name = name;
    this.rows = rows;
    this.cols = cols;
    this.constant = true;
    this.patches = patches;
    /** Whether somebody put something else into the place of a number. */
    this.gaps = false;
    /** @type {Map<number, Scalar>} */
    this.others = new Map();
  }

  /** @param {number} row @param {number} col @returns {Patch | undefined} */
  patch(row, col) {
    return this.patches.find(
      (p) => row >= p.row && col >= p.col && row < p.row + p.rows && col < p.col + p.cols,
    );
  }

  /** @param {number} row @param {number} col @returns {Scalar} */
  get(row, col) {
    if (row >= this.rows || col >= this.cols) return null;
    const patch = this.patch(row, col);
    const number = patch ? patch.data[(row - patch.row) * patch.cols + col - patch.col] : NaN;
    return Number.isNaN(number) ? (this.others.get(row * this.cols + col) ?? null) : number;
  }

  /** @param {number} row @param {number} col @param {Scalar} value */
  put(row, col, value) {
    const at = row * this.cols + col;
    const patch = this.patch(row, col);
    this.others.delete(at);
    const isNumber = typeof value === "number";
    if (patch) {
      patch.data[(row - patch.row) * patch.cols + col - patch.col] = isNumber ? value : NaN;
      if (!isNumber) this.gaps = true;
    }
    if (value !== null && !(patch && isNumber)) this.others.set(at, value);
  }

  /** @param {number} row @param {number} col @param {number} rows @param {number} cols */
  table(row, col, rows, cols) {
    const patch = this.patch(row, col);
    if (patch && row + rows <= patch.row + patch.rows && col + cols <= patch.col + patch.cols) {
      const from = (row - patch.row) * patch.cols + col - patch.col;
      const view = new Table(rows, cols, patch.data, NUMBERS, from, patch.cols);
      if (!this.gaps || !hasGap(view)) return view;
    }
    return copied(this, row, col, rows, cols);
  }
}

/** @typedef {GridSheet | PatchSheet} Sheet */

/** @param {Table} view */
function hasGap(view) {
  for (let i = 0; i < view.rows; i++) {
    for (let j = 0; j < view.cols; j++) if (Number.isNaN(view.at(i, j))) return true;
  }
  return false;
}

/**
 * @param {Sheet} sheet
 * @param {number} row
 * @param {number} col
 * @param {number} rows
 * @param {number} cols
 */
function copied(sheet, row, col, rows, cols) {
  /** @type {Scalar[]} */
  const items = [];
  for (let i = row; i < row + rows; i++) {
    for (let j = col; j < col + cols; j++) items.push(sheet.get(i, j));
  }
  return tidy(rows, cols, items);
}
