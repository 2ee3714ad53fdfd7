/** Guided mode: the texts of a tab that explains the workbook, beside the grid that they are about. */

import { button, byId, make } from "./dom.js";
import { inRuns, OWN, show } from "./panel.js";

/** @typedef {import("./app.js").App} App */
/**
 * @typedef {object} Stop
 * @property {[number, number]} at
 * @property {string | null} to where it leads; null for its own place
 * @property {[number, number, string][]} cells row, column and heading of each of its texts
 * @property {string[]} words of a card
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
    const area = app.book.names.get(app.nameAt(app.cell));
    app.outlines = area ? [{ area, color: OWN }] : [];
    this.show();
    app.changed("place");
    const [first] = this.texts(stop);
    app.say(`${this.name}, stop ${index + 1} of ${stored.stops.length}: ${first?.text ?? ""}`);
  }

  /** The texts of a stop as they are now: formulas among them follow the prompt. @param {Stop} stop */
  texts({ cells, words }) {
    const { app, stored } = this;
    return [
      ...words.map((text) => ({ head: "", text })),
      ...cells.map(([row, col, head]) => ({ head, text: app.text(stored.sheet, row, col) })),
    ].filter(({ text }) => text !== "");
  }

  /** Shows the stop, without moving. */
  show() {
    const { app, stored } = this;
    const stop = stored.stops[this.at];
    if (!stop) return;
    const options = stored.stops.map((one, i) => make("option", { value: String(i), textContent: `${i + 1}. ${this.texts(one)[0]?.text ?? ""}`, selected: i === this.at }));
    const menu = make("select", { "aria-label": "Go to a stop", onchange: (/** @type {Event} */ event) =>
      this.go(Number(/** @type {HTMLSelectElement} */ (event.target).value)) }, ...options);
    const lines = this.texts(stop).map(({ head, text }, i) =>
      make(i === 0 ? "h3" : "p", {}, head && i > 0 ? make("b", { textContent: `${head}: ` }) : null, ...inRuns(app, stored.sheet, text)));
    show(app, "guide", `${this.name}: ${this.at + 1} of ${stored.stops.length}`,
      make("p", { className: "buttons" }, button("◂ Back", "The stop before (Shift+Space)", () => this.move(-1)), button("Next ▸", "The next stop (Space)", () => this.move(1)),
        button("Again", "Go back to where this stop is", () => this.go(this.at))),
      menu, ...lines);
    byId("panel").scrollTop = 0;
  }
}
