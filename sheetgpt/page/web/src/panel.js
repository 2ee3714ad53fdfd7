/** The panel beside the grid: stepping, asking, the list of changes. */

import { partsOf, readersOf } from "./ask.js";
import { button, byId, make } from "./dom.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./book.js").Cell} Cell */

const MANY_PARTS = 12;
const OWN = "#D9480F";
const READ = "#1864AB";

/** @param {string} title @param {...(Node | null)} content */
function show(title, ...content) {
  const panel = byId("panel");
  const close = button("×", "Close the panel", () => {
    panel.hidden = true;
  });
  panel.replaceChildren(make("header", {}, make("h2", { textContent: title }), close), ...content.filter((node) => node !== null));
  panel.hidden = false;
}

/** A number that is a way to its cell. @param {App} app @param {Cell} cell @param {() => void} then */
function way(app, cell, then) {
  const text = `${app.describe(cell)}: ${app.text(cell.sheet, cell.row, cell.col)}`;
  return make("button", { type: "button", className: "way", textContent: text, onclick: () => {
    app.goTo(cell);
    then();
  } });
}

/** Says what the selected number is made of. @param {App} app */
export function ask(app) {
  const { cell, book } = app;
  const again = () => ask(app);
  const value = book.get(cell.sheet, cell.row, cell.col);
  const parts = partsOf(book, cell).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  const rest = parts.slice(MANY_PARTS).reduce((sum, part) => sum + part.value, 0);
  const adds = typeof value === "number" && Math.abs(total - value) <= 1e-9 * (1 + Math.abs(value));
  const list = make("ol", {}, ...parts.slice(0, MANY_PARTS).map((part) =>
    make("li", {}, make("b", { textContent: part.value.toPrecision(6) }), ...part.cells.slice(0, 6).map((one) => way(app, one, again)))));
  const shown = parts.length > MANY_PARTS ? make("p", { textContent: `${parts.length - MANY_PARTS} more add ${rest.toPrecision(6)}.` }) : null;
  const sum = !parts.length ? "This cell is a constant: nothing is computed for it."
    : adds ? `${parts.length} ${parts.length === 1 ? "part adds" : "parts add"} up to ${total}.` : "It is computed from these cells:";
  const readers = readersOf(book, cell);
  app.outlines = parts.slice(0, MANY_PARTS).flatMap((part) => part.cells.map((one) => ({ area: { ...one, rows: 1, cols: 1 }, color: READ })));
  show("Ask a number",
    make("p", { textContent: `${app.describe(cell)} = ${app.text(cell.sheet, cell.row, cell.col)}` }),
    make("p", { textContent: sum }), list, shown,
    otherRows(app, again),
    readers.length ? make("h3", { textContent: "What reads it" }) : null,
    make("ul", {}, ...readers.slice(0, MANY_PARTS).map((one) => make("li", {}, way(app, one, again)))));
  app.changed("place");
}

/** The number in the rows of the other tokens. @param {App} app @param {() => void} again */
function otherRows(app, again) {
  const { cell, book } = app;
  const area = book.names.get(app.nameAt(cell));
  const tokens = Number(book.named("n_tokens") ?? 0);
  if (!area || area.rows < 2 || area.sheet !== cell.sheet || cell.row - area.row >= tokens) return null;
  const rows = Array.from({ length: Math.min(tokens, area.rows) }, (_, i) => ({ ...cell, row: area.row + i }));
  return make("details", {}, make("summary", { textContent: "In the rows of all tokens" }), make("ul", {}, ...rows.map((one) => make("li", {}, way(app, one, again)))));
}

/** A line of a card, an equation with its indices below and above. @param {App} app @param {number} sheet @param {string} line */
function inRuns(app, sheet, line) {
  const runs = [...app.viewOf(sheet).rich.values()].find((list) => list.map(([text]) => text).join("") === line);
  return runs ? runs.map(([text, place]) => (place ? make(place === "sub" ? "sub" : "sup", { textContent: text }) : text)) : [line];
}

/** Goes through the steps of the model in the order of the data. */
export class Stepper {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.at = -1;
    /** Seconds between two steps when it goes by itself. */
    this.speed = 2;
    this.timer = 0;
  }

  get on() {
    return this.at >= 0 && !byId("panel").hidden;
  }

  /** @param {number} by */
  move(by) {
    this.show(Math.max(0, Math.min(this.at + by, this.app.data.steps.length - 1)));
  }

  /** The step that a cell belongs to. */
  here() {
    const { sheet, row, col } = this.app.cell;
    const before = this.app.data.steps.flatMap((step, i) => (step.sheet === sheet && step.at[0] <= row && step.at[1] <= col ? [i] : []));
    this.show(before.at(-1) ?? 0);
  }

  play() {
    if (this.timer) {
      clearInterval(this.timer);
      this.timer = 0;
    } else {
      this.timer = window.setInterval(() => this.move(1), this.speed * 1000);
    }
    this.show(this.at);
  }

  /** @param {number} index */
  show(index) {
    const { app } = this;
    const { steps } = app.data;
    const step = steps[index];
    if (!step) return;
    this.at = index;
    const areas = step.areas.flatMap((name) => app.book.names.get(name) ?? []);
    const reads = areas.flatMap((area) => app.book.graph.within([area]).flatMap((g) => app.book.graph.reads[g]));
    app.outlines = [...reads.map((area) => ({ area, color: READ })), ...areas.map((area) => ({ area, color: OWN }))];
    app.goTo({ sheet: step.sheet, row: step.at[0], col: step.at[1] }, true);
    const names = steps.map((one, i) => make("option", { value: String(i), textContent: this.title(one), selected: i === index }));
    const menu = make("select", { "aria-label": "Go to a step", onchange: (/** @type {Event} */ event) =>
      this.show(Number(/** @type {HTMLSelectElement} */ (event.target).value)) }, ...names);
    const speed = make("input", { type: "range", min: "0.5", max: "5", step: "0.5", value: String(this.speed), "aria-label": "Seconds for a step", oninput: (/** @type {Event} */ event) => {
      this.speed = Number(/** @type {HTMLInputElement} */ (event.target).value);
    } });
    show(`Step ${index + 1} of ${steps.length}`,
      make("p", { className: "buttons" }, button("◂ Back", "The step before (Shift+Space)", () => this.move(-1)), button("Next ▸", "The next step (Space)", () => this.move(1)),
        button(this.timer ? "Stop" : "Play", "Go on by itself", () => this.play()), button("Here", "Run to the step of the selected cell", () => this.here()), speed),
      menu, make("h3", { textContent: step.title }),
      ...step.lines.map((line) => make("p", {}, ...inRuns(app, step.sheet, line))), ...step.declared.map((line) => make("code", { textContent: line })),
      make("p", { textContent: `Computes ${step.areas.slice(0, 6).join(", ")}.` }));
    app.say(`Step ${index + 1}: ${step.title}. ${step.lines[0] ?? ""}`);
  }

  /** @param {import("./app.js").Step} step */
  title(step) {
    const tab = this.app.book.sheets[step.sheet].name;
    return `${tab}${step.number === null ? "" : ` ${step.number}.`} ${step.title}`;
  }
}

/**
 * The tour: the words of a tab with this name; each link of it is a stop that moves the grid.
 * @param {App} app
 * @param {string} name
 */
export function tour(app, name) {
  const sheet = app.book.scope.sheets.get(name);
  if (sheet === undefined) return;
  const { rows, cols } = app.book.sheets[sheet];
  const view = app.viewOf(sheet);
  const stops = [];
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const text = app.text(sheet, row, col);
      const link = view.links.get(view.key(row, col));
      if (!text) continue;
      stops.push(link ? make("button", { type: "button", className: "way", textContent: text, onclick: () => app.jump(link) }) : make("p", { textContent: text }));
    }
  }
  show(name === "why" ? "Why this word" : "Tour", ...stops);
}

/** What was changed, with the way back. @param {App} app @param {import("./changes.js").Changes} changes */
export function showChanges(app, changes) {
  const undo = (/** @type {number} */ count) => {
    changes.undo(count);
    showChanges(app, changes);
  };
  show("Changes",
    make("p", {}, make("label", {}, make("input", { type: "checkbox", checked: changes.unlocked, onchange: (/** @type {Event} */ event) => {
      changes.unlocked = /** @type {HTMLInputElement} */ (event.target).checked;
      app.say(changes.unlocked ? "Every cell can be changed: weights, values and formulas." : "Only yellow cells can be changed.");
    } }), " Unlock all cells")),
    make("p", { className: "buttons" }, button("Undo", "Take back the last change (Ctrl+Z)", () => undo(1)), button("Reset", "Take back all changes", () => undo(changes.list.length))),
    make("ol", {}, ...changes.list.map(({ cell, before, after }) => make("li", {}, way(app, cell, () => undefined), make("p", { textContent: `${before || "(blank)"} → ${after || "(blank)"}` })))));
}
