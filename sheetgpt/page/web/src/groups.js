/** Formulas that are copies of each other, and what they read. */

import { parse, referencesOf } from "./parser.js";
import { areaOf } from "./place.js";
import { compile } from "./program.js";
import { cellName, moved } from "./reference.js";
import { highReferences } from "./strips.js";
import { Refused } from "./values.js";

/** @typedef {import("./reference.js").Area} Area */

/**
 * @typedef {[number, number, number, number, number, number, number, number, string]} Stored
 *   sheet, row, col, rows, cols, whether it is an array formula, copies down, copies across, text
 */

/**
 * Copies of one formula in a rectangle: `down` times `across` of them, each filling `rows` times
 * `cols` cells, counted down the columns.
 */
export class Group {
  /**
   * @param {Stored} stored
   * @param {import("./parser.js").Scope} scope
   * @param {string} sheetName for the sentence about a formula that cannot be computed
   */
  constructor(stored, scope, sheetName) {
    const [sheet, row, col, rows, cols, array, down, across, text] = stored;
    this.stored = stored;
    this.sheet = sheet;
    this.row = row;
    this.col = col;
    this.rows = rows;
    this.cols = cols;
    this.array = array === 1;
    this.down = down;
    this.across = across;
    this.text = text;
    try {
      const node = parse(text, sheet, row, col, scope);
      this.references = referencesOf(node);
      this.program = compile(node);
      this.high = this.array ? highReferences(node, rows) : null;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      throw new Refused(`${sheetName}!${cellName(row, col)} ${error.message}.`, { cause: error });
    }
  }

  get count() {
    return this.down * this.across;
  }

  /** The first cell of a copy. @param {number} k */
  placeOf(k) {
    return {
      row: this.row + (k % this.down) * this.rows,
      col: this.col + Math.floor(k / this.down) * this.cols,
    };
  }

  /** The copy that fills a cell. @param {number} row @param {number} col */
  copyAt(row, col) {
    const across = Math.floor((col - this.col) / this.cols);
    return across * this.down + Math.floor((row - this.row) / this.rows);
  }

  /** All cells that the copies fill. @returns {Area} */
  get area() {
    const [rows, cols] = [this.down * this.rows, this.across * this.cols];
    return { sheet: this.sheet, row: this.row, col: this.col, rows, cols };
  }

  /** The text of a copy, without `=`. @param {number} k */
  textOf(k) {
    const { row, col } = this.placeOf(k);
    return moved(this.text, row - this.row, col - this.col);
  }

  /** Whether every copy can be computed without looking at the others first. */
  get rigid() {
    return this.references.every(
      ({ fixed }) => Boolean(fixed & 1) === Boolean(fixed & 4) && Boolean(fixed & 2) === Boolean(fixed & 8),
    );
  }

  /** The rectangles that one copy reads. @param {number} k @returns {Area[]} */
  reads(k) {
    const { row, col } = this.placeOf(k);
    return this.references.map((reference) => areaOf(reference, row, col));
  }

  /** The rectangles around everything that the copies read, one for each reference. @returns {Area[]} */
  readsOfAll() {
    const [first, last] = [this.reads(0), this.reads(this.count - 1)];
    return first.map((a, i) => around(a, last[i]));
  }
}

/** @param {Area} a @param {Area} b @returns {Area} */
function around(a, b) {
  const [row, col] = [Math.min(a.row, b.row), Math.min(a.col, b.col)];
  const rows = Math.max(a.row + a.rows, b.row + b.rows) - row;
  const cols = Math.max(a.col + a.cols, b.col + b.cols) - col;
  return { sheet: a.sheet, row, col, rows, cols };
}

/** @param {Area} area @param {number} row @param {number} col */
export function contains(area, row, col) {
  const [down, across] = [row - area.row, col - area.col];
  return down >= 0 && across >= 0 && down < area.rows && across < area.cols;
}

/**
 * A group without the copy in one cell: up to four smaller rectangles of copies.
 * @param {Group} group
 * @param {number} k
 * @returns {Stored[]}
 */
export function without(group, k) {
  const [at, right] = [k % group.down, Math.floor(k / group.down)];
  const { down, across } = group;
  const parts = [
    [0, 0, down, right],
    [0, right + 1, down, across - right - 1],
    [0, right, at, 1],
    [at + 1, right, down - at - 1, 1],
  ];
  return parts
    .filter(([, , rows, cols]) => rows > 0 && cols > 0)
    .map(([top, left, rows, cols]) => {
      const first = left * down + top;
      const { row, col } = group.placeOf(first);
      const array = group.array ? 1 : 0;
      const text = group.textOf(first);
      return [group.sheet, row, col, group.rows, group.cols, array, rows, cols, text];
    });
}
