/** What a number is made of, and what reads it. */

import { contains } from "./groups.js";
import { areaOf } from "./place.js";
import { PackedTable } from "./packed.js";
import { parse, referencesOf } from "./parser.js";
import { factor } from "./program.js";
import { highReferences } from "./strips.js";
import { asTable, toNumber } from "./values.js";

/** @typedef {import("./book.js").Book} Book */
/** @typedef {import("./book.js").Cell} Cell */
/** @typedef {import("./parser.js").Node} Node */
/** @typedef {import("./reference.js").Area} Area */
/**
 * @typedef {object} Part a number that, with others, adds up to the one that was asked
 * @property {number} value
 * @property {Cell[]} cells whose product it is, or that it was computed from
 */
/** @typedef {Area & {found?: Cell}} Input a rectangle, and the cell that a search in it found */
/**
 * @typedef {object} Explanation
 * @property {Part[]} parts none if the cell holds no number
 * @property {boolean} sum whether the parts are all there is to say: each is a product of cells
 * @property {Input[]} inputs what the formula reads for this cell, each rectangle once
 */

/** Functions whose parts are known: nothing else adds up. */
const SUMS = new Set(["+", "-", "u-", "u+", "MMULT", "SUM", "AVERAGE", "SUMPRODUCT"]);
/** Operators that take their operands cell by cell. */
const BY_CELL = new Set(["+", "-", "*", "/", "^", "%", "u-", "u+", "=", "<>", "<", ">", "<=", ">=", "&"]);
/** Functions of a number that take a range cell by cell. */
const OF_CELLS = new Set(["ABS", "SQRT", "EXP", "LN", "TANH", "INT", "ROUND", "MOD", "NOT", "N", "IF", "IFERROR"]);
/** Functions whose value is that of one of the cells that they look through, or its place. */
const SEARCHES = new Set(["MATCH", "MAX", "MIN", "LARGE", "SMALL", "LOOKUP"]);

/**
 * What the value of a formula's cell is made of; null for a cell without a formula.
 * @param {Book} book
 * @param {Cell} cell
 * @returns {Explanation | null}
 */
export function explain(book, { sheet, row, col }) {
  const formula = book.formulaAt(sheet, row, col);
  if (!formula) return null;
  const { group, copy } = formula;
  const at = group.placeOf(copy);
  const node = parse(formula.text, sheet, at.row, at.col, book.scope);
  const [i, j] = [row - at.row, col - at.col];
  const high = group.array ? highReferences(node, group.rows) : null;
  const place = () => book.place.move(sheet, at.row, at.col, group.rows, group.cols);
  const asked = new Asked(book, at.row, at.col, () => Object.assign(place(), { strip: high && { high, from: i, rows: 1 } }));
  const parts = typeof book.get(sheet, row, col) === "number" ? asked.parts(node, i, j, 1, []) : [];
  /** @type {Map<string, Input>} */
  const inputs = new Map();
  for (const area of asked.inputs(node, i, j)) {
    const key = [area.sheet, area.row, area.col, area.rows, area.cols].join();
    if (!inputs.get(key)?.found) inputs.set(key, area);
  }
  return { parts, sum: parts.length > 0 && asked.sum, inputs: [...inputs.values()] };
}

/** Whether a node is a sum whose terms can be told apart. @param {Node} node @returns {boolean} */
function isSum(node) {
  if (node.type !== "call") return false;
  if (node.name === "*") return node.args.some(isSum);
  return SUMS.has(node.name) || (node.name === "/" && isSum(node.args[0]));
}

/** Whether a node is a cell, a number or a product of such. @param {Node} node @returns {boolean} */
function isProduct(node) {
  if (node.type !== "call") return true;
  if (node.name === "/") return isProduct(node.args[0]) && referencesOf(node.args[1]).length === 0;
  return ["*", "u-", "u+", "TRANSPOSE"].includes(node.name) && node.args.every(isProduct);
}

class Asked {
  /** @param {Book} book @param {number} row @param {number} col @param {() => import("./place.js").Place} move */
  constructor(book, row, col, move) {
    this.book = book;
    /** Goes to the formula, of which the row that is asked about is enough where rows are apart. */
    this.move = move;
    this.row = row;
    this.col = col;
    /** Whether every part so far is a product of cells. */
    this.sum = true;
  }

  /** @param {Node} node */
  table(node) {
    const value = factor(node)(this.move());
    return value instanceof PackedTable ? value : asTable(value);
  }

  /** One value of a node, seen in the size of the formula. @param {Node} node @param {number} i @param {number} j */
  value(node, i, j) {
    const table = this.table(node);
    return table.at(table.rows === 1 ? 0 : i, table.cols === 1 ? 0 : j);
  }

  /** @param {Node} node @param {number} i @param {number} j */
  number(node, i, j) {
    const value = toNumber(this.value(node, i, j));
    return typeof value === "number" ? value : NaN;
  }

  /** What a reference covers, as an area. @param {import("./parser.js").Reference} reference @returns {Area} */
  area(reference) {
    return areaOf(reference, this.row, this.col);
  }

  /** The cells that a node reads for one place of the formula. @param {Node} node @param {number} i @param {number} j @returns {Cell[]} */
  cells(node, i, j) {
    if (node.type === "call" && node.name === "TRANSPOSE") return this.cells(node.args[0], j, i);
    return referencesOf(node).map((reference) => cellOf(this.area(reference), i, j));
  }

  /**
   * What a node reads for one place of the formula: of ranges that are taken cell by cell one cell.
   * @param {Node} node
   * @param {number} i
   * @param {number} j
   * @returns {Input[]}
   */
  inputs(node, i, j) {
    if (node.type === "constant") return [];
    if (node.type === "reference") return [{ ...cellOf(this.area(node), i, j), rows: 1, cols: 1 }];
    const { name, args } = node;
    if (name === "TRANSPOSE") return this.inputs(args[0], j, i);
    const chosen = this.branch(node, i, j);
    if (chosen) return [chosen, args[0]].flatMap((arg) => this.inputs(arg, i, j));
    if (SEARCHES.has(name)) return this.search(node, i, j);
    if (name === "INDEX" && args[0].type === "reference") {
      const place = this.picked(args, i, j);
      return [...(place ? [{ ...place, rows: 1, cols: 1 }] : []), ...args.slice(1).flatMap((arg) => this.inputs(arg, i, j))];
    }
    if (name === "MMULT") return [this.line(args[0], i, true), this.line(args[1], j, false)].flat();
    if (BY_CELL.has(name) || OF_CELLS.has(name)) return args.flatMap((arg) => this.inputs(arg, i, j));
    return args.flatMap((arg) => (arg.type === "reference" ? [this.area(arg)] : this.inputs(arg, i, j)));
  }

  /** The row or column of a factor of a matrix product. @param {Node} node @param {number} at @param {boolean} row @returns {Area[]} */
  line(node, at, row) {
    if (node.type === "call" && node.name === "TRANSPOSE") return this.line(node.args[0], at, !row);
    return referencesOf(node).map((reference) => {
      const area = this.area(reference);
      return row
        ? { ...area, row: area.row + Math.min(at, area.rows - 1), rows: 1 }
        : { ...area, col: area.col + Math.min(at, area.cols - 1), cols: 1 };
    });
  }

  /** The cell that INDEX picks, null if there is none. @param {Node[]} args @param {number} i @param {number} j @returns {Cell | null} */
  picked([list, down, across], i, j) {
    if (list.type !== "reference") return null;
    const { sheet, row, col, rows, cols } = this.area(list);
    const [r, c] = [down, across].map((arg) => (arg ? Math.trunc(this.number(arg, i, j)) : 1));
    const [y, x] = across || rows > 1 ? [r, c] : [1, r];
    const inside = y >= 1 && x >= 1 && y <= rows && x <= cols;
    return inside ? { sheet, row: row + y - 1, col: col + x - 1 } : null;
  }

  /**
   * The terms of a node; `factors` are cells that `scale` was computed from.
   * @param {Node} node
   * @param {number} i
   * @param {number} j
   * @param {number} scale
   * @param {Cell[]} factors
   * @returns {Part[]}
   */
  parts(node, i, j, scale, factors) {
    if (node.type === "call") {
      const [first, second] = node.args;
      const again = (/** @type {Node} */ inner, factor = 1) => this.parts(inner, i, j, scale * factor, factors);
      if (node.name === "+") return [...again(first), ...again(second)];
      if (node.name === "-") return [...again(first), ...again(second, -1)];
      if (node.name === "u-") return again(first, -1);
      if (node.name === "u+") return again(first);
      if (node.name === "MMULT") return this.products(first, second, i, j, scale, factors);
      if (node.name === "SUM" || node.name === "AVERAGE") return this.terms(node.args, scale, factors, node.name === "AVERAGE");
      if (node.name === "SUMPRODUCT") return this.elements(node.args, scale, factors);
      if (node.name === "*" && isSum(node) && !(isSum(first) && isSum(second))) {
        const [sum, other] = isSum(first) ? [first, second] : [second, first];
        return this.parts(sum, i, j, scale * this.number(other, i, j), [...factors, ...this.cells(other, i, j)]);
      }
      if (node.name === "/" && isSum(node)) {
        return this.parts(first, i, j, scale / this.number(second, i, j), [...factors, ...this.cells(second, i, j)]);
      }
      const chosen = this.branch(node, i, j);
      if (chosen) return this.parts(chosen, i, j, scale, factors);
      if (node.name === "INDEX") {
        const cell = this.picked(node.args, i, j);
        if (cell) return [{ value: scale * this.number(node, i, j), cells: [cell, ...factors] }];
      }
    }
    const product = isProduct(node);
    if (!product) this.sum = false;
    const value = node.type === "constant" ? Number(node.value) : this.number(node, i, j);
    const cells = product ? this.cells(node, i, j) : this.inputs(node, i, j).filter(({ rows, cols }) => rows * cols === 1);
    return Number.isFinite(value) ? [{ value: scale * value, cells: [...cells, ...factors] }] : [];
  }

  /** What IF or CHOOSE takes, null for other nodes. @param {import("./parser.js").Call} node @param {number} i @param {number} j @returns {Node | null} */
  branch({ name, args }, i, j) {
    if (name !== "IF" && name !== "CHOOSE") return null;
    const test = this.number(args[0], i, j);
    return args[name === "IF" ? (test ? 1 : 2) : Math.trunc(test)] ?? null;
  }

  /** What a search reads; in a range that it looks through, the cell that it finds. @param {import("./parser.js").Call} node @param {number} i @param {number} j @returns {Input[]} */
  search(node, i, j) {
    const { name, args } = node;
    const keyed = name === "MATCH" || name === "LOOKUP";
    const value = this.number(node, i, j);
    const key = name === "LOOKUP" ? this.number(args[0], i, j) : NaN;
    /** @param {Node} arg the first cell with the value, or the last that is not above the key */
    const searched = (arg) => {
      const table = this.table(arg);
      let place = -1;
      for (let k = 0; k < table.rows * table.cols && (keyed || place < 0); k++) {
        const item = table.at(Math.floor(k / table.cols), k % table.cols);
        if (keyed ? typeof item === "number" && item <= key : item === value) place = k;
      }
      return place;
    };
    return args.flatMap((arg, k) => {
      if (arg.type !== "reference" || (keyed && k === 0)) return this.inputs(arg, i, j);
      const area = this.area(arg);
      const { sheet, row, col, rows, cols } = area;
      if (rows * cols === 1) return [area];
      const place = name === "MATCH" ? value - 1 : searched(keyed ? args[1] : arg);
      if (!(place >= 0 && place < rows * cols)) return [area];
      return [{ ...area, found: { sheet, row: row + Math.floor(place / cols), col: col + (place % cols) } }];
    });
  }

  /** @param {Node} a @param {Node} b @param {number} i @param {number} j @param {number} scale @param {Cell[]} factors */
  products(a, b, i, j, scale, factors) {
    const [x, y] = [this.table(a), this.table(b)];
    const [r, c] = [x.rows === 1 ? 0 : i, y.cols === 1 ? 0 : j];
    if (![a, b].every(isProduct)) this.sum = false;
    return Array.from({ length: x.cols }, (_, k) => ({
      value: scale * Number(x.at(r, k)) * Number(y.at(k, c)),
      cells: [...this.cells(a, i, k), ...this.cells(b, k, j), ...factors],
    }));
  }

  /** @param {Node[]} args @param {number} scale @param {Cell[]} factors @param {boolean} mean */
  terms(args, scale, factors, mean) {
    /** @type {Part[]} */
    const found = [];
    for (const arg of args) {
      const table = this.table(arg);
      if (!isProduct(arg)) this.sum = false;
      for (let r = 0; r < table.rows; r++) {
        for (let c = 0; c < table.cols; c++) {
          const value = table.at(r, c);
          if (typeof value === "number") found.push({ value: scale * value, cells: [...this.cells(arg, r, c), ...factors] });
        }
      }
    }
    return mean ? found.map((part) => ({ ...part, value: part.value / found.length })) : found;
  }

  /** @param {Node[]} args @param {number} scale @param {Cell[]} factors */
  elements(args, scale, factors) {
    const tables = args.map((arg) => this.table(arg));
    const [{ rows, cols }] = tables;
    if (!args.every(isProduct)) this.sum = false;
    return Array.from({ length: rows * cols }, (_, k) => {
      const [r, c] = [Math.floor(k / cols), k % cols];
      const product = tables.reduce((value, table) => value * Number(toNumber(table.at(r, c))), scale);
      return { value: product, cells: [...args.flatMap((arg) => this.cells(arg, r, c)), ...factors] };
    });
  }
}

/** The cell of an area at a place of a formula; one row or column stands for all. @param {Area} area @param {number} i @param {number} j @returns {Cell} */
function cellOf({ sheet, row, col, rows, cols }, i, j) {
  return { sheet, row: row + (rows === 1 ? 0 : Math.min(i, rows - 1)), col: col + (cols === 1 ? 0 : Math.min(j, cols - 1)) };
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
