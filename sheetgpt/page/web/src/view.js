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
export const POINT = 4 / 3;
const ROW = 15;
/** Rows and columns that are shown beyond the last cell and the last chart. */
const MARGIN = 3;

export class View {
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
export function inAreas(areas, row, col) {
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
export function indexAt(list, pixel) {
  let [low, high] = [0, list.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (list[middle] <= pixel) low = middle;
    else high = middle - 1;
  }
  return low;
}
