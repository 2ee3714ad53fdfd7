/** A workbook as the page holds it, and its tabs made of that. */

import { GridSheet, PatchSheet } from "./sheets.js";
import { CellError } from "./values.js";

/** @typedef {import("./groups.js").Stored} Stored */
/**
 * @typedef {object} StoredSheet
 * @property {string} name
 * @property {number} rows
 * @property {number} cols
 * @property {[number, number, number, number][]} patches row, col, rows and cols of constant
 *   numbers, in the order of the file of numbers
 * @property {(number | string | boolean)[]} texts row, col, value; an error is its code
 * @property {number[]} [errors] which of the texts, by number, are error values
 * @property {(number | string | boolean)[]} [shown] row, col, value of formulas, to be seen before
 *   anything is computed
 */
/**
 * @typedef {object} StoredBook
 * @property {StoredSheet[]} sheets
 * @property {Stored[]} groups
 * @property {Record<string, [number, number, number, number, number]>} names
 */

/**
 * The tabs of a workbook.
 * @param {StoredBook} stored
 * @param {import("./numbers.js").Numbers} numbers of all patches of all sheets, one after the other
 * @returns {import("./sheets.js").Sheet[]}
 */
export function sheetsOf(stored, numbers) {
  /** @type {import("./bands.js").Rectangle[][]} */
  const filled = stored.sheets.map(() => []);
  for (const [sheet, row, col, rows, cols, , down, across] of stored.groups) {
    filled[sheet].push({ row, col, rows: rows * down, cols: cols * across });
  }
  let at = 0;
  return stored.sheets.map((sheet, i) => {
    const patches = sheet.patches.map(([row, col, rows, cols]) => {
      const from = at;
      at += rows * cols;
      return { row, col, rows, cols, numbers, from };
    });
    const made = filled[i].length
      ? new GridSheet(sheet.name, sheet.rows, sheet.cols, patches, filled[i])
      : new PatchSheet(sheet.name, sheet.rows, sheet.cols, patches);
    const errors = new Set(sheet.errors);
    for (let k = 0; k < sheet.texts.length; k += 3) {
      const value = sheet.texts[k + 2];
      const [row, col] = [Number(sheet.texts[k]), Number(sheet.texts[k + 1])];
      made.put(row, col, errors.has(k / 3) ? new CellError(String(value)) : value);
    }
    const shown = sheet.shown ?? [];
    for (let k = 0; k < shown.length; k += 3) made.put(Number(shown[k]), Number(shown[k + 1]), shown[k + 2]);
    return made;
  });
}
