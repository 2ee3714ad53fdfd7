/** Steps through the model in the order of the data, as a debugger does. */

import { button, byId, make } from "./dom.js";
import { inRuns, OWN, READ, show, way } from "./panel.js";
import { quoteSheet } from "./reference.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./app.js").Step} Step */
/** @typedef {import("./reference.js").Area} Area */

/** Names of what a step computes or reads that are listed. */
const NAMES = 12;

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
