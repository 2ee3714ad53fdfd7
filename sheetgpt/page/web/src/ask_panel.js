/** Ask a number: what it is made of, what reads it, and its value for the other tokens. */

import { explain, readersOf } from "./ask.js";
import { button, byId, make } from "./dom.js";
import { READ, show, way } from "./panel.js";
import { areaName, cellName } from "./reference.js";
import { toText } from "./values.js";

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
export class Asking {
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
