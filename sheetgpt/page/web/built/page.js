// Made of sheetgpt/page/web/src by python -m sheetgpt.page.bundle.
(() => {
"use strict";
// ---- values.js
/**
 * What a formula computes with, and how one kind of value becomes another.
 *
 * A value is a scalar or a `Table`, a rectangle of scalars. A table of numbers is a view of a typed
 * array, so that a range of a million cells costs nothing to read.
 */

/** An error value in a cell, such as #N/A: a value like any other. */
class CellError {
  /** @param {string} code */
  constructor(code) {
    this.code = code;
  }

  toString() {
    return this.code;
  }
}

/** @typedef {number | string | boolean | null | CellError} Scalar a blank cell is null */
/** @typedef {Scalar | Table} Value */

const NA = new CellError("#N/A");
const VALUE = new CellError("#VALUE!");
const DIV0 = new CellError("#DIV/0!");
const NUM = new CellError("#NUM!");
const REF = new CellError("#REF!");
const NAME = new CellError("#NAME?");
const NULL = new CellError("#NULL!");

/** Every error value by its code. @type {Map<string, CellError>} */
const ERRORS = new Map([NA, VALUE, DIV0, NUM, REF, NAME, NULL].map((e) => [e.code, e]));

/** A use of a formula that cannot be computed; the message is the end of a sentence. */
class Refused extends Error {}

/** What a table holds: scalars of any kind, finite numbers alone, or booleans as 0 and 1. */
const MIXED = 0;
const NUMBERS = 1;
const BOOLEANS = 2;

/** A rectangle of values: a view of `data` from `offset`, one row every `down` items. */
class Table {
  /**
   * @param {number} rows
   * @param {number} cols
   * @param {Float64Array | Uint8Array | Scalar[]} data
   * @param {number} kind MIXED, NUMBERS or BOOLEANS
   * @param {number} offset
   * @param {number} down
   * @param {number} right
   */
  constructor(rows, cols, data, kind, offset = 0, down = cols, right = 1) {
    this.rows = rows;
    this.cols = cols;
    this.data = data;
    this.kind = kind;
    this.offset = offset;
    this.down = down;
    this.right = right;
  }

  /**
   * @param {number} row
   * @param {number} col
   * @returns {Scalar}
   */
  at(row, col) {
    const item = this.data[this.offset + row * this.down + col * this.right];
    return this.kind === BOOLEANS ? item !== 0 : item;
  }

  /**
   * The same cells seen from a larger rectangle: one row or column stands for all.
   * @param {number} rows
   * @param {number} cols
   */
  stretched(rows, cols) {
    const down = this.rows === 1 ? 0 : this.down;
    const right = this.cols === 1 ? 0 : this.right;
    return new Table(rows, cols, this.data, this.kind, this.offset, down, right);
  }

  /** All scalars, row by row. @returns {Scalar[]} */
  items() {
    const out = new Array(this.rows * this.cols);
    for (let i = 0, k = 0; i < this.rows; i++) {
      for (let j = 0; j < this.cols; j++) out[k++] = this.at(i, j);
    }
    return out;
  }
}

/** @param {Value} value @returns {Table} */
function asTable(value) {
  if (value instanceof Table) return value;
  return typeof value === "number"
    ? new Table(1, 1, [value], NUMBERS)
    : new Table(1, 1, [value], MIXED);
}

/**
 * A table of scalars, as one of numbers or of booleans if all of them are.
 * @param {number} rows
 * @param {number} cols
 * @param {Scalar[]} items
 */
function tidy(rows, cols, items) {
  let numbers = true;
  let booleans = true;
  for (let i = 0; i < items.length && (numbers || booleans); i++) {
    const type = typeof items[i];
    numbers &&= type === "number";
    booleans &&= type === "boolean";
  }
  if (numbers) {
    return new Table(rows, cols, Float64Array.from(/** @type {number[]} */ (items)), NUMBERS);
  }
  if (booleans) return new Table(rows, cols, Uint8Array.from(items, Number), BOOLEANS);
  return new Table(rows, cols, items, MIXED);
}

/** A table of one cell as its scalar. @param {Value} value @returns {Value} */
function single(value) {
  return value instanceof Table && value.rows === 1 && value.cols === 1 ? value.at(0, 0) : value;
}

/** The rows and columns of two tables laid over each other. @param {Table} a @param {Table} b */
function commonSize(a, b) {
  const rows = Math.max(a.rows, b.rows);
  const cols = Math.max(a.cols, b.cols);
  const fits = [a, b].every(
    (t) => (t.rows === rows || t.rows === 1) && (t.cols === cols || t.cols === 1),
  );
  if (!fits) {
    const sizes = `${a.rows} x ${a.cols}, ${b.rows} x ${b.cols}`;
    throw new Refused(`combines arrays of different sizes (${sizes})`);
  }
  return { rows, cols };
}

const NUMBER_TEXT = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;

/**
 * A scalar as an operand of arithmetic: blank is 0, TRUE is 1, numeric text its number.
 * @param {Scalar} value
 * @returns {number | CellError}
 */
function toNumber(value) {
  if (typeof value === "number") return value;
  if (value === null) return 0;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof CellError) return value;
  return NUMBER_TEXT.test(value) ? Number(value) : VALUE;
}

/**
 * A scalar as a condition: text is #VALUE! unless it says TRUE or FALSE.
 * @param {Scalar} value
 * @returns {boolean | CellError}
 */
function toBoolean(value) {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (value === null) return false;
  if (value instanceof CellError) return value;
  const upper = value.toUpperCase();
  return upper === "TRUE" ? true : upper === "FALSE" ? false : VALUE;
}

/**
 * A scalar as text: blank is empty, numbers in General format, an error its code.
 * @param {Scalar} value
 * @returns {string}
 */
function toText(value) {
  if (typeof value === "string") return value;
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  return value instanceof CellError ? value.code : numberText(value);
}

/**
 * A number as `&` joins it: 15 significant digits, no exponent from 1E-9 up to 1E+21.
 * @param {number} number
 */
function numberText(number) {
  if (number === 0) return "0";
  const size = Math.abs(number);
  if (size >= 1e-9 && size < 1e21) {
    const rounded = Number(number.toPrecision(15));
    const text = String(rounded);
    return text.includes("e") ? rounded.toFixed(24).replace(/\.?0+$/, "") : text;
  }
  const [mantissa, exponent] = number.toExponential(14).split("e");
  const digits = exponent.slice(1).padStart(2, "0");
  return `${mantissa.replace(/\.?0+$/, "")}E${exponent[0]}${digits}`;
}

/** Text without its case, for comparisons; ß is ss. @param {string} text */
function folded(text) {
  return text.toUpperCase().toLowerCase();
}

/**
 * Which of two texts comes first, by code point: -1, 0 or 1.
 * @param {string} a
 * @param {string} b
 */
function compareText(a, b) {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a[i] === b[i]) i++;
  if (i === length) return a.length < b.length ? -1 : 1;
  const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
  // Halves of pairs stand for code points above all others.
  const [p, q] = [x, y].map((unit) => unit >= 0xd800 && unit < 0xe000);
  return p === q ? (x < y ? -1 : 1) : p ? 1 : -1;
}

/**
 * Which of two scalars, neither of them an error, comes first: -1, 0 or 1. Numbers come before text
 * before booleans; a blank cell equals 0, empty text and FALSE.
 * @param {Scalar} a
 * @param {Scalar} b
 */
function compareScalars(a, b) {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [unblank(a, b), unblank(b, a)];
  const [p, q] = [rank(left), rank(right)];
  if (p !== q) return p < q ? -1 : 1;
  if (typeof left === "string") return compareText(folded(left), folded(String(right)));
  return Number(left) - Number(right) > 0 ? 1 : Number(left) < Number(right) ? -1 : 0;
}

/** @param {Scalar} value @param {Scalar} other */
function unblank(value, other) {
  if (value !== null) return value;
  return typeof other === "string" ? "" : typeof other === "boolean" ? false : 0;
}

/** @param {Scalar} value */
function rank(value) {
  return typeof value === "number" ? 0 : typeof value === "string" ? 1 : 2;
}

/** Whether a list holds finite numbers alone. @param {ArrayLike<number>} numbers */
function allFinite(numbers) {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return false;
  return true;
}

// ---- reference.js
/** Rectangles of cells as formulas write them: A1, 'block.0'!$B$2:$D$9. Rows and columns from 0. */

const MAX_ROWS = 1048576;
const MAX_COLUMNS = 16384;

/** The bits of `fixed`: which corners of a reference stay where they are when it is copied. */
const FIXED_ROW = 1;
const FIXED_COL = 2;
const FIXED_LAST_ROW = 4;
const FIXED_LAST_COL = 8;
const ALL_FIXED = 15;

/**
 * @typedef {object} Area a rectangle on the sheet of this number
 * @property {number} sheet
 * @property {number} row
 * @property {number} col
 * @property {number} rows
 * @property {number} cols
 */

/** 0 -> A, 25 -> Z, 26 -> AA. @param {number} col */
function columnName(col) {
  let letters = "";
  for (let rest = col + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}

/** A -> 0, AA -> 26. @param {string} letters */
function columnIndex(letters) {
  let index = 0;
  for (const letter of letters.toUpperCase()) index = index * 26 + letter.charCodeAt(0) - 64;
  return index - 1;
}

/** (6, 2) -> C7. @param {number} row @param {number} col */
function cellName(row, col) {
  return `${columnName(col)}${row + 1}`;
}

/** `B2` or `B2:D9`. @param {{row: number, col: number, rows: number, cols: number}} area */
function areaName({ row, col, rows, cols }) {
  const first = cellName(row, col);
  return rows === 1 && cols === 1 ? first : `${first}:${cellName(row + rows - 1, col + cols - 1)}`;
}

/** The sheet name as a formula must write it. @param {string} name */
function quoteSheet(name) {
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
function referenceAt(text, at) {
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
function placeIn(text) {
  const found = referenceAt(text, 0);
  return found && found.length === text.length ? found : null;
}

/**
 * A formula's text as a copy of its cell `rows` down and `cols` to the right would have it.
 * @param {string} text
 * @param {number} rows
 * @param {number} cols
 */
function moved(text, rows, cols) {
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

// ---- view.js
/** The look of one tab: where rows and columns lie, and what each cell wears. */

/** @typedef {[number, string]} Edge width and colour */
/**
 * @typedef {object} Format
 * @property {string} [font]
 * @property {number} [size]
 * @property {number} [bold]
 * @property {number} [italic]
 * @property {number} [underline]
 * @property {string} [color]
 * @property {string} [fill]
 * @property {string} [across]
 * @property {string} [down]
 * @property {number} [wrap]
 * @property {number} [shrink]
 * @property {number} [indent]
 * @property {string} [format]
 * @property {number} [open]
 * @property {Record<string, Edge>} [edges]
 */
/**
 * @typedef {object} StoredRule
 * @property {string} kind
 * @property {number[]} areas
 * @property {[number, number]} at
 * @property {Format} [look]
 * @property {number} [stop]
 * @property {string} [operator]
 * @property {string[]} [formulas]
 * @property {[string, string][]} [stops]
 * @property {string[]} [colors]
 */
/**
 * @typedef {object} Entry
 * @property {string} kind
 * @property {number[]} areas
 * @property {string[]} limits
 * @property {string} [operator]
 * @property {string} [title]
 * @property {string} [note]
 * @property {string} [problem]
 */
/**
 * @typedef {object} StoredChart
 * @property {string} kind
 * @property {[number, number, number, number][]} at
 * @property {string} title
 * @property {string} alt
 * @property {string[]} titles
 * @property {{name: string, color: string, categories: string, values: string}[]} series
 * @property {number} [shares]
 */
/**
 * @typedef {object} Look
 * @property {number[]} [styles]
 * @property {(number | [string, string, number][])[]} [rich]
 * @property {Record<string, number>} [heights]
 * @property {Record<string, number>} [widths]
 * @property {number} [width]
 * @property {string} [tab]
 * @property {[number, number]} [frozen]
 * @property {number} [zoom]
 * @property {number} [grid]
 * @property {number[]} [merged]
 * @property {(number | string)[]} [links]
 * @property {StoredRule[]} [rules]
 * @property {Entry[]} [entries]
 * @property {StoredChart[]} [charts]
 */

const PLAIN_SIZE = 11;
/** Pixels of a character of a column's width, and of a point. */
const CHARACTER = 7;
const POINT = 4 / 3;
const ROW = 15;
/** Rows and columns that are shown beyond the last cell and the last chart. */
const MARGIN = 3;

class View {
  /**
   * @param {Look} look
   * @param {number} rows
   * @param {number} cols
   * @param {Format[]} formats
   */
  constructor(look, rows, cols, formats) {
    this.look = look;
    this.formats = formats;
    const ends = (look.charts ?? []).map((chart) => chart.at[1]);
    this.rows = Math.max(rows, ...ends.map(([row]) => row)) + MARGIN;
    this.cols = Math.max(cols, ...ends.map(([, col]) => col)) + MARGIN;
    this.width = cols;
    this.frozen = look.frozen ?? [0, 0];
    /** The formats' numbers of the rows that were looked at, one for each cell. @type {Map<number, Uint16Array>} */
    this.styles = new Map();
    const styles = look.styles ?? [];
    const tall = new Float64Array(this.rows).fill(ROW);
    for (let k = 0; k < styles.length; k += 5) {
      const size = (formats[styles[k + 4]]?.size ?? PLAIN_SIZE) * 1.32;
      if (size <= ROW) continue;
      for (let r = styles[k]; r < Math.min(styles[k] + styles[k + 2], rows); r++) tall[r] = Math.max(tall[r], size);
    }
    this.xs = edges(this.cols, (c) => (look.widths?.[c] ?? look.width ?? 9.14) * CHARACTER);
    this.ys = edges(this.rows, (r) => (look.heights?.[r] ?? tall[r]) * POINT);
    /** The last row and column of merged cells, by their first. @type {Map<number, [number, number]>} */
    this.merged = new Map();
    /** The first cell of the merged cells that a cell lies in. @type {Map<number, number>} */
    this.covered = new Map();
    const merged = look.merged ?? [];
    for (let k = 0; k < merged.length; k += 4) {
      const [row, col, lastRow, lastCol] = merged.slice(k, k + 4);
      const first = this.key(row, col);
      this.merged.set(first, [lastRow, lastCol]);
      for (let r = row; r <= lastRow; r++) {
        for (let c = col; c <= lastCol; c++) if (this.key(r, c) !== first) this.covered.set(this.key(r, c), first);
      }
    }
    /** @type {Map<number, [string, string, number][]>} */
    this.rich = new Map(triples(look.rich ?? []).map(([r, c, runs]) => [this.key(r, c), /** @type {any} */ (runs)]));
    /** @type {Map<number, string>} */
    this.links = new Map(triples(look.links ?? []).map(([r, c, to]) => [this.key(r, c), String(to)]));
    this.x = 0;
    this.y = 0;
    this.row = 0;
    this.col = 0;
  }

  /** One number for a cell. @param {number} row @param {number} col */
  key(row, col) {
    return row * 16384 + col;
  }

  /** @param {number} row @param {number} col @returns {Format} */
  format(row, col) {
    if (col >= this.width) return {};
    let styles = this.styles.get(row);
    if (!styles) this.styles.set(row, (styles = this.stylesOf(row)));
    return this.formats[styles[col]] ?? {};
  }

  /** The formats' numbers of a row. @param {number} row */
  stylesOf(row) {
    const out = new Uint16Array(this.width);
    const styles = this.look.styles ?? [];
    for (let k = 0; k < styles.length && styles[k] <= row; k += 5) {
      const [first, col, height, width, style] = styles.slice(k, k + 5);
      if (row < first + height) out.fill(style, col, col + width);
    }
    return out;
  }

  /** The cell that is shown where a cell lies: the first of merged ones. @param {number} row @param {number} col */
  shown(row, col) {
    const first = this.covered.get(this.key(row, col));
    return first === undefined ? { row, col } : { row: Math.floor(first / 16384), col: first % 16384 };
  }

  /** What helps with typing into a cell. @param {number} row @param {number} col */
  entry(row, col) {
    return this.look.entries?.find(({ areas }) => inAreas(areas, row, col)) ?? null;
  }
}

/**
 * Whether a cell lies in one of some rectangles, four numbers each.
 * @param {number[]} areas
 * @param {number} row
 * @param {number} col
 */
function inAreas(areas, row, col) {
  for (let k = 0; k < areas.length; k += 4) {
    if (row >= areas[k] && col >= areas[k + 1] && row <= areas[k + 2] && col <= areas[k + 3]) return true;
  }
  return false;
}

/** Where rows or columns begin, in pixels. @param {number} count @param {(i: number) => number} size */
function edges(count, size) {
  const out = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) out[i + 1] = out[i] + Math.round(size(i));
  return out;
}

/** @template T @param {(number | T)[]} list @returns {[number, number, T][]} */
function triples(list) {
  const out = [];
  for (let k = 0; k < list.length; k += 3) out.push([list[k], list[k + 1], list[k + 2]]);
  return /** @type {[number, number, T][]} */ (out);
}

/** The place in a list of edges. @param {Float64Array} list @param {number} pixel */
function indexAt(list, pixel) {
  let [low, high] = [0, list.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (list[middle] <= pixel) low = middle;
    else high = middle - 1;
  }
  return low;
}

// ---- dom.js
/** Small helpers to make parts of the page; text is always text, never markup. */

/**
 * An element with properties and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [properties] `on...` are listeners, names with a dash attributes
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (name.includes("-") || name === "role") element.setAttribute(name, String(value));
    else Reflect.set(element, name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The element with an id that the page surely has. @param {string} id */
function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page lacks #${id}.`);
  return element;
}

/** A button; it is called by its word and by what it does. @param {string} text @param {string} title @param {() => void} onclick */
function button(text, title, onclick) {
  const word = text.replace(/[^\p{L} ]/gu, "").trim();
  return make("button", { type: "button", textContent: text, title, "aria-label": word ? `${word}: ${title}` : title, onclick });
}

// ---- bands.js
/**
 * Where the cells of a tab lie in one array. A tab with one wide table and many long columns would
 * be mostly blank; so its rows form bands, each as wide as the widest that stands in it.
 */

/** @typedef {{row: number, col: number, rows: number, cols: number}} Rectangle */

class Bands {
  /**
   * @param {number} rows of the tab
   * @param {Rectangle[]} areas none of which is cut by the border of a band
   */
  constructor(rows, areas) {
    this.rows = rows;
    /** Where each row begins, how many of its cells there are, and the first row of its band. */
    this.starts = new Int32Array(rows);
    this.widths = new Int32Array(rows);
    this.tops = Int32Array.from({ length: rows }, (_, row) => row);
    let [top, bottom, width] = [0, 0, 0];
    const close = () => {
      this.widths.fill(width, top, bottom);
      const goesOn = top > 0 && this.widths[top - 1] === width; // two of the same width are one
      this.tops.fill(goesOn ? this.tops[top - 1] : top, top, bottom);
    };
    for (const area of areas.slice().sort((a, b) => a.row - b.row)) {
      if (area.row >= bottom) {
        close();
        [top, bottom, width] = [area.row, area.row, 0];
      }
      bottom = Math.min(rows, Math.max(bottom, area.row + area.rows));
      width = Math.max(width, area.col + area.cols);
    }
    close();
    /** How many cells all bands have. */
    this.size = 0;
    for (let row = 0; row < rows; row++) {
      this.starts[row] = this.size;
      this.size += this.widths[row];
    }
  }

  /** The place of a cell in the array, -1 if it lies beside its band. @param {number} row @param {number} col */
  place(row, col) {
    return row < this.rows && col < this.widths[row] ? this.starts[row] + col : -1;
  }

  /** Whether a rectangle lies in one band. @param {Rectangle} area */
  hold({ row, col, rows, cols }) {
    const last = row + rows - 1;
    return last < this.rows && this.tops[row] === this.tops[last] && col + cols <= this.widths[row];
  }

  /** The places of the cells of a row from one column to another, without those beside the band. @param {number} row @param {number} from @param {number} to */
  span(row, from, to) {
    const [start, width] = [this.starts[row], this.widths[row]];
    return [start + Math.min(from, width), start + Math.min(to, width)];
  }
}

// ---- moves.js
/** Where the keys of a spreadsheet lead: to the edge of the data, and to its last cell. */

/** @typedef {import("./app.js").App} App */
/** @typedef {{row: number, col: number}} At */

/**
 * The edge of the data in a direction: from inside a run of filled cells its last one, else the
 * next filled cell; where there is none, the last row or column.
 * @param {App} app
 * @param {At} from
 * @param {number} down -1, 0 or 1
 * @param {number} right
 * @returns {At}
 */
function edgeOfData({ view, book, sheet }, from, down, right) {
  const inside = (/** @type {At} */ { row, col }) => row >= 0 && col >= 0 && row < view.rows && col < view.cols;
  const next = (/** @type {At} */ { row, col }) => ({ row: row + down, col: col + right });
  const filled = (/** @type {At} */ { row, col }) => {
    const shown = view.shown(row, col);
    return inside({ row, col }) && book.get(sheet, shown.row, shown.col) !== null;
  };
  const [lastRow, lastCol] = view.merged.get(view.key(from.row, from.col)) ?? [from.row, from.col];
  let at = { row: down > 0 ? lastRow : from.row, col: right > 0 ? lastCol : from.col };
  if (!inside(next(at))) return at;
  if (filled(at) && filled(next(at))) {
    while (filled(next(at))) at = next(at);
    return at;
  }
  do at = next(at);
  while (!filled(at) && inside(next(at)));
  return at;
}

/** The last row and column that hold something. @param {App} app @returns {At} */
function lastCell({ book, sheet }) {
  const { rows, cols } = book.sheets[sheet];
  return { row: rows - 1, col: cols - 1 };
}

// ---- kept.js
/**
 * The file of numbers in the browser's own storage, in pieces: each is written while the next one is
 * read, so that neither the page nor the browser ever holds much of it.
 */

const STORE = "sheetgpt";
const PIECES = "pieces";
/** Bytes of a piece. */
const PIECE = 1 << 24;

/** @returns {Promise<IDBDatabase>} */
function database() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(STORE, 2);
    request.onupgradeneeded = () => {
      const { result } = request;
      for (const old of [...result.objectStoreNames]) result.deleteObjectStore(old); // files in one piece
      result.createObjectStore(PIECES);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("Another page holds the storage."));
  });
}

/** @template T @param {IDBTransactionMode} mode @param {(pieces: IDBObjectStore) => IDBRequest<T>} act @returns {Promise<T>} */
async function inStore(mode, act) {
  const db = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction(PIECES, mode);
      const request = act(transaction.objectStore(PIECES));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error); // as when there is no room on the disk
    });
  } finally {
    db.close();
  }
}

/** The keys of all pieces of a file. @param {string} hash */
function keysOf(hash) {
  return IDBKeyRange.bound([hash, 0], [hash, Infinity]);
}

/** The file as the browser kept it, null if it did not, or not all of it. @param {string} hash @param {number} size @returns {Promise<Blob | null>} */
async function kept(hash, size) {
  const pieces = await inStore("readonly", (store) => store.getAll(keysOf(hash))).catch(() => []);
  const whole = new Blob(pieces); // by reference: nothing is read yet
  return whole.size === size ? whole : null;
}

/** Keeps the pieces of a file. */
class Keeper {
  /** @param {string} hash */
  constructor(hash) {
    this.hash = hash;
    this.count = 0;
    /** Whether everything so far is kept. */
    this.fine = true;
    this.written = Promise.resolve();
  }

  /** Keeps a file up to a byte: each piece that is complete, once the one before it is written. @param {Blob} file @param {number} end */
  async keep(file, end) {
    for (let from = this.count * PIECE; from < end && (from + PIECE <= end || end === file.size); from += PIECE) {
      const key = [this.hash, this.count++];
      await this.written;
      if (this.fine) this.written = this.write(file.slice(from, Math.min(from + PIECE, end)), key);
    }
  }

  /** @param {Blob} piece @param {IDBValidKey} key */
  async write(piece, key) {
    await inStore("readwrite", (store) => store.put(piece, key)).catch(() => {
      this.fine = false;
    });
  }

  /** Whether all of the file is kept; part of a file is not. */
  async finish() {
    await this.written;
    if (!this.fine) await inStore("readwrite", (store) => store.delete(keysOf(this.hash))).catch(() => {});
    return this.fine;
  }
}

// ---- kernel_module.js
/**
 * The innermost loops of matrix products in WebAssembly, two numbers at a time (SIMD).
 *
 * The module is written here instruction by instruction; the numbers are those of the binary format
 * (WebAssembly Core Specification 2.0, chapter 5).
 */

/** Bytes of a number. */
const FLOAT = 8;
/** Numbers that one turn of `dot` takes. */
const DOT = 8;

/** @param {number} value @returns {number[]} an unsigned number in LEB128 */
function leb(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

/** @param {number[][]} items */
const vector = (items) => [...leb(items.length), ...items.flat()];
/** @param {number} id @param {number[]} content */
const moduleSection = (id, content) => [id, ...leb(content.length), ...content];
/** @param {string} text */
const nameBytes = (text) => vector([...text].map((letter) => [letter.charCodeAt(0)]));

const [I32, F64, V128] = [0x7f, 0x7c, 0x7b];
const SIMD = 0xfd;
/** Instructions on two numbers at a time. */
const TWO = {
  load: [SIMD, 0x00, 3, 0],
  loadFurther: (/** @type {number} */ bytes) => [SIMD, 0x00, 3, bytes],
  store: [SIMD, 0x0b, 3, 0],
  /** Two four-byte integers; a number into both halves, and into the second half of what is there. */
  loadIntegers: [SIMD, 0x5d, 2, 0],
  loadBoth: [SIMD, 0x0a, 3, 0],
  loadSecond: [SIMD, 0x57, 3, 0, 1],
  convert: [SIMD, 0xfe, 0x01],
  splat: [SIMD, 0x14],
  add: [SIMD, 0xf0, 0x01],
  multiply: [SIMD, 0xf2, 0x01],
  divide: [SIMD, 0xf3, 0x01],
  differ: [SIMD, 0x48],
  or: [SIMD, 0x50],
  any: [SIMD, 0x53],
  lane: (/** @type {number} */ lane) => [SIMD, 0x21, lane],
};
/** @param {number} local */
const localGet = (local) => [0x20, local];
/** @param {number} local */
const localSet = (local) => [0x21, local];
/** @param {number} value below 64 */
const small = (value) => [0x41, value];
const ADD_I32 = [0x6a];
/** Moves pointers. @param {number} bytes below 64 @param {number[]} locals */
const advance = (bytes, ...locals) => locals.flatMap((i) => [...localGet(i), ...small(bytes), ...ADD_I32, ...localSet(i)]);
/** As long as one pointer is below another. @param {number} local @param {number} end @param {number[]} body */
const whileBelow = (local, end, body) => [
  ...[0x02, 0x40, 0x03, 0x40], ...localGet(local), ...localGet(end), 0x4f, 0x0d, 1, ...body, ...[0x0c, 0, 0x0b, 0x0b],
];

/** add(out, end, b0, b1, b2, b3, x0, x1, x2, x3): out += x0 b0 + x1 b1 + x2 b2 + x3 b3. */
function addBody() {
  const [out, end, first] = [0, 1, 2];
  const factors = [10, 11, 12, 13];
  const spread = factors.flatMap((f, i) => [...localGet(6 + i), ...TWO.splat, ...localSet(f)]);
  const term = (/** @type {number} */ i) => [...localGet(first + i), ...TWO.load, ...localGet(factors[i]), ...TWO.multiply];
  const sum = [...term(0), ...term(1), ...TWO.add, ...term(2), ...TWO.add, ...term(3), ...TWO.add];
  const loop = whileBelow(out, end, [...localGet(out), ...localGet(out), ...TWO.load, ...sum, ...TWO.add, ...TWO.store, ...advance(2 * FLOAT, out, 2, 3, 4, 5)]);
  return [...vector([[4, V128]]), ...spread, ...loop, 0x0b];
}

/**
 * dot(a, end, b): the sum of the products of two rows of numbers, in four sums that do not wait for
 * each other; `end` lies some times DOT numbers behind `a`.
 */
function dotBody() {
  const [a, end, b] = [0, 1, 2];
  const totals = [3, 4, 5, 6];
  const further = (/** @type {number} */ i) => TWO.loadFurther(i * 2 * FLOAT);
  const term = (/** @type {number} */ i) => [...localGet(a), ...further(i), ...localGet(b), ...further(i), ...TWO.multiply];
  const sums = totals.flatMap((total, i) => [...localGet(total), ...term(i), ...TWO.add, ...localSet(total)]);
  const half = (DOT / 2) * FLOAT;
  const loop = whileBelow(a, end, [...sums, ...advance(half, a, b), ...advance(half, a, b)]);
  const [first, ...rest] = totals;
  const sum = rest.flatMap((total) => [...localGet(total), ...TWO.add]);
  const whole = [...localGet(first), ...sum, ...localSet(first)];
  const ends = [...localGet(first), ...TWO.lane(0), ...localGet(first), ...TWO.lane(1), 0xa0, 0x0b];
  return [...vector([[totals.length, V128]]), ...loop, ...whole, ...ends];
}

/**
 * decode(integers, end, places, out, powers): each integer over the power that its places name; two
 * at a time, so that one too many is written for an odd count. Whether a result is NaN.
 */
function decodeBody() {
  const [integers, end, places, out, powers, number, seen] = [0, 1, 2, 3, 4, 5, 6];
  const power = (/** @type {number} */ i) => [...localGet(powers), ...localGet(places), 0x2d, 0, i, ...small(3), 0x74, ...ADD_I32];
  const divisors = [...power(1), ...power(0), ...TWO.loadBoth, ...TWO.loadSecond];
  const quotient = [...localGet(integers), ...TWO.loadIntegers, ...TWO.convert, ...divisors, ...TWO.divide, ...localSet(number)];
  const store = [...localGet(out), ...localGet(number), ...TWO.store];
  const look = [...localGet(number), ...localGet(number), ...TWO.differ, ...localGet(seen), ...TWO.or, ...localSet(seen)];
  const loop = whileBelow(integers, end, [...quotient, ...store, ...look, ...advance(FLOAT, integers), ...advance(2, places), ...advance(2 * FLOAT, out)]);
  return [...vector([[2, V128]]), ...loop, ...localGet(seen), ...TWO.any, 0x0b];
}

/** The module: imports page.memory, exports `add`, `dot` and `decode`. */
function moduleBytes() {
  const types = [
    [0x60, ...vector([...Array(6).fill([I32]), ...Array(4).fill([F64])]), 0],
    [0x60, ...vector([[I32], [I32], [I32]]), 1, F64],
    [0x60, ...vector(Array(5).fill([I32])), 1, I32],
  ];
  const bodies = [addBody(), dotBody(), decodeBody()].map((body) => [...leb(body.length), ...body]);
  const names = ["add", "dot", "decode"].map((name, i) => [...nameBytes(name), 0, i]);
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...moduleSection(1, vector(types)),
    ...moduleSection(2, vector([[...nameBytes("page"), ...nameBytes("memory"), 2, 0, 1]])),
    ...moduleSection(3, vector(names.map((_, i) => [i]))),
    ...moduleSection(7, vector(names)),
    ...moduleSection(10, vector(bodies)),
  ]);
}

// ---- aggregates.js
/**
 * Functions of whole ranges that give one number: SUM, LARGE, AND, ... Of a range they use the
 * numbers only; text, booleans and blank cells are passed over, and the first error is the result.
 */


/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./values.js").Value} Value */

/**
 * @typedef {object} Argument a value, and whether it was read from cells: a cell counts if it is a
 *   number, what is written into the formula is converted
 * @property {Value} value
 * @property {boolean} cells
 */

/**
 * The numbers among the arguments, or the first error.
 * @param {Argument[]} args
 * @returns {ArrayLike<number> | CellError}
 */
function numbersOf(args) {
  if (args.length === 1 && args[0].value instanceof Table) {
    const { value } = args[0];
    const dense = value.kind === NUMBERS && value.right === 1 && value.down === value.cols;
    if (dense && value.data instanceof Float64Array) {
      return value.data.subarray(value.offset, value.offset + value.rows * value.cols);
    }
  }
  if (args.length === 1 && args[0].value instanceof Table && args[0].value.kind === NUMBERS) {
    return flat(args[0].value);
  }
  /** @type {number[]} */
  const out = [];
  for (const { value, cells } of args) {
    if (value instanceof Table) {
      const error = collect(value, out);
      if (error) return error;
    } else if (value instanceof CellError) {
      return value;
    } else if (!cells) {
      const number = toNumber(value);
      if (number instanceof CellError) return number;
      out.push(number);
    } else if (typeof value === "number") {
      out.push(value);
    }
  }
  return out;
}

/** A table of numbers as a list. @param {Table} table */
function flat({ rows, cols, data, offset, down, right }) {
  const out = new Float64Array(rows * cols);
  for (let i = 0, k = 0; i < rows; i++) {
    let at = offset + i * down;
    for (let j = 0; j < cols; j++, at += right) out[k++] = /** @type {number} */ (data[at]);
  }
  return out;
}

/** @param {Table} table @param {number[]} out @returns {CellError | null} */
function collect(table, out) {
  if (table.kind !== NUMBERS && table.kind !== MIXED) return null;
  const { data } = table;
  for (let i = 0; i < table.rows; i++) {
    let at = table.offset + i * table.down;
    for (let j = 0; j < table.cols; j++, at += table.right) {
      const item = data[at];
      if (typeof item === "number") out.push(item);
      else if (item instanceof CellError) return item;
    }
  }
  return null;
}

/** @param {ArrayLike<number>} list */
function sum(list) {
  let total = 0;
  for (let i = 0; i < list.length; i++) total += list[i];
  return total;
}

/** @param {ArrayLike<number>} list @param {number} centre */
function squares(list, centre) {
  let total = 0;
  for (let i = 0; i < list.length; i++) total += (list[i] - centre) ** 2;
  return total;
}

/** The squares of the distances from the mean. @param {ArrayLike<number>} list */
function deviation(list) {
  return squares(list, sum(list) / list.length);
}

/** @param {ArrayLike<number>} list @param {1 | -1} sign */
function extreme(list, sign) {
  let best = -Infinity;
  for (let i = 0; i < list.length; i++) best = Math.max(best, sign * list[i]);
  return list.length ? sign * best : 0;
}

/** @type {Record<string, (list: ArrayLike<number>) => number | CellError>} */
const OF_NUMBERS = {
  SUM: sum,
  AVERAGE: (list) => (list.length ? sum(list) / list.length : DIV0),
  VARP: (list) => (list.length ? deviation(list) / list.length : DIV0),
  "VAR.P": (list) => (list.length ? deviation(list) / list.length : DIV0),
  DEVSQ: (list) => (list.length ? deviation(list) : NUM),
  SUMSQ: (list) => squares(list, 0),
  MAX: (list) => extreme(list, 1),
  MIN: (list) => extreme(list, -1),
};

/** @param {(list: ArrayLike<number>) => number | CellError} f */
function aggregate(f) {
  return (/** @type {Argument[]} */ ...args) => {
    const list = numbersOf(args);
    if (list instanceof CellError) return list;
    const result = f(list);
    return result instanceof CellError || Number.isFinite(result) ? result : NUM;
  };
}

/** @param {Argument[]} args */
function count(...args) {
  let numbers = 0;
  for (const { value, cells } of args) {
    if (value instanceof Table) {
      if (value.kind === NUMBERS) numbers += value.rows * value.cols;
      else numbers += value.items().filter((item) => typeof item === "number").length;
    } else if (typeof value === "number") numbers += 1;
    else if (!cells && typeof toNumber(value) === "number") numbers += 1;
  }
  return numbers;
}

/** Numbers in ascending order, kept as long as nothing is computed anew. */
class Sorted {
  constructor() {
    /** @type {Map<string, Float64Array>} */
    this.kept = new Map();
  }

  /**
   * @param {string | null} key what names these cells
   * @param {() => ArrayLike<number> | CellError} read their numbers
   */
  of(key, read) {
    const kept = key === null ? undefined : this.kept.get(key);
    if (kept) return kept;
    const list = read();
    if (list instanceof CellError) return list;
    const sorted = Float64Array.from(list).sort();
    if (key !== null) this.kept.set(key, sorted);
    return sorted;
  }
}

/**
 * LARGE or SMALL of sorted numbers; a rank outside 1 .. count is #NUM!.
 * @param {Float64Array} sorted
 * @param {Value} place
 * @param {boolean} largest
 */
function kth(sorted, place, largest) {
  const at = place instanceof Table ? VALUE : toNumber(place);
  if (at instanceof CellError) return at;
  const rank = Math.trunc(at);
  if (rank < 1 || rank > sorted.length) return NUM;
  return sorted[largest ? sorted.length - rank : rank - 1];
}

/** @param {Argument} number @param {Argument} list @param {Argument} [order] */
function rankOf(number, list, order) {
  const sought = number.value instanceof Table ? VALUE : toNumber(number.value);
  if (sought instanceof CellError) return sought;
  const numbers = numbersOf([list]);
  if (numbers instanceof CellError) return numbers;
  const direction = order && !(order.value instanceof Table) ? toNumber(order.value) : 0;
  if (direction instanceof CellError) return direction;
  let place = 1;
  let found = false;
  for (let i = 0; i < numbers.length; i++) {
    if (numbers[i] === sought) found = true;
    if (direction === 0 ? numbers[i] > sought : numbers[i] < sought) place += 1;
  }
  return found ? place : NA;
}

/** AND or OR; `stop` is the value that decides. Nothing to decide on is #VALUE!. @param {boolean} stop */
function logical(stop) {
  return (/** @type {Argument[]} */ ...args) => {
    let known = false;
    let decided = false;
    /** @type {CellError | null} */
    let error = null;
    /** @param {Scalar} item */
    const take = (item) => {
      if (item instanceof CellError) error ??= item;
      else if (typeof item === "number" || typeof item === "boolean") {
        known = true;
        if (Boolean(item) === stop) decided = true;
      }
    };
    for (const { value, cells } of args) {
      if (value instanceof Table) value.items().forEach(take);
      else take(cells ? value : toBoolean(value));
    }
    return error ?? (known ? (decided ? stop : !stop) : VALUE);
  };
}

/**
 * PERCENTILE, as conditional formats use it: between the two nearest numbers.
 * @param {Argument} list
 * @param {Argument} share
 */
function percentile(list, share) {
  const numbers = numbersOf([list]);
  if (numbers instanceof CellError) return numbers;
  const k = share.value instanceof Table ? VALUE : toNumber(share.value);
  if (k instanceof CellError) return k;
  if (!numbers.length || k < 0 || k > 1) return NUM;
  const sorted = Float64Array.from(numbers).sort();
  const place = k * (sorted.length - 1);
  const low = Math.floor(place);
  const next = sorted[Math.min(low + 1, sorted.length - 1)];
  return sorted[low] + (place - low) * (next - sorted[low]);
}

/** @type {Record<string, (...args: Argument[]) => Scalar>} */
const AGGREGATES = {
  ...Object.fromEntries(Object.entries(OF_NUMBERS).map(([name, f]) => [name, aggregate(f)])),
  COUNT: count,
  RANK: /** @type {any} */ (rankOf),
  PERCENTILE: /** @type {any} */ (percentile),
  AND: logical(false),
  OR: logical(true),
};
/** The fewest and the most arguments. @param {string} name */
function aggregateCount(name) {
  if (name === "RANK") return [2, 3];
  return name === "PERCENTILE" ? [2, 2] : [1, 255];
}

// ---- format.js
/** Numbers as cells show them, by the format codes that the workbook uses. */


/** @typedef {import("./values.js").Scalar} Scalar */

/** Characters of a number in General format, besides its sign. */
const GENERAL = 11;
/** Numbers below are shown by an exponent, unless all of their digits fit. */
const SMALL = 1e-4;

/**
 * A number in General format, rounded to some characters: as a decimal, or by an exponent where
 * the digits before the point do not fit or none but noughts would be seen.
 * @param {number} number
 * @param {number} [room] characters besides the sign
 */
function general(number, room = GENERAL) {
  if (number === 0) return "0";
  const size = Math.abs(number);
  const sign = number < 0 ? "-" : "";
  const whole = Math.max(1, Math.floor(Math.log10(size)) + 1);
  const decimal = whole > room ? "" : trimmed(size.toFixed(Math.max(0, room - whole - 1)));
  const seen = size >= SMALL ? Number(decimal) !== 0 : Number(decimal) === Number(size.toPrecision(GENERAL));
  if (decimal && decimal.length <= room && seen) return sign + decimal;
  const exponent = size.toExponential().split("e")[1];
  const tail = Math.max(exponent.length, 3) + 1; // E-05
  const [digits, power] = size.toExponential(Math.max(0, Math.min(5, room - tail - 2))).split("e");
  const text = `${trimmed(digits)}E${power[0]}${power.slice(1).padStart(2, "0")}`;
  return text.length > room && size >= SMALL && decimal && Number(decimal) === 0 ? "0" : sign + text;
}

/** Without the noughts at the end of a decimal. @param {string} text */
function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** The parts of a code between semicolons, quotes heeded. @param {string} code */
function sections(code) {
  return code.match(/(?:"[^"]*"|\\.|[^;"])+|(?<=;)(?=;|$)|^(?=;)/g) ?? [code];
}

/** @param {number} value @param {string} sign @param {number} limit */
function holds(value, sign, limit) {
  if (sign === "=") return value === limit;
  if (sign === "<") return value < limit;
  if (sign === ">") return value > limit;
  if (sign === "<=") return value <= limit;
  if (sign === ">=") return value >= limit;
  return value !== limit;
}

/**
 * The section of a code for a number, and whether it shows the sign itself.
 * @param {number} value
 * @param {string[]} parts
 * @returns {[string, boolean]}
 */
function sectionFor(value, parts) {
  const conditions = parts.map((part) => /^\[(=|<>|<=|>=|<|>)(-?[\d.]+)\]/.exec(part));
  if (conditions.some(Boolean)) {
    const at = conditions.findIndex((c) => c === null || holds(value, c[1], Number(c[2])));
    const part = parts[at < 0 ? parts.length - 1 : at];
    return [part.replace(/^\[[^\]]*\]/, ""), conditions[at] !== null && value < 0];
  }
  if (parts.length > 2 && value === 0) return [parts[2], false];
  if (parts.length > 1 && value < 0) return [parts[1], true];
  return [parts[0], false];
}

/** @param {number} value @param {string} section @param {boolean} unsigned */
function bySection(value, section, unsigned) {
  if (section === "") return "";
  if (/^general$/i.test(section)) return general(value);
  const number = unsigned ? Math.abs(value) : value;
  const body = /[0#][0#,.]*(?:E[+-]0+)?%?/.exec(section.replace(/"[^"]*"/g, (q) => "\u0001".repeat(q.length)));
  const plain = (/** @type {string} */ text) => text.replace(/"([^"]*)"/g, "$1").replace(/\\(.)/g, "$1");
  if (!body) return plain(section);
  const [digits] = body;
  const places = (/\.(0+)/.exec(digits) ?? ["", ""])[1].length;
  let text;
  if (digits.includes("E")) {
    const [mantissa, exponent] = number.toExponential(places).split("e");
    text = `${mantissa}E${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  } else if (digits.endsWith("%")) text = `${(number * 100).toFixed(places)}%`;
  else {
    text = number.toFixed(places);
    if (digits.includes(",")) text = text.replace(/\B(?=(\d{3})+(?!\d))/, ",").replace(/\d+/, (whole) => Number(whole).toLocaleString("en-US"));
  }
  if (/^-0(\.0*)?%?$/.test(text)) text = text.slice(1);
  return plain(section.slice(0, body.index)) + text + plain(section.slice(body.index + digits.length));
}

/**
 * The text of a value in a cell.
 * @param {Scalar} value
 * @param {string} [code] the number format, General if there is none
 */
function shownText(value, code) {
  if (value === null) return "";
  if (value instanceof CellError) return value.code;
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "string") return code === ";;;" ? "" : value;
  if (!code || code === "@") return general(value);
  const [section, unsigned] = sectionFor(value, sections(code));
  return bySection(value, section, unsigned);
}

/**
 * The text of a value where there is not room for all of it: a number in General format is rounded
 * to what fits. Null for a number of which nothing does.
 * @param {Scalar} value
 * @param {string | undefined} code
 * @param {(text: string) => boolean} fits
 */
function fittedText(value, code, fits) {
  const text = shownText(value, code);
  if (typeof value !== "number" || fits(text)) return text;
  if (code && code !== "@") return null;
  for (let room = GENERAL - 1; room > 0; room--) {
    const shorter = general(value, room);
    if (fits(shorter)) return shorter;
  }
  return null;
}

// ---- packed.js
/**
 * Constant numbers: as they are, or packed as the file has them, which is five bytes in place of
 * eight. Packed ones are decoded where they are read.
 */


/** In place of the decimal places: the integer counts into the list of odd numbers. */
const ODD = 255;
/** What an integer is divided by, for each number of decimal places; odd numbers have none. */
const POWERS = Float64Array.from({ length: 256 }, (_, i) => (i < 23 ? Number(`1e${i}`) : NaN));

/** Numbers in eight bytes each. */
class Floats {
  /** @param {number} count @param {number[]} odd */
  constructor(count, odd) {
    this.numbers = new Float64Array(count);
    this.odd = odd;
  }

  get count() {
    return this.numbers.length;
  }

  /** Large ones are packed. */
  free() {}

  /** Takes some numbers from the file. @param {number} from @param {Int32Array} integers @param {Uint8Array} places */
  take(from, integers, places) {
    for (let i = 0; i < integers.length; i++) {
      this.numbers[from + i] = places[i] === ODD ? this.odd[integers[i]] : integers[i] / POWERS[places[i]];
    }
  }

  /** @param {number} i */
  at(i) {
    return this.numbers[i];
  }

  /** @param {number} i @param {number} value */
  put(i, value) {
    this.numbers[i] = value;
  }

  /** Some numbers that follow each other, not to be written to. @param {number} from @param {number} count */
  run(from, count) {
    return this.numbers.subarray(from, from + count);
  }

  /** A rectangle: a view. @param {number} from @param {number} rows @param {number} cols @param {number} down */
  table(from, rows, cols, down) {
    return new Table(rows, cols, this.numbers, NUMBERS, from, down);
  }

  /** The same as a factor of a matrix product. @param {number} from @param {number} rows @param {number} cols @param {number} down */
  factor(from, rows, cols, down) {
    return this.table(from, rows, cols, down);
  }
}

/** Numbers as integers, and the decimal places of each. */
class Packed {
  /** @param {number} count @param {number[]} odd the numbers that are no such decimals; it grows when others are put here */
  constructor(count, odd) {
    this.integers = new Int32Array(count);
    this.places = new Uint8Array(count);
    this.odd = odd;
  }

  get count() {
    return this.integers.length;
  }

  /**
   * Gives the memory back at once, where the browser would hold it until it tidies up, which is after
   * the next page has taken as much again. Nothing can be read afterwards.
   */
  free() {
    for (const { buffer } of [this.integers, this.places]) buffer.transfer?.(0);
  }

  /** Takes some numbers from the file. @param {number} from @param {Int32Array} integers @param {Uint8Array} places */
  take(from, integers, places) {
    this.integers.set(integers, from);
    this.places.set(places, from);
  }

  /** @param {number} i */
  at(i) {
    const places = this.places[i];
    return places === ODD ? this.odd[this.integers[i]] : this.integers[i] / POWERS[places];
  }

  /** @param {number} i @param {number} value */
  put(i, value) {
    this.integers[i] = this.odd.push(value) - 1;
    this.places[i] = ODD;
  }

  /** Some numbers that follow each other. @param {number} from @param {number} count */
  run(from, count) {
    return Float64Array.from({ length: count }, (_, i) => this.at(from + i));
  }

  /** A rectangle: a copy. @param {number} from @param {number} rows @param {number} cols @param {number} down */
  table(from, rows, cols, down) {
    const out = new Float64Array(rows * cols);
    for (let i = 0, k = 0; i < rows; i++) {
      for (let at = from + i * down, end = at + cols; at < end; at++) out[k++] = this.at(at);
    }
    return new Table(rows, cols, out, NUMBERS);
  }

  /** The same as a factor of a matrix product: not decoded yet. @param {number} from @param {number} rows @param {number} cols @param {number} down */
  factor(from, rows, cols, down) {
    return new PackedTable(this, from, rows, cols, down);
  }
}

/** A rectangle of packed numbers, or one with rows and columns changed over. */
class PackedTable {
  /**
   * @param {Packed} packed
   * @param {number} from
   * @param {number} rows as it lies in the file
   * @param {number} cols
   * @param {number} down from a row to the next
   * @param {boolean} turned whether rows and columns are changed over
   */
  constructor(packed, from, rows, cols, down, turned = false) {
    this.packed = packed;
    this.from = from;
    this.lines = rows;
    this.length = cols;
    this.down = down;
    this.turned = turned;
  }

  get rows() {
    return this.turned ? this.length : this.lines;
  }

  get cols() {
    return this.turned ? this.lines : this.length;
  }

  /** @param {number} row @param {number} col */
  at(row, col) {
    const [line, place] = this.turned ? [col, row] : [row, col];
    return this.packed.at(this.from + line * this.down + place);
  }

  transposed() {
    return new PackedTable(this.packed, this.from, this.lines, this.length, this.down, !this.turned);
  }

  decoded() {
    const { rows, cols, data, kind, offset, down, right } = this.packed.table(this.from, this.lines, this.length, this.down);
    return this.turned ? new Table(cols, rows, data, kind, offset, right, down) : new Table(rows, cols, data, kind, offset, down, right);
  }
}

// ---- scalars.js
/** What operators and functions mean for single values. */


/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {(...values: Scalar[]) => Scalar} Rule */

/** @param {number} number @returns {number | CellError} */
const finite = (number) => (Number.isFinite(number) ? number : NUM);

/**
 * Arithmetic around a function of one number: an operand becomes a number, an error passes through.
 * @param {(number: number) => number} f NaN and infinity mean #NUM!
 * @returns {Rule}
 */
function ofOne(f) {
  return (value) => {
    const number = toNumber(value);
    return number instanceof CellError ? number : finite(f(number));
  };
}

/** @param {(left: number, right: number) => number | CellError} f @returns {Rule} */
function ofTwo(f) {
  return (left, right) => {
    const a = toNumber(left);
    if (a instanceof CellError) return a;
    const b = toNumber(right);
    if (b instanceof CellError) return b;
    const result = f(a, b);
    return typeof result === "number" ? finite(result) : result;
  };
}

/** @param {(order: number) => boolean} test of -1, 0 or 1 @returns {Rule} */
function comparison(test) {
  return (left, right) => {
    if (left instanceof CellError) return left;
    if (right instanceof CellError) return right;
    return test(compareScalars(left, right));
  };
}

/** Errors among the arguments pass through. @param {Rule} rule @returns {Rule} */
function withoutErrors(rule) {
  return (...values) => values.find((value) => value instanceof CellError) ?? rule(...values);
}

/** @param {number} base @param {number} exponent */
function power(base, exponent) {
  if (base === 0 && exponent <= 0) return exponent === 0 ? NUM : DIV0;
  return Math.pow(base, exponent);
}

/** Half away from zero, on the decimal text that Excel shows. @param {number} x @param {number} d */
function round(x, d) {
  const places = Math.trunc(d);
  if (Math.abs(places) > 300 || x === 0) return places > 0 ? x : 0;
  const scaled = Number((Math.abs(x) * 10 ** places).toPrecision(15));
  return (Math.sign(x) * Math.floor(scaled + 0.5)) / 10 ** places;
}

/** Counts code points, as LibreOffice does. @type {Rule} */
const mid = (value, start, count) => {
  const first = toNumber(start);
  const length = toNumber(count);
  if (first instanceof CellError || length instanceof CellError) return VALUE;
  if (first < 1 || length < 0) return VALUE;
  const from = Math.trunc(first) - 1;
  return [...toText(value)].slice(from, from + Math.trunc(length)).join("");
};

/** @type {Rule} */
const unicode = (value) => toText(value).codePointAt(0) ?? VALUE;

/** @type {Rule} */
const unichar = (value) => {
  const number = toNumber(value);
  if (number instanceof CellError || !(number >= 1 && number < 0x110000)) return VALUE;
  const code = Math.trunc(number);
  return code >= 0xd800 && code < 0xe000 ? NA : String.fromCodePoint(code);
};

/** @type {Rule} */
const join = (...values) => values.map(toText).join("");

/** The coefficients of Hart's rational function, the highest power first. */
const HART = [
  [3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931, 220.206867912376],
  [8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831, 793.826512519948, 440.413735824752],
];

/**
 * The share of a normal distribution below x: Hart (1968) as in West, "Better approximations to
 * cumulative normal functions" (2005), whose error is below 1e-14.
 * @param {number} x
 */
function below(x) {
  const size = Math.abs(x);
  const bell = Math.exp((-size * size) / 2);
  const [above, under] = HART.map((numbers) => numbers.reduce((sum, number) => sum * size + number, 0));
  const fraction = size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))));
  const beyond = size < 7.07106781186547 ? (bell * above) / under : bell / fraction / Math.sqrt(2 * Math.PI);
  return x > 0 ? 1 - beyond : beyond;
}

/** The meaning of each operator and function, on scalars. @type {Record<string, Rule>} */
const SCALAR = {
  "+": ofTwo((a, b) => a + b),
  "-": ofTwo((a, b) => a - b),
  "*": ofTwo((a, b) => a * b),
  "/": ofTwo((a, b) => (b === 0 ? DIV0 : a / b)),
  "^": ofTwo(power),
  "%": ofOne((a) => a / 100),
  "u-": ofOne((a) => -a),
  "u+": (value) => value,
  "=": comparison((order) => order === 0),
  "<>": comparison((order) => order !== 0),
  "<": comparison((order) => order < 0),
  ">": comparison((order) => order > 0),
  "<=": comparison((order) => order <= 0),
  ">=": comparison((order) => order >= 0),
  "&": withoutErrors(join),
  ABS: ofOne(Math.abs),
  SQRT: ofOne(Math.sqrt),
  EXP: ofOne(Math.exp),
  LN: ofOne((a) => (a > 0 ? Math.log(a) : NaN)),
  TANH: ofOne(Math.tanh),
  SIN: ofOne(Math.sin),
  COS: ofOne(Math.cos),
  NORMSDIST: ofOne(below),
  INT: ofOne(Math.floor),
  MOD: ofTwo((a, b) => (b === 0 ? DIV0 : a - b * Math.floor(a / b))),
  ROUND: ofTwo(round),
  NOT: (value) => {
    const condition = toBoolean(value);
    return condition instanceof CellError ? condition : !condition;
  },
  MID: withoutErrors(mid),
  LEN: withoutErrors((value) => [...toText(value)].length),
  UNICODE: withoutErrors(unicode),
  UNICHAR: withoutErrors(unichar),
  CONCATENATE: withoutErrors(join),
  EXACT: withoutErrors((a, b) => toText(a) === toText(b)),
  N: (value) => (typeof value === "string" ? 0 : toNumber(value)),
  ISNUMBER: (value) => typeof value === "number",
  ISTEXT: (value) => typeof value === "string",
  ISBLANK: (value) => value === null,
  ISERROR: (value) => value instanceof CellError,
  ISNA: (value) => value === NA,
};

const OF_TWO = new Set(["+", "-", "*", "/", "^", "=", "<>", "<", ">", "<=", ">=", "&", "EXACT", "MOD", "ROUND"]);

/** The fewest and the most arguments of a function of this kind. @param {string} name */
function scalarCount(name) {
  if (name === "CONCATENATE") return [1, 255];
  const count = name === "MID" ? 3 : OF_TWO.has(name) ? 2 : 1;
  return [count, count];
}

// ---- charts.js
/** Draws the charts of a tab: bars, columns, lines and points. */


/** @typedef {import("./app.js").App} App */
/** @typedef {import("./view.js").StoredChart} StoredChart */
/** @typedef {CanvasRenderingContext2D} Canvas */

const INK = "#1F2933";
const FAINT = "#5F6B7A";
const LINE = "#E6EAEE";
/** Pixels left of a chart's axis: more where the labels of bars need them. */
const MARGIN_LEFT = 62;
const FONT = "Calibri, Carlito, Arial, sans-serif";

/** The values of the cells that a chart names. @param {App} app @param {string} text */
function valuesOf({ book }, text) {
  const place = text ? placeIn(text) : null;
  const sheet = place && place.sheet !== null ? book.scope.sheets.get(place.sheet) : undefined;
  if (!place || sheet === undefined) return [];
  const { row, col, lastRow, lastCol } = place;
  return book.values({ sheet, row, col, rows: lastRow - row + 1, cols: lastCol - col + 1 });
}

/** @param {number} number @param {boolean} shares */
function tick(number, shares) {
  return shares ? `${Math.round(number * 100)}%` : String(Number(number.toPrecision(2)));
}

/**
 * @param {Canvas} g
 * @param {App} app
 * @param {StoredChart} chart
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 */
function drawChart(g, app, chart, x, y, w, h) {
  g.save();
  g.beginPath();
  g.rect(x, y, w + 1, h + 1);
  g.clip();
  g.fillStyle = "#FFFFFF";
  g.fillRect(x, y, w, h);
  g.strokeStyle = "#C9D1DA";
  g.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
  g.fillStyle = INK;
  g.font = `bold 14px ${FONT}`;
  g.textAlign = "center";
  g.textBaseline = "middle";
  g.fillText(chart.title, x + w / 2, y + 15);
  const series = chart.series.map(({ name, color, categories, values }) => ({
    name,
    color,
    labels: valuesOf(app, categories),
    numbers: valuesOf(app, values).map((value) => (typeof value === "number" ? value : 0)),
  }));
  const legend = series.length > 1 ? 18 : 0;
  g.font = `11px ${FONT}`;
  const lying = chart.kind === "bar";
  const labels = lying ? (series[0]?.labels ?? []).map((label) => g.measureText(toText(label ?? "")).width) : [];
  const margin = Math.min(Math.max(MARGIN_LEFT, ...labels.map((wide) => wide + 12)), w / 3);
  const box = { x: x + margin, y: y + 32, w: w - margin - 16, h: h - 62 - legend };
  const all = series.flatMap(({ numbers }) => numbers);
  const scatter = chart.kind === "scatter";
  const low = scatter ? Math.min(...all) : Math.min(0, ...all);
  const high = chart.shares ? 1 : Math.max(...all, low + 1e-9);
  for (let i = 0; i <= 4; i++) {
    const value = low + ((high - low) * i) / 4;
    g.strokeStyle = LINE;
    g.fillStyle = FAINT;
    g.beginPath();
    const at = lying ? box.x + (box.w * i) / 4 : box.y + box.h * (1 - i / 4);
    if (lying) g.rect(at, box.y, 0, box.h);
    else g.rect(box.x, at, box.w, 0);
    g.stroke();
    g.textAlign = lying ? "center" : "right";
    g.fillText(tick(value, Boolean(chart.shares)), lying ? at : box.x - 5, lying ? box.y + box.h + 9 : at);
  }
  const draw = { bar: drawBars, column: drawColumns, line: drawLine, scatter: drawPoints }[chart.kind];
  series.forEach((one, i) => draw?.(g, one, box, (v) => (v - low) / (high - low || 1), i, series.length));
  g.fillStyle = FAINT;
  g.textAlign = "center";
  g.fillText(chart.titles[0] ?? "", box.x + box.w / 2, y + h - 9 - legend);
  if (legend) {
    series.forEach(({ name, color }, i) => {
      const at = x + 12 + ((w - 24) * i) / series.length;
      g.fillStyle = color;
      g.fillRect(at, y + h - 14, 9, 9);
      g.fillStyle = INK;
      g.textAlign = "left";
      g.fillText(name, at + 13, y + h - 9);
    });
  }
  g.restore();
}

/** @typedef {{color: string, labels: import("./values.js").Scalar[], numbers: number[]}} Series */
/** @typedef {{x: number, y: number, w: number, h: number}} Box */
/** @typedef {(value: number) => number} Scale from a value to a share of the box */

/** @param {Canvas} g @param {Series} s @param {Box} box @param {Scale} scale @param {number} index @param {number} count */
function drawBars(g, s, box, scale, index, count) {
  const step = box.h / s.numbers.length;
  s.numbers.forEach((value, i) => {
    const at = box.y + step * i + (step * index) / count;
    g.fillStyle = s.color;
    g.fillRect(box.x + box.w * scale(0), at + 1, box.w * (scale(value) - scale(0)), step / count - 2);
    if (index === 0) {
      g.fillStyle = INK;
      g.textAlign = "right";
      g.fillText(toText(s.labels[i] ?? ""), box.x - 5, box.y + step * (i + 0.5));
    }
  });
}

/** @param {Canvas} g @param {Series} s @param {Box} box @param {number} i */
function labelBelow(g, s, box, i) {
  const step = box.w / s.numbers.length;
  if (step < 14 && i % Math.ceil(14 / step)) return;
  g.fillStyle = INK;
  g.textAlign = "center";
  g.fillText(toText(s.labels[i] ?? ""), box.x + step * (i + 0.5), box.y + box.h + 10);
}

/** @param {Canvas} g @param {Series} s @param {Box} box @param {Scale} scale @param {number} index @param {number} count */
function drawColumns(g, s, box, scale, index, count) {
  const step = box.w / s.numbers.length;
  const width = step / (count + 0.5);
  s.numbers.forEach((value, i) => {
    const [zero, top] = [box.y + box.h * (1 - scale(0)), box.y + box.h * (1 - scale(value))];
    g.fillStyle = s.color;
    g.fillRect(box.x + step * i + width * (index + 0.25), Math.min(zero, top), width, Math.abs(zero - top));
    if (index === 0) labelBelow(g, s, box, i);
  });
}

/** @param {Canvas} g @param {Series} s @param {Box} box @param {Scale} scale @param {number} index */
function drawLine(g, s, box, scale, index) {
  const step = box.w / s.numbers.length;
  g.strokeStyle = s.color;
  g.lineWidth = 2;
  g.beginPath();
  s.numbers.forEach((value, i) => g.lineTo(box.x + step * (i + 0.5), box.y + box.h * (1 - scale(value))));
  g.stroke();
  g.lineWidth = 1;
  s.numbers.forEach((value, i) => {
    g.fillStyle = s.color;
    g.fillRect(box.x + step * (i + 0.5) - 3, box.y + box.h * (1 - scale(value)) - 3, 6, 6);
    if (index === 0) labelBelow(g, s, box, i);
  });
}

/** @param {Canvas} g @param {Series} s @param {Box} box @param {Scale} scale */
function drawPoints(g, s, box, scale) {
  const xs = s.labels.map((value) => (typeof value === "number" ? value : 0));
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  g.fillStyle = s.color;
  s.numbers.forEach((value, i) => {
    const at = box.x + (box.w * (xs[i] - low)) / (high - low || 1);
    g.beginPath();
    g.arc(at, box.y + box.h * (1 - scale(value)), 3, 0, 7);
    g.fill();
  });
}

// ---- parser.js
/** A formula's text as a tree: constants, references, calls of functions and operators. */


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
function parse(text, sheet, row, col, scope) {
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
function bareName(name) {
  return name.toUpperCase().replace(/^_XLFN\./, "");
}

/** All references of a tree. @param {Node} node @returns {Reference[]} */
function referencesOf(node) {
  if (node.type === "reference") return [node];
  return node.type === "call" ? node.args.flatMap(referencesOf) : [];
}

// ---- panel.js
/** The panel beside the grid: what is shown in it has a title, and leads to cells. */


/** @typedef {import("./app.js").App} App */
/** @typedef {import("./book.js").Cell} Cell */

/** Colours of outlines: what is computed, and what that reads. */
const OWN = "#D9480F";
const READ = "#1864AB";

/**
 * Shows something in the panel; a button that had the focus has it again.
 * @param {App} app
 * @param {import("./app.js").Mode} mode
 * @param {string} title
 * @param {...(Node | null)} content
 */
function show(app, mode, title, ...content) {
  const panel = byId("panel");
  const focused = panel.contains(document.activeElement) ? document.activeElement : null;
  const name = focused?.getAttribute("aria-label") ?? focused?.textContent;
  const close = button("×", "Close the panel", () => closePanel(app));
  panel.replaceChildren(make("header", {}, make("h2", { textContent: title }), close), ...content.filter((node) => node !== null));
  panel.setAttribute("aria-label", title);
  panel.hidden = false;
  app.mode = mode;
  if (focused) {
    const again = [...panel.querySelectorAll("button, select, input")].find((one) => (one.getAttribute("aria-label") ?? one.textContent) === name);
    const target = again instanceof HTMLElement ? again : byId("scroll");
    target.focus({ preventScroll: true });
  }
}

/** @param {App} app */
function closePanel(app) {
  byId("panel").hidden = true;
  app.mode = null;
  app.outlines = [];
  byId("scroll").focus({ preventScroll: true });
  app.changed("place");
}

/** A line that is a way to its cell. @param {App} app @param {Cell} cell @param {string} [text] */
function way(app, cell, text = `${app.describe(cell)}: ${app.text(cell.sheet, cell.row, cell.col)}`) {
  return make("button", { type: "button", className: "way", textContent: text, onclick: () => app.goTo(cell) });
}

/** A line of a card, an equation with its indices below and above. @param {App} app @param {number} sheet @param {string} line */
function inRuns(app, sheet, line) {
  const runs = [...app.viewOf(sheet).rich.values()].find((list) => list.map(([text]) => text).join("") === line);
  return runs ? runs.map(([text, place]) => (place ? make(place === "sub" ? "sub" : "sup", { textContent: text }) : text)) : [line];
}

// ---- regions.js
/** Ways between the parts of the page: by F6, by tabs, and back to the cells after a click. */


/** @typedef {import("./app.js").App} App */

/** The parts that F6 goes through, as a spreadsheet does; of each the first that takes the focus. */
const REGIONS = ["scroll", "panel", "tabs", "top", "bar"];
const TAKES = "button:not([tabindex='-1']), input, select, summary";

/** Goes to the next part of the page, or the one before. @param {number} by */
function toRegion(by) {
  const regions = REGIONS.map(byId).filter((region) => !region.hidden);
  const here = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(here + by + regions.length) % regions.length] ?? regions[0];
  const target = next.tabIndex === 0 ? next : next.querySelector(TAKES);
  if (target instanceof HTMLElement) target.focus({ preventScroll: true });
}

/** Goes to a tab, where it was left. @param {App} app @param {number} sheet */
function toTab(app, sheet) {
  app.goTo({ sheet, row: app.viewOf(sheet).row, col: app.viewOf(sheet).col });
}

/** After a click of a mouse or a finger the keys go to the cells again; after Enter they stay. */
function returnFocus() {
  document.addEventListener("click", (event) => {
    const clicked = event.target instanceof Element && event.target.closest("button");
    const active = document.activeElement;
    if (event.detail > 0 && clicked && (active instanceof HTMLButtonElement || active === document.body)) byId("scroll").focus({ preventScroll: true });
  });
}

// ---- text.js
/** What the grid shows as text: for the clipboard, and for those who hear the page. */


/** @typedef {import("./grid.js").Grid} Grid */

/** Rows and columns that are read out at most. */
const HEARD = { rows: 30, cols: 15 };

/** Puts the selected cells on the clipboard as text. @param {Grid} grid */
function copyCells({ app, selection, scroll }) {
  const { top, bottom, left, right } = selection;
  const lines = [];
  for (let r = top; r <= bottom; r++) {
    const line = [];
    for (let c = left; c <= right; c++) line.push(app.text(app.sheet, r, c));
    lines.push(line.join("\t"));
  }
  const area = make("textarea", { value: lines.join("\n") });
  document.body.append(area);
  area.select();
  document.execCommand("copy"); // works from a file too, where the newer way is not allowed
  area.remove();
  scroll.focus({ preventScroll: true });
  app.say(`Copied ${areaName({ row: top, col: left, rows: bottom - top + 1, cols: right - left + 1 })} as text`);
}

/** What is in sight, frozen rows and columns included, as a table for those who hear the page. @param {Grid} grid */
function showTable(grid) {
  const { app } = grid;
  const { width, height } = grid.size;
  const parts = grid.parts(width, height);
  const rows = inSight(parts.map(({ top, bottom }) => [top, Math.min(bottom, top + HEARD.rows, app.view.rows - 1)]));
  const cols = inSight(parts.map(({ left, right }) => [left, Math.min(right, left + HEARD.cols, app.view.cols - 1)]));
  const head = (/** @type {string} */ scope, /** @type {string} */ textContent) => make("th", { scope, textContent });
  const lines = rows.map((r) => make("tr", {}, head("row", String(r + 1)), ...cols.map((c) => make("td", { textContent: app.text(app.sheet, r, c) }))));
  byId("table").replaceChildren(make("caption", { textContent: app.book.sheets[app.sheet].name }),
    make("thead", {}, make("tr", {}, make("td"), ...cols.map((c) => head("col", columnName(c))))), make("tbody", {}, ...lines));
}

/** The rows or columns of all panes, in order. @param {number[][]} ranges the first and the last of each pane */
function inSight(ranges) {
  const all = ranges.flatMap(([first, last]) => Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i));
  return [...new Set(all)].sort((a, b) => a - b);
}

// ---- sheets.js
/** The cells of one tab: numbers in typed arrays, everything else in a map. */


/** @typedef {import("./values.js").Scalar} Scalar */

/**
 * @typedef {object} Patch constant numbers in a rectangle, which follow each other in those of the book
 * @property {number} row
 * @property {number} col
 * @property {number} rows
 * @property {number} cols
 * @property {import("./numbers.js").Numbers} numbers of the whole book
 * @property {number} from where those of the rectangle begin
 */

/**
 * A tab with formulas: one number for each cell where formulas or numbers stand, NaN where it is
 * blank or not a number.
 */
class GridSheet {
  /**
   * @param {string} name
   * @param {number} rows
   * @param {number} cols
   * @param {Patch[]} patches
   * @param {import("./bands.js").Rectangle[]} areas that formulas fill
   */
  constructor(name, rows, cols, patches, areas) {
    this.name = name;
    this.rows = rows;
    this.cols = cols;
    this.constant = false;
    /** Set whenever a cell gets another value than it had. */
    this.touched = false;
    this.areas = [...areas, ...patches];
    this.bands = new Bands(rows, this.areas);
    this.numbers = new Float64Array(this.bands.size).fill(NaN);
    /** What is no number, and what stands beside the bands. @type {Map<number, Scalar>} */
    this.others = new Map();
    for (const patch of patches) {
      for (let i = 0; i < patch.rows; i++) {
        const line = patch.numbers.run(patch.from + i * patch.cols, patch.cols);
        this.numbers.set(line, this.bands.place(patch.row + i, patch.col));
      }
    }
  }

  /** Makes room for a formula. @param {import("./bands.js").Rectangle} area */
  require(area) {
    if (this.bands.hold(area)) return;
    const { bands, numbers, rows, cols, others } = this;
    this.areas.push(area);
    this.bands = new Bands(rows, this.areas);
    this.numbers = new Float64Array(this.bands.size).fill(NaN);
    for (let row = 0; row < rows; row++) {
      const [from, to] = bands.span(row, 0, cols);
      this.numbers.set(numbers.subarray(from, to), this.bands.starts[row]);
    }
    for (const [key, value] of [...others]) {
      if (typeof value === "number") this.put(Math.floor(key / cols), key % cols, value);
    }
  }

  /** @param {number} row @param {number} col @returns {Scalar} */
  get(row, col) {
    if (row >= this.rows || col >= this.cols) return null;
    const at = this.bands.place(row, col);
    const number = at < 0 ? NaN : this.numbers[at];
    return Number.isNaN(number) ? (this.others.get(row * this.cols + col) ?? null) : number;
  }

  /** @param {number} row @param {number} col @param {Scalar} value */
  put(row, col, value) {
    const at = this.bands.place(row, col);
    const key = row * this.cols + col;
    if (typeof value === "number" && at >= 0) {
      if (this.numbers[at] === value) return;
      this.touched = true;
      this.numbers[at] = value;
      if (this.others.size) this.others.delete(key);
    } else {
      if (this.get(row, col) === value) return;
      this.touched = true;
      if (at >= 0) this.numbers[at] = NaN;
      if (value === null) this.others.delete(key);
      else this.others.set(key, value);
    }
  }

  /** Stores a table of the size of a formula's rectangle. @param {number} row @param {number} col @param {Table} table */
  putTable(row, col, table) {
    if (table.kind !== NUMBERS) {
      for (let i = 0; i < table.rows; i++) {
        for (let j = 0; j < table.cols; j++) this.put(row + i, col + j, table.at(i, j) ?? 0);
      }
      return;
    }
    for (let i = 0; i < table.rows; i++) {
      const at = this.bands.place(row + i, col);
      let from = table.offset + i * table.down;
      for (let j = 0; j < table.cols; j++, from += table.right) {
        const number = /** @type {number} */ (table.data[from]);
        if (this.numbers[at + j] === number) continue;
        this.touched = true;
        this.numbers[at + j] = number;
        if (this.others.size) this.others.delete((row + i) * this.cols + col + j);
      }
    }
  }

  /**
   * The values of a rectangle: a view if all are numbers of one band.
   * @param {number} row
   * @param {number} col
   * @param {number} rows
   * @param {number} cols
   */
  table(row, col, rows, cols) {
    if (this.bands.hold({ row, col, rows, cols })) {
      const [from, width] = [this.bands.place(row, col), this.bands.widths[row]];
      if (this.allNumbers(from, width, rows, cols)) {
        return new Table(rows, cols, this.numbers, NUMBERS, from, width);
      }
    }
    return copied(this, row, col, rows, cols);
  }

  /**
   * The place of the first cell of a row or column that holds a number, from 1; #N/A if none does.
   * @param {number} number
   * @param {{row: number, col: number, rows: number, cols: number}} line
   */
  find(number, { row, col, rows, cols }) {
    const [down, right] = rows === 1 ? [0, 1] : [1, 0];
    const length = rows === 1 ? Math.min(cols, this.cols - col) : Math.min(rows, this.rows - row);
    for (let i = 0; i < length; i++) if (this.get(row + i * down, col + i * right) === number) return i + 1;
    return NA;
  }

  /** @param {number} from @param {number} width of the band @param {number} rows @param {number} cols */
  allNumbers(from, width, rows, cols) {
    const { numbers } = this;
    for (let i = 0; i < rows; i++) {
      for (let at = from + i * width, end = at + cols; at < end; at++) {
        if (numbers[at] !== numbers[at]) return false;
      }
    }
    return true;
  }
}

/** A tab of constants, such as weights: some rectangles of numbers on a blank sheet. */
class PatchSheet {
  /**
   * @param {string} name
   * @param {number} rows
   * @param {number} cols
   * @param {Patch[]} patches
   */
  constructor(name, rows, cols, patches) {
    this.name = name;
    this.rows = rows;
    this.cols = cols;
    this.constant = true;
    this.patches = patches;
    /** Whether somebody put something else into the place of a number. */
    this.gaps = false;
    /** @type {Map<number, Scalar>} */
    this.others = new Map();
  }

  /** @param {number} row @param {number} col @returns {Patch | undefined} */
  patch(row, col) {
    return this.patches.find(
      (p) => row >= p.row && col >= p.col && row < p.row + p.rows && col < p.col + p.cols,
    );
  }

  /** @param {number} row @param {number} col @returns {Scalar} */
  get(row, col) {
    if (row >= this.rows || col >= this.cols) return null;
    const patch = this.patch(row, col);
    const number = patch ? patch.numbers.at(placeOf(patch, row, col)) : NaN;
    return Number.isNaN(number) ? (this.others.get(row * this.cols + col) ?? null) : number;
  }

  /** @param {number} row @param {number} col @param {Scalar} value */
  put(row, col, value) {
    const at = row * this.cols + col;
    const patch = this.patch(row, col);
    this.others.delete(at);
    const isNumber = typeof value === "number";
    if (patch) {
      patch.numbers.put(placeOf(patch, row, col), isNumber ? value : NaN);
      if (!isNumber) this.gaps = true;
    }
    if (value !== null && !(patch && isNumber)) this.others.set(at, value);
  }

  /** @param {number} row @param {number} col @param {number} rows @param {number} cols */
  table(row, col, rows, cols) {
    const patch = this.around(row, col, rows, cols);
    const view = patch?.numbers.table(placeOf(patch, row, col), rows, cols, patch.cols);
    if (view && (!this.gaps || !hasGap(view))) return view;
    return copied(this, row, col, rows, cols);
  }

  /**
   * The same as a factor of a matrix product, which may stay packed.
   * @param {number} row @param {number} col @param {number} rows @param {number} cols
   */
  factor(row, col, rows, cols) {
    const patch = this.gaps ? null : this.around(row, col, rows, cols);
    if (patch) return patch.numbers.factor(placeOf(patch, row, col), rows, cols, patch.cols);
    return this.table(row, col, rows, cols);
  }

  /** The patch that holds all of a rectangle. @param {number} row @param {number} col @param {number} rows @param {number} cols */
  around(row, col, rows, cols) {
    const patch = this.patch(row, col);
    const inside = patch && row + rows <= patch.row + patch.rows && col + cols <= patch.col + patch.cols;
    return inside ? patch : null;
  }
}

/** @typedef {GridSheet | PatchSheet} Sheet */

/** The number of a cell of a patch. @param {Patch} patch @param {number} row @param {number} col */
function placeOf(patch, row, col) {
  return patch.from + (row - patch.row) * patch.cols + col - patch.col;
}

/** @param {Table} view */
function hasGap(view) {
  for (let i = 0; i < view.rows; i++) {
    for (let j = 0; j < view.cols; j++) if (Number.isNaN(view.at(i, j))) return true;
  }
  return false;
}

/**
 * @param {Sheet} sheet
 * @param {number} row
 * @param {number} col
 * @param {number} rows
 * @param {number} cols
 */
function copied(sheet, row, col, rows, cols) {
  /** @type {Scalar[]} */
  const items = [];
  for (let i = row; i < row + rows; i++) {
    for (let j = col; j < col + cols; j++) items.push(sheet.get(i, j));
  }
  return tidy(rows, cols, items);
}

// ---- cells.js
/** Draws the cells of one tab on a canvas. */


/** @typedef {import("./view.js").View} View */
/** @typedef {import("./view.js").Format} Format */
/** @typedef {CanvasRenderingContext2D} Canvas */
/** @typedef {import("./app.js").App} App */

const FONTS = 'Calibri, Carlito, "Segoe UI", Roboto, Arial, sans-serif';
const FAMILIES = new Map([["Consolas", 'Consolas, "DejaVu Sans Mono", Menlo, monospace'], ["Cambria", 'Cambria, Caladea, Georgia, serif']]);
const PAD = 3;

/** @param {Format} format @param {number} [scale] */
function fontOf(format, scale = 1) {
  const size = (format.size ?? 11) * POINT * scale;
  const family = FAMILIES.get(format.font ?? "") ?? FONTS;
  return `${format.italic ? "italic " : ""}${format.bold ? "bold " : ""}${size}px ${family}`;
}

/**
 * Draws a rectangle of rows and columns; `x` and `y` give the pixel of an edge.
 * @param {Canvas} g
 * @param {App} app
 * @param {{top: number, left: number, bottom: number, right: number, from: number}} part `from` is
 *   the first column from which a text may run into the part
 * @param {(col: number) => number} x
 * @param {(row: number) => number} y
 */
function drawCells(g, app, part, x, y) {
  const { view, book, sheet } = app;
  const rules = app.rules();
  /** @type {(() => void)[]} */
  const texts = [];
  for (let row = part.top; row <= part.bottom; row++) {
    for (let col = part.left; col <= part.right; col++) {
      const place = view.shown(row, col);
      const first = place.row === row && place.col === col;
      const edge = row === part.top || col === part.left;
      if (!first && !edge) continue; // drawn with the first of the merged cells
      const [r, c] = [place.row, place.col];
      const [lastRow, lastCol] = view.merged.get(view.key(r, c)) ?? [r, c];
      const [left, top] = [x(c), y(r)];
      const [width, height] = [view.xs[lastCol + 1] - view.xs[c], view.ys[lastRow + 1] - view.ys[r]];
      if (width < 1 || height < 1) continue;
      const base = view.format(r, c);
      const dress = rules.dress(r, c);
      const format = dress ? { ...base, ...dress } : base;
      if (format.fill) {
        g.fillStyle = format.fill;
        g.fillRect(left, top, width, height);
      }
      if (dress?.bar) {
        g.fillStyle = dress.barColor ?? "#A6CEE3";
        g.fillRect(left + 1, top + 2, (width - 2) * dress.bar, height - 4);
      }
      if (format.edges) drawEdges(g, format.edges, left, top, width, height);
      const value = book.get(sheet, r, c);
      const text = shownText(value, format.format);
      if (text !== "") {
        const room = lastCol === c && flows(value, format) ? roomFor(app, r, lastCol) : width;
        texts.push(() => drawText(g, view, r, c, format, text, value, left, top, width, height, room));
      }
    }
  }
  for (let row = part.top; row <= part.bottom; row++) {
    const col = firstBefore(app, row, part.left, part.from);
    const value = col < 0 ? null : book.get(sheet, row, col);
    const format = view.format(row, Math.max(col, 0));
    if (col < 0 || !flows(value, format)) continue;
    const text = shownText(value, format.format);
    const [width, height] = [view.xs[col + 1] - view.xs[col], view.ys[row + 1] - view.ys[row]];
    texts.push(() => drawText(g, view, row, col, format, text, value, x(col), y(row), width, height, roomFor(app, row, col)));
  }
  texts.forEach((draw) => draw());
}

/** The last cell left of a column that holds something, whose text may run on; -1 for none. @param {App} app @param {number} row @param {number} col @param {number} from */
function firstBefore({ view, book, sheet }, row, col, from) {
  for (let at = col - 1; at >= from; at--) {
    if (view.covered.has(view.key(row, at))) return -1;
    if (book.get(sheet, row, at) !== null) return view.merged.has(view.key(row, at)) ? -1 : at;
  }
  return -1;
}

/** Whether a text may run over blank cells beside it. @param {unknown} value @param {Format} format */
function flows(value, format) {
  const left = !format.across || format.across === "left";
  return typeof value === "string" && left && !format.wrap && !format.shrink;
}

/** @param {App} app @param {number} row @param {number} col */
function roomFor({ view, book, sheet }, row, col) {
  let next = col + 1;
  while (next < view.cols && book.get(sheet, row, next) === null && !view.covered.has(view.key(row, next))) next++;
  return (next === view.cols ? view.xs[next] + 2000 : view.xs[next]) - view.xs[col];
}

/** @param {Canvas} g @param {Record<string, [number, string]>} edges @param {number} x @param {number} y @param {number} w @param {number} h */
function drawEdges(g, edges, x, y, w, h) {
  for (const [side, [width, color]] of Object.entries(edges)) {
    g.fillStyle = color;
    if (side === "left") g.fillRect(x, y, width, h);
    else if (side === "right") g.fillRect(x + w - width, y, width, h);
    else if (side === "top") g.fillRect(x, y, w, width);
    else g.fillRect(x, y + h - width, w, width);
  }
}

/**
 * @param {Canvas} g
 * @param {View} view
 * @param {number} row
 * @param {number} col
 * @param {Format} format
 * @param {string} text
 * @param {import("./values.js").Scalar} value
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 * @param {number} room
 */
function drawText(g, view, row, col, format, text, value, x, y, w, h, room) {
  const size = (format.size ?? 11) * POINT;
  const across = format.across ?? (typeof value === "number" ? "right" : typeof value === "boolean" ? "center" : "left");
  const indent = PAD + (format.indent ?? 0) * 8;
  g.save();
  g.beginPath();
  g.rect(x, y, room, h);
  g.clip();
  g.font = fontOf(format);
  g.fillStyle = format.color ?? "#000";
  g.textBaseline = "middle";
  const middle = format.down === "top" ? y + size * 0.7 : format.down === "center" ? y + h / 2 : y + h - size * 0.62;
  const runs = view.rich.get(view.key(row, col));
  if (runs) drawRuns(g, runs, format, x + indent, middle, size);
  else if (format.wrap) drawLines(g, text, format, x + indent, y, w - 2 * indent, h, size);
  else {
    const length = g.measureText(text).width;
    if (format.shrink && length > w - 4) g.font = fontOf(format, (w - 4) / length);
    const fitted = format.shrink ? text : fittedText(value, format.format, (shorter) => g.measureText(shorter).width <= w - 1);
    g.textAlign = across === "center" ? "center" : across === "right" ? "right" : "left";
    const at = across === "center" ? x + w / 2 : across === "right" ? x + w - PAD : x + indent;
    g.fillText(fitted ?? "#".repeat(Math.max(1, Math.floor(w / 8))), at, middle);
    if (format.underline) g.fillRect(across === "center" ? at - length / 2 : at, middle + size * 0.45, length, 1);
  }
  g.restore();
}

/** @param {Canvas} g @param {[string, string, number][]} runs @param {Format} format @param {number} x @param {number} y @param {number} size */
function drawRuns(g, runs, format, x, y, size) {
  g.textAlign = "left";
  for (const [text, place, bold] of runs) {
    g.font = fontOf({ ...format, bold: bold || format.bold }, place ? 0.7 : 1);
    g.fillText(text, x, y + (place === "sub" ? size * 0.25 : place === "super" ? -size * 0.3 : 0));
    x += g.measureText(text).width;
  }
}

/** @param {Canvas} g @param {string} text @param {Format} format @param {number} x @param {number} y @param {number} width @param {number} h @param {number} size */
function drawLines(g, text, format, x, y, width, h, size) {
  /** @type {string[]} */
  const lines = [];
  let line = "";
  for (const piece of text.split(/(?<=[\s,(+*/])/)) {
    if (line && g.measureText(line + piece).width > width) {
      lines.push(line);
      line = piece;
    } else line += piece;
  }
  lines.push(line);
  const step = size * 1.25;
  const tall = step * lines.length;
  let at = format.down === "top" ? y + step / 2 : format.down === "center" ? y + (h - tall + step) / 2 : y + h - tall + step / 2;
  g.textAlign = "left";
  for (const each of lines) {
    g.fillText(each, x, at);
    at += step;
  }
}

// ---- kernel.js
/**
 * Matrix products in WebAssembly. Of the packed numbers of the model a few at a time are copied into
 * its memory, and decoded there while the processor's cache holds them, for all rows of the other
 * factor. Its memory lives until the browser tidies up, however many pages were loaded since; so the
 * model itself lies elsewhere.
 */


/** @typedef {import("./values.js").Table} Table */
/** @typedef {import("./packed.js").Packed} Packed */

const MEMORY_PAGE = 65536;
/** Numbers that fit into the memory: operands and results. */
const ROOM = 1 << 22;
/** Rows of a factor that one turn of the innermost loop takes. */
const ROWS = 4;
/** Numbers of a row of a sheet at most. */
const LONGEST = 16384;
/** Packed numbers that are held at a time: at least so many rows. */
const HELD = ROWS * LONGEST;
/** Numbers that are decoded together: a row, and one for an odd count. */
const STRIP = LONGEST + 2;
/** Columns of a product that are computed together, few enough to stay in the processor's cache. */
const BLOCK = 256;

/** The memory, and the loops that run over it. */
class Kernel {
  constructor() {
    this.powers = (HELD + STRIP) * 5 + FLOAT; // in bytes; the loops may read a little more than is held
    this.powers -= this.powers % FLOAT;
    this.strip = this.powers / FLOAT + POWERS.length;
    this.room = this.strip + STRIP;
    const pages = Math.ceil(((this.room + ROOM) * FLOAT) / MEMORY_PAGE);
    const memory = new WebAssembly.Memory({ initial: pages });
    const module = new WebAssembly.Module(moduleBytes());
    const { exports } = new WebAssembly.Instance(module, { page: { memory } });
    this.add = /** @type {(...numbers: number[]) => void} */ (exports.add);
    this.dot = /** @type {(a: number, end: number, b: number) => number} */ (exports.dot);
    this.decode = /** @type {(...numbers: number[]) => number} */ (exports.decode);
    const { buffer } = memory;
    this.integers = new Int32Array(buffer, 0, HELD);
    this.places = new Uint8Array(buffer, (HELD + STRIP) * 4, HELD);
    this.all = new Float64Array(buffer);
    this.all.set(POWERS, this.powers / FLOAT);
  }

  /** Copies rows of packed numbers into the memory, one behind the other. @param {PackedTable} table @param {number} first @param {number} rows */
  hold({ packed, from, down, length }, first, rows) {
    for (let i = 0, start = from + first * down; i < rows; i++, start += down) {
      this.integers.set(packed.integers.subarray(start, start + length), i * length);
      this.places.set(packed.places.subarray(start, start + length), i * length);
    }
  }

  /**
   * Decodes numbers that are held and follow each other.
   * @param {Packed} packed where they are from @param {number} from their number there
   * @param {number} held their number here @param {number} count
   * @param {number} to a place counted in numbers
   */
  unpack(packed, from, held, count, to) {
    const places = this.places.byteOffset + held;
    if (!this.decode(held * 4, (held + count) * 4, places, to * FLOAT, this.powers)) return;
    const { all } = this;
    for (let i = 0; i < count; i++) if (Number.isNaN(all[to + i])) all[to + i] = packed.at(from + i);
  }

  /**
   * Copies part of a table into the memory, `after` numbers from where there is room. Where it
   * begins, in numbers; -1 if it does not fit.
   * @param {Table} table @param {number} length @param {number} after
   */
  place({ data, offset }, length, after) {
    if (after + length > ROOM) return -1;
    this.all.set(/** @type {Float64Array} */ (data).subarray(offset, offset + length), this.room + after);
    return this.room + after;
  }

  /**
   * `out` (m, n) = a (m, k) times b (k, n), whose rows lie together; false if there is no room.
   * @param {Table} a
   * @param {Table | PackedTable} b
   * @param {Float64Array} out
   */
  alongRows(a, b, out) {
    const { cols: n, rows: k } = b;
    const { all, room, strip } = this;
    const whole = n - (n % 2);
    const packed = b instanceof PackedTable;
    const from = packed ? b.from : this.place(b, (k - 1) * b.down + n, out.length);
    if (from < 0 || out.length > ROOM || n > LONGEST) return false;
    all.fill(0, room, room + out.length);
    const padded = Math.ceil(k / ROWS) * ROWS;
    const factors = new Float64Array(a.rows * padded);
    for (let i = 0; i < a.rows; i++) {
      for (let p = 0; p < k; p++) factors[i * padded + p] = Number(a.data[a.offset + i * a.down + p * a.right]);
    }
    const lines = packed ? Math.floor(HELD / n / ROWS) * ROWS : k;
    for (let top = 0; top < k; top += lines) {
      const bottom = Math.min(top + lines, k);
      if (packed) this.hold(b, top, bottom - top);
      for (let left = 0; left < whole; left += BLOCK) {
        const width = Math.min(BLOCK, whole - left);
        for (let p = top; p < bottom; p += ROWS) {
          const row = (/** @type {number} */ q) => {
            const line = Math.min(p + q, k - 1);
            const at = from + line * b.down + left;
            if (packed) this.unpack(b.packed, at, (line - top) * n + left, width, strip + q * BLOCK);
            return (packed ? strip + q * BLOCK : at) * FLOAT;
          };
          const [r0, r1, r2, r3] = [row(0), row(1), row(2), row(3)];
          for (let i = 0, at = p; i < a.rows; i++, at += padded) {
            const to = (room + i * n + left) * FLOAT;
            this.add(to, to + width * FLOAT, r0, r1, r2, r3, factors[at], factors[at + 1], factors[at + 2], factors[at + 3]);
          }
        }
      }
    }
    for (let p = 0; p < k && whole < n; p++) {
      const at = from + p * b.down + whole;
      const number = packed ? b.packed.at(at) : all[at];
      for (let i = 0; i < a.rows; i++) all[room + i * n + whole] += factors[i * padded + p] * number;
    }
    out.set(all.subarray(room, room + out.length));
    return true;
  }

  /**
   * The same for factors whose numbers lie together along k, where the rows of a meet the columns of
   * b. Of packed lines each is decoded once, and meets all lines of the other factor.
   * @param {Table | PackedTable} a
   * @param {Table | PackedTable} b
   * @param {Float64Array} out
   */
  alongColumns(a, b, out) {
    const [m, n, k] = [a.rows, b.cols, a.cols];
    if (a instanceof PackedTable) {
      const lines = b instanceof PackedTable ? -1 : this.gather(b, n, b.right, k, b.down);
      return lines >= 0 && this.lines(a, m, 0, lines, n, k, (j, i, dot) => (out[j * n + i] = dot));
    }
    const lines = this.gather(a, m, a.down, k, a.right);
    const right = b instanceof PackedTable ? 0 : b.right;
    return lines >= 0 && this.lines(b, n, right, lines, m, k, (j, i, dot) => (out[i * n + j] = dot));
  }

  /**
   * Copies lines of numbers into the memory, one behind the other; where they begin, -1 if they do not fit.
   * @param {Table} table @param {number} count of lines @param {number} step from one to the next
   * @param {number} length @param {number} along from a number to the next
   */
  gather({ data, offset }, count, step, length, along) {
    if (count * length > ROOM) return -1;
    for (let i = 0, to = this.room; i < count; i++) {
      for (let p = 0, at = offset + i * step; p < length; p++, at += along) this.all[to++] = Number(data[at]);
    }
    return this.room;
  }

  /**
   * Products of all lines of one factor with lines that are in the memory, `k` numbers long.
   * @param {Table | PackedTable} outer
   * @param {number} count of its lines
   * @param {number} step from one of its lines to the next; packed ones know theirs
   * @param {number} inner where the others begin
   * @param {number} others how many they are
   * @param {number} k
   * @param {(j: number, i: number, dot: number) => void} take
   */
  lines(outer, count, step, inner, others, k, take) {
    const { all, strip } = this;
    const packed = outer instanceof PackedTable;
    const first = packed ? strip : this.place(outer, (count - 1) * step + k, others * k);
    if (first < 0 || k >= STRIP) return false;
    const whole = k - (k % DOT);
    for (let j = 0; j < count; j++) {
      const line = packed ? strip : first + j * step;
      if (packed) {
        this.hold(outer, j, 1);
        this.unpack(outer.packed, outer.from + j * outer.down, 0, k, strip);
      }
      for (let i = 0, other = inner; i < others; i++, other += k) {
        let total = this.dot(line * FLOAT, (line + whole) * FLOAT, other * FLOAT);
        for (let p = whole; p < k; p++) total += all[line + p] * all[other + p];
        take(j, i, total);
      }
    }
    return true;
  }
}

/** A kernel, null where the browser does not have what it needs. */
function makeKernel() {
  try {
    return new Kernel();
  } catch {
    return null;
  }
}

// ---- matrices.js
/** MMULT, TRANSPOSE and SUMPRODUCT. */


/** @typedef {import("./values.js").Value} Value */

/** Multiply-adds from which on a product goes through the kernel, if there is one. */
const WORTH = 1 << 16;

/** @type {import("./kernel.js").Kernel | null} */
let kernel = null;

/** Lets large products run elsewhere, or here again. @param {import("./kernel.js").Kernel | null} found */
function useKernel(found) {
  kernel = found;
}

/** The first error in a table, null if there is none. @param {Table} table */
function firstError(table) {
  if (table.kind !== MIXED) return null;
  const found = table.items().find((item) => item instanceof CellError);
  return found instanceof CellError ? found : null;
}

/**
 * The matrix product; #VALUE! if the sizes do not fit. A cell that is not a number makes every cell
 * of the result an error.
 * @param {Value | PackedTable} left
 * @param {Value | PackedTable} right
 * @returns {Value}
 */
function multiply(left, right) {
  const [a, b] = [left, right].map((value) => (value instanceof PackedTable ? value : asTable(value)));
  if (a.cols !== b.rows) return VALUE;
  for (const table of [a, b]) {
    if (table instanceof Table && table.kind !== NUMBERS) {
      const error = firstError(table) ?? VALUE;
      return single(new Table(a.rows, b.cols, [error], MIXED, 0, 0, 0));
    }
  }
  const out = new Float64Array(a.rows * b.cols);
  if (!byKernel(a, b, out)) byLoops(decoded(a), decoded(b), out);
  if (allFinite(out)) return single(new Table(a.rows, b.cols, out, NUMBERS));
  return single(tidy(a.rows, b.cols, Array.from(out, (n) => (Number.isFinite(n) ? n : NUM))));
}

/** @param {Table | PackedTable} table */
function decoded(table) {
  return table instanceof PackedTable ? table.decoded() : table;
}

/**
 * The product by the kernel; false if it is not for it.
 * @param {Table | PackedTable} a
 * @param {Table | PackedTable} b
 * @param {Float64Array} out
 */
function byKernel(a, b, out) {
  if (!kernel || out.length * a.cols < WORTH) return false;
  for (const table of [a, b]) if (table instanceof Table && !(table.data instanceof Float64Array)) return false;
  if (inRows(b) && b.cols > 1) return a instanceof Table && kernel.alongRows(a, b, out);
  return inRows(a) && (inColumns(b) || a instanceof PackedTable) && kernel.alongColumns(a, b, out);
}

/** Whether the numbers of a row lie together. @param {Table | PackedTable} table */
function inRows(table) {
  return table instanceof PackedTable ? !table.turned : table.right === 1;
}

/** Whether the numbers of a column lie together. @param {Table | PackedTable} table */
function inColumns(table) {
  return table instanceof PackedTable ? table.turned : table.down === 1;
}

/** @param {Table} a @param {Table} b @param {Float64Array} out */
function byLoops(a, b, out) {
  const [x, y] = [/** @type {Float64Array} */ (a.data), /** @type {Float64Array} */ (b.data)];
  if (b.right === 1 && b.cols > 1) alongRows(a, x, b, y, out);
  else alongColumns(a, x, b, y, out);
}

/**
 * Adds multiples of rows of `b`, four of them at a time: `b`, which may be a large matrix of
 * weights, is read once for each row of `a` and in the order in which it lies in memory.
 * @param {Table} a
 * @param {Float64Array} x
 * @param {Table} b
 * @param {Float64Array} y
 * @param {Float64Array} out
 */
function alongRows(a, x, b, y, out) {
  const { cols } = b;
  const inner = a.cols;
  for (let i = 0; i < a.rows; i++) {
    const line = out.subarray(i * cols, (i + 1) * cols);
    const from = a.offset + i * a.down;
    let k = 0;
    for (; k + 3 < inner; k += 4) {
      const [p, q] = [from + k * a.right, b.offset + k * b.down];
      const [x0, x1] = [x[p], x[p + a.right]];
      const [x2, x3] = [x[p + 2 * a.right], x[p + 3 * a.right]];
      if (x0 === 0 && x1 === 0 && x2 === 0 && x3 === 0) continue;
      const [q1, q2, q3] = [q + b.down, q + 2 * b.down, q + 3 * b.down];
      for (let j = 0; j < cols; j++) {
        line[j] += x0 * y[q + j] + x1 * y[q1 + j] + x2 * y[q2 + j] + x3 * y[q3 + j];
      }
    }
    for (; k < inner; k++) {
      const x0 = x[from + k * a.right];
      const q = b.offset + k * b.down;
      for (let j = 0; j < cols; j++) line[j] += x0 * y[q + j];
    }
  }
}

/**
 * Inner products: of rows of `a` with columns of `b`, where those lie together in memory.
 * @param {Table} a
 * @param {Float64Array} x
 * @param {Table} b
 * @param {Float64Array} y
 * @param {Float64Array} out
 */
function alongColumns(a, x, b, y, out) {
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.cols; j++) {
      let total = 0;
      let p = a.offset + i * a.down;
      let q = b.offset + j * b.right;
      for (let k = 0; k < a.cols; k++, p += a.right, q += b.down) total += x[p] * y[q];
      out[i * b.cols + j] = total;
    }
  }
}

/** A view with rows and columns changed over. @param {Value} value @returns {Value} */
function transpose(value) {
  if (!(value instanceof Table)) return value;
  const { rows, cols, data, kind, offset, down, right } = value;
  return new Table(cols, rows, data, kind, offset, right, down);
}

/** What is not a number counts as 0; different sizes give #VALUE!. @param {Value[]} values */
function sumProduct(...values) {
  const tables = values.map(asTable);
  const [first] = tables;
  if (tables.some((t) => t.rows !== first.rows || t.cols !== first.cols)) return VALUE;
  for (const table of tables) {
    const error = firstError(table);
    if (error) return error;
  }
  if (tables.some((table) => table.kind === BOOLEANS)) return 0;
  let total = 0;
  for (let i = 0; i < first.rows; i++) {
    for (let j = 0; j < first.cols; j++) {
      let product = 1;
      for (const table of tables) {
        const item = table.at(i, j);
        product *= typeof item === "number" ? item : 0;
      }
      total += product;
    }
  }
  return Number.isFinite(total) ? total : NUM;
}

// ---- elementwise.js
/** Operators and functions on whole tables, each cell by itself. */


/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./values.js").Value} Value */
/** @typedef {import("./scalars.js").Rule} Rule */

/** Functions of one number on a whole table of them. @type {Record<string, (x: number) => number>} */
const FAST_ONE = {
  SQRT: Math.sqrt,
  EXP: Math.exp,
  TANH: Math.tanh,
  NORMSDIST: below,
  INT: Math.floor,
  ABS: Math.abs,
  "u-": (x) => -x,
};

/**
 * One operator over two tables of numbers, seen in the size of the result, row by row.
 * @typedef {(a: Table, b: Table, out: Float64Array | Uint8Array) => void} Loop
 */

/**
 * The loop that walks two tables; `step` does one row. Each operator has its own innermost loop,
 * which the browser's compiler turns into a few instructions.
 * @param {(x: any, p: number, dp: number, y: any, q: number, dq: number, out: any, k: number,
 *   n: number) => void} step
 * @returns {Loop}
 */
function byRows(step) {
  return (a, b, out) => {
    const n = a.cols;
    for (let i = 0; i < a.rows; i++) {
      const p = a.offset + i * a.down;
      step(a.data, p, a.right, b.data, b.offset + i * b.down, b.right, out, i * n, n);
    }
  };
}

/** @type {Record<string, Loop>} */
const LOOPS = {
  "+": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] + y[q];
  }),
  "-": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] - y[q];
  }),
  "*": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] * y[q];
  }),
  "/": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] / y[q];
  }),
  "^": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) {
      const base = x[p];
      const exponent = y[q];
      if (exponent === 2) out[k] = base * base;
      else if (exponent === 3) out[k] = base * base * base;
      else out[k] = base === 0 && exponent === 0 ? NaN : Math.pow(base, exponent); // 0^0: an error
    }
  }),
  "=": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] === y[q] ? 1 : 0;
  }),
  "<>": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] === y[q] ? 0 : 1;
  }),
  "<": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] < y[q] ? 1 : 0;
  }),
  ">": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] > y[q] ? 1 : 0;
  }),
  "<=": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] <= y[q] ? 1 : 0;
  }),
  ">=": byRows((x, p, dp, y, q, dq, out, k, n) => {
    for (const end = k + n; k < end; k++, p += dp, q += dq) out[k] = x[p] >= y[q] ? 1 : 0;
  }),
};
const COMPARISONS = new Set(["=", "<>", "<", ">", "<=", ">="]);

/** A function of one argument on any value. @param {string} name @param {Value} value */
function applyOne(name, value) {
  const rule = SCALAR[name];
  if (!(value instanceof Table)) return rule(value);
  const fast = FAST_ONE[name];
  if (fast && value.kind !== MIXED) {
    const out = new Float64Array(value.rows * value.cols);
    const data = /** @type {Float64Array} */ (value.data);
    for (let i = 0, k = 0; i < value.rows; i++) {
      let p = value.offset + i * value.down;
      for (let j = 0; j < value.cols; j++, p += value.right) out[k++] = fast(data[p]);
    }
    if (allFinite(out)) return new Table(value.rows, value.cols, out, NUMBERS);
  }
  return tidy(value.rows, value.cols, value.items().map((item) => rule(item)));
}

/**
 * An operator or function of two arguments on any values, the smaller one stretched.
 * @param {string} name
 * @param {Value} left
 * @param {Value} right
 * @returns {Value}
 */
function applyTwo(name, left, right) {
  if (!(left instanceof Table) && !(right instanceof Table)) return SCALAR[name](left, right);
  const [a, b] = [asTable(left), asTable(right)];
  const { rows, cols } = commonSize(a, b);
  const [x, y] = [a.stretched(rows, cols), b.stretched(rows, cols)];
  const loop = LOOPS[name];
  const compares = COMPARISONS.has(name);
  const suits = compares ? a.kind === NUMBERS && b.kind === NUMBERS : a.kind && b.kind;
  if (loop && suits) {
    const out = compares ? new Uint8Array(rows * cols) : new Float64Array(rows * cols);
    loop(x, y, out);
    if (compares) return new Table(rows, cols, out, BOOLEANS);
    if (allFinite(out)) return new Table(rows, cols, out, NUMBERS);
  }
  return applyMany(SCALAR[name], [x, y]);
}

/**
 * A rule on any number of values.
 * @param {Rule} rule
 * @param {Value[]} values
 * @returns {Value}
 */
function applyMany(rule, values) {
  if (!values.some((value) => value instanceof Table)) {
    return rule(.../** @type {Scalar[]} */ (values));
  }
  let size = { rows: 1, cols: 1 };
  const tables = values.map(asTable);
  for (const table of tables) size = commonSize(new Table(size.rows, size.cols, [], MIXED), table);
  const seen = tables.map((table) => table.stretched(size.rows, size.cols));
  const out = [];
  for (let i = 0; i < size.rows; i++) {
    for (let j = 0; j < size.cols; j++) out.push(rule(...seen.map((table) => table.at(i, j))));
  }
  return tidy(size.rows, size.cols, out);
}

/**
 * `yes` where the condition holds, else `no`; an error in the condition stays.
 * @param {Table} condition
 * @param {Value} yes
 * @param {Value} no
 */
function choose(condition, yes, no) {
  return applyMany(
    (test, a, b) => {
      const truth = toBoolean(test);
      return truth instanceof CellError ? truth : truth ? a : b;
    },
    [condition, yes, no],
  );
}

// ---- strips.js
/**
 * Array formulas of many rows, such as a score for each token, a strip of rows at a time: little is
 * held besides the result, and the browser gets its turns. That is possible where each row of the
 * result comes from the same row of what is as high.
 */


/** @typedef {import("./parser.js").Node} Node */
/** @typedef {import("./parser.js").Reference} Reference */
/**
 * @typedef {object} Strip
 * @property {Set<Reference>} high the references that are read a strip at a time
 * @property {number} from the first row of the strip
 * @property {number} rows
 */

/** Rows of a strip. */
const STRIP_ROWS = 512;

/**
 * The references of a formula that may be read a strip at a time, null if its rows are not apart.
 * @param {Node} node
 * @param {number} rows of the formula
 * @returns {Set<Reference> | null}
 */
function highReferences(node, rows) {
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

// ---- changes_panel.js
/** The list of what was changed, with the way back, and the lock of all other cells. */


/** @typedef {import("./app.js").App} App */

/** What was changed, with the way back. @param {App} app @param {import("./changes.js").Changes} changes */
function showChanges(app, changes) {
  const undo = (/** @type {number} */ count) => {
    changes.undo(count);
    showChanges(app, changes);
  };
  show(app, "changes", "Changes",
    make("p", {}, make("label", {}, make("input", { type: "checkbox", checked: changes.unlocked, onchange: (/** @type {Event} */ event) => {
      changes.unlocked = /** @type {HTMLInputElement} */ (event.target).checked;
      app.changed("place");
      app.say(changes.unlocked ? "Every cell can be changed: weights, values and formulas." : "Only yellow cells can be changed.");
    } }), " Unlock all cells")),
    make("p", { className: "buttons" }, button("Undo", "Take back the last change (Ctrl+Z)", () => undo(1)), button("Reset", "Take back all changes", () => undo(changes.list.length))),
    changes.list.length ? null : make("p", { textContent: "Nothing is changed." }),
    make("ol", {}, ...changes.list.map(({ cell, before, after }) => make("li", {}, way(app, cell), make("p", { textContent: `${before || "(blank)"} → ${after || "(blank)"}` })))));
}

// ---- guide.js
/** Guided mode: the texts of a tab that explains the workbook, beside the grid that they are about. */


/** @typedef {import("./app.js").App} App */
/**
 * @typedef {object} Stop
 * @property {[number, number]} at
 * @property {string | null} to where it leads; null for its own place
 * @property {[number, number, string][]} cells row, column and heading of each of its texts
 * @property {string[]} words of a card, its title first
 * @property {[number, number] | null} title the cell that names the stop, null for a card
 */
/** @typedef {{sheet: number, stops: Stop[]}} StoredGuide */

class Guide {
  /** @param {App} app @param {StoredGuide} stored */
  constructor(app, stored) {
    this.app = app;
    this.stored = stored;
    this.at = -1;
  }

  get name() {
    return this.app.book.sheets[this.stored.sheet].name;
  }

  /** @param {number} by */
  move(by) {
    this.go(Math.max(0, Math.min(this.at + by, this.stored.stops.length - 1)));
  }

  /** Goes to a stop: the grid moves there, its texts are shown. @param {number} index */
  go(index) {
    const { app, stored } = this;
    const stop = stored.stops[index];
    this.at = index;
    app.mode = "guide";
    if (stop.to === null || !app.jump(stop.to)) app.goTo({ sheet: stored.sheet, row: stop.at[0], col: stop.at[1] }, true);
    const names = app.data.steps.find((step) => step.sheet === app.sheet && step.at[0] === stop.at[0] && stop.to === null)?.areas ?? [app.nameAt(app.cell)];
    app.outlines = names.flatMap((name) => app.book.names.get(name) ?? []).map((area) => ({ area, color: OWN }));
    this.show();
    app.changed("place");
    app.say(`${this.name}, stop ${index + 1} of ${stored.stops.length}: ${this.title(stop)}`);
  }

  /** What a stop is called. @param {Stop} stop */
  title({ title, words }) {
    return title ? this.app.text(this.stored.sheet, title[0], title[1]) : (words[0] ?? "");
  }

  /**
   * The texts of a stop as they are now, without its title: formulas among them follow the prompt. A
   * text is headed by its column, or by the first text of its row.
   * @param {Stop} stop
   */
  texts({ cells, words, title }) {
    const { app, stored } = this;
    /** @type {Map<number, string>} */
    const labels = new Map();
    const lines = words.slice(1).map((text) => ({ head: "", text }));
    cells.forEach(([row, col, head], i) => {
      const text = app.text(stored.sheet, row, col);
      if (text === "" || (title && row === title[0] && col === title[1])) return;
      if (!head && cells[i + 1]?.[0] === row && !labels.has(row)) labels.set(row, text);
      else lines.push({ head: head || (labels.get(row) ?? ""), text });
    });
    return lines;
  }

  /** Shows the stop, without moving. */
  show() {
    const { app, stored } = this;
    const stop = stored.stops[this.at];
    if (!stop) return;
    const options = stored.stops.map((one, i) => {
      const title = this.title(one);
      return make("option", { value: String(i), textContent: /^\d+\. /.test(title) ? title : `${i + 1}. ${title}`, selected: i === this.at });
    });
    const menu = make("select", { "aria-label": "Go to a stop", onchange: (/** @type {Event} */ event) =>
      this.go(Number(/** @type {HTMLSelectElement} */ (event.target).value)) }, ...options);
    const lines = this.texts(stop).map(({ head, text }) => make("p", {}, head ? make("b", { textContent: `${head}: ` }) : null, ...inRuns(app, stored.sheet, text)));
    show(app, "guide", `${this.name}: ${this.at + 1} of ${stored.stops.length}`,
      make("p", { className: "buttons" }, button("◂ Back", "The stop before (Shift+Space)", () => this.move(-1)), button("Next ▸", "The next stop (Space)", () => this.move(1)),
        button("Again", "Go back to where this stop is", () => this.go(this.at))),
      menu, make("h3", { textContent: this.title(stop) }), ...lines);
    byId("panel").scrollTop = 0;
  }
}

// ---- help_panel.js
/** Help: what can be done on the page, and by which keys. */


/** What can be done, and how. */
const HELP = [
  ["Type", "a prompt into the field on top, or a value into any yellow cell: answer, colours and charts follow while you type."],
  ["Step", "goes through the model in the order of the data. Space or Next goes on, Shift+Space back. Orange: what the step computes. Blue: what it reads."],
  ["Ask", "says what the selected number is made of. Click another number, or a part in the list, to ask on: back to the letters of the prompt."],
  ["tour, why", "tell about the model, stop by stop; Space goes on."],
  ["+ best, + drawn", "append the likeliest token, or the one that the tab sampling drew."],
  ["Unlock", "opens every cell, weights and formulas too. Undo and Reset take changes back."],
  ["Name box", "(the field with the cell's name) goes to a cell, a tab or a name, such as h.0.attn.pattern."],
];
const KEYS = [
  ["Space, Shift+Space", "next step or stop, the one before"],
  ["?", "ask the selected number"],
  ["Arrows, Tab, Page Up, Page Down", "move in the cells"],
  ["Ctrl+arrows", "to the edge of the data"],
  ["Ctrl+Home, Ctrl+End", "first cell, last cell"],
  ["Shift with these", "selects cells"],
  ["Ctrl+C", "copies them as text"],
  ["Enter", "follows a link, or ends typing"],
  ["F2, Delete", "edit a cell, empty it"],
  ["Ctrl+Page Up, Ctrl+Page Down", "other tabs"],
  ["F4", "formula as the template declares it"],
  ["Ctrl+F", "find a text on all tabs"],
  ["Ctrl+Z", "undo"],
  ["F6, Shift+F6", "next part of the page: cells, panel, tabs, buttons, name box"],
  ["Escape", "closes the panel; in the cells it goes to the name box"],
];

/** Says what can be done. @param {import("./app.js").App} app */
function showHelp(app) {
  const list = (/** @type {string[][]} */ lines) => make("dl", {}, ...lines.flatMap(([what, how]) => [make("dt", { textContent: what }), make("dd", { textContent: how })]));
  show(app, "help", "Help", make("p", { textContent: "This page is the whole workbook. It computes by itself; nothing that you type leaves it." }),
    list(HELP), make("h3", { textContent: "Keys" }), list(KEYS));
}

// ---- stepper.js
/** Steps through the model in the order of the data, as a debugger does. */


/** @typedef {import("./app.js").App} App */
/** @typedef {import("./app.js").Step} Step */
/** @typedef {import("./reference.js").Area} Area */

/** Names of what a step computes or reads that are listed. */
const NAMES = 12;

/** Goes through the steps of the model in the order of the data. */
class Stepper {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.at = -1;
    /** Seconds between two steps when it goes by itself. */
    this.speed = 2;
    this.timer = 0;
  }

  /** @param {number} by */
  move(by) {
    this.show(Math.max(0, Math.min(this.at + by, this.app.data.steps.length - 1)));
  }

  /** Runs to the step of the selected cell: the one that computes it, or whose card is above or left. */
  here() {
    const { app } = this;
    const { sheet, row, col } = app.cell;
    const { steps } = app.data;
    const own = app.stepOf(app.nameAt(app.cell));
    const before = steps.filter((step) => step.sheet === sheet && step.at[0] <= row && step.at[1] <= col);
    const last = before.reduce((best, step) => (step.at[0] > best.at[0] || (step.at[0] === best.at[0] && step.at[1] > best.at[1]) ? step : best), before[0]);
    const step = own ?? last;
    if (step) this.show(steps.indexOf(step));
    else app.warn("No step of the model belongs to this cell.");
  }

  /** Goes on by itself, or stops. */
  play() {
    const playing = this.timer !== 0;
    clearTimeout(this.timer);
    this.timer = playing ? 0 : window.setTimeout(() => this.next(), this.speed * 1000);
    this.show(this.at);
  }

  /** The next step of those that come by themselves, until the last one or another mode. */
  next() {
    const last = this.at >= this.app.data.steps.length - 2;
    const on = this.app.mode === "step" && !last;
    this.timer = on ? window.setTimeout(() => this.next(), this.speed * 1000) : 0;
    if (this.app.mode === "step") this.move(1);
  }

  /** @param {number} index */
  show(index) {
    const { app } = this;
    const { steps } = app.data;
    const step = steps[index];
    if (!step) return;
    this.at = index;
    app.mode = "step";
    const areas = step.areas.flatMap((name) => app.book.names.get(name) ?? []);
    const reads = areas.flatMap((area) => app.book.graph.within([area]).flatMap((g) => app.book.graph.reads[g]));
    app.outlines = [...reads.map((area) => ({ area, color: READ })), ...areas.map((area) => ({ area, color: OWN }))];
    const result = app.book.names.get(this.results(step)[0] ?? "") ?? null;
    show(app, "step", `Step ${index + 1} of ${steps.length}`,
      make("p", { className: "buttons" }, button("◂ Back", "The step before (Shift+Space)", () => this.move(-1)), button("Next ▸", "The next step (Space)", () => this.move(1)),
        button("Card", "Go back to the card of this step", () => this.show(index)), button("Here", "Run to the step of the selected cell", () => this.here())),
      this.pace(), make("h3", { textContent: `${step.number === null ? "" : `${step.number}. `}${step.title}` }),
      ...step.lines.map((line) => make("p", {}, ...inRuns(app, step.sheet, line))), ...step.declared.map((line) => make("code", { textContent: line })),
      this.ways("It computes", "own", this.results(step)), this.ways("It reads", "read", this.sources(step, reads)));
    byId("panel").scrollTop = 0;
    app.goTo({ sheet: step.sheet, row: step.at[0], col: step.at[1] }, true, result); // in the room that the panel leaves
    app.say(`${this.title(step)}. ${step.lines.slice(0, -1).join(" ")}`);
  }

  /** What a step computes, from left to right, its workings last. @param {Step} step */
  results({ areas }) {
    const { names } = this.app.book;
    const workings = (/** @type {string} */ name) => Number(areas.some((other) => name.startsWith(`${other}.`)));
    const col = (/** @type {string} */ name) => names.get(name)?.col ?? 0;
    return [...areas].sort((a, b) => workings(a) - workings(b) || col(a) - col(b));
  }

  /** The names of what a step reads elsewhere. @param {Step} step @param {Area[]} reads */
  sources({ areas }, reads) {
    const names = new Set(reads.map((area) => this.app.nameAt(area)));
    return [...names].filter((name) => name && !areas.includes(name));
  }

  /** Ways to areas; the outlines stay. @param {string} words @param {string} kind @param {string[]} names */
  ways(words, kind, names) {
    const { app } = this;
    const lines = names.slice(0, NAMES).flatMap((name) => {
      const area = app.book.names.get(name);
      const size = area && area.rows * area.cols > 1 ? `${area.rows} × ${area.cols}` : area && app.text(area.sheet, area.row, area.col);
      return area ? [make("li", {}, way(app, area, `${name} (${quoteSheet(app.book.sheets[area.sheet].name)}): ${size}`))] : [];
    });
    if (!lines.length) return null;
    const more = names.length > NAMES ? `, and ${names.length - NAMES} more` : "";
    return make("div", { className: kind }, make("h3", { textContent: `${words}${more}` }), make("ul", {}, ...lines));
  }

  /** The steps by tab. */
  menu() {
    const { sheets } = this.app.book;
    const menu = make("select", { "aria-label": "Go to a step", onchange: () => this.show(Number(menu.value)) });
    /** @type {HTMLOptGroupElement | undefined} */
    let group;
    this.app.data.steps.forEach((step, i) => {
      const { name } = sheets[step.sheet];
      if (group?.label !== name) menu.append((group = make("optgroup", { label: name })));
      const number = step.number === null ? "" : `${step.number}. `;
      group.append(make("option", { value: String(i), textContent: number + step.title, selected: i === this.at }));
    });
    return menu;
  }

  /** Where to go, whether it goes by itself, and how fast. */
  pace() {
    const words = make("span", { textContent: `${this.speed} s` });
    const speed = make("input", { type: "range", min: "0.5", max: "5", step: "0.5", value: String(this.speed), "aria-label": "Seconds for a step", oninput: () => {
      this.speed = Number(speed.value);
      words.textContent = `${this.speed} s`;
    } });
    return make("p", { className: "buttons pace" }, this.menu(), button(this.timer ? "Stop" : "Play", "Go on by itself", () => this.play()), speed, words);
  }

  /** @param {Step} step */
  title(step) {
    const tab = this.app.book.sheets[step.sheet].name;
    return `${tab}${step.number === null ? "" : ` ${step.number}.`} ${step.title}`;
  }
}

// ---- lookup.js
/** INDEX, MATCH, LOOKUP and COUNTIF by position, by index and by binary search. */


/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./sheets.js").Sheet} Sheet */

/**
 * @typedef {object} Cells where a reference lies
 * @property {Sheet} sheet
 * @property {number} row
 * @property {number} col
 * @property {number} rows
 * @property {number} cols
 */

/** A row or column of something. @typedef {{length: number, at: (i: number) => Scalar}} Line */

/** @param {Cells | Table} list @returns {Line | null} */
function lineOf(list) {
  if (Math.min(list.rows, list.cols) !== 1) return null;
  const length = list.rows * list.cols;
  const down = list.rows >= list.cols;
  if (list instanceof Table) {
    return { length, at: (i) => (down ? list.at(i, 0) : list.at(0, i)) };
  }
  const { sheet, row, col } = list;
  return { length, at: (i) => (down ? sheet.get(row + i, col) : sheet.get(row, col + i)) };
}

/** Positions of numbers in columns of constants: made once for each, by sheet. */
class Positions {
  constructor() {
    /** @type {WeakMap<Sheet, Map<string, Map<number, number>>>} */
    this.kept = new WeakMap();
  }

  /** @param {Sheet} sheet whose constants were changed */
  forget(sheet) {
    this.kept.delete(sheet);
  }

  /** @param {Cells} cells @param {Line} line */
  of(cells, line) {
    let lists = this.kept.get(cells.sheet);
    if (!lists) this.kept.set(cells.sheet, (lists = new Map()));
    const key = `${cells.row},${cells.col},${cells.rows},${cells.cols}`;
    let places = lists.get(key);
    if (!places) {
      places = new Map();
      for (let i = line.length - 1; i >= 0; i--) {
        const value = line.at(i);
        if (typeof value === "number") places.set(value, i + 1);
      }
      lists.set(key, places);
    }
    return places;
  }
}

/**
 * MATCH: the place of the first equal cell (kind 0), of the last that is not above the key in
 * ascending cells (1), or of the last that is not below it in descending ones (-1).
 * @param {Scalar} key
 * @param {Cells | Table} list
 * @param {number} kind
 * @param {Positions} positions
 * @returns {number | CellError}
 */
function match(key, list, kind, positions) {
  const line = lineOf(list);
  if (key instanceof CellError) return key;
  if (line === null) return NA;
  const sought = /** @type {Exclude<Scalar, null | CellError>} */ (key ?? 0);
  if (kind === 0) return exact(sought, list, line, positions);
  if (kind < 0) return descending(sought, line);
  return typeof sought === "number" ? ascending(sought, line) : lastNotAbove(sought, line);
}

/**
 * @param {Exclude<Scalar, null | CellError>} key
 * @param {Cells | Table} list
 * @param {Line} line
 * @param {Positions} positions
 */
function exact(key, list, line, positions) {
  if (typeof key === "number" && !(list instanceof Table) && list.sheet.constant) {
    return positions.of(list, line).get(key) ?? NA;
  }
  if (typeof key === "number" && !(list instanceof Table) && list.sheet instanceof GridSheet) {
    return list.sheet.find(key, list);
  }
  const pattern = typeof key === "string" && /[*?]/.test(key) ? wildcard(key) : null;
  const wanted = typeof key === "string" ? folded(key) : key;
  for (let i = 0; i < line.length; i++) {
    const value = line.at(i);
    if (typeof value !== typeof key) continue;
    const seen = typeof value === "string" ? folded(value) : value;
    if (pattern ? pattern.test(String(seen)) : seen === wanted) return i + 1;
  }
  return NA;
}

/** Text with `*`, `?` and the escape `~` as a regular expression. @param {string} text */
function wildcard(text) {
  const body = folded(text).replace(/~[*?~]|[*?]|[\\^$.|+()[\]{}]/g, (piece) => {
    if (piece === "*") return ".*";
    if (piece === "?") return ".";
    return `\\${piece.at(-1)}`;
  });
  return new RegExp(`^${body}$`, "su");
}

/** Binary search; cells that are no numbers do not count. @param {number} key @param {Line} line */
function ascending(key, line) {
  let [low, high] = [0, line.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = line.at(middle);
    if (typeof value !== "number") return lastNotAbove(key, line);
    if (value <= key) low = middle + 1;
    else high = middle;
  }
  return low || NA;
}

/** @param {Exclude<Scalar, null | CellError>} key @param {Line} line */
function lastNotAbove(key, line) {
  /** @type {number | CellError} */
  let last = NA;
  for (let i = 0; i < line.length; i++) {
    const value = line.at(i);
    if (typeof value === typeof key && compareScalars(value, key) <= 0) last = i + 1;
  }
  return last;
}

/** @param {Exclude<Scalar, null | CellError>} key @param {Line} line */
function descending(key, line) {
  /** @type {number | CellError} */
  let last = NA;
  for (let i = 0; i < line.length; i++) {
    const value = line.at(i);
    if (typeof value !== typeof key) continue;
    if (compareScalars(value, key) < 0) break;
    last = i + 1;
  }
  return last;
}

/**
 * INDEX with a row and a column number, from 1; in a single row one number counts columns.
 * @param {Cells | Table} list
 * @param {Scalar} row
 * @param {Scalar | undefined} col
 * @returns {Scalar}
 */
function index(list, row, col) {
  const across = col === undefined && list.rows === 1;
  const i = toNumber(across ? 1 : row);
  const j = toNumber(across ? row : col === undefined ? 1 : col);
  if (i instanceof CellError) return i;
  if (Math.trunc(i) < 1) return VALUE;
  if (Math.trunc(i) > list.rows) return REF;
  if (j instanceof CellError) return j;
  if (Math.trunc(j) < 1) return VALUE;
  if (Math.trunc(j) > list.cols) return REF;
  const [r, c] = [Math.trunc(i) - 1, Math.trunc(j) - 1];
  return list instanceof Table ? list.at(r, c) : list.sheet.get(list.row + r, list.col + c);
}

/**
 * COUNTIF: cells equal to a value, or that pass a criterion in text such as `>=3` or `a*`.
 * @param {Table} table
 * @param {Scalar} criterion
 */
function countIf(table, criterion) {
  const text = typeof criterion === "string" ? criterion : null;
  const [, sign = "=", operand = ""] = (text && /^(<=|>=|<>|=|<|>)?(.*)$/s.exec(text)) || [];
  const number = text === null ? criterion : toNumber(operand);
  const wanted = text === null || (operand !== "" && typeof number === "number") ? number : operand;
  const pattern = typeof wanted === "string" ? wildcard(wanted) : null;
  return table.items().filter((item) => {
    if (pattern && (sign === "=" || sign === "<>")) {
      const fits = typeof item === "string" && pattern.test(folded(item));
      return fits === (sign === "=");
    }
    if (typeof item !== typeof wanted || item instanceof CellError) return sign === "<>";
    const order = compareScalars(item, /** @type {Scalar} */ (wanted));
    if (sign === "=") return order === 0;
    if (sign === "<>") return order !== 0;
    if (order === 0) return sign.length === 2;
    return order < 0 === (sign[0] === "<");
  }).length;
}

// ---- place.js
/** Where a program runs: one formula in one cell, and what its references hold there. */


/** @typedef {import("./parser.js").Reference} Reference */
/** @typedef {import("./sheets.js").Sheet} Sheet */
/** @typedef {import("./lookup.js").Cells} Cells */

/**
 * The rectangle of a reference, seen from the cell (row, col).
 * @param {Reference} ref
 * @param {number} row
 * @param {number} col
 * @returns {import("./reference.js").Area}
 */
function areaOf(ref, row, col) {
  const { fixed } = ref;
  let top = fixed & FIXED_ROW ? ref.row : ref.row + row;
  let left = fixed & FIXED_COL ? ref.col : ref.col + col;
  let bottom = fixed & FIXED_LAST_ROW ? ref.lastRow : ref.lastRow + row;
  let right = fixed & FIXED_LAST_COL ? ref.lastCol : ref.lastCol + col;
  if (bottom < top) [top, bottom] = [bottom, top];
  if (right < left) [left, right] = [right, left];
  if (top < 0 || left < 0) throw new Refused("refers to a cell outside the sheet");
  return { sheet: ref.sheet, row: top, col: left, rows: bottom - top + 1, cols: right - left + 1 };
}

class Place {
  /**
   * @param {Sheet[]} sheets
   * @param {import("./lookup.js").Positions} positions
   * @param {import("./aggregates.js").Sorted} sorted
   */
  constructor(sheets, positions, sorted) {
    this.sheets = sheets;
    this.positions = positions;
    this.sorted = sorted;
    this.row = 0;
    this.col = 0;
    this.rows = 1;
    this.cols = 1;
    this.sheet = 0;
    /** What of the formula is computed, if not all. @type {import("./strips.js").Strip | null} */
    this.strip = null;
  }

  /**
   * Moves to the formula at (row, col), which fills a rectangle, to see all of it.
   * @param {number} sheet
   * @param {number} row
   * @param {number} col
   * @param {number} rows
   * @param {number} cols
   */
  move(sheet, row, col, rows = 1, cols = 1) {
    this.sheet = sheet;
    this.row = row;
    this.col = col;
    this.rows = rows;
    this.cols = cols;
    this.strip = null;
    return this;
  }

  /** The rectangle of a reference, or the strip of it that is needed. @param {Reference} ref */
  area(ref) {
    const area = areaOf(ref, this.row, this.col);
    const { strip } = this;
    return strip?.high.has(ref) ? { ...area, row: area.row + strip.from, rows: strip.rows } : area;
  }

  /** What a reference holds. @param {Reference} ref @returns {import("./values.js").Value} */
  read(ref) {
    const { fixed } = ref;
    const cells = this.sheets[ref.sheet];
    if (ref.row === ref.lastRow && ref.col === ref.lastCol && (fixed === 0 || fixed === ALL_FIXED)) {
      // One cell, as most references are: no need for a rectangle.
      const row = fixed ? ref.row : ref.row + this.row;
      const col = fixed ? ref.col : ref.col + this.col;
      if (row >= 0 && col >= 0) return cells.get(row, col);
    }
    const { row, col, rows, cols } = this.area(ref);
    return rows === 1 && cols === 1 ? cells.get(row, col) : cells.table(row, col, rows, cols);
  }

  /** What a reference holds, for a matrix product: constant numbers may stay packed. @param {Reference} ref */
  factor(ref) {
    const cells = this.sheets[ref.sheet];
    const { row, col, rows, cols } = this.area(ref);
    return cells instanceof PatchSheet && rows * cols > 1 ? cells.factor(row, col, rows, cols) : this.read(ref);
  }

  /** Where a reference lies. @param {Reference} ref @returns {Cells} */
  cells(ref) {
    const { sheet, row, col, rows, cols } = areaOf(ref, this.row, this.col);
    return { sheet: this.sheets[sheet], row, col, rows, cols };
  }

  /** The cells that the formula itself fills. @returns {Cells} */
  here() {
    const { row, col, rows, cols } = this;
    return { sheet: this.sheets[this.sheet], row, col, rows, cols };
  }

  /** A name for the cells of a reference. @param {Reference} ref */
  key(ref) {
    const { sheet, row, col, rows, cols } = areaOf(ref, this.row, this.col);
    return `${sheet},${row},${col},${rows},${cols}`;
  }
}

// ---- stored.js
/** A workbook as the page holds it, and its tabs made of that. */


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
function sheetsOf(stored, numbers) {
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

// ---- grid.js
/** The grid: panes that scroll, what is outlined, and the selection. */


/** @typedef {import("./app.js").App} App */

const HEAD = { width: 46, height: 22 };
/** Cells of an area that should be in sight, and rows of heads above it. */
const SEEN = { rows: 4, cols: 2, heads: 3 };
/** Pixels on paper for one on the screen. */
const PAPER = 3;
/** Milliseconds without a change after which what is in sight is written out for those who hear it. */
const QUIET = 120;

class Grid {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.scroll = byId("scroll");
    this.canvas = /** @type {HTMLCanvasElement} */ (byId("grid"));
    this.waiting = false;
    app.onChange((what) => (what === "place" ? this.follow() : this.redraw()));
    this.scroll.addEventListener("scroll", () => {
      app.view.x = this.scroll.scrollLeft / app.zoom;
      app.view.y = this.scroll.scrollTop / app.zoom;
      this.redraw();
    });
    new ResizeObserver(() => this.redraw()).observe(this.scroll);
    window.addEventListener("beforeprint", () => this.draw(PAPER));
    window.addEventListener("afterprint", () => this.draw());
  }

  /** Draws before the browser's next picture, and writes it out for those who hear it. */
  redraw() {
    clearTimeout(this.reading);
    this.reading = window.setTimeout(() => showTable(this), QUIET);
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  /** The size of what is seen, in pixels of the sheet. */
  get size() {
    return { width: this.scroll.clientWidth / this.app.zoom, height: this.scroll.clientHeight / this.app.zoom };
  }

  /** The pixels of the frozen rows and columns, as far as there is room for them. */
  get frozen() {
    const { view } = this.app;
    const { width, height } = this.size;
    let [rows, cols] = view.frozen;
    if (view.ys[rows] > height * 0.3) rows = 0;
    if (view.xs[cols] > width * 0.5) cols = 0;
    return { rows, cols, x: view.xs[cols], y: view.ys[rows] };
  }

  /** Shows the selected cell, or another corner of the selection. @param {{row: number, col: number}} [place] */
  follow(place = this.app.view) {
    const { app } = this;
    const { view } = app;
    const spacer = byId("spacer");
    spacer.style.width = `${(view.xs[view.cols] + HEAD.width + 40) * app.zoom}px`;
    spacer.style.height = `${(view.ys[view.rows] + HEAD.height + 40) * app.zoom}px`;
    const frozen = this.frozen;
    const { width, height } = this.size;
    const { row, col } = place;
    if (col >= frozen.cols) {
      const room = width - HEAD.width;
      if (view.xs[col] < view.x + frozen.x) view.x = view.xs[col] - frozen.x;
      else if (view.xs[col + 1] > view.x + room) view.x = Math.min(view.xs[col] - frozen.x, view.xs[col + 1] - room + 16);
    }
    if (row >= frozen.rows) {
      const room = height - HEAD.height;
      if (app.align || view.ys[row] < view.y + frozen.y) view.y = view.ys[row] - frozen.y;
      else if (view.ys[row + 1] > view.y + room) view.y = view.ys[row + 1] - room + 16;
    }
    if (app.reveal) {
      if (col < frozen.cols) view.x = 0;
      this.reveal(app.reveal);
    }
    app.align = false;
    app.reveal = null;
    view.x = Math.max(0, view.x);
    view.y = Math.max(0, view.y);
    this.scroll.scrollTo(view.x * app.zoom, view.y * app.zoom);
    this.redraw();
  }

  /** Scrolls on, where the first cells of an area would not be in sight. @param {import("./reference.js").Area} area */
  reveal({ row, col, rows, cols }) {
    const { view } = this.app;
    const frozen = this.frozen;
    const { width, height } = this.size;
    const [last, right] = [Math.min(row + rows, row + SEEN.rows, view.rows), Math.min(col + cols, col + SEEN.cols, view.cols)];
    if (view.ys[last] > view.y + height - HEAD.height) view.y = view.ys[Math.max(0, row - SEEN.heads)] - frozen.y;
    if (view.xs[right] > view.x + width - HEAD.width) view.x = view.xs[Math.max(0, col - 1)] - frozen.x;
  }

  /** The pixel of the edge of a column, from the left of the canvas. @param {number} col */
  x(col) {
    const { view } = this.app;
    const { cols } = this.frozen;
    return HEAD.width + view.xs[col] - (col < cols ? 0 : view.x);
  }

  /** @param {number} row */
  y(row) {
    const { view } = this.app;
    const { rows } = this.frozen;
    return HEAD.height + view.ys[row] - (row < rows ? 0 : view.y);
  }

  /** @param {number} [dense] more pixels than the screen has, as paper needs */
  draw(dense = 1) {
    const { app, canvas } = this;
    const { view } = app;
    const { width, height } = this.size;
    const scale = (window.devicePixelRatio || 1) * app.zoom * dense;
    const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
      canvas.style.width = `${width * app.zoom}px`;
      canvas.style.height = `${height * app.zoom}px`;
    }
    const g = canvas.getContext("2d");
    if (!g) return;
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.fillStyle = "#FFFFFF";
    g.fillRect(0, 0, width, height);
    const frozen = this.frozen;
    for (const part of this.parts(width, height)) {
      const { clip, top, left, bottom, right } = part;
      g.save();
      g.beginPath();
      g.rect(clip.x, clip.y, clip.w, clip.h);
      g.clip();
      const [x, y] = this.edges(part);
      if (view.look.grid) this.lines(g, part, x, y);
      const from = view.x > 0 ? frozen.cols : 0;
      drawCells(g, app, { top, left, bottom, right, from }, x, y);
      for (const chart of view.look.charts ?? []) {
        const [[r, c, dy, dx], [lastRow, lastCol, lastDy, lastDx]] = chart.at;
        const [x0, y0] = [x(c) + dx, y(r) + dy];
        drawChart(g, app, chart, x0, y0, x(lastCol) + lastDx - x0, y(lastRow) + lastDy - y0);
      }
      this.marks(g, x, y);
      g.restore();
    }
    this.heads(g, width, height);
  }

  /** The panes: which rows and columns each shows, and where. @param {number} width @param {number} height */
  parts(width, height) {
    const { view } = this.app;
    const frozen = this.frozen;
    /** @type {{first: number, last: number, at: number, size: number}[]} */
    const across = [];
    const down = [];
    if (frozen.cols) across.push({ first: 0, last: frozen.cols - 1, at: HEAD.width, size: frozen.x });
    if (frozen.rows) down.push({ first: 0, last: frozen.rows - 1, at: HEAD.height, size: frozen.y });
    const [x, y] = [HEAD.width + frozen.x, HEAD.height + frozen.y];
    across.push({ first: Math.max(frozen.cols, indexAt(view.xs, view.x + frozen.x)), last: indexAt(view.xs, view.x + width), at: x, size: width - x });
    down.push({ first: Math.max(frozen.rows, indexAt(view.ys, view.y + frozen.y)), last: indexAt(view.ys, view.y + height), at: y, size: height - y });
    // The pane that scrolls is drawn first, the frozen ones over it.
    return down.reverse().flatMap((d) => across.slice().reverse().map((a) => ({
      clip: { x: a.at, y: d.at, w: a.size, h: d.size }, top: d.first, bottom: d.last, left: a.first, right: a.last,
    })));
  }

  /**
   * The pixels of the edges of a pane's columns and rows: in a frozen one an edge is the same from
   * all of its cells, the last one included; in others it has scrolled.
   * @param {{top: number, left: number}} part
   * @returns {[(c: number) => number, (r: number) => number]}
   */
  edges({ top, left }) {
    const { view } = this.app;
    const { rows, cols } = this.frozen;
    const [scrolledX, scrolledY] = [left < cols ? 0 : view.x, top < rows ? 0 : view.y];
    return [(c) => HEAD.width + view.xs[c] - scrolledX, (r) => HEAD.height + view.ys[r] - scrolledY];
  }

  /**
   * @param {CanvasRenderingContext2D} g
   * @param {{top: number, left: number, bottom: number, right: number}} part
   * @param {(c: number) => number} x
   * @param {(r: number) => number} y
   */
  lines(g, { top, left, bottom, right }, x, y) {
    g.fillStyle = "#E6EAEE";
    for (let r = top; r <= bottom; r++) g.fillRect(0, y(r + 1) - 1, this.size.width, 1);
    for (let c = left; c <= right; c++) g.fillRect(x(c + 1) - 1, 0, 1, this.size.height);
  }

  /** Outlines and the selection. @param {CanvasRenderingContext2D} g @param {(c: number) => number} x @param {(r: number) => number} y */
  marks(g, x, y) {
    const { app } = this;
    const { view } = app;
    for (const { area, color } of app.outlines) {
      if (area.sheet !== app.sheet) continue;
      const [right, bottom] = [Math.min(area.col + area.cols, view.cols), Math.min(area.row + area.rows, view.rows)];
      g.strokeStyle = color;
      g.lineWidth = 3;
      g.strokeRect(x(area.col) - 1, y(area.row) - 1, x(right) - x(area.col) + 2, y(bottom) - y(area.row) + 2);
    }
    g.fillStyle = "#D9480F";
    for (const { cell } of app.edits) {
      if (cell.sheet !== app.sheet) continue;
      g.beginPath(); // a corner, as spreadsheets mark a cell
      g.moveTo(x(cell.col), y(cell.row));
      g.lineTo(x(cell.col) + 9, y(cell.row));
      g.lineTo(x(cell.col), y(cell.row) + 9);
      g.fill();
    }
    const { top, left, bottom, right } = this.selection;
    const [lastRow, lastCol] = view.merged.get(view.key(view.row, view.col)) ?? [0, 0];
    const [r, c] = [Math.max(bottom, lastRow), Math.max(right, lastCol)];
    g.fillStyle = "rgba(31,78,121,0.10)";
    if (top !== bottom || left !== right) g.fillRect(x(left), y(top), x(right + 1) - x(left), y(bottom + 1) - y(top));
    g.strokeStyle = "#1F4E79";
    g.lineWidth = 2;
    g.strokeRect(x(left), y(top), x(c + 1) - x(left), y(r + 1) - y(top));
    g.lineWidth = 1;
  }

  get selection() {
    const { view, to } = this.app;
    return { top: Math.min(view.row, to.row), bottom: Math.max(view.row, to.row), left: Math.min(view.col, to.col), right: Math.max(view.col, to.col) };
  }

  /** @param {CanvasRenderingContext2D} g @param {number} width @param {number} height */
  heads(g, width, height) {
    const { view } = this.app;
    g.font = "11px system-ui, sans-serif";
    g.textAlign = "center";
    g.textBaseline = "middle";
    const { top, left, bottom, right } = this.selection;
    g.fillStyle = "#F1F3F5";
    g.fillRect(0, 0, width, HEAD.height);
    g.fillRect(0, 0, HEAD.width, height);
    for (const part of this.parts(width, height)) {
      const [x, y] = this.edges(part);
      for (let c = part.left; c <= part.right && c < view.cols; c++) {
        const at = Math.max(x(c), part.clip.x);
        g.fillStyle = c >= left && c <= right ? "#C9DDF0" : "#F1F3F5";
        g.fillRect(at, 0, x(c + 1) - at - 1, HEAD.height);
        g.fillStyle = "#4B5563";
        if (view.xs[c + 1] - view.xs[c] > 12) g.fillText(columnName(c), (x(c) + x(c + 1)) / 2, HEAD.height / 2);
      }
      for (let r = part.top; r <= part.bottom && r < view.rows; r++) {
        const at = Math.max(y(r), part.clip.y);
        g.fillStyle = r >= top && r <= bottom ? "#C9DDF0" : "#F1F3F5";
        g.fillRect(0, at, HEAD.width, y(r + 1) - at - 1);
        g.fillStyle = "#4B5563";
        if (view.ys[r + 1] - view.ys[r] > 9) g.fillText(String(r + 1), HEAD.width / 2, (y(r) + y(r + 1)) / 2);
      }
    }
    g.fillStyle = "#E6EAEE";
    g.fillRect(0, 0, HEAD.width, HEAD.height);
  }
}

// ---- numbers.js
/** Reads constant numbers from their bytes: decimals of a four-byte integer and its decimal places. */


const CHUNK = 65536;
/** Numbers from which on a model is large: only what is looked at is computed, a little at a time. */
const LARGE = 5e6;

/** @typedef {import("./packed.js").Packed | Floats} Numbers */

/** Takes bytes that come in pieces of any size. */
class NumberReader {
  /**
   * @param {number} count of numbers
   * @param {number[]} odd numbers that are no such decimals
   * @param {boolean} fast whether matrix products go through WebAssembly, which takes the numbers packed
   */
  constructor(count, odd, fast) {
    const kernel = fast ? makeKernel() : null;
    useKernel(kernel);
    /** @type {Numbers} */
    this.numbers = kernel ? new Packed(count, odd) : new Floats(count, odd);
    this.done = 0;
    this.held = new Uint8Array(CHUNK * 5);
    this.size = 0;
  }

  /** The bytes of the chunk that comes next. */
  get next() {
    return Math.min(CHUNK, this.numbers.count - this.done) * 5;
  }

  /** @param {Uint8Array} bytes */
  add(bytes) {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.next - this.size);
      if (part.length === 0) throw new Error("The file of numbers is longer than it should be.");
      this.held.set(part, this.size);
      this.size += part.length;
      at += part.length;
      if (this.size === this.next) this.take();
    }
  }

  take() {
    const count = this.size / 5;
    const { buffer } = this.held; // every browser runs on processors that hold the low byte first
    this.numbers.take(this.done, new Int32Array(buffer, 0, count), this.held.subarray(count * 4, this.size));
    this.done += count;
    this.size = 0;
  }

  /** All numbers; an error if bytes are missing. */
  finish() {
    if (this.done < this.numbers.count) {
      throw new Error("The file of numbers is shorter than it should be.");
    }
    return this.numbers;
  }
}

// ---- bar.js
/** What stands around the grid: prompt and answer, buttons, name box, formula bar, tabs. */


/** @typedef {import("./app.js").App} App */
/** @typedef {import("./changes.js").Changes} Changes */

/** Milliseconds after the last key until a prompt is computed. */
const PAUSE = 250;

class Bar {
  /** @param {App} app @param {Changes} changes @param {import("./modes.js").Modes} modes */
  constructor(app, changes, modes) {
    this.app = app;
    this.changes = changes;
    this.modes = modes;
    this.editing = false;
    /** Whether the formula bar shows formulas as the template declares them. */
    this.declared = false;
    this.prompt = make("input", { id: "prompt", autocomplete: "off", spellcheck: false, "aria-label": "Prompt" });
    this.answer = make("output", { id: "answer", htmlFor: "prompt", "aria-label": "Next token" });
    this.name = make("input", { id: "name", autocomplete: "off", spellcheck: false, "aria-label": "Cell or name: type to go there" });
    this.name.setAttribute("list", "names");
    this.formula = make("input", { id: "formula", autocomplete: "off", spellcheck: false, "aria-label": "Content of the cell" });
    this.lock = button("Unlock", "Change any cell; the list of changes", () => modes.showChanges());
    this.top();
    this.tabs();
    app.onChange((what) => this.show(what));
  }

  top() {
    const { app } = this;
    const { book } = app;
    const prompt = book.names.has("prompt");
    byId("top").append(
      ...(prompt ? [this.prompt, this.answer, button("+ best", "Append the likeliest token and go on", () => void this.append("continued")),
        button("+ drawn", "Append the token drawn on the tab sampling and go on", () => void this.append("sampled_text"))] : []),
      make("span", { className: "buttons" },
        ...(app.data.steps.length ? [button("Step", "Go through the steps of the model (Space)", () => this.modes.steps())] : []),
        button("Ask", "What is this number made of? (?)", () => this.modes.ask()),
        ...this.modes.guides.map((guide) => button(guide.name, `The tab ${guide.name}, stop by stop`, () => this.modes.follows(guide))),
        this.lock,
        button("Find", "Find a text on all tabs (Ctrl+F)", () => this.modes.finder.open()),
        button("−", "Smaller", () => this.zoom(1 / 1.2)), button("+", "Larger", () => this.zoom(1.2)),
        button("Print", "Print what is in sight", () => window.print()),
        button("Help", "What can be done here, and the keys", () => showHelp(app))));
    const list = make("datalist", { id: "names" }, ...[...book.names.keys()].sort().map((value) => make("option", { value })));
    byId("bar").append(this.name, list, button("ƒ", "Show the formula as the template declares it (F4)", () => this.toggle()), this.formula);
    this.prompt.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.send(), PAUSE);
    });
    this.prompt.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.send();
    });
    this.name.addEventListener("change", () => this.go());
    this.name.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.go();
    });
    this.formula.addEventListener("focus", () => this.start());
    this.formula.addEventListener("keydown", (event) => this.key(event));
    this.formula.addEventListener("input", () => this.live());
    document.addEventListener("keydown", (event) => this.anywhere(event));
  }

  tabs() {
    const { app } = this;
    const tabs = app.book.sheets.map((sheet, i) => {
      const tab = make("button", { type: "button", role: "tab", textContent: sheet.name, onclick: () => toTab(app, i) });
      tab.style.borderBottomColor = app.data.looks[i]?.tab ?? "transparent";
      return tab;
    });
    byId("tabs").append(...tabs);
    byId("tabs").addEventListener("keydown", (event) => {
      const last = tabs.length - 1;
      const to = { ArrowRight: app.sheet + 1, ArrowLeft: app.sheet - 1, Home: 0, End: last }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      toTab(app, Math.max(0, Math.min(to, last)));
      tabs[app.sheet].focus();
    });
  }

  go() {
    if (!this.name.value) return;
    if (this.app.jump(this.name.value)) byId("scroll").focus({ preventScroll: true });
    else this.app.say(`Nothing is called ${this.name.value}.`);
  }

  /** Puts the prompt into its cell. */
  send() {
    clearTimeout(this.timer);
    const area = this.app.book.names.get("prompt");
    if (!area) return;
    const problem = this.changes.type(area, this.prompt.value);
    if (problem) this.app.say(problem);
  }

  /** Goes on with the text in a cell: the prompt and its next token. @param {string} name */
  async append(name) {
    if (!(await this.app.ensure(name))) return;
    const text = this.app.book.named(name);
    if (typeof text === "string" && text !== "") {
      this.prompt.value = text;
      this.send();
    } else this.app.say("The workbook has no next token here.");
  }

  /** Starts typing into the selected cell. @param {string} [text] in place of what it holds */
  edit(text) {
    const { app, changes } = this;
    const problem = changes.refusal(app.cell);
    if (problem) {
      app.warn(problem);
      return;
    }
    this.formula.value = text ?? changes.typed(app.cell);
    this.formula.readOnly = false;
    this.editing = true;
    this.formula.focus();
    if (text === "") this.commit(0);
  }

  start() {
    const problem = this.changes.refusal(this.app.cell);
    if (problem) this.app.say(problem);
    else if (!this.editing) {
      this.formula.value = this.changes.typed(this.app.cell);
      this.editing = true;
    }
  }

  /** A yellow cell of text is computed while it is typed, after a pause. */
  live() {
    const { cell, book } = this.app;
    const area = book.names.get("prompt");
    if (!this.editing || !area || area.sheet !== cell.sheet || area.row !== cell.row || area.col !== cell.col) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.changes.type(cell, this.formula.value), PAUSE);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Enter") this.commit(1);
    else if (event.key === "Escape") {
      this.editing = false;
      byId("scroll").focus({ preventScroll: true });
      this.show("place");
    } else return;
    event.preventDefault();
  }

  /** @param {number} down how far to go after it */
  commit(down) {
    if (!this.editing) return;
    clearTimeout(this.timer);
    const { app } = this;
    const { cell } = app;
    const problem = this.changes.type(cell, this.formula.value);
    if (problem) {
      app.warn(problem);
      return;
    }
    this.editing = false;
    byId("scroll").focus({ preventScroll: true });
    app.goTo({ ...cell, row: cell.row + down });
  }

  /** Keys that work wherever the focus is, unless something is typed. @param {KeyboardEvent} event */
  anywhere(event) {
    if (event.defaultPrevented) return;
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    const control = event.ctrlKey || event.metaKey;
    if (event.key === "F6") toRegion(event.shiftKey ? -1 : 1);
    else if (control && event.key === "f") this.modes.finder.open();
    else if (control && event.key === "z" && !typing) {
      if (!this.changes.undo()) this.app.say("Nothing was changed.");
    } else if (event.key === "F4") this.toggle();
    else if (event.key === "Escape" && event.target === this.name) {
      byId("scroll").focus({ preventScroll: true });
      this.show("place");
    } else if (event.key === "Escape" && this.app.mode && !(event.target instanceof HTMLInputElement)) closePanel(this.app);
    else if (typing || event.target instanceof HTMLButtonElement) return;
    else if (event.key === " " && (this.app.data.steps.length || this.app.mode === "guide")) this.modes.move(event.shiftKey ? -1 : 1);
    else if (event.key === "?") this.modes.ask();
    else return;
    event.preventDefault();
  }

  toggle() {
    this.declared = !this.declared;
    this.show("place");
  }

  /** @param {number} factor */
  zoom(factor) {
    const { app } = this;
    app.scale = Math.min(3, Math.max(0.4, app.scale * factor));
    app.changed("place");
  }

  /** @param {"cells" | "place"} what */
  show(what) {
    const { app } = this;
    const { cell, book } = app;
    const { view } = app;
    if (book.names.has("prompt")) {
      const prompt = toText(book.named("prompt"));
      if (document.activeElement !== this.prompt) this.prompt.value = prompt;
      const share = book.names.get("answer_probability");
      const next = toText(book.named("answer") ?? book.named("next_token"));
      this.answer.textContent = share ? `${next}  ${app.text(share.sheet, share.row, share.col)}` : next;
    }
    if (this.editing && what === "cells") return;
    const formula = book.formulaAt(cell.sheet, cell.row, cell.col);
    this.editing = false;
    // What is computed meanwhile does not take away what is typed here.
    if (what === "place" || document.activeElement !== this.name) this.name.value = cellName(cell.row, cell.col);
    const written = formula ? (formula.array ? `{=${formula.text}}` : `=${formula.text}`) : this.changes.typed(cell);
    this.formula.value = (this.declared && app.declared(cell)) || written;
    this.formula.readOnly = this.changes.refusal(cell) !== null;
    const text = app.text(cell.sheet, cell.row, cell.col);
    const entry = view.entry(cell.row, cell.col);
    byId("live").textContent = `${cellName(cell.row, cell.col)} ${text}${formula ? `, formula ${written}` : ""}`;
    if (entry && what === "place") app.say(`${entry.title ?? ""}: ${entry.note ?? ""}`);
    this.lock.setAttribute("aria-pressed", String(this.changes.unlocked));
    [...byId("tabs").children].forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === app.sheet));
      /** @type {HTMLElement} */ (tab).tabIndex = i === app.sheet ? 0 : -1; // arrows go to the others
      if (i === app.sheet) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }
}

// ---- program.js
/** A formula's tree into a function of the place it stands in. */


/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./values.js").Value} Value */
/** @typedef {import("./parser.js").Node} Node */
/** @typedef {import("./parser.js").Reference} Reference */
/** @typedef {import("./place.js").Place} Place */
/** @typedef {(place: Place) => Value} Program */

/** @param {Node} node @returns {Program} */
function compile(node) {
  if (node.type === "constant") {
    const { value } = node;
    return () => value;
  }
  if (node.type === "reference") return (place) => place.read(node);
  const make = SPECIAL[node.name];
  if (make) {
    checkCount(node.name, node.args.length, make.count);
    return make.program(node.args);
  }
  if (Object.hasOwn(SCALAR, node.name)) return elementwise(node.name, node.args);
  if (Object.hasOwn(AGGREGATES, node.name)) return aggregateProgram(node.name, node.args);
  throw new Refused(`uses the function ${node.name}, which the page does not know`);
}

/** @param {string} name @param {number} given @param {number[]} count */
function checkCount(name, given, [least, most]) {
  if (given < least || given > most) throw new Refused(`gives ${name} a wrong number of arguments`);
}

/** @param {string} name @param {Node[]} args @returns {Program} */
function elementwise(name, args) {
  checkCount(name, args.length, scalarCount(name));
  const rule = SCALAR[name];
  const programs = args.map(compile);
  if (programs.length === 1) {
    const [only] = programs;
    return (place) => applyOne(name, only(place));
  }
  if (programs.length === 2) {
    const [first, second] = programs;
    return (place) => {
      const [left, right] = [first(place), second(place)];
      if (left instanceof Table || right instanceof Table) return applyTwo(name, left, right);
      return rule(left, right);
    };
  }
  return (place) => applyMany(rule, programs.map((program) => program(place)));
}

/** @param {string} name @param {Node[]} args @returns {Program} */
function aggregateProgram(name, args) {
  checkCount(name, args.length, aggregateCount(name));
  const f = AGGREGATES[name];
  const programs = args.map(compile);
  const cells = args.map((arg) => arg.type === "reference");
  return (place) => f(...programs.map((program, i) => ({ value: program(place), cells: cells[i] })));
}

/**
 * Where the cells of a reference lie; the values of anything else.
 * @param {Node} node
 * @returns {(place: Place) => import("./lookup.js").Cells | Table}
 */
function cellsOf(node) {
  if (node.type === "reference") return (place) => place.cells(node);
  const program = compile(node);
  return (place) => asTable(program(place));
}

/** An argument that must be one cell. @param {Node} node @param {string} name */
function oneCell(node, name) {
  const program = compile(node);
  return (/** @type {Place} */ place) => {
    const value = single(program(place));
    if (value instanceof Table) {
      throw new Refused(`gives ${name} an array where not every program takes one`);
    }
    return value;
  };
}

/** @param {Node[]} args @returns {Program} */
function ifProgram([condition, yes, no]) {
  const [test, first] = [compile(condition), compile(yes)];
  const second = no ? compile(no) : () => false;
  return (place) => {
    const value = test(place);
    if (value instanceof Table) return choose(value, first(place), second(place));
    const truth = toBoolean(value);
    return truth instanceof CellError ? truth : truth ? first(place) : second(place);
  };
}

/** @param {Node[]} args @returns {Program} */
function ifError([tried, instead]) {
  const [program, other] = [compile(tried), compile(instead)];
  return (place) => {
    const value = program(place);
    if (!(value instanceof Table)) return value instanceof CellError ? other(place) : value;
    if (value.kind) return value;
    const errors = value.items().map((item) => item instanceof CellError);
    if (!errors.includes(true)) return value;
    return choose(tidy(value.rows, value.cols, errors), other(place), value);
  };
}

/** @param {Node[]} args @returns {Program} */
function chooseProgram([number, ...choices]) {
  const at = oneCell(number, "CHOOSE");
  const programs = choices.map(compile);
  return (place) => {
    const chosen = toNumber(at(place));
    if (chosen instanceof CellError) return chosen;
    const inside = chosen >= 1 && chosen < programs.length + 1;
    return inside ? programs[Math.trunc(chosen) - 1](place) : VALUE;
  };
}

/** @param {Node[]} args @returns {Program} */
function indexProgram([list, row, col]) {
  const cells = cellsOf(list);
  const down = oneCell(row, "INDEX");
  const across = col ? oneCell(col, "INDEX") : null;
  return (place) => index(cells(place), down(place), across ? across(place) : undefined);
}

/** @param {Node[]} args @returns {Program} */
function matchProgram([key, list, kind]) {
  const sought = oneCell(key, "MATCH");
  const cells = cellsOf(list);
  const how = kind ? oneCell(kind, "MATCH") : () => 1;
  return (place) => {
    const way = toNumber(how(place));
    if (way instanceof CellError) return way;
    return match(sought(place), cells(place), way, place.positions);
  };
}

/** @param {Node[]} args @returns {Program} */
function lookupProgram([key, keys, results]) {
  const sought = oneCell(key, "LOOKUP");
  const cells = cellsOf(keys);
  const picked = cellsOf(results ?? keys);
  return (place) => {
    const at = match(sought(place), cells(place), 1, place.positions);
    if (at instanceof CellError) return at;
    const list = picked(place);
    return list.rows >= list.cols ? index(list, at, 1) : index(list, 1, at);
  };
}

/** @param {Node[]} args @returns {Program} */
function countIfProgram([list, criterion]) {
  const program = compile(list);
  const wanted = oneCell(criterion, "COUNTIF");
  return (place) => countIf(asTable(program(place)), wanted(place));
}

/** @param {boolean} largest */
function ranked(largest) {
  return (/** @type {Node[]} */ [list, place]) => {
    const program = compile(list);
    const rank = oneCell(place, largest ? "LARGE" : "SMALL");
    const reference = list.type === "reference" ? list : null;
    return (/** @type {Place} */ at) => {
      const sorted = at.sorted.of(reference && at.key(reference), () =>
        numbersOf([{ value: program(at), cells: reference !== null }]));
      return sorted instanceof CellError ? sorted : kth(sorted, rank(at), largest);
    };
  };
}

/** ROW or COLUMN, of a reference or of the formula itself. @param {boolean} ofRow */
function position(ofRow) {
  return (/** @type {Node[]} */ [node]) => {
    const reference = referenceOnly(node, ofRow ? "ROW" : "COLUMN");
    return (/** @type {Place} */ place) => {
      const { row, col, rows, cols } = reference ? place.cells(reference) : place.here();
      const count = ofRow ? rows : cols;
      const numbers = Array.from({ length: count }, (_, i) => (ofRow ? row : col) + i + 1);
      return single(ofRow ? tidy(count, 1, numbers) : tidy(1, count, numbers));
    };
  };
}

/** @param {boolean} ofRows */
function extent(ofRows) {
  return (/** @type {Node[]} */ [node]) => {
    const reference = referenceOnly(node, ofRows ? "ROWS" : "COLUMNS");
    return (/** @type {Place} */ place) => {
      if (!reference) return VALUE;
      const { rows, cols } = place.cells(reference);
      return ofRows ? rows : cols;
    };
  };
}

/** @param {Node | undefined} node @param {string} name @returns {Reference | null} */
function referenceOnly(node, name) {
  if (node === undefined) return null;
  if (node.type !== "reference") {
    throw new Refused(`gives ${name} something other than one reference`);
  }
  return node;
}

/** MMULT: weights go to it as they lie in memory. @param {Node[]} args @returns {Program} */
function productProgram([left, right]) {
  const [first, second] = [factor(left), factor(right)];
  return (place) => multiply(first(place), second(place));
}

/** A node as a factor: weights may stay packed. @param {Node} node @returns {(place: Place) => Value | PackedTable} */
function factor(node) {
  if (node.type === "reference") return (place) => place.factor(node);
  if (node.type === "call" && node.name === "TRANSPOSE" && node.args.length === 1) {
    const inner = factor(node.args[0]);
    return (place) => {
      const value = inner(place);
      return value instanceof PackedTable ? value.transposed() : transpose(value);
    };
  }
  return compile(node);
}

/** A function of values as they are. @param {(...values: Value[]) => Value} f */
function plain(f) {
  return (/** @type {Node[]} */ args) => {
    const programs = args.map(compile);
    return (/** @type {Place} */ place) => f(...programs.map((program) => program(place)));
  };
}

/**
 * Functions that see more than the values of their arguments, or take whole tables.
 * @type {Record<string, {count: [number, number], program: (args: Node[]) => Program}>}
 */
const SPECIAL = {
  IF: { count: [2, 3], program: ifProgram },
  IFERROR: { count: [2, 2], program: ifError },
  CHOOSE: { count: [2, 255], program: chooseProgram },
  INDEX: { count: [2, 3], program: indexProgram },
  MATCH: { count: [2, 3], program: matchProgram },
  LOOKUP: { count: [2, 3], program: lookupProgram },
  COUNTIF: { count: [2, 2], program: countIfProgram },
  LARGE: { count: [2, 2], program: ranked(true) },
  SMALL: { count: [2, 2], program: ranked(false) },
  MMULT: { count: [2, 2], program: productProgram },
  TRANSPOSE: { count: [1, 1], program: plain(/** @type {any} */ (transpose)) },
  SUMPRODUCT: { count: [1, 255], program: plain(sumProduct) },
  ROW: { count: [0, 1], program: position(true) },
  COLUMN: { count: [0, 1], program: position(false) },
  ROWS: { count: [1, 1], program: extent(true) },
  COLUMNS: { count: [1, 1], program: extent(false) },
  TRUE: { count: [0, 0], program: () => () => true },
  FALSE: { count: [0, 0], program: () => () => false },
  NA: { count: [0, 0], program: () => () => NA },
};

// ---- hands.js
/** Mouse, touch and keys on the grid. */


const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0], Tab: [0, 1], PageUp: [-20, 0], PageDown: [20, 0] };

class Hands {
  /** @param {import("./grid.js").Grid} grid @param {(text?: string) => void} edit starts typing into the selected cell */
  constructor(grid, edit) {
    this.grid = grid;
    this.edit = edit;
    this.listen();
  }

  /** The cell under the mouse, null on the heads. @param {MouseEvent} event */
  hit(event) {
    const { view, zoom } = this.grid.app;
    const box = this.grid.scroll.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / zoom - HEAD.width, (event.clientY - box.top) / zoom - HEAD.height];
    if (x < 0 || y < 0) return null;
    const frozen = this.grid.frozen;
    return { row: indexAt(view.ys, y < frozen.y ? y : y + view.y), col: indexAt(view.xs, x < frozen.x ? x : x + view.x) };
  }

  listen() {
    const { app, scroll } = this.grid;
    let dragging = false;
    let finger = false;
    scroll.addEventListener("pointerdown", (event) => {
      const place = this.hit(event);
      finger = event.pointerType !== "mouse";
      if (!place || event.button !== 0) return;
      dragging = event.pointerType === "mouse";
      if (event.shiftKey) {
        app.to = place;
        app.changed("place");
      } else if (dragging) app.goTo({ sheet: app.sheet, ...place });
    });
    scroll.addEventListener("pointermove", (event) => {
      const place = dragging ? this.hit(event) : null;
      if (!place || (place.row === app.to.row && place.col === app.to.col)) return;
      app.to = place;
      this.grid.redraw();
    });
    window.addEventListener("pointerup", () => {
      dragging = false;
    });
    scroll.addEventListener("click", (event) => {
      const place = this.hit(event);
      if (!place || event.shiftKey) return;
      // A finger that is put down may be going to scroll: it selects when it is taken away.
      if (finger) app.goTo({ sheet: app.sheet, ...place });
      const { view } = app;
      const { row, col } = view.shown(place.row, place.col);
      const { top, bottom, left, right } = this.grid.selection;
      if (top !== bottom || left !== right) return;
      const link = view.links.get(view.key(row, col));
      if (link) app.jump(link);
      else if (view.format(row, col).open) this.edit();
    });
    scroll.addEventListener("dblclick", () => this.edit());
    scroll.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { app } = this.grid;
    const { view } = app;
    const control = event.ctrlKey || event.metaKey;
    const move = MOVES[/** @type {keyof typeof MOVES} */ (event.key)];
    const link = view.links.get(view.key(view.row, view.col));
    if (control && (event.key === "PageDown" || event.key === "PageUp")) {
      const sheet = Math.max(0, Math.min(app.sheet + (event.key === "PageDown" ? 1 : -1), app.book.sheets.length - 1));
      app.goTo({ sheet, row: app.viewOf(sheet).row, col: app.viewOf(sheet).col });
    } else if (control && event.key === "Home") this.go({ row: 0, col: 0 }, event.shiftKey);
    else if (control && event.key === "End") this.go(lastCell(app), event.shiftKey);
    else if (control && move && event.key.startsWith("Arrow")) this.go(edgeOfData(app, event.shiftKey ? app.to : view, move[0], move[1]), event.shiftKey);
    else if (control && event.key === "c") copyCells(this.grid);
    else if (control || event.altKey) return;
    else if (event.key === "Enter" && link) app.jump(link);
    else if (event.key === "Tab" && event.shiftKey) return; // leaves the grid
    else if (event.key === "Escape") {
      if (app.mode) closePanel(app);
      else byId("name").focus();
    } else if (move) this.step(move[0], move[1], event.shiftKey && event.key.startsWith("Arrow"));
    else if (event.key === "Home") app.goTo({ sheet: app.sheet, row: view.row, col: 0 });
    else if (event.key === "F2") this.edit();
    else if (event.key === "Delete" || event.key === "Backspace") this.edit("");
    else if (event.key === "?" && !view.format(view.row, view.col).open) return; // asks, see the bar
    else if (event.key.length === 1 && event.key !== " ") this.edit(event.key);
    else return;
    event.preventDefault();
  }

  /** Goes to a cell of the tab, or selects up to it. @param {{row: number, col: number}} place @param {boolean} extend */
  go(place, extend) {
    const { app } = this.grid;
    if (!extend) return app.goTo({ sheet: app.sheet, ...place });
    app.to = place;
    this.grid.follow(place);
    const { top, left, bottom, right } = this.grid.selection;
    byId("live").textContent = `${areaName({ row: top, col: left, rows: bottom - top + 1, cols: right - left + 1 })} selected`;
  }

  /** @param {number} down @param {number} right @param {boolean} extend */
  step(down, right, extend) {
    const { app } = this.grid;
    const { view } = app;
    if (extend) {
      this.go({ row: Math.max(0, Math.min(app.to.row + down, view.rows - 1)), col: Math.max(0, Math.min(app.to.col + right, view.cols - 1)) }, true);
      return;
    }
    const [lastRow, lastCol] = view.merged.get(view.key(view.row, view.col)) ?? [view.row, view.col];
    app.goTo({ sheet: app.sheet, row: (down > 0 ? lastRow : view.row) + down, col: (right > 0 ? lastCol : view.col) + right });
  }
}

// ---- note.js
/** A note at the selected cell: what may be typed into it, or why it is locked. */


/** @typedef {import("./app.js").App} App */

/** Pixels between a cell and its note, and from the note to the edge. */
const GAP = 6;

class Note {
  /** @param {App} app @param {import("./grid.js").Grid} grid */
  constructor(app, grid) {
    this.app = app;
    this.grid = grid;
    this.note = byId("note");
    app.onChange((what) => {
      if (what === "place") this.entry();
    });
    app.warn = (words) => {
      app.say(words);
      this.show(words);
    };
    grid.scroll.addEventListener("scroll", () => this.place());
    grid.scroll.addEventListener("blur", () => {
      this.note.hidden = true;
    });
  }

  /** What may be typed into the selected cell; the prompt's has its answer below, and is known. */
  entry() {
    const { app } = this;
    const { sheet, row, col } = app.cell;
    const prompt = app.book.names.get("prompt");
    const entry = app.view.entry(row, col);
    const known = prompt && prompt.sheet === sheet && prompt.row === row && prompt.col === col;
    if (entry?.note && !known) this.show(`${entry.title ?? ""}: ${entry.note}`);
    else this.note.hidden = true;
  }

  /** @param {string} words */
  show(words) {
    this.note.textContent = words;
    this.note.hidden = false;
    this.place();
  }

  /** Puts the note below its cell, or above it where there is no room. */
  place() {
    if (this.note.hidden) return;
    const { grid, note } = this;
    const { view, zoom } = this.app;
    const [lastRow] = view.merged.get(view.key(view.row, view.col)) ?? [view.row];
    const { scroll } = grid;
    const [top, bottom] = [grid.y(view.row) * zoom, grid.y(lastRow + 1) * zoom];
    const below = bottom + GAP;
    const room = below + note.offsetHeight <= scroll.clientHeight;
    const left = Math.max(GAP, Math.min(grid.x(view.col) * zoom, scroll.clientWidth - note.offsetWidth - GAP));
    note.style.left = `${scroll.offsetLeft + left}px`;
    note.style.top = `${scroll.offsetTop + (room ? below : Math.max(0, top - GAP - note.offsetHeight))}px`;
    // A cell that was scrolled away takes its note along.
    note.style.visibility = bottom <= HEAD.height || top >= scroll.clientHeight ? "hidden" : "";
  }
}

// ---- load.js
/** Gets the workbook: what is inside the page, and for large models the file of numbers beside it. */


/** Bytes that are read at a time. */
const PART = 1 << 18;

/** Unpacks text that holds gzip in base 64. @param {string} text */
async function unpacked(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** @returns {Promise<import("./app.js").Data>} */
async function loadData() {
  return JSON.parse(new TextDecoder().decode(await unpacked(byId("book").textContent ?? "")));
}

/**
 * All constant numbers of the workbook, and whether they are there the next time: the browser keeps
 * their file while it is read.
 * @param {import("./app.js").Data} data
 * @param {(words: string) => void} say
 * @returns {Promise<{numbers: import("./numbers.js").Numbers, stays: boolean}>}
 */
async function loadNumbers(data, say) {
  const element = byId("numbers");
  const { file, hash } = element.dataset;
  const size = Number(element.dataset.size);
  const reader = () => new NumberReader(data.count, data.odd, file !== undefined); // others may not use WebAssembly
  if (!file) {
    const only = reader();
    only.add(await unpacked(element.textContent ?? ""));
    return { numbers: only.finish(), stays: true };
  }
  const before = await kept(String(hash), size);
  if (before) {
    const numbers = await read(before, reader(), say).catch(() => null); // the browser may have lost it
    if (numbers) return { numbers, stays: true };
  }
  const keeper = new Keeper(String(hash));
  const found = (await beside(file, say)) ?? (await chosen(file, size, say));
  const numbers = await read(found, reader(), say, keeper);
  return { numbers, stays: await keeper.finish() };
}

/**
 * Reads numbers from a file.
 * @param {Blob} file
 * @param {NumberReader} reader
 * @param {(words: string) => void} say
 * @param {Keeper} [keeper] keeps what was read
 */
async function read(file, reader, say, keeper) {
  let done = 0;
  for await (const part of partsOf(file.stream())) {
    reader.add(part);
    done += part.length;
    await keeper?.keep(file, done);
    say(`Reading the numbers: ${Math.round((100 * done) / file.size)} %`);
  }
  return reader.finish();
}

/**
 * The bytes of a stream, through one buffer: others would lie in memory until the browser tidies up.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 */
async function* partsOf(stream) {
  const parts = stream.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(PART);
  for (;;) {
    const { done, value } = await parts.read(new Uint8Array(buffer));
    if (done) return;
    yield value;
    buffer = value.buffer;
  }
}

/** The file beside the page, null where pages may not read it. @param {string} file @param {(words: string) => void} say */
async function beside(file, say) {
  if (location.protocol === "file:") return null;
  say("Fetching the numbers ...");
  const answer = await fetch(file);
  if (!answer.ok) throw new Error(`The file ${file} is missing beside the page (${answer.status}).`);
  return answer.blob(); // which the browser holds on its disk
}

/** Lets the reader choose the file. @param {string} file @param {number} size @param {(words: string) => void} say @returns {Promise<Blob>} */
function chosen(file, size, say) {
  return new Promise((resolve) => {
    const input = make("input", { type: "file", id: "choose", accept: ".bin" });
    const label = make("label", { className: "choose" }, `Choose the file ${file} that lies beside this page: `, input);
    input.addEventListener("change", () => {
      const [found] = input.files ?? [];
      if (!found) return;
      if (found.size !== size) {
        say(`${found.name} has ${found.size.toLocaleString("en-US")} bytes and should have ${size.toLocaleString("en-US")}; choose ${file} from this page's folder.`);
        return;
      }
      label.remove();
      resolve(found);
    });
    byId("main").before(label);
    say(`This page needs the file ${file}. The browser keeps it for the next time.`);
  });
}

// ---- changes.js
/** What is typed into cells: what is allowed, what was changed, and the way back. */


/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./book.js").Cell} Cell */
/** @typedef {{cell: Cell, before: string, after: string, undo: () => void}} Change */

class Changes {
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

// ---- groups.js
/** Formulas that are copies of each other, and what they read. */


/** @typedef {import("./reference.js").Area} Area */

/**
 * @typedef {[number, number, number, number, number, number, number, number, string]} Stored
 *   sheet, row, col, rows, cols, whether it is an array formula, copies down, copies across, text
 */

/**
 * Copies of one formula in a rectangle: `down` times `across` of them, each filling `rows` times
 * `cols` cells, counted down the columns.
 */
class Group {
  /**
   * @param {Stored} stored
   * @param {import("./parser.js").Scope} scope
   * @param {string} sheetName for the sentence about a formula that cannot be computed
   */
  constructor(stored, scope, sheetName) {
    const [sheet, row, col, rows, cols, array, down, across, text] = stored;
    this.stored = stored;
    this.sheet = sheet;
    this.row = row;
    this.col = col;
    this.rows = rows;
    this.cols = cols;
    this.array = array === 1;
    this.down = down;
    this.across = across;
    this.text = text;
    try {
      const node = parse(text, sheet, row, col, scope);
      this.references = referencesOf(node);
      this.program = compile(node);
      this.high = this.array ? highReferences(node, rows) : null;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      throw new Refused(`${sheetName}!${cellName(row, col)} ${error.message}.`, { cause: error });
    }
  }

  get count() {
    return this.down * this.across;
  }

  /** The first cell of a copy. @param {number} k */
  placeOf(k) {
    return {
      row: this.row + (k % this.down) * this.rows,
      col: this.col + Math.floor(k / this.down) * this.cols,
    };
  }

  /** The copy that fills a cell. @param {number} row @param {number} col */
  copyAt(row, col) {
    const across = Math.floor((col - this.col) / this.cols);
    return across * this.down + Math.floor((row - this.row) / this.rows);
  }

  /** All cells that the copies fill. @returns {Area} */
  get area() {
    const [rows, cols] = [this.down * this.rows, this.across * this.cols];
    return { sheet: this.sheet, row: this.row, col: this.col, rows, cols };
  }

  /** The text of a copy, without `=`. @param {number} k */
  textOf(k) {
    const { row, col } = this.placeOf(k);
    return moved(this.text, row - this.row, col - this.col);
  }

  /** Whether every copy can be computed without looking at the others first. */
  get rigid() {
    return this.references.every(
      ({ fixed }) => Boolean(fixed & 1) === Boolean(fixed & 4) && Boolean(fixed & 2) === Boolean(fixed & 8),
    );
  }

  /** The rectangles that one copy reads. @param {number} k @returns {Area[]} */
  reads(k) {
    const { row, col } = this.placeOf(k);
    return this.references.map((reference) => areaOf(reference, row, col));
  }

  /** The rectangles around everything that the copies read, one for each reference. @returns {Area[]} */
  readsOfAll() {
    const [first, last] = [this.reads(0), this.reads(this.count - 1)];
    return first.map((a, i) => around(a, last[i]));
  }
}

/** @param {Area} a @param {Area} b @returns {Area} */
function around(a, b) {
  const [row, col] = [Math.min(a.row, b.row), Math.min(a.col, b.col)];
  const rows = Math.max(a.row + a.rows, b.row + b.rows) - row;
  const cols = Math.max(a.col + a.cols, b.col + b.cols) - col;
  return { sheet: a.sheet, row, col, rows, cols };
}

/** @param {Area} area @param {number} row @param {number} col */
function contains(area, row, col) {
  const [down, across] = [row - area.row, col - area.col];
  return down >= 0 && across >= 0 && down < area.rows && across < area.cols;
}

/**
 * A group without the copy in one cell: up to four smaller rectangles of copies.
 * @param {Group} group
 * @param {number} k
 * @returns {Stored[]}
 */
function without(group, k) {
  const [at, right] = [k % group.down, Math.floor(k / group.down)];
  const { down, across } = group;
  const parts = [
    [0, 0, down, right],
    [0, right + 1, down, across - right - 1],
    [0, right, at, 1],
    [at + 1, right, down - at - 1, 1],
  ];
  return parts
    .filter(([, , rows, cols]) => rows > 0 && cols > 0)
    .map(([top, left, rows, cols]) => {
      const first = left * down + top;
      const { row, col } = group.placeOf(first);
      const array = group.array ? 1 : 0;
      const text = group.textOf(first);
      return [group.sheet, row, col, group.rows, group.cols, array, rows, cols, text];
    });
}

// ---- rules.js
/** Conditional formats, computed for the cells in sight alone. */


/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./view.js").Format} Format */
/** @typedef {Format & {bar?: number, barColor?: string}} Dress */

class Rules {
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

// ---- ask.js
/** What a number is made of, and what reads it. */


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
function explain(book, { sheet, row, col }) {
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
function readersOf(book, { sheet, row, col }) {
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

// ---- graph.js
/** Which groups of formulas need which, and in which order to compute them. */


/** @typedef {import("./groups.js").Group} Group */
/** @typedef {import("./reference.js").Area} Area */
/** @typedef {[number, number, number]} Turn a group, its first copy, the copy after its last */

class Graph {
  /**
   * @param {import("./sheets.js").Sheet[]} sheets
   * @param {Group[]} groups
   */
  constructor(sheets, groups) {
    this.groups = groups;
    this.sheets = sheets;
    /** The group in each cell of a sheet, counted from 1, where the sheet has its number. @type {(Int32Array | null)[]} */
    this.owners = sheets.map((s) => (s instanceof GridSheet ? new Int32Array(s.bands.size) : null));
    groups.forEach((group, g) => this.claim(group, g));
    /** @type {Area[][]} */
    this.reads = groups.map((group) => group.readsOfAll());
    /** @type {number[][]} */
    this.needs = this.reads.map((areas) => this.within(areas));
    /** @type {number[][]} */
    this.users = groups.map(() => []);
    this.needs.forEach((needed, g) => needed.forEach((need) => this.users[need].push(g)));
    /** @type {Turn[]} */
    this.order = this.inOrder();
  }

  /** @param {Group} group @param {number} g */
  claim(group, g) {
    const owners = this.owners[group.sheet];
    const sheet = this.sheets[group.sheet];
    if (!owners || !(sheet instanceof GridSheet)) throw new Refused(`A formula lies on a tab of constants.`);
    const { row, col, rows, cols } = group.area;
    for (let i = row; i < Math.min(row + rows, sheet.rows); i++) {
      owners.fill(g + 1, ...sheet.bands.span(i, col, col + cols));
    }
  }

  /** The group that fills a cell, -1 for none. @param {number} sheet @param {number} row @param {number} col */
  owner(sheet, row, col) {
    const owners = this.owners[sheet];
    const cells = this.sheets[sheet];
    const at = cells instanceof GridSheet ? cells.bands.place(row, col) : -1;
    return owners && at >= 0 ? owners[at] - 1 : -1;
  }

  /** The groups in some rectangles. @param {Area[]} areas @returns {number[]} */
  within(areas) {
    /** @type {Set<number>} */
    const found = new Set();
    for (const { sheet, row, col, rows, cols } of areas) {
      const owners = this.owners[sheet];
      const cells = this.sheets[sheet];
      if (!owners || !(cells instanceof GridSheet)) continue;
      let last = 0;
      for (let i = row; i < Math.min(row + rows, cells.rows); i++) {
        const [from, to] = cells.bands.span(i, col, col + cols);
        for (let at = from; at < to; at++) {
          const owner = owners[at];
          if (owner !== last) {
            if (owner) found.add(owner - 1);
            last = owner;
          }
        }
      }
    }
    return [...found];
  }

  /** The groups that read a cell. @param {number} sheet @param {number} row @param {number} col */
  readersOf(sheet, row, col) {
    return this.reads.flatMap((areas, g) =>
      areas.some((area) => area.sheet === sheet && contains(area, row, col)) ? [g] : [],
    );
  }

  /** Groups and all that they lead to. @param {number[]} from @param {number[][]} links */
  closure(from, links) {
    const seen = new Uint8Array(this.groups.length);
    const stack = [...from];
    for (const g of stack) seen[g] = 1;
    for (let g = stack.pop(); g !== undefined; g = stack.pop()) {
      for (const next of links[g]) {
        if (!seen[next]) {
          seen[next] = 1;
          stack.push(next);
        }
      }
    }
    return seen;
  }

  /** @returns {Turn[]} */
  inOrder() {
    /** @type {Turn[]} */
    const turns = [];
    for (const component of components(this.needs)) {
      const [first] = component;
      const alone = component.length === 1 && !this.needs[first].includes(first);
      if (alone) turns.push([first, 0, this.groups[first].count]);
      else turns.push(...this.oneByOne(component));
    }
    return turns;
  }

  /**
   * The copies of groups that need themselves or each other, in an order that works (Kahn 1962).
   * @param {number[]} component
   * @returns {Turn[]}
   */
  oneByOne(component) {
    /** The number of the first formula of each group of the component; -1 for other groups. */
    const bases = new Int32Array(this.groups.length).fill(-1);
    /** @type {[number, number][]} */
    const formulas = [];
    for (const g of component) {
      bases[g] = formulas.length;
      for (let k = 0; k < this.groups[g].count; k++) formulas.push([g, k]);
    }
    /** @type {number[][]} */
    const users = formulas.map(() => []);
    const waits = formulas.map(() => 0);
    formulas.forEach(([g, k], f) => {
      for (const area of this.groups[g].reads(k)) {
        this.eachIn(area, bases, (need) => {
          if (users[need].at(-1) === f) return; // known already
          users[need].push(f);
          waits[f]++;
        });
      }
    });
    const ready = waits.flatMap((count, f) => (count === 0 ? [f] : []));
    /** @type {Turn[]} */
    const turns = [];
    for (const f of ready) {
      const [g, k] = formulas[f];
      const last = turns.at(-1);
      if (last && last[0] === g && last[2] === k) last[2] = k + 1;
      else turns.push([g, k, k + 1]);
      for (const user of users[f]) if (--waits[user] === 0) ready.push(user);
    }
    if (ready.length < formulas.length) {
      throw new Refused("Formulas go round in a circle; one of them needs its own value.");
    }
    return turns;
  }

  /**
   * Calls `found` with the number of each formula in an area that belongs to a group with a base.
   * @param {Area} area
   * @param {Int32Array} bases
   * @param {(formula: number) => void} found
   */
  eachIn({ sheet, row, col, rows, cols }, bases, found) {
    const owners = this.owners[sheet];
    const cells = this.sheets[sheet];
    if (!owners || !(cells instanceof GridSheet)) return;
    for (let i = row; i < Math.min(row + rows, cells.rows); i++) {
      const [from, to] = cells.bands.span(i, col, col + cols);
      for (let at = from; at < to; at++) {
        const owner = owners[at] - 1;
        if (owner >= 0 && bases[owner] >= 0) found(bases[owner] + this.groups[owner].copyAt(i, col + at - from));
      }
    }
  }
}

/**
 * Strongly connected components, each after those that it needs (Tarjan 1972, no recursion).
 * @param {number[][]} needs
 * @returns {number[][]}
 */
function components(needs) {
  const index = new Int32Array(needs.length).fill(-1);
  const low = new Int32Array(needs.length);
  const onStack = new Uint8Array(needs.length);
  /** @type {number[]} */
  const stack = [];
  /** @type {number[][]} */
  const found = [];
  let count = 0;
  /** @param {number} node @returns {[number, number]} */
  const enter = (node) => {
    index[node] = low[node] = count++;
    stack.push(node);
    onStack[node] = 1;
    return [node, 0];
  };
  for (let root = 0; root < needs.length; root++) {
    if (index[root] >= 0) continue;
    const work = [enter(root)];
    while (work.length) {
      const top = work[work.length - 1];
      const [node, at] = top;
      if (at < needs[node].length) {
        top[1]++;
        const need = needs[node][at];
        if (index[need] < 0) work.push(enter(need));
        else if (onStack[need]) low[node] = Math.min(low[node], index[need]);
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent) low[parent[0]] = Math.min(low[parent[0]], low[node]);
      if (low[node] === index[node]) {
        const component = stack.splice(stack.lastIndexOf(node));
        for (const member of component) onStack[member] = 0;
        found.push(component);
      }
    }
  }
  return found;
}

// ---- app.js
/** What the page shows: the tab, the cell, and who wants to know when that changes. */


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
const SLICE = 40;
const TURN = 12;

class App {
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
function pause() {
  return new Promise((resolve) => setTimeout(resolve));
}

// ---- ask_panel.js
/** Ask a number: what it is made of, what reads it, and its value for the other tokens. */


/** @typedef {import("./app.js").App} App */
/** @typedef {import("./book.js").Cell} Cell */
/** @typedef {import("./ask.js").Input} Input */
/** @typedef {import("./ask.js").Part} Part */

/** Parts, inputs and readers that are listed. */
const MANY = 12;
/** Cells whose product a part is that are listed. */
const FACTORS = 6;
/** Cells that one can go back to. */
const TRAIL = 200;

/** Asks one number after the other: the panel follows the selection, and leads back. */
class Asking {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** @type {Cell[]} */
    this.trail = [];
    /** The cell that is asked. @type {Cell | null} */
    this.cell = null;
  }

  /** Forgets what was asked before. */
  begin() {
    this.trail = [];
    this.cell = null;
  }

  /** Says what the selected number is made of. */
  follow() {
    const { app, cell } = this;
    const now = app.cell;
    const other = !cell || cell.sheet !== now.sheet || cell.row !== now.row || cell.col !== now.col;
    if (cell && other) this.trail = [...this.trail, cell].slice(-TRAIL);
    this.cell = now;
    const { scrollTop } = byId("panel");
    const words = ask(app, this.trail.length ? button("◂ Back", "The number that was asked before", () => this.back()) : null);
    if (other) app.say(words);
    byId("panel").scrollTop = other ? 0 : scrollTop;
  }

  /** Asks the number before this one again. */
  back() {
    const before = this.trail.pop();
    if (!before) return;
    this.cell = null;
    this.app.goTo(before);
  }
}

/** Shows what the selected number is made of; returns the first sentences. @param {App} app @param {Node | null} back */
function ask(app, back) {
  const { cell, book } = app;
  const found = explain(book, cell);
  const value = book.get(cell.sheet, cell.row, cell.col);
  const parts = (found?.parts ?? []).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  const adds = typeof value === "number" && Math.abs(total - value) <= 1e-9 * (1 + Math.abs(value));
  const product = parts.length === 1 && parts[0].cells.length > 1;
  const listed = adds && (parts.length > 1 || (found?.sum && product)) ? parts : [];
  const some = listed.filter((part) => part.value !== 0);
  const shown = some.length ? some : listed;
  const inputs = found && !(found.sum && listed.length) ? found.inputs : [];
  const readers = readersOf(book, cell);
  const outlined = [...shown.slice(0, MANY).flatMap((part) => part.cells.map((one) => ({ ...one, rows: 1, cols: 1 }))), ...inputs];
  app.outlines = outlined.map((area) => ({ area, color: READ }));
  const title = `${app.describe(cell)} = ${app.text(cell.sheet, cell.row, cell.col)}`;
  const said = sentence(found !== null, listed, shown.length, total, inputs);
  const declared = app.declared(cell);
  show(app, "ask", "Ask a number", back && make("p", { className: "buttons" }, back),
    make("p", {}, make("b", { textContent: title })), make("p", { textContent: said }),
    shown.length ? partList(app, shown) : null,
    inputs.length ? make("p", { textContent: listed.length ? "Not all of them are products of cells. It reads:" : "It reads:" }) : null,
    inputs.length ? make("ul", {}, ...inputs.slice(0, MANY).map((input) => make("li", {}, way(app, input.found ?? { ...input }, inputText(app, input))))) : null,
    inputs.length > MANY ? make("p", { textContent: `and ${inputs.length - MANY} more.` }) : null,
    found ? make("h3", { textContent: "Its formula" }) : null,
    found ? make("code", { textContent: `=${book.formulaAt(cell.sheet, cell.row, cell.col)?.text}` }) : null,
    declared ? make("p", { textContent: "As the template declares it:" }) : null,
    declared ? make("code", { textContent: declared }) : null,
    otherTokens(app),
    readers.length ? make("h3", { textContent: "What reads it" }) : null,
    make("ul", {}, ...readers.slice(0, MANY).map((one) => make("li", {}, way(app, one)))),
    readers.length > MANY ? make("p", { textContent: `and ${readers.length - MANY} more formulas.` }) : null);
  return `${title}. ${said}`;
}

/** @param {boolean} computed @param {Part[]} parts @param {number} shown how many of them are not 0 @param {number} total @param {Input[]} inputs */
function sentence(computed, parts, shown, total, inputs) {
  if (!computed) return "This cell is a constant: nothing is computed for it.";
  if (parts.length > 1) return `${parts.length} parts add up to ${total}, the largest first${shown < parts.length ? `; ${parts.length - shown} of them are 0` : ""}.`;
  if (parts.length) return `It is a product: ${total}.`;
  if (inputs.length === 1 && (inputs[0].found || inputs[0].rows * inputs[0].cols === 1)) return "It comes from one cell.";
  return inputs.length ? "It is not a sum." : "Its formula reads no other cell.";
}

/** @param {App} app @param {Part[]} parts */
function partList(app, parts) {
  const lines = (/** @type {Part[]} */ some) => some.map((part) => make("li", {}, make("b", { textContent: part.value.toPrecision(6) }),
    ...distinct(part.cells).slice(0, FACTORS).map((one) => way(app, one))));
  const more = parts.slice(MANY);
  if (!more.length) return make("ol", {}, ...lines(parts));
  const rest = more.reduce((sum, part) => sum + part.value, 0);
  const others = make("ol", { start: MANY + 1 });
  const folded = make("details", {}, make("summary", { textContent: `${more.length} more add ${rest.toPrecision(6)}.` }), others);
  folded.addEventListener("toggle", () => {
    if (folded.open && !others.hasChildNodes()) others.append(...lines(more));
  });
  return make("div", {}, make("ol", {}, ...lines(parts.slice(0, MANY))), folded);
}

/** What an input is called, and what it holds. @param {App} app @param {Input} area */
function inputText(app, area) {
  const { rows, cols, found } = area;
  if (rows === 1 && cols === 1) return `${app.describe(area)}: ${app.text(area.sheet, area.row, area.col)}`;
  const name = app.nameAt(area);
  const cells = `${name ? `${name}, ` : ""}${areaName(area)}: ${(rows * cols).toLocaleString("en-US")} cells`;
  return found ? `${cells}, of which ${cellName(found.row, found.col)}: ${app.text(found.sheet, found.row, found.col)}` : cells;
}

/** The number for the other tokens: in their rows or columns. @param {App} app */
function otherTokens(app) {
  const { cell, book } = app;
  const name = app.nameAt(cell);
  const area = book.names.get(name);
  const axes = app.stepOf(name)?.axes ?? [];
  if (!area) return null;
  const down = tokenAxis(axes, area.rows, true);
  const across = down ? null : tokenAxis(axes, area.cols, false);
  const axis = down ?? across;
  if (!axis) return null;
  const here = down ? cell.row - area.row : cell.col - area.col;
  const own = Math.floor(here / axis.step) % axis.size;
  const tokens = Math.min(Number(book.named("n_tokens") ?? 0), axis.size);
  const words = book.names.get("token_texts");
  const lines = Array.from({ length: tokens }, (_, t) => {
    const by = (t - own) * axis.step;
    const place = { ...cell, row: cell.row + (down ? by : 0), col: cell.col + (down ? 0 : by) };
    const word = words ? toText(book.get(words.sheet, words.row + t, words.col)) : String(t);
    const line = way(app, place, `${word}: ${app.text(place.sheet, place.row, place.col)}`);
    if (t === own) line.setAttribute("aria-current", "true");
    return make("li", {}, line);
  });
  return make("details", { open: true }, make("summary", { textContent: "For the other tokens" }), make("ul", {}, ...lines));
}

/**
 * The axis of the tokens among those that lie below one another, or side by side: its size, and how
 * many cells lie between two tokens. The first axes of a tensor go down, the others to the right.
 * @param {[string, number][]} axes
 * @param {number} length cells in that direction
 * @param {boolean} first
 */
function tokenAxis(axes, length, first) {
  for (let count = 1; count <= axes.length; count++) {
    const some = first ? axes.slice(0, count) : axes.slice(-count);
    const size = some.reduce((product, [, each]) => product * each, 1);
    const last = some.map(([name]) => name).lastIndexOf("position");
    if (size === length && last >= 0) return { size: some[last][1], step: some.slice(last + 1).reduce((product, [, each]) => product * each, 1) };
  }
  return null;
}

/** Each cell once. @param {Cell[]} cells */
function distinct(cells) {
  return [...new Map(cells.map((cell) => [`${cell.sheet},${cell.row},${cell.col}`, cell])).values()];
}

// ---- book.js
/** The workbook in memory: cells, formulas, defined names; computes what is out of date. */


/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./reference.js").Area} Area */
/** @typedef {import("./groups.js").Stored} Stored */
/** @typedef {import("./sheets.js").GridSheet} GridSheet */
/** @typedef {{sheet: number, row: number, col: number}} Cell */

/** A group is out of date if what it needs changes, or since it did. */
const MAYBE = 1;
const SURELY = 2;

class Book {
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

// ---- find_panel.js
/** Find: a text on all tabs, and the cells that show it. */


/** @typedef {import("./app.js").App} App */
/** @typedef {import("./book.js").Cell} Cell */

/** Cells that are listed, and that are counted. */
const LISTED = 30;
const COUNTED = 1000;
/** Cells of a tab that are looked at: of the largest tabs of weights the first rows. */
const LOOKED_AT = 1e6;
/** Cells between two looks at the clock. */
const CLOCK = 4096;

class Finder {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.sought = "";
    this.turn = 0;
  }

  /** Asks for a text. */
  open() {
    this.list([]);
    byId("sought").focus();
  }

  /** Goes to the next cell that shows a text, lists those after it, and counts all. @param {string} text */
  async find(text) {
    const { app } = this;
    const turn = ++this.turn;
    this.sought = text;
    if (!text) return;
    const wanted = text.toLowerCase();
    const word = !/[\d.,%+-]/.test(text); // which no number shows
    /** @type {Cell[]} */
    const found = [];
    let count = 0;
    let last = performance.now();
    const start = app.cell;
    const { sheets } = app.book;
    for (let i = 0; i <= sheets.length && count <= COUNTED; i++) {
      const sheet = (start.sheet + i) % sheets.length;
      const { cols, rows } = sheets[sheet];
      const here = start.row * cols + start.col + 1;
      const end = i === sheets.length ? here : Math.min(rows * cols, LOOKED_AT);
      for (let at = i === 0 ? here : 0; at < end && count <= COUNTED; at++) {
        if (at % CLOCK === 0 && performance.now() - last >= SLICE) {
          app.say(`Looking on ${sheets[sheet].name} ...`);
          await pause();
          if (turn !== this.turn || app.mode !== "find") return; // another text is looked for, or none
          last = performance.now();
        }
        const cell = { sheet, row: Math.floor(at / cols), col: at % cols };
        if (word && typeof app.book.get(sheet, cell.row, cell.col) === "number") continue;
        if (app.text(sheet, cell.row, cell.col).toLowerCase().includes(wanted)) {
          if (++count <= LISTED) found.push(cell);
          if (count === 1) app.goTo(cell); // while the others are looked for
        }
      }
    }
    const words = found.length ? `${text} is in ${app.describe(found[0])}.` : `${text} is nowhere.`;
    this.list(found, `${words} ${counted(count)}`);
    app.say(words);
  }

  /** @param {Cell[]} found @param {string} words what came of it; the last line of the page may say other things soon */
  list(found, words = "") {
    const before = document.getElementById("sought"); // what is typed meanwhile stays
    const value = before instanceof HTMLInputElement ? before.value : this.sought;
    const field = make("input", { id: "sought", value, autocomplete: "off", spellcheck: false, "aria-label": "Text to find", onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter") void this.find(field.value);
      else if (event.key === "Escape") closePanel(this.app);
    } });
    show(this.app, "find", "Find on all tabs",
      make("p", { className: "buttons" }, field, button("Next", "The next cell with this text (Enter)", () => void this.find(field.value))),
      make("p", { textContent: words }), make("ul", {}, ...found.map((cell) => make("li", {}, way(this.app, cell)))));
  }
}

/** How many cells were found, and where those are that are not listed. @param {number} count */
function counted(count) {
  if (count < 2) return "";
  const cells = count > COUNTED ? `More than ${COUNTED.toLocaleString("en-US")} cells show it` : `${count} cells show it`;
  return count > LISTED ? `${cells}, of which the next ${LISTED} are listed; Enter goes on through all.` : `${cells}; Enter goes to the next.`;
}

// ---- modes.js
/** The modes beside the grid: stepping, asking, the guides, finding and the list of changes. */


/** @typedef {import("./app.js").App} App */

class Modes {
  /** @param {App} app @param {import("./changes.js").Changes} changes */
  constructor(app, changes) {
    this.app = app;
    this.changes = changes;
    this.stepper = new Stepper(app);
    this.finder = new Finder(app);
    this.asking = new Asking(app);
    this.guides = (app.data.guides ?? []).map((stored) => new Guide(app, stored));
    /** The guide that is followed. @type {Guide | undefined} */
    this.guide = this.guides[0];
    app.onChange((what) => this.follow(what));
  }

  /** Keeps what the panel says true. @param {"cells" | "place"} what */
  follow(what) {
    if (this.app.mode === "ask") this.asking.follow();
    else if (what === "place") return;
    else if (this.app.mode === "guide") this.guide?.show();
    else if (this.app.mode === "changes") showChanges(this.app, this.changes);
  }

  /** Says what the selected number is made of, and from now on every selected one. */
  ask() {
    if (this.app.mode !== "ask") this.asking.begin();
    this.app.mode = "ask";
    this.app.changed("place");
  }

  /** Begins with a guide, where it was left; once begun, goes on. @param {Guide} guide */
  follows(guide) {
    const on = this.app.mode === "guide" && this.guide === guide;
    this.guide = guide;
    if (on) guide.move(1);
    else guide.go(Math.max(guide.at, 0));
  }

  /** Begins to step, where it was left; once begun, goes on. */
  steps() {
    this.stepper.move(this.app.mode === "step" || this.stepper.at < 0 ? 1 : 0);
  }

  showChanges() {
    showChanges(this.app, this.changes);
  }

  /** The next step or stop, or the one before. @param {number} by */
  move(by) {
    if (this.app.mode === "guide") this.guide?.move(by);
    else if (this.app.mode === "step") this.stepper.move(by);
    else this.steps();
  }
}

// ---- main.js
/** Starts the page. */


/** Milliseconds after which nobody seems to look. */
const HIDDEN = 100;

/** What is said first. @param {App} app */
function greeting(app) {
  const step = app.data.steps.length ? "Space steps through the model. " : "";
  return `${step}Ask (?) says what a number is made of. Help tells what else there is.`;
}

/** @param {string} words */
function say(words) {
  byId("status").textContent = words;
}

/** Lets the browser draw; in a tab that nobody sees it draws nothing. */
function picture() {
  return Promise.race([new Promise((seen) => requestAnimationFrame(seen)).then(pause), new Promise((late) => setTimeout(late, HIDDEN))]);
}

/** The memory of a page that is left is free for the next one; who comes back loads it again. @param {import("./numbers.js").Numbers} numbers */
function giveBack(numbers) {
  window.addEventListener("pagehide", () => numbers.free());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

async function start() {
  const data = await loadData();
  const { numbers, stays } = await loadNumbers(data, say);
  giveBack(numbers);
  const book = new Book(data.book, numbers);
  const app = new App(data, book);
  app.say = say;
  const changes = new Changes(app);
  const modes = new Modes(app, changes);
  const bar = new Bar(app, changes, modes);
  const grid = new Grid(app);
  new Hands(grid, (text) => bar.edit(text));
  new Note(app, grid);
  returnFocus();
  const first = book.names.get("prompt") ?? { sheet: 0, row: 0, col: 0 };
  app.sheet = first.sheet;
  app.goTo(first);
  if (app.large) await picture(); // with the values of the file, to be seen while everything is computed
  await app.recalculate();
  if (!app.large) void app.rest.then(() => say(greeting(app)));
  byId("scroll").focus({ preventScroll: true });
  // For the console, and for those who test the page.
  const asked = (/** @type {import("./book.js").Cell} */ cell) => explain(book, cell);
  Object.assign(window, { sheetgpt: { app, book, bar, changes, grid, modes, explain: asked } });
  document.body.dataset.ready = String(Math.ceil(performance.now())); // milliseconds since it was opened
  if (!stays) say("The browser does not keep the file of numbers, so this page needs it again next time.");
}

start().catch((error) => {
  document.body.dataset.error = String(error.message ?? error);
  say(`This page could not start: ${error.message ?? error}`);
});
})();
