/** What operators and functions mean for single values. */

import { CellError, compareScalars, DIV0, NA, NUM, toBoolean, toNumber, toText, VALUE } from "./values.js";

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
export function below(x) {
  const size = Math.abs(x);
  const bell = Math.exp((-size * size) / 2);
  const [above, under] = HART.map((numbers) => numbers.reduce((sum, number) => sum * size + number, 0));
  const fraction = size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))));
  const beyond = size < 7.07106781186547 ? (bell * above) / under : bell / fraction / Math.sqrt(2 * Math.PI);
  return x > 0 ? 1 - beyond : beyond;
}

/** The meaning of each operator and function, on scalars. @type {Record<string, Rule>} */
export const SCALAR = {
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
export function scalarCount(name) {
  if (name === "CONCATENATE") return [1, 255];
  const count = name === "MID" ? 3 : OF_TWO.has(name) ? 2 : 1;
  return [count, count];
}
