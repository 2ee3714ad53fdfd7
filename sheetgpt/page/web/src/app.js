/** What the page shows: the tab, the cell, and who wants to know when that changes. */

import { LARGE } from "./numbers.js";
import { cellName, placeIn, quoteSheet } from "./reference.js";
import { Rules } from "./rules.js";
import { shownText } from "./format.js";
import { View } from "./view.js";

/** @typedef {import("./reference.js").Area} Area */
/** @typedef {import("./book.js").Cell} Cell */
/**
 * @typedef {object} Step
 * @property {number} sheet
 * @property {[number, number]} at
 * @property {number | null} number
 * @property {string} title
 * @property {string[]} lines
 * @property {string[]} declared
 * @property {string[]} areas
 * @property {Record<string, string>} formulas the declared formula of an area by its name
 * @property {[string, number][]} axes names and sizes of the axes of its largest tensor
 */
/**
 * @typedef {object} Data
 * @property {import("./stored.js").StoredBook} book
 * @property {import("./view.js").Format[]} formats
 * @property {import("./view.js").Look[]} looks
 * @property {Step[]} steps
 * @property {import("./guide.js").StoredGuide[]} [guides]
 * @property {number} count
 * @property {number[]} odd
 */
/** @typedef {{area: Area, color: string}} Outline */
/** @typedef {"ask" | "step" | "guide" | "find" | "changes" | "help" | null} Mode what the panel shows */

/** Milliseconds of computing after which the browser gets a turn: for what is looked at, and not. */
export const SLICE = 40;
const TURN = 12;

export class App {
  /** @param {Data} data @param {import("./book.js").Book} book */
  constructor(data, book) {
    this.data = data;
    this.book = book;
    this.large = data.count > LARGE;
    this.sheet = 0;
    /** The other corner of the selection. */
    this.to = { row: 0, col: 0 };
    /** @type {Outline[]} */
    this.outlines = [];
    /** What was changed, to be marked. @type {{cell: Cell}[]} */
    this.edits = [];
    /** What should be in sight beside the selected cell. @type {Area | null} */
    this.reveal = null;
    /** How large the reader wants everything. */
    this.scale = 1;
    /** @type {Mode} */
    this.mode = null;
    this.busy = 0;
    /** When everything is computed, what is not in sight included. */
    this.rest = Promise.resolve();
    /** @type {(View | undefined)[]} */
    this.views = [];
    /** @type {(Rules | undefined)[]} */
    this.dressers = [];
    /** @type {((what: "cells" | "place") => void)[]} */
    this.listeners = [];
    this.say = (/** @type {string} */ words) => console.info(words);
    /** Says something at the selected cell, too. */
    this.warn = (/** @type {string} */ words) => this.say(words);
  }

  get view() {
    return this.viewOf(this.sheet);
  }

  /** @param {number} sheet */
  viewOf(sheet) {
    const { rows, cols } = this.book.sheets[sheet];
    return (this.views[sheet] ??= new View(this.data.looks[sheet] ?? {}, rows, cols, this.data.formats));
  }

  /** The conditional formats of the tab. */
  rules() {
    return (this.dressers[this.sheet] ??= new Rules(this.book, this.sheet, this.view.look.rules ?? []));
  }

  /** How large the tab is shown: as its look says, times the reader's own factor. */
  get zoom() {
    return (this.scale * (this.view.look.zoom ?? 100)) / 100;
  }

  get cell() {
    return { sheet: this.sheet, row: this.view.row, col: this.view.col };
  }

  /** @param {(what: "cells" | "place") => void} listener */
  onChange(listener) {
    this.listeners.push(listener);
  }

  /** @param {"cells" | "place"} what */
  changed(what) {
    if (what === "cells") for (const rules of this.dressers) rules?.forget();
    for (const listener of this.listeners) listener(what);
  }

  /** The text that a cell shows. @param {number} sheet @param {number} row @param {number} col */
  text(sheet, row, col) {
    return shownText(this.book.get(sheet, row, col), this.viewOf(sheet).format(row, col).format);
  }

  /** `block.0!E486`, and the tensor that the cell belongs to. @param {Cell} cell */
  describe({ sheet, row, col }) {
    const name = this.nameAt({ sheet, row, col });
    const place = `${quoteSheet(this.book.sheets[sheet].name)}!${cellName(row, col)}`;
    return name ? `${name} (${place})` : place;
  }

  /** The smallest named area around a cell. @param {Cell} cell */
  nameAt({ sheet, row, col }) {
    let best = "";
    let size = Infinity;
    for (const [name, area] of this.book.names) {
      const inside = area.sheet === sheet && row >= area.row && col >= area.col && row < area.row + area.rows && col < area.col + area.cols;
      if (inside && area.rows * area.cols < size) {
        best = name;
        size = area.rows * area.cols;
      }
    }
    return best;
  }

  /** The step that computes an area. @param {string} name */
  stepOf(name) {
    return this.data.steps.find(({ areas }) => areas.includes(name));
  }

  /** The formula of a cell as the template declares it, empty if that is not known. @param {Cell} cell */
  declared(cell) {
    const name = this.nameAt(cell);
    return this.stepOf(name)?.formulas[name] ?? "";
  }

  /**
   * Goes to a cell.
   * @param {Cell} cell
   * @param {boolean} [top] whether it should be the first row in sight
   * @param {Area | null} [reveal] what should be in sight too, if there is room
   */
  goTo({ sheet, row, col }, top = false, reveal = null) {
    const other = sheet !== this.sheet;
    this.sheet = sheet;
    const { view } = this;
    const place = view.shown(Math.max(0, Math.min(row, view.rows - 1)), Math.max(0, Math.min(col, view.cols - 1)));
    view.row = place.row;
    view.col = place.col;
    this.to = { ...place };
    this.align = top;
    this.reveal = reveal;
    if (other && this.book.isStale(sheet)) void this.recalculate();
    this.changed("place");
  }

  /** Goes where a link, a name or a cell's name leads; false if there is no such place. @param {string} text */
  jump(text) {
    const words = text.trim().replace(/^#/, "");
    const area = this.book.scope.names.get(words.toUpperCase());
    if (area) {
      this.goTo(area, true);
      this.to = { row: area.row + area.rows - 1, col: area.col + area.cols - 1 };
      this.changed("place");
      return true;
    }
    const sheet = this.book.scope.sheets.get(words);
    if (sheet !== undefined) {
      this.goTo({ sheet, row: this.viewOf(sheet).row, col: this.viewOf(sheet).col });
      return true;
    }
    const place = placeIn(words);
    const number = place?.sheet ? this.book.scope.sheets.get(place.sheet) : this.sheet;
    if (!place || number === undefined) return false;
    this.goTo({ sheet: number, row: place.row, col: place.col }, true);
    return true;
  }

  /** Computes the tab of a name, if it is out of date; false if something else was typed meanwhile. @param {string} name */
  async ensure(name) {
    const sheet = this.book.names.get(name)?.sheet;
    if (sheet === undefined || !this.book.isStale(sheet)) return true;
    if ((await this.compute(++this.busy, [sheet], SLICE)) === null) return false;
    void this.recalculate(); // what this put off
    return true;
  }

  /** Computes what is in sight at once, and the rest while the reader looks at it. */
  async recalculate() {
    const turn = ++this.busy;
    const start = this.book.names.get("prompt")?.sheet ?? 0;
    const started = performance.now();
    const seen = await this.compute(turn, [...new Set([this.sheet, start])], this.large ? SLICE : Infinity);
    if (seen === null) return; // something else was typed meanwhile
    this.took = performance.now() - started;
    this.report(seen, this.took);
    this.changed("cells");
    if (!this.large) this.rest = this.finish(turn, seen, started);
  }

  /** Computes what is not in sight. @param {number} turn @param {number} seen @param {number} started */
  async finish(turn, seen, started) {
    await pause();
    const others = turn === this.busy ? await this.compute(turn, null, TURN) : null;
    if (others === null) return;
    this.report(seen + others, performance.now() - started);
    this.changed("cells");
  }

  /**
   * Computes what is out of date for some tabs, null for all; every `slice` milliseconds the browser
   * gets a turn. Returns how many formulas that were, null if something else is to be computed.
   * @param {number} turn
   * @param {number[] | null} sheets
   * @param {number} slice
   */
  async compute(turn, sheets, slice) {
    const work = this.book.recalculation(sheets);
    let last = performance.now();
    for (;;) {
      const step = work.next();
      if (step.done) return step.value;
      if (performance.now() - last < slice) continue;
      if (this.large) this.say(`Computing: ${Math.round(100 * step.value)} %`);
      await pause();
      if (turn !== this.busy) return null;
      last = performance.now();
    }
  }

  /** @param {number} formulas @param {number} milliseconds */
  report(formulas, milliseconds) {
    const [problem] = this.book.problems.values();
    this.say(problem ?? `${formulas.toLocaleString("en-US")} formulas computed in ${Math.round(milliseconds)} ms`);
  }
}

/** Gives the browser a turn. */
export function pause() {
  return new Promise((resolve) => setTimeout(resolve));
}
