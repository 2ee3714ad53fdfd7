/** A formula's text as a tree: constants, references, calls of functions and operators. */

import { ALL_FIXED, FIXED_COL, FIXED_LAST_COL, FIXED_LAST_ROW, FIXED_ROW } from "./reference.js";
import { referenceAt } from "./reference.js";
import { ERRORS, Refused, tidy } from "./values.js";

/** @typedef {import("./values.js").Value} Value */
/** @typedef {import("./reference.js").Area} Area */

/**
 * @typedef {object} Reference a rectangle as seen from a formula: each number is absolute if its
 *   bit of `fixed` is set, else a distance from the formula
 * @property {"reference"} type
 * @property {number} sheet
 * @property {number} row
 * @property {number} col
 * @property {number} lastRow
 * @property {number} lastCol
 * @property {number} fixed
 */
/** @typedef {{type: "constant", value: Value}} Constant */
/** @typedef {{type: "call", name: string, args: Node[]}} Call a function in capitals or a sign */
/** @typedef {Constant | Reference | Call} Node */

/**
 * @typedef {object} Scope what the words of a formula stand for
 * @property {Map<string, number>} sheets number by name
 * @property {Map<string, Area>} names areas by defined name in capitals
 */

const LEVELS = [["<=", ">=", "<>", "=", "<", ">"], ["&"], ["+", "-"], ["*", "/"], ["^"]];
const STRING = /"((?:[^"]|"")*)"/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const FUNCTION = /([A-Za-z_\u0080-\uffff][\w.\u0080-\uffff]*)\(/y;
const WORD = /[A-Za-z_\\\u0080-\uffff][\w.\\?\u0080-\uffff]*/y;
const ERROR = /#(?:N\/A|VALUE!|DIV\/0!|NUM!|REF!|NAME\?|NULL!)/y;

/**
 * The tree of a formula, without its `=`, in the cell (row, col) of a sheet.
 * @param {string} text
 * @param {number} sheet
 * @param {number} row
 * @param {number} col
 * @param {Scope} scope
 * @returns {Node}
 */
export function parse(text, sheet, row, col, scope) {
  return new Parser(text, sheet, row, col, scope).whole();
}

class Parser {
  /**
   * @param {string} text
   * @param {number} sheet
   * @param {number} row
   * @param {number} col
   * @param {Scope} scope
   */
  constructor(text, sheet, row, col, scope) {
    this.text = text;
    this.sheet = sheet;
    this.row = row;
    this.col = col;
    this.scope = scope;
    this.at = 0;
  }

  whole() {
    const node = this.level(0);
    this.skip();
    if (this.at < this.text.length) this.fail(`has an unexpected ${this.text[this.at]}`);
    return node;
  }

  /** @param {string} what @returns {never} */
  fail(what) {
    throw new Refused(`${what} at character ${this.at + 1}`);
  }

  skip() {
    while (" \n\r\t".includes(this.text[this.at] ?? "x")) this.at++;
  }

  /** @param {string} sign */
  take(sign) {
    this.skip();
    if (!this.text.startsWith(sign, this.at)) return false;
    this.at += sign.length;
    return true;
  }

  /** @param {string} sign */
  require(sign) {
    if (!this.take(sign)) this.fail(`lacks a ${sign}`);
  }

  /** What a sticky pattern finds here. @param {RegExp} pattern */
  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at += found[0].length;
    return found;
  }

  /** Operators that bind equally, from the left. @param {number} depth @returns {Node} */
  level(depth) {
    if (depth === LEVELS.length) return this.signed();
    let left = this.level(depth + 1);
    for (;;) {
      const name = LEVELS[depth].find((sign) => this.take(sign));
      if (name === undefined) return left;
      left = { type: "call", name, args: [left, this.level(depth + 1)] };
    }
  }

  /** A sign binds more than a power, as in every spreadsheet program. @returns {Node} */
  signed() {
    if (this.take("-")) return { type: "call", name: "u-", args: [this.signed()] };
    if (this.take("+")) return { type: "call", name: "u+", args: [this.signed()] };
    let node = this.primary();
    while (this.take("%")) node = { type: "call", name: "%", args: [node] };
    return node;
  }

  /** @returns {Node} */
  primary() {
    this.skip();
    if (this.take("(")) {
      const node = this.level(0);
      this.require(")");
      return node;
    }
    if (this.take("{")) return { type: "constant", value: this.braces() };
    let found = this.match(STRING);
    if (found) return { type: "constant", value: found[1].replaceAll('""', '"') };
    found = this.match(ERROR);
    if (found) return { type: "constant", value: ERRORS.get(found[0]) ?? null };
    const reference = referenceAt(this.text, this.at);
    if (reference) {
      this.at += reference.length;
      return this.reference(reference);
    }
    found = this.match(NUMBER);
    if (found) return { type: "constant", value: Number(found[0]) };
    found = this.match(FUNCTION);
    if (found) return this.call(found[1]);
    found = this.match(WORD);
    if (found) return this.word(found[0]);
    return this.fail(this.at < this.text.length ? "cannot be read" : "ends too early");
  }

  /** @param {string} name @returns {Node} */
  call(name) {
    /** @type {Node[]} */
    const args = [];
    const node = { type: /** @type {"call"} */ ("call"), name: bareName(name), args };
    if (this.take(")")) return node;
    for (;;) {
      this.skip();
      const empty = ",)".includes(this.text[this.at] ?? "x");
      args.push(empty ? { type: "constant", value: null } : this.level(0));
      if (this.take(")")) return node;
      this.require(",");
    }
  }

  /** @param {string} word @returns {Node} */
  word(word) {
    const upper = word.toUpperCase();
    if (upper === "TRUE" || upper === "FALSE") return { type: "constant", value: upper === "TRUE" };
    const area = this.scope.names.get(upper);
    if (!area) throw new Refused(`uses the unknown name ${word}`);
    const [lastRow, lastCol] = [area.row + area.rows - 1, area.col + area.cols - 1];
    const { sheet, row, col } = area;
    return { type: "reference", sheet, row, col, lastRow, lastCol, fixed: ALL_FIXED };
  }

  /** @param {import("./reference.js").Found} found @returns {Reference} */
  reference(found) {
    const { fixed } = found;
    const sheet = found.sheet === null ? this.sheet : this.scope.sheets.get(found.sheet);
    if (sheet === undefined) throw new Refused(`refers to a missing sheet, ${found.sheet}`);
    return {
      type: "reference",
      sheet,
      row: fixed & FIXED_ROW ? found.row : found.row - this.row,
      col: fixed & FIXED_COL ? found.col : found.col - this.col,
      lastRow: fixed & FIXED_LAST_ROW ? found.lastRow : found.lastRow - this.row,
      lastCol: fixed & FIXED_LAST_COL ? found.lastCol : found.lastCol - this.col,
      fixed,
    };
  }

  /** An array of constants, `{1,2;3,4}`. */
  braces() {
    /** @type {import("./values.js").Scalar[][]} */
    const rows = [[]];
    for (;;) {
      const node = this.signed();
      rows[rows.length - 1].push(this.constant(node));
      if (this.take("}")) break;
      if (this.take(";")) rows.push([]);
      else this.require(",");
    }
    if (rows.some((row) => row.length !== rows[0].length)) this.fail("has rows of different length");
    return tidy(rows.length, rows[0].length, rows.flat());
  }

  /** @param {Node} node @returns {import("./values.js").Scalar} */
  constant(node) {
    if (node.type === "call" && node.name === "u-") {
      const number = this.constant(node.args[0]);
      if (typeof number === "number") return -number;
    }
    if (node.type === "constant" && (node.value === null || typeof node.value !== "object")) {
      return node.value;
    }
    return this.fail("has an array in braces that holds more than constants");
  }
}

/** The name of a function without the prefix that files give to later ones. @param {string} name */
export function bareName(name) {
  return name.toUpperCase().replace(/^_XLFN\./, "");
}

/** All references of a tree. @param {Node} node @returns {Reference[]} */
export function referencesOf(node) {
  if (node.type === "reference") return [node];
  return node.type === "call" ? node.args.flatMap(referencesOf) : [];
}
