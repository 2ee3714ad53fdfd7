/**
 * Functions of whole ranges that give one number: SUM, LARGE, AND, ... Of a range they use the
 * numbers only; text, booleans and blank cells are passed over, and the first error is the result.
 */

import { CellError, DIV0, MIXED, NA, NUM, NUMBERS, Table, toBoolean, toNumber, VALUE } from "./values.js";

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
export function numbersOf(args) {
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
export class Sorted {
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
export function kth(sorted, place, largest) {
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
export const AGGREGATES = {
  ...Object.fromEntries(Object.entries(OF_NUMBERS).map(([name, f]) => [name, aggregate(f)])),
  COUNT: count,
  RANK: /** @type {any} */ (rankOf),
  PERCENTILE: /** @type {any} */ (percentile),
  AND: logical(false),
  OR: logical(true),
};
/** The fewest and the most arguments. @param {string} name */
export function aggregateCount(name) {
  if (name === "RANK") return [2, 3];
  return name === "PERCENTILE" ? [2, 2] : [1, 255];
}
