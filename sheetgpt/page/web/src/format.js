/** Numbers as cells show them, by the format codes that the workbook uses. */

import { CellError } from "./values.js";

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
export function shownText(value, code) {
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
export function fittedText(value, code, fits) {
  const text = shownText(value, code);
  if (typeof value !== "number" || fits(text)) return text;
  if (code && code !== "@") return null;
  for (let room = GENERAL - 1; room > 0; room--) {
    const shorter = general(value, room);
    if (fits(shorter)) return shorter;
  }
  return null;
}
