/** What is typed into cells: what is allowed, what was changed, and the way back. */

import { parse } from "./parser.js";
import { compile } from "./program.js";
import { cellName } from "./reference.js";
import { ERRORS, Refused, toText } from "./values.js";

/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./book.js").Cell} Cell */
/** @typedef {{cell: Cell, before: string, after: string, undo: () => void}} Change */

export class Changes {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    /** Whether every cell can be changed, not the yellow ones alone. */
    this.unlocked = false;
    /** @type {Change[]} */
    this.list = [];
    app.edits = this.list;
  }

  /** Why a cell cannot be typed into, null if it can. @param {Cell} cell */
  refusal({ sheet, row, col }) {
    if (this.unlocked || this.app.viewOf(sheet).format(row, col).open) return null;
    const what = this.app.book.formulaAt(sheet, row, col) ? "holds a formula" : "is part of the model";
    return `${cellName(row, col)} ${what}. Yellow cells are for you to type into; Unlock opens all others.`;
  }

  /** What a cell holds, as it is typed. @param {Cell} cell */
  typed({ sheet, row, col }) {
    const { book } = this.app;
    const formula = book.formulaAt(sheet, row, col);
    const pinned = book.pins.has(`${sheet},${row},${col}`);
    return formula && !pinned ? `=${formula.text}` : toText(book.get(sheet, row, col));
  }

  /** The value of a text in a cell. @param {Cell} cell @param {string} text @returns {Scalar} */
  value({ sheet, row, col }, text) {
    if (text === "") return null;
    if (this.app.viewOf(sheet).format(row, col).format === "@") return text;
    if (/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text)) return Number(text);
    if (/^\s*[-+]?(\d+\.?\d*|\.\d+)\s*%\s*$/.test(text)) return Number.parseFloat(text) / 100;
    if (/^(true|false)$/i.test(text)) return text.toUpperCase() === "TRUE";
    return ERRORS.get(text) ?? text;
  }

  /** Why a value does not suit a cell, null if it does. @param {Cell} cell @param {Scalar} value */
  unfit({ sheet, row, col }, value) {
    const entry = this.app.viewOf(sheet).entry(row, col);
    if (!entry) return null;
    const [low, high] = entry.limits.map((text) => Number(compile(parse(text, sheet, row, col, this.app.book.scope))(this.app.book.place.move(sheet, row, col))));
    const measured = entry.kind === "textLength" ? toText(value).length : value;
    const number = typeof measured === "number" ? measured : NaN;
    const whole = entry.kind !== "whole" || Number.isInteger(number);
    const inside = entry.operator === "lessThanOrEqual" ? number <= low : number >= low && number <= high;
    return inside && whole ? null : (entry.problem ?? "This value does not suit the cell.");
  }

  /**
   * Types a text into a cell. Returns the sentence that says why not, null if it was done.
   * @param {Cell} cell
   * @param {string} text
   */
  type(cell, text) {
    const { book } = this.app;
    const locked = this.refusal(cell);
    if (locked) return locked;
    const before = this.typed(cell);
    if (before === text) return null;
    const formula = book.formulaAt(cell.sheet, cell.row, cell.col);
    /** @type {() => void} */
    let undo;
    if (this.unlocked && text.startsWith("=")) {
      const { groups } = book;
      const pins = new Map(book.pins);
      try {
        book.pin(cell, undefined);
        book.setFormula(cell, text.slice(1));
      } catch (error) {
        book.pins = pins;
        if (error instanceof Refused) return error.message;
        throw error;
      }
      const value = formula ? null : this.value(cell, before);
      undo = () => {
        book.pins = pins;
        book.regroup(groups);
        if (!formula) book.set(cell, value);
      };
    } else {
      const value = this.value(cell, text);
      const unfit = this.unlocked ? null : this.unfit(cell, value);
      if (unfit) return unfit;
      if (formula) {
        const pinned = book.pins.get(`${cell.sheet},${cell.row},${cell.col}`);
        book.pin(cell, value);
        undo = () => book.pin(cell, pinned?.value);
      } else {
        const old = book.get(cell.sheet, cell.row, cell.col);
        book.set(cell, value);
        undo = () => book.set(cell, old);
      }
    }
    this.list.push({ cell, before, after: text, undo });
    void this.app.recalculate();
    return null;
  }

  /** Takes back the last changes. @param {number} count */
  undo(count = 1) {
    const undone = this.list.splice(Math.max(0, this.list.length - count));
    undone.reverse().forEach((change) => change.undo());
    if (undone.length) void this.app.recalculate();
    return undone.length;
  }
}
