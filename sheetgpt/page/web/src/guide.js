/** Guided mode: the texts of a tab that explains the workbook, beside the grid that they are about. */

import { button, byId, make } from "./dom.js";
import { inRuns, OWN, show } from "./panel.js";

/** @typedef {import("./app.js").App} App */
/**
 * @typedef {object} Stop
 * @property {[number, number]} at
 * @property {string | null} to where it leads; null for its own place
 * @property {[number, number, string][]} cells row, column and heading of each of its texts
 * @property {string[]} words of a card, its title first
 * @property {[number, number] | null} title the cell that names the stop, null for a card
 */
/** @typedef {{sheet: number, stops: Stop[]}} StoredGuide */

export class Guide {
  /** @param {App} app @param {StoredGuide} stored */
  constructor(app, stored) {
    this.app = app;
    this.stored = stored;
    this.at = -1;
  }

  get name() {
    return this.app.book.sheets[this.stored.sheet].name;
  }

  /** @param {number} by */
  move(by) {
    this.go(Math.max(0, Math.min(this.at + by, this.stored.stops.length - 1)));
  }

  /** Goes to a stop: the grid moves there, its texts are shown. @param {number} index */
  go(index) {
    const { app, stored } = this;
    const stop = stored.stops[index];
    this.at = index;
    app.mode = "guide";
    if (stop.to === null || !app.jump(stop.to)) app.goTo({ sheet: stored.sheet, row: stop.at[0], col: stop.at[1] }, true);
    const names = app.data.steps.find((step) => step.sheet === app.sheet && step.at[0] === stop.at[0] && stop.to === null)?.areas ?? [app.nameAt(app.cell)];
    app.outlines = names.flatMap((name) => app.book.names.get(name) ?? []).map((area) => ({ area, color: OWN }));
    this.show();
    app.changed("place");
    app.say(`${this.name}, stop ${index + 1} of ${stored.stops.length}: ${this.title(stop)}`);
  }

  /** What a stop is called. @param {Stop} stop */
  title({ title, words }) {
    return title ? this.app.text(this.stored.sheet, title[0], title[1]) : (words[0] ?? "");
  }

  /**
   * The texts of a stop as they are now, without its title: formulas among them follow the prompt. A
   * text is headed by its column, or by the first text of its row.
   * @param {Stop} stop
   */
  texts({ cells, words, title }) {
    const { app, stored } = this;
    /** @type {Map<number, string>} */
    const labels = new Map();
    const lines = words.slice(1).map((text) => ({ head: "", text }));
    cells.forEach(([row, col, head], i) => {
      const text = app.text(stored.sheet, row, col);
      if (text === "" || (title && row === title[0] && col === title[1])) return;
      if (!head && cells[i + 1]?.[0] === row && !labels.has(row)) labels.set(row, text);
      else lines.push({ head: head || (labels.get(row) ?? ""), text });
    });
    return lines;
  }

  /** Shows the stop, without moving. */
  show() {
    const { app, stored } = this;
    const stop = stored.stops[this.at];
    if (!stop) return;
    const options = stored.stops.map((one, i) => {
      const title = this.title(one);
      return make("option", { value: String(i), textContent: /^\d+\. /.test(title) ? title : `${i + 1}. ${title}`, selected: i === this.at });
    });
    const menu = make("select", { "aria-label": "Go to a stop", onchange: (/** @type {Event} */ event) =>
      this.go(Number(/** @type {HTMLSelectElement} */ (event.target).value)) }, ...options);
    const lines = this.texts(stop).map(({ head, text }) => make("p", {}, head ? make("b", { textContent: `${head}: ` }) : null, ...inRuns(app, stored.sheet, text)));
    show(app, "guide", `${this.name}: ${this.at + 1} of ${stored.stops.length}`,
      make("p", { className: "buttons" }, button("◂ Back", "The stop before (Shift+Space)", () => this.move(-1)), button("Next ▸", "The next stop (Space)", () => this.move(1)),
        button("Again", "Go back to where this stop is", () => this.go(this.at))),
      menu, make("h3", { textContent: this.title(stop) }), ...lines);
    byId("panel").scrollTop = 0;
  }
}
