/** Where a program runs: one formula in one cell, and what its references hold there. */

import { ALL_FIXED, FIXED_COL, FIXED_LAST_COL, FIXED_LAST_ROW, FIXED_ROW } from "./reference.js";
import { PatchSheet } from "./sheets.js";
import { Refused } from "./values.js";

/** @typedef {import("./parser.js").Reference} Reference */
/** @typedef {import("./sheets.js").Sheet} Sheet */
/** @typedef {import("./lookup.js").Cells} Cells */

/**
 * The rectangle of a reference, seen from the cell (row, col).
 * @param {Reference} ref
 * @param {number} row
 * @param {number} col
 * @returns {import("./reference.js").Area}
 */
export function areaOf(ref, row, col) {
  const { fixed } = ref;
  let top = fixed & FIXED_ROW ? ref.row : ref.row + row;
  let left = fixed & FIXED_COL ? ref.col : ref.col + col;
  let bottom = fixed & FIXED_LAST_ROW ? ref.lastRow : ref.lastRow + row;
  let right = fixed & FIXED_LAST_COL ? ref.lastCol : ref.lastCol + col;
  if (bottom < top) [top, bottom] = [bottom, top];
  if (right < left) [left, right] = [right, left];
  if (top < 0 || left < 0) throw new Refused("refers to a cell outside the sheet");
  return { sheet: ref.sheet, row: top, col: left, rows: bottom - top + 1, cols: right - left + 1 };
}

export class Place {
  /**
   * @param {Sheet[]} sheets
   * @param {import("./lookup.js").Positions} positions
   * @param {import("./aggregates.js").Sorted} sorted
   */
  constructor(sheets, positions, sorted) {
    this.sheets = sheets;
    this.positions = positions;
    this.sorted = sorted;
    this.row = 0;
    this.col = 0;
    this.rows = 1;
    this.cols = 1;
    this.sheet = 0;
    /** What of the formula is computed, if not all. @type {import("./strips.js").Strip | null} */
    this.strip = null;
  }

  /**
   * Moves to the formula at (row, col), which fills a rectangle, to see all of it.
   * @param {number} sheet
   * @param {number} row
   * @param {number} col
   * @param {number} rows
   * @param {number} cols
   */
  move(sheet, row, col, rows = 1, cols = 1) {
    this.sheet = sheet;
    this.row = row;
    this.col = col;
    this.rows = rows;
    this.cols = cols;
    this.strip = null;
    return this;
  }

  /** The rectangle of a reference, or the strip of it that is needed. @param {Reference} ref */
  area(ref) {
    const area = areaOf(ref, this.row, this.col);
    const { strip } = this;
    return strip?.high.has(ref) ? { ...area, row: area.row + strip.from, rows: strip.rows } : area;
  }

  /** What a reference holds. @param {Reference} ref @returns {import("./values.js").Value} */
  read(ref) {
    const { fixed } = ref;
    const cells = this.sheets[ref.sheet];
    if (ref.row === ref.lastRow && ref.col === ref.lastCol && (fixed === 0 || fixed === ALL_FIXED)) {
      // One cell, as most references are: no need for a rectangle.
      const row = fixed ? ref.row : ref.row + this.row;
      const col = fixed ? ref.col : ref.col + this.col;
      if (row >= 0 && col >= 0) return cells.get(row, col);
    }
    const { row, col, rows, cols } = this.area(ref);
    return rows === 1 && cols === 1 ? cells.get(row, col) : cells.table(row, col, rows, cols);
  }

  /** What a reference holds, for a matrix product: constant numbers may stay packed. @param {Reference} ref */
  factor(ref) {
    const cells = this.sheets[ref.sheet];
    const { row, col, rows, cols } = this.area(ref);
    return cells instanceof PatchSheet && rows * cols > 1 ? cells.factor(row, col, rows, cols) : this.read(ref);
  }

  /** Where a reference lies. @param {Reference} ref @returns {Cells} */
  cells(ref) {
    const { sheet, row, col, rows, cols } = areaOf(ref, this.row, this.col);
    return { sheet: this.sheets[sheet], row, col, rows, cols };
  }

  /** The cells that the formula itself fills. @returns {Cells} */
  here() {
    const { row, col, rows, cols } = this;
    return { sheet: this.sheets[this.sheet], row, col, rows, cols };
  }

  /** A name for the cells of a reference. @param {Reference} ref */
  key(ref) {
    const { sheet, row, col, rows, cols } = areaOf(ref, this.row, this.col);
    return `${sheet},${row},${col},${rows},${cols}`;
  }
}
