/** The cells of one tab: numbers in typed arrays, everything else in a map. */

import { Bands } from "./bands.js";
import { NA, NUMBERS, Table, tidy } from "./values.js";

/** @typedef {import("./values.js").Scalar} Scalar */

/**
 * @typedef {object} Patch constant numbers in a rectangle, which follow each other in those of the book
 * @property {number} row
 * @property {number} col
 * @property {number} rows
 * @property {number} cols
 * @property {import("./numbers.js").Numbers} numbers of the whole book
 * @property {number} from where those of the rectangle begin
 */

/**
 * A tab with formulas: one number for each cell where formulas or numbers stand, NaN where it is
 * blank or not a number.
 */
export class GridSheet {
  /**
   * @param {string} name
   * @param {number} rows
   * @param {number} cols
   * @param {Patch[]} patches
   * @param {import("./bands.js").Rectangle[]} areas that formulas fill
   */
  constructor(name, rows, cols, patches, areas) {
    this.name = name;
    this.rows = rows;
    this.cols = cols;
    this.constant = false;
    /** Set whenever a cell gets another value than it had. */
    this.touched = false;
    this.areas = [...areas, ...patches];
    this.bands = new Bands(rows, this.areas);
    this.numbers = new Float64Array(this.bands.size).fill(NaN);
    /** What is no number, and what stands beside the bands. @type {Map<number, Scalar>} */
    this.others = new Map();
    for (const patch of patches) {
      for (let i = 0; i < patch.rows; i++) {
        const line = patch.numbers.run(patch.from + i * patch.cols, patch.cols);
        this.numbers.set(line, this.bands.place(patch.row + i, patch.col));
      }
    }
  }

  /** Makes room for a formula. @param {import("./bands.js").Rectangle} area */
  require(area) {
    if (this.bands.hold(area)) return;
    const { bands, numbers, rows, cols, others } = this;
    this.areas.push(area);
    this.bands = new Bands(rows, this.areas);
    this.numbers = new Float64Array(this.bands.size).fill(NaN);
    for (let row = 0; row < rows; row++) {
      const [from, to] = bands.span(row, 0, cols);
      this.numbers.set(numbers.subarray(from, to), this.bands.starts[row]);
    }
    for (const [key, value] of [...others]) {
      if (typeof value === "number") this.put(Math.floor(key / cols), key % cols, value);
    }
  }

  /** @param {number} row @param {number} col @returns {Scalar} */
  get(row, col) {
    if (row >= this.rows || col >= this.cols) return null;
    const at = this.bands.place(row, col);
    const number = at < 0 ? NaN : this.numbers[at];
    return Number.isNaN(number) ? (this.others.get(row * this.cols + col) ?? null) : number;
  }

  /** @param {number} row @param {number} col @param {Scalar} value */
  put(row, col, value) {
    const at = this.bands.place(row, col);
    const key = row * this.cols + col;
    if (typeof value === "number" && at >= 0) {
      if (this.numbers[at] === value) return;
      this.touched = true;
      this.numbers[at] = value;
      if (this.others.size) this.others.delete(key);
    } else {
      if (this.get(row, col) === value) return;
      this.touched = true;
      if (at >= 0) this.numbers[at] = NaN;
      if (value === null) this.others.delete(key);
      else this.others.set(key, value);
    }
  }

  /** Stores a table of the size of a formula's rectangle. @param {number} row @param {number} col @param {Table} table */
  putTable(row, col, table) {
    if (table.kind !== NUMBERS) {
      for (let i = 0; i < table.rows; i++) {
        for (let j = 0; j < table.cols; j++) this.put(row + i, col + j, table.at(i, j) ?? 0);
      }
      return;
    }
    for (let i = 0; i < table.rows; i++) {
      const at = this.bands.place(row + i, col);
      let from = table.offset + i * table.down;
      for (let j = 0; j < table.cols; j++, from += table.right) {
        const number = /** @type {number} */ (table.data[from]);
        if (this.numbers[at + j] === number) continue;
        this.touched = true;
        this.numbers[at + j] = number;
        if (this.others.size) this.others.delete((row + i) * this.cols + col + j);
      }
    }
  }

  /**
   * The values of a rectangle: a view if all are numbers of one band.
   * @param {number} row
   * @param {number} col
   * @param {number} rows
   * @param {number} cols
   */
  table(row, col, rows, cols) {
    if (this.bands.hold({ row, col, rows, cols })) {
      const [from, width] = [this.bands.place(row, col), this.bands.widths[row]];
      if (this.allNumbers(from, width, rows, cols)) {
        return new Table(rows, cols, this.numbers, NUMBERS, from, width);
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
    const [down, right] = rows === 1 ? [0, 1] : [1, 0];
    const length = rows === 1 ? Math.min(cols, this.cols - col) : Math.min(rows, this.rows - row);
    for (let i = 0; i < length; i++) if (this.get(row + i * down, col + i * right) === number) return i + 1;
    return NA;
  }

  /** @param {number} from @param {number} width of the band @param {number} rows @param {number} cols */
  allNumbers(from, width, rows, cols) {
    const { numbers } = this;
    for (let i = 0; i < rows; i++) {
      for (let at = from + i * width, end = at + cols; at < end; at++) {
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
    const number = patch ? patch.numbers.at(placeOf(patch, row, col)) : NaN;
    return Number.isNaN(number) ? (this.others.get(row * this.cols + col) ?? null) : number;
  }

  /** @param {number} row @param {number} col @param {Scalar} value */
  put(row, col, value) {
    const at = row * this.cols + col;
    const patch = this.patch(row, col);
    this.others.delete(at);
    const isNumber = typeof value === "number";
    if (patch) {
      patch.numbers.put(placeOf(patch, row, col), isNumber ? value : NaN);
      if (!isNumber) this.gaps = true;
    }
    if (value !== null && !(patch && isNumber)) this.others.set(at, value);
  }

  /** @param {number} row @param {number} col @param {number} rows @param {number} cols */
  table(row, col, rows, cols) {
    const patch = this.around(row, col, rows, cols);
    const view = patch?.numbers.table(placeOf(patch, row, col), rows, cols, patch.cols);
    if (view && (!this.gaps || !hasGap(view))) return view;
    return copied(this, row, col, rows, cols);
  }

  /**
   * The same as a factor of a matrix product, which may stay packed.
   * @param {number} row @param {number} col @param {number} rows @param {number} cols
   */
  factor(row, col, rows, cols) {
    const patch = this.gaps ? null : this.around(row, col, rows, cols);
    if (patch) return patch.numbers.factor(placeOf(patch, row, col), rows, cols, patch.cols);
    return this.table(row, col, rows, cols);
  }

  /** The patch that holds all of a rectangle. @param {number} row @param {number} col @param {number} rows @param {number} cols */
  around(row, col, rows, cols) {
    const patch = this.patch(row, col);
    const inside = patch && row + rows <= patch.row + patch.rows && col + cols <= patch.col + patch.cols;
    return inside ? patch : null;
  }
}

/** @typedef {GridSheet | PatchSheet} Sheet */

/** The number of a cell of a patch. @param {Patch} patch @param {number} row @param {number} col */
function placeOf(patch, row, col) {
  return patch.from + (row - patch.row) * patch.cols + col - patch.col;
}

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
