/** The workbook in memory: cells, formulas, defined names; computes what is out of date. */

import { Sorted } from "./aggregates.js";
import { Graph } from "./graph.js";
import { contains, Group, without } from "./groups.js";
import { Positions } from "./lookup.js";
import { Place } from "./place.js";
import { cellName } from "./reference.js";
import { PatchSheet } from "./sheets.js";
import { sheetsOf } from "./stored.js";
import { STRIP_ROWS } from "./strips.js";
import { NUMBERS, Refused, Table, VALUE } from "./values.js";

/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./reference.js").Area} Area */
/** @typedef {import("./groups.js").Stored} Stored */
/** @typedef {import("./sheets.js").GridSheet} GridSheet */
/** @typedef {{sheet: number, row: number, col: number}} Cell */

/** A group is out of date if what it needs changes, or since it did. */
const MAYBE = 1;
const SURELY = 2;

export class Book {
  /**
   * @param {import("./stored.js").StoredBook} stored
   * @param {import("./numbers.js").Numbers} numbers of all patches of all sheets, one after the other
   */
  constructor(stored, numbers) {
    this.sheets = sheetsOf(stored, numbers);
    /** Areas by defined name. @type {Map<string, Area>} */
    this.names = new Map(
      Object.entries(stored.names).map(([name, [sheet, row, col, rows, cols]]) => [
        name,
        { sheet, row, col, rows, cols },
      ]),
    );
    /** @type {import("./parser.js").Scope} */
    this.scope = {
      sheets: new Map(stored.sheets.map(({ name }, i) => [name, i])),
      names: new Map([...this.names].map(([name, area]) => [name.toUpperCase(), area])),
    };
    this.positions = new Positions();
    this.sorted = new Sorted();
    this.place = new Place(this.sheets, this.positions, this.sorted);
    /** Values that stand over those of formulas, by sheet and cell. @type {Map<string, Cell & {value: Scalar}>} */
    this.pins = new Map();
    /** Sentences about formulas that cannot be computed, by cell. @type {Map<string, string>} */
    this.problems = new Map();
    /** @type {Group[]} */
    this.groups = stored.groups.map((group) => this.group(group));
    this.graph = new Graph(this.sheets, this.groups);
    /** Whether what a group shows is out of date: 0, MAYBE or SURELY. */
    this.stale = new Uint8Array(this.groups.length).fill(SURELY);
  }

  /** @param {Stored} stored */
  group(stored) {
    return new Group(stored, this.scope, this.sheets[stored[0]].name);
  }

  /** @param {number} sheet @param {number} row @param {number} col */
  get(sheet, row, col) {
    return this.sheets[sheet].get(row, col);
  }

  /** The first cell of a defined name, null if there is no such name. @param {string} name */
  named(name) {
    const area = this.names.get(name);
    return area ? this.get(area.sheet, area.row, area.col) : null;
  }

  /** The values of an area, row by row. @param {Area} area @returns {Scalar[]} */
  values({ sheet, row, col, rows, cols }) {
    const out = [];
    for (let i = row; i < row + rows; i++) {
      for (let j = col; j < col + cols; j++) out.push(this.get(sheet, i, j));
    }
    return out;
  }

  /**
   * The formula in a cell: its group, the number of the copy and its text; null if there is none.
   * @param {number} sheet
   * @param {number} row
   * @param {number} col
   */
  formulaAt(sheet, row, col) {
    const owner = this.graph.owner(sheet, row, col);
    if (owner < 0) return null;
    const group = this.groups[owner];
    const copy = group.copyAt(row, col);
    return { group, copy, text: group.textOf(copy), array: group.array };
  }

  /** Puts a value into a cell without a formula. @param {Cell} cell @param {Scalar} value */
  set({ sheet, row, col }, value) {
    const cells = this.sheets[sheet];
    cells.put(row, col, value);
    this.positions.forget(cells);
    this.spoil(sheet, row, col);
  }

  /**
   * Lets a value stand over that of a formula; undefined lets the formula be seen again.
   * @param {Cell} cell
   * @param {Scalar | undefined} value
   */
  pin(cell, value) {
    const key = `${cell.sheet},${cell.row},${cell.col}`;
    if (value === undefined) this.pins.delete(key);
    else this.pins.set(key, { ...cell, value });
    const owner = this.graph.owner(cell.sheet, cell.row, cell.col);
    if (owner >= 0) this.stale[owner] = SURELY;
    this.spoil(cell.sheet, cell.row, cell.col);
  }

  /** Marks what reads a cell as out of date. @param {number} sheet @param {number} row @param {number} col */
  spoil(sheet, row, col) {
    const direct = this.graph.readersOf(sheet, row, col);
    const all = this.graph.closure(direct, this.graph.users);
    for (let g = 0; g < all.length; g++) if (all[g] && !this.stale[g]) this.stale[g] = MAYBE;
    for (const g of direct) this.stale[g] = SURELY;
  }

  /**
   * Puts another formula into the place of one, or into a cell without one. Of an array formula
   * all of it changes. Raises Refused, and changes nothing, for what cannot be computed.
   * @param {Cell} cell
   * @param {string} text without `=`
   */
  setFormula({ sheet, row, col }, text) {
    const cells = this.sheets[sheet];
    if (cells instanceof PatchSheet) {
      throw new Refused("A tab of constants takes values, not formulas.");
    }
    const owner = this.graph.owner(sheet, row, col);
    const kept = this.groups.filter((_, g) => g !== owner);
    /** @type {Stored[]} */
    let parts = [[sheet, row, col, 1, 1, 0, 1, 1, text]];
    if (owner >= 0) {
      const group = this.groups[owner];
      const copy = group.copyAt(row, col);
      const at = group.placeOf(copy);
      const array = group.array ? 1 : 0;
      parts = [[sheet, at.row, at.col, group.rows, group.cols, array, 1, 1, text]];
      parts.push(...without(group, copy));
    }
    const groups = parts.map((part) => this.group(part));
    cells.require({ row, col, rows: 1, cols: 1 });
    this.regroup([...kept, ...groups]);
  }

  /** Other formulas for the whole book; everything is out of date then. @param {Group[]} groups */
  regroup(groups) {
    this.graph = new Graph(this.sheets, groups);
    this.groups = groups;
    this.stale = new Uint8Array(groups.length).fill(SURELY);
  }

  /**
   * Computes what is out of date, and needed for some sheets if any are given, a little at a time:
   * each step gives the share of the formulas that is done, from 0 to 1.
   * @param {number[] | null} wanted numbers of sheets
   * @returns {Generator<number, number, void>} at the end, how many formulas were computed
   */
  *recalculation(wanted = null) {
    const needed = wanted && this.neededFor(wanted);
    const due = this.graph.order.filter(([g]) => this.stale[g] && (!needed || needed[g]));
    const total = due.reduce((sum, [, from, to]) => sum + to - from, 0);
    this.sorted.kept.clear();
    let done = 0;
    let passed = 0;
    for (const [g, from, to] of due) {
      passed += to - from;
      if (this.stale[g] !== SURELY) continue; // nothing that it reads has changed
      const group = this.groups[g];
      const cells = /** @type {GridSheet} */ (this.sheets[group.sheet]);
      cells.touched = false;
      for (let k = from; k < to; k++) {
        if (group.high) for (const share of this.inStrips(group, k)) yield (passed - 1 + share) / total;
        else this.compute(group, k);
        if (++done % 64 === 0) yield passed / total;
      }
      if (cells.touched) for (const user of this.graph.users[g]) this.stale[user] = SURELY;
      yield passed / total;
    }
    for (const [g] of due) this.stale[g] = 0;
    return done;
  }

  /** Computes everything that is out of date; returns how many formulas that were. */
  recalculate() {
    const work = this.recalculation();
    for (;;) {
      const step = work.next();
      if (step.done) return step.value;
    }
  }

  /** Whether a sheet shows values that are out of date. @param {number} sheet */
  isStale(sheet) {
    return this.groups.some((group, g) => group.sheet === sheet && this.stale[g] > 0);
  }

  /** @param {number[]} sheets */
  neededFor(sheets) {
    const first = this.groups.flatMap((group, g) => (sheets.includes(group.sheet) ? [g] : []));
    return this.graph.closure(first, this.graph.needs);
  }

  /**
   * Computes a formula of many rows a strip at a time, or else, if not all is numbers, at once.
   * @param {Group} group
   * @param {number} k
   * @returns {Generator<number, void, void>} the share that is done
   */
  *inStrips(group, k) {
    const { sheet, rows, cols, high } = group;
    const { row, col } = group.placeOf(k);
    for (let from = 0; from < rows && high; from += STRIP_ROWS) {
      const strip = { high, from, rows: Math.min(STRIP_ROWS, rows - from) };
      const value = this.strip(group, row, col, strip);
      const fits = value instanceof Table && value.rows === strip.rows && value.cols === cols;
      if (!fits || value.kind !== NUMBERS) return this.compute(group, k);
      /** @type {GridSheet} */ (this.sheets[sheet]).putTable(row + from, col, value);
      if (this.pins.size) this.applyPins({ sheet, row: row + from, col, rows: strip.rows, cols });
      yield (from + strip.rows) / rows;
    }
    if (this.problems.size) this.problems.delete(`${sheet},${row},${col}`);
  }

  /** Some rows of a formula, null if it cannot be computed. @param {Group} group @param {number} row @param {number} col @param {import("./strips.js").Strip} strip */
  strip(group, row, col, strip) {
    const place = this.place.move(group.sheet, row, col, group.rows, group.cols);
    place.strip = strip;
    try {
      return group.program(place);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return null;
    }
  }

  /** @param {Group} group @param {number} k */
  compute(group, k) {
    const { row, col } = group.placeOf(k);
    const { sheet, rows, cols } = group;
    const cells = /** @type {GridSheet} */ (this.sheets[sheet]);
    const place = this.place.move(sheet, row, col, rows, cols);
    /** @type {import("./values.js").Value} */
    let value;
    try {
      value = group.program(place);
      if (value instanceof Table) value = fitted(value, rows, cols);
      if (this.problems.size) this.problems.delete(`${sheet},${row},${col}`);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const sentence = `${cells.name}!${cellName(row, col)} ${error.message}.`;
      this.problems.set(`${sheet},${row},${col}`, sentence);
      value = VALUE;
    }
    if (value instanceof Table) cells.putTable(row, col, value);
    else {
      // A formula that gives a blank cell shows 0, as in every spreadsheet program.
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < cols; j++) cells.put(row + i, col + j, value ?? 0);
      }
    }
    if (this.pins.size) this.applyPins({ sheet, row, col, rows, cols });
  }

  /** @param {Area} area */
  applyPins(area) {
    for (const pin of this.pins.values()) {
      if (pin.sheet === area.sheet && contains(area, pin.row, pin.col)) {
        this.sheets[pin.sheet].put(pin.row, pin.col, pin.value);
      }
    }
  }
}

/** A result in the size of the formula's cells. @param {Table} value @param {number} rows @param {number} cols */
function fitted(value, rows, cols) {
  if (value.rows === rows && value.cols === cols) return value;
  if (value.rows === 1 && value.cols === 1) return value.stretched(rows, cols);
  const wanted = rows === 1 && cols === 1 ? "one cell" : `${rows} x ${cols} cells`;
  throw new Refused(`gives ${value.rows} x ${value.cols} values for ${wanted}`);
}
