/** Steps through the model in the order of the data, as a debugger does. */

import { button, make } from "./dom.js";
import { inRuns, OWN, READ, show } from "./panel.js";

/** @typedef {import("./app.js").App} App */

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

  /** The step that a cell belongs to. */
  here() {
    const { sheet, row, col } = this.app.cell;
    const before = this.app.data.steps.flatMap((step, i) => (step.sheet === sheet && step.at[0] <= row && step.at[1] <= col ? [i] : []));
    this.show(before.at(-1) ?? 0);
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
    app.goTo({ sheet: step.sheet, row: step.at[0], col: step.at[1] }, true);
    const names = steps.map((one, i) => make("option", { value: String(i), textContent: this.title(one), selected: i === index }));
    const menu = make("select", { "aria-label": "Go to a step", onchange: (/** @type {Event} */ event) =>
      this.show(Number(/** @type {HTMLSelectElement} */ (event.target).value)) }, ...names);
    const speed = make("input", { type: "range", min: "0.5", max: "5", step: "0.5", value: String(this.speed), "aria-label": "Seconds for a step", oninput: (/** @type {Event} */ event) => {
      this.speed = Number(/** @type {HTMLInputElement} */ (event.target).value);
    } });
    show(app, "step", `Step ${index + 1} of ${steps.length}`,
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
