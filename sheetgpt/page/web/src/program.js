/** A formula's tree into a function of the place it stands in. */

import { AGGREGATES, aggregateCount, kth, numbersOf } from "./aggregates.js";
import { applyMany, applyOne, applyTwo, choose } from "./elementwise.js";
import { countIf, index, match } from "./lookup.js";
import { multiply, sumProduct, transpose } from "./matrices.js";
import { PackedTable } from "./packed.js";
import { SCALAR, scalarCount } from "./scalars.js";
import { asTable, CellError, NA, Refused, single, Table, tidy, toBoolean, toNumber, VALUE } from "./values.js";

/** @typedef {import("./values.js").Scalar} Scalar */
/** @typedef {import("./values.js").Value} Value */
/** @typedef {import("./parser.js").Node} Node */
/** @typedef {import("./parser.js").Reference} Reference */
/** @typedef {import("./place.js").Place} Place */
/** @typedef {(place: Place) => Value} Program */

/** @param {Node} node @returns {Program} */
export function compile(node) {
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
export function factor(node) {
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
