/** Ask a number: what it is made of, what reads it, and its value for the other tokens. */

import { explain, readersOf } from "./ask.js";
import { byId, make } from "./dom.js";
import { READ, show, way } from "./panel.js";
import { areaName } from "./reference.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./reference.js").Area} Area */
/** @typedef {import("./ask.js").Part} Part */

/** Parts, inputs and readers that are listed. */
const MANY = 12;
/** Cells whose product a part is that are listed. */
const FACTORS = 6;

/** Says what the selected number is made of; the panel follows the selection. @param {App} app */
export function ask(app) {
  const { cell, book } = app;
  const found = explain(book, cell);
  const value = book.get(cell.sheet, cell.row, cell.col);
  const parts = (found?.parts ?? []).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  const adds = typeof value === "number" && Math.abs(total - value) <= 1e-9 * (1 + Math.abs(value));
  const listed = adds && (found?.sum || parts.length > 1) ? parts : [];
  const inputs = found && !(found.sum && adds) ? found.inputs : [];
  const readers = readersOf(book, cell);
  const first = (/** @type {Area} */ area) => ({ ...area, rows: 1, cols: 1 });
  const outlined = [...listed.slice(0, MANY).flatMap((part) => part.cells.map((one) => ({ ...one, rows: 1, cols: 1 }))), ...inputs];
  app.outlines = outlined.map((area) => ({ area, color: READ }));
  show(app, "ask", "Ask a number",
    make("p", {}, make("b", { textContent: `${app.describe(cell)} = ${app.text(cell.sheet, cell.row, cell.col)}` })),
    make("p", { textContent: sentence(found !== null, listed, total, inputs.length) }),
    listed.length ? partList(app, listed) : null,
    inputs.length ? make("p", { textContent: `${listed.length ? "Not all of them are products of cells. " : ""}The formula and what it reads:` }) : null,
    found && inputs.length ? make("code", { textContent: `=${book.formulaAt(cell.sheet, cell.row, cell.col)?.text}` }) : null,
    inputs.length ? make("ul", {}, ...inputs.slice(0, MANY).map((area) => make("li", {}, way(app, first(area), inputText(app, area))))) : null,
    otherRows(app),
    readers.length ? make("h3", { textContent: "What reads it" }) : null,
    make("ul", {}, ...readers.slice(0, MANY).map((one) => make("li", {}, way(app, one)))),
    readers.length > MANY ? make("p", { textContent: `and ${readers.length - MANY} more formulas.` }) : null);
  byId("panel").scrollTop = 0;
}

/** @param {boolean} computed @param {Part[]} parts @param {number} total @param {number} inputs */
function sentence(computed, parts, total, inputs) {
  if (!computed) return "This cell is a constant: nothing is computed for it.";
  const sum = `${parts.length} ${parts.length === 1 ? "part adds" : "parts add"} up to ${total}.`;
  if (parts.length) return sum;
  return inputs ? "It is not a sum." : "Its formula reads no other cell.";
}

/** @param {App} app @param {Part[]} parts */
function partList(app, parts) {
  const rest = parts.slice(MANY).reduce((sum, part) => sum + part.value, 0);
  const lines = parts.slice(0, MANY).map((part) => make("li", {}, make("b", { textContent: part.value.toPrecision(6) }),
    ...distinct(part.cells).slice(0, FACTORS).map((one) => way(app, one))));
  return make("div", {}, make("ol", {}, ...lines),
    parts.length > MANY ? make("p", { textContent: `${parts.length - MANY} more add ${rest.toPrecision(6)}.` }) : null);
}

/** What an input is called, and what it holds. @param {App} app @param {Area} area */
function inputText(app, area) {
  const { rows, cols } = area;
  if (rows === 1 && cols === 1) return `${app.describe(area)}: ${app.text(area.sheet, area.row, area.col)}`;
  const name = app.nameAt(area);
  return `${name ? `${name}, ` : ""}${areaName(area)}: ${(rows * cols).toLocaleString("en-US")} cells`;
}

/** The number in the rows of the other tokens. @param {App} app */
function otherRows(app) {
  const { cell, book } = app;
  const area = book.names.get(app.nameAt(cell));
  const tokens = Number(book.named("n_tokens") ?? 0);
  if (!area || area.rows < 2 || area.sheet !== cell.sheet || cell.row - area.row >= tokens) return null;
  const rows = Array.from({ length: Math.min(tokens, area.rows) }, (_, i) => ({ ...cell, row: area.row + i }));
  return make("details", {}, make("summary", { textContent: "In the rows of all tokens" }), make("ul", {}, ...rows.map((one) => make("li", {}, way(app, one)))));
}

/** Each cell once. @param {import("./book.js").Cell[]} cells */
function distinct(cells) {
  return [...new Map(cells.map((cell) => [`${cell.sheet},${cell.row},${cell.col}`, cell])).values()];
}
