/** Numbers as cells show them, by the format codes that the workbook uses. */

import { CellError, numberText } from "./values.js";

/** @typedef {import("./values.js").Scalar} Scalar */

/** A number in General format: about eleven characters. @param {number} number */
function general(number) {
  if (number === 0) return "0";
  const size = Math.abs(number);
  if (size >= 1e11 || size < 1e-9) return number.toExponential(5).replace(/\.?0+e/, "E");
  return numberText(Number(number.toPrecision(10)));
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
