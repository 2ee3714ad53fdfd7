/** Rectangles of cells as formulas write them: A1, 'block.0'!$B$2:$D$9. Rows and columns from 0. */

export const MAX_ROWS = 1048576;
export const MAX_COLUMNS = 16384;

/** The bits of `fixed`: which corners of a reference stay where they are when it is copied. */
export const FIXED_ROW = 1;
export const FIXED_COL = 2;
export const FIXED_LAST_ROW = 4;
export const FIXED_LAST_COL = 8;
export const ALL_FIXED = 15;

/**
 * @typedef {object} Area a rectangle on the sheet of this number
 * @property {number} sheet
 * @property {number} row
 * @property {number} col
 * @property {number} rows
 * @property {number} cols
 */

/** 0 -> A, 25 -> Z, 26 -> AA. @param {number} col */
export function columnName(col) {
  let letters = "";
  for (let rest = col + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}

/** A -> 0, AA -> 26. @param {string} letters */
export function columnIndex(letters) {
  let index = 0;
  for (const letter of letters.toUpperCase()) index = index * 26 + letter.charCodeAt(0) - 64;
  return index - 1;
}

/** (6, 2) -> C7. @param {number} row @param {number} col */
export function cellName(row, col) {
  return `${columnName(col)}${row + 1}`;
}

/** `B2` or `B2:D9`. @param {{row: number, col: number, rows: number, cols: number}} area */
export function areaName({ row, col, rows, cols }) {
  const first = cellName(row, col);
  return rows === 1 && cols === 1 ? first : `${first}:${cellName(row + rows - 1, col + cols - 1)}`;
}

/** The sheet name as a formula must write it. @param {string} name */
export function quoteSheet(name) {
  return /^[A-Za-z_]+$/.test(name) ? name : `'${name.replaceAll("'", "''")}'`;
}

const SHEET = String.raw`(?:'((?:[^'\[\]]|'')+)'!|([A-Za-z_\u0080-\uffff][\w.\u0080-\uffff]*)!)?`;
const CORNER = String.raw`(\$?)([A-Za-z]{1,3})(\$?)([1-9]\d*)`;
const AFTER = String.raw`(?![\w.(!:\u0080-\uffff])`;
const REFERENCE = new RegExp(`${SHEET}${CORNER}(?::${CORNER})?${AFTER}`, "y");

/**
 * @typedef {object} Found a reference in a text: absolute corners and what is fixed of them
 * @property {string | null} sheet its name, null for the formula's own
 * @property {number} row
 * @property {number} col
 * @property {number} lastRow
 * @property {number} lastCol
 * @property {number} fixed
 * @property {boolean} range whether it is written with two corners
 * @property {number} length of its text
 */

/**
 * The reference that begins at a place of a text, null if there is none.
 * @param {string} text
 * @param {number} at
 * @returns {Found | null}
 */
export function referenceAt(text, at) {
  REFERENCE.lastIndex = at;
  const m = REFERENCE.exec(text);
  if (m === null) return null;
  const [, quoted, plain, colMark, col, rowMark, row, lastColMark, lastCol, lastRowMark, lastRow] =
    m;
  const range = lastRow !== undefined;
  const marks = [rowMark, colMark, range ? lastRowMark : rowMark, range ? lastColMark : colMark];
  const sheet = quoted === undefined ? (plain ?? null) : quoted.replaceAll("''", "'");
  const found = {
    sheet,
    row: Number(row) - 1,
    col: columnIndex(col),
    lastRow: Number(range ? lastRow : row) - 1,
    lastCol: columnIndex(range ? lastCol : col),
    fixed: marks.reduce((bits, mark, i) => bits | (mark ? 1 << i : 0), 0),
    range,
    length: m[0].length,
  };
  const inside = Math.max(found.row, found.lastRow) < MAX_ROWS;
  return inside && Math.max(found.col, found.lastCol) < MAX_COLUMNS ? found : null;
}

/** The rectangle that a whole text stands for, such as `'block.0'!A1`. @param {string} text */
export function placeIn(text) {
  const found = referenceAt(text, 0);
  return found && found.length === text.length ? found : null;
}

/**
 * A formula's text as a copy of its cell `rows` down and `cols` to the right would have it.
 * @param {string} text
 * @param {number} rows
 * @param {number} cols
 */
export function moved(text, rows, cols) {
  if (rows === 0 && cols === 0) return text;
  let out = "";
  for (let at = 0; at < text.length; ) {
    const word = /^"(?:[^"]|"")*"/.exec(text.slice(at));
    if (word) {
      out += word[0];
      at += word[0].length;
      continue;
    }
    const found = referenceAt(text, at);
    if (found) {
      out += movedReference(text.slice(at, at + found.length), found, rows, cols);
      at += found.length;
      continue;
    }
    const name = /^([\w.$\\\u0080-\uffff]+|.)/s.exec(text.slice(at));
    const piece = name ? name[0] : text[at];
    out += piece;
    at += piece.length;
  }
  return out;
}

/** @param {string} text @param {Found} found @param {number} rows @param {number} cols */
function movedReference(text, found, rows, cols) {
  /** @param {number} row @param {number} col @param {number} fixedRow @param {number} fixedCol */
  const corner = (row, col, fixedRow, fixedCol) => {
    const r = fixedRow ? row : row + rows;
    const c = fixedCol ? col : col + cols;
    if (r < 0 || c < 0 || r >= MAX_ROWS || c >= MAX_COLUMNS) return null;
    return `${fixedCol ? "$" : ""}${columnName(c)}${fixedRow ? "$" : ""}${r + 1}`;
  };
  const { fixed } = found;
  const first = corner(found.row, found.col, fixed & FIXED_ROW, fixed & FIXED_COL);
  const last = corner(found.lastRow, found.lastCol, fixed & FIXED_LAST_ROW, fixed & FIXED_LAST_COL);
  if (first === null || last === null) return "#REF!";
  const sheet = text.slice(0, text.lastIndexOf("!") + 1);
  return sheet + (found.range ? `${first}:${last}` : first);
}
