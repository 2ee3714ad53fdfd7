/** What a number is made of, and what reads it. */

import { contains } from "./groups.js";
import { areaOf } from "./place.js";
import { compile } from "./program.js";
import { parse, referencesOf } from "./parser.js";
import { asTable, toNumber } from "./values.js";

/** @typedef {import("./book.js").Book} Book */
/** @typedef {import("./book.js").Cell} Cell */
/** @typedef {import("./parser.js").Node} Node */
/**
 * @typedef {object} Part a number that, with others, adds up to the one that was asked
 * @property {number} value
 * @property {Cell[]} cells whose product it is, or that it was computed from
 */

/**
 * The parts of the value of a formula's cell; empty for a cell without one.
 * @param {Book} book
 * @param {Cell} cell
 * @returns {Part[]}
 */
export function partsOf(book, { sheet, row, col }) {
  const formula = book.formulaAt(sheet, row, col);
  if (!formula) return [];
  const { group, copy } = formula;
  const at = group.placeOf(copy);
  const node = parse(formula.text, sheet, at.row, at.col, book.scope);
  const asked = new Asked(book, sheet, at.row, at.col, group.rows, group.cols);
  return asked.parts(node, row - at.row, col - at.col, 1);
}

class Asked {
  /** @param {Book} book @param {number} sheet @param {number} row @param {number} col @param {number} rows @param {number} cols */
  constructor(book, sheet, row, col, rows, cols) {
    this.book = book;
    this.move = () => book.place.move(sheet, row, col, rows, cols);
    this.row = row;
    this.col = col;
  }

  /** @param {Node} node */
  table(node) {
    return asTable(compile(node)(this.move()));
  }

  /** One number of a node, seen in the size of the formula. @param {Node} node @param {number} i @param {number} j */
  number(node, i, j) {
    const table = this.table(node);
    const value = toNumber(table.at(table.rows === 1 ? 0 : i, table.cols === 1 ? 0 : j));
    return typeof value === "number" ? value : NaN;
  }

  /** The cells that a node reads for one place of the formula. @param {Node} node @param {number} i @param {number} j @returns {Cell[]} */
  cells(node, i, j) {
    if (node.type === "call" && node.name === "TRANSPOSE") return this.cells(node.args[0], j, i);
    return referencesOf(node).map((reference) => {
      const { sheet, row, col, rows, cols } = areaOf(reference, this.row, this.col);
      return { sheet, row: row + (rows === 1 ? 0 : Math.min(i, rows - 1)), col: col + (cols === 1 ? 0 : Math.min(j, cols - 1)) };
    });
  }

  /** @param {Node} node @param {number} i @param {number} j @param {number} sign @returns {Part[]} */
  parts(node, i, j, sign) {
    if (node.type === "call") {
      const [first, second] = node.args;
      if (node.name === "+") return [...this.parts(first, i, j, sign), ...this.parts(second, i, j, sign)];
      if (node.name === "-") return [...this.parts(first, i, j, sign), ...this.parts(second, i, j, -sign)];
      if (node.name === "u-") return this.parts(first, i, j, -sign);
      if (node.name === "MMULT") return this.products(first, second, i, j, sign);
      if (node.name === "SUM" || node.name === "AVERAGE") return this.terms(node.args, sign, node.name === "SUM" ? 0 : 1);
      if (node.name === "SUMPRODUCT") return this.elements(node.args, sign);
      const chosen = node.name === "IF" ? this.branch(node.args, i, j) : null;
      if (chosen) return this.parts(chosen, i, j, sign);
    }
    const value = node.type === "constant" ? Number(node.value) : this.number(node, i, j);
    return Number.isFinite(value) ? [{ value: sign * value, cells: this.cells(node, i, j) }] : [];
  }

  /** @param {Node[]} args @param {number} i @param {number} j */
  branch([test, yes, no], i, j) {
    return this.number(test, i, j) ? yes : (no ?? null);
  }

  /** @param {Node} a @param {Node} b @param {number} i @param {number} j @param {number} sign */
  products(a, b, i, j, sign) {
    const [x, y] = [this.table(a), this.table(b)];
    const [r, c] = [x.rows === 1 ? 0 : i, y.cols === 1 ? 0 : j];
    return Array.from({ length: x.cols }, (_, k) => ({
      value: sign * Number(x.at(r, k)) * Number(y.at(k, c)),
      cells: [...this.cells(a, r, k), ...this.cells(b, k, c)],
    }));
  }

  /** @param {Node[]} args @param {number} sign @param {number} mean */
  terms(args, sign, mean) {
    /** @type {Part[]} */
    const found = [];
    for (const arg of args) {
      const table = this.table(arg);
      for (let r = 0; r < table.rows; r++) {
        for (let c = 0; c < table.cols; c++) {
          const value = table.at(r, c);
          if (typeof value === "number") found.push({ value: sign * value, cells: this.cells(arg, r, c) });
        }
      }
    }
    return mean ? found.map((part) => ({ ...part, value: part.value / found.length })) : found;
  }

  /** @param {Node[]} args @param {number} sign */
  elements(args, sign) {
    const tables = args.map((arg) => this.table(arg));
    const [{ rows, cols }] = tables;
    return Array.from({ length: rows * cols }, (_, k) => {
      const [r, c] = [Math.floor(k / cols), k % cols];
      const factors = tables.map((table) => Number(toNumber(table.at(r, c))));
      return { value: sign * factors.reduce((a, b) => a * b, 1), cells: args.flatMap((arg) => this.cells(arg, r, c)) };
    });
  }
}

/** The first cells of the formulas that read a cell. @param {Book} book @param {Cell} cell @returns {Cell[]} */
export function readersOf(book, { sheet, row, col }) {
  return book.groups.flatMap((group, g) => {
    if (!book.graph.reads[g].some((area) => area.sheet === sheet && contains(area, row, col))) return [];
    for (let k = 0; k < group.count; k++) {
      if (group.reads(k).some((area) => area.sheet === sheet && contains(area, row, col))) {
        return [{ sheet: group.sheet, ...group.placeOf(k) }];
      }
    }
    return [];
  });
}
