/**
 * Array formulas of many rows, such as a score for each token, a strip of rows at a time: little is
 * held besides the result, and the browser gets its turns. That is possible where each row of the
 * result comes from the same row of what is as high.
 */

import { FIXED_LAST_ROW, FIXED_ROW } from "./reference.js";
import { SCALAR } from "./scalars.js";

/** @typedef {import("./parser.js").Node} Node */
/** @typedef {import("./parser.js").Reference} Reference */
/**
 * @typedef {object} Strip
 * @property {Set<Reference>} high the references that are read a strip at a time
 * @property {number} from the first row of the strip
 * @property {number} rows
 */

/** Rows of a strip. */
export const STRIP_ROWS = 512;

/**
 * The references of a formula that may be read a strip at a time, null if its rows are not apart.
 * @param {Node} node
 * @param {number} rows of the formula
 * @returns {Set<Reference> | null}
 */
export function highReferences(node, rows) {
  /** @type {Set<Reference>} */
  const found = new Set();
  return rows > STRIP_ROWS && height(node) === rows ? found : null;

  /** @param {Node} part @returns {number | null} its rows: as many as the formula, 1, or null for anything else */
  function height(part) {
    if (part.type === "constant") return 1;
    if (part.type === "reference") {
      const high = Math.abs(part.lastRow - part.row) + 1;
      if (high === rows && part.fixed & FIXED_ROW && part.fixed & FIXED_LAST_ROW) found.add(part);
      return high === 1 || found.has(part) ? high : null;
    }
    const { name, args } = part;
    if (name === "MMULT" && args.length === 2) return whole(args[1]) ? height(args[0]) : null;
    if (!Object.hasOwn(SCALAR, name) && name !== "IF" && name !== "IFERROR") return null;
    const heights = args.map(height);
    return heights.includes(null) ? null : Math.max(...heights.map(Number));
  }

  /** Whether nothing in a part is as high as the formula. @param {Node} part @returns {boolean} */
  function whole(part) {
    if (part.type === "reference") return Math.abs(part.lastRow - part.row) + 1 !== rows;
    return part.type === "constant" || part.args.every(whole);
  }
}
