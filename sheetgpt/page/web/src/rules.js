/** Conditional formats, computed for the cells in sight alone. */

import { parse } from "./parser.js";
import { compile } from "./program.js";
import { single, Table, toBoolean } from "./values.js";
import { inAreas } from "./view.js";

/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./view.js").Format} Format */
/** @typedef {Format & {bar?: number, barColor?: string}} Dress */

export class Rules {
  /**
   * @param {import("./book.js").Book} book
   * @param {number} sheet
   * @param {import("./view.js").StoredRule[]} stored
   */
  constructor(book, sheet, stored) {
    this.book = book;
    this.sheet = sheet;
    this.rules = stored.map((rule) => ({
      ...rule,
      programs: (rule.formulas ?? []).map((text) => this.program(text, rule.at)),
      limits: (rule.stops ?? []).map(([, text]) => (text === "" ? null : this.program(text, rule.at))),
      /** @type {number[] | null} */ known: null,
    }));
  }

  /** @param {string} text @param {[number, number]} at */
  program(text, [row, col]) {
    return compile(parse(text, this.sheet, row, col, this.book.scope));
  }

  /** Forgets limits that were computed of cells. */
  forget() {
    for (const rule of this.rules) rule.known = null;
  }

  /** @param {import("./program.js").Program} program @param {number} row @param {number} col */
  run(program, row, col) {
    const value = single(program(this.book.place.move(this.sheet, row, col)));
    return value instanceof Table ? null : value;
  }

  /** What the rules change on a cell, null for nothing. @param {number} row @param {number} col @returns {Dress | null} */
  dress(row, col) {
    /** @type {Dress | null} */
    let look = null;
    for (const rule of this.rules) {
      if (!inAreas(rule.areas, row, col)) continue;
      const value = this.book.get(this.sheet, row, col);
      /** @type {Dress | null} */
      let found = null;
      if (rule.kind === "expression") {
        if (toBoolean(this.run(rule.programs[0], row, col)) === true) found = rule.look ?? {};
      } else if (rule.kind === "cellIs") {
        const limit = this.run(rule.programs[0], row, col);
        if (typeof value === "number" && typeof limit === "number" && passes(value, rule.operator, limit)) found = rule.look ?? {};
      } else if (typeof value === "number") found = this.scale(rule, value);
      if (found) {
        look = Object.assign({}, found, look);
        if (rule.stop) return look;
      }
    }
    return look;
  }

  /** @param {Rules["rules"][number]} rule @param {number} value @returns {Dress | null} */
  scale(rule, value) {
    const [row, col] = rule.at;
    rule.known ??= rule.limits.map((limit) => Number(limit ? this.run(limit, row, col) : 0));
    const { known, colors = [] } = rule;
    if (rule.kind === "dataBar") {
      const share = (value - known[0]) / (known[1] - known[0] || 1);
      return { bar: Math.min(1, Math.max(0, share)), barColor: colors[0] };
    }
    let i = 0;
    while (i < known.length - 2 && value > known[i + 1]) i++;
    const span = known[i + 1] - known[i];
    const share = span > 0 ? Math.min(1, Math.max(0, (value - known[i]) / span)) : 0;
    return { fill: mixed(colors[i], colors[i + 1], share) };
  }
}

/** @param {number} value @param {string | undefined} operator @param {number} limit */
function passes(value, operator, limit) {
  if (operator === "lessThan") return value < limit;
  if (operator === "greaterThan") return value > limit;
  if (operator === "lessThanOrEqual") return value <= limit;
  if (operator === "greaterThanOrEqual") return value >= limit;
  return operator === "notEqual" ? value !== limit : value === limit;
}

/** A colour between two. @param {string} a @param {string} b @param {number} share of the second */
function mixed(a, b, share) {
  const channels = [1, 3, 5].map((i) => {
    const [x, y] = [parseInt(a.slice(i, i + 2), 16), parseInt(b.slice(i, i + 2), 16)];
    return Math.round(x + share * (y - x));
  });
  return `rgb(${channels.join(",")})`;
}
