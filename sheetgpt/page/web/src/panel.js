/** The panel beside the grid: what is shown in it has a title, and leads to cells. */

import { button, byId, make } from "./dom.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./book.js").Cell} Cell */

/** Colours of outlines: what is computed, and what that reads. */
export const OWN = "#D9480F";
export const READ = "#1864AB";

/**
 * Shows something in the panel; a button that had the focus has it again.
 * @param {App} app
 * @param {import("./app.js").Mode} mode
 * @param {string} title
 * @param {...(Node | null)} content
 */
export function show(app, mode, title, ...content) {
  const panel = byId("panel");
  const focused = panel.contains(document.activeElement) ? document.activeElement : null;
  const name = focused?.getAttribute("aria-label") ?? focused?.textContent;
  const close = button("×", "Close the panel", () => closePanel(app));
  panel.replaceChildren(make("header", {}, make("h2", { textContent: title }), close), ...content.filter((node) => node !== null));
  panel.setAttribute("aria-label", title);
  panel.hidden = false;
  app.mode = mode;
  if (focused) {
    const again = [...panel.querySelectorAll("button, select, input")].find((one) => (one.getAttribute("aria-label") ?? one.textContent) === name);
    const target = again instanceof HTMLElement ? again : byId("scroll");
    target.focus({ preventScroll: true });
  }
}

/** @param {App} app */
export function closePanel(app) {
  byId("panel").hidden = true;
  app.mode = null;
  app.outlines = [];
  byId("scroll").focus({ preventScroll: true });
  app.changed("place");
}

/** A line that is a way to its cell. @param {App} app @param {Cell} cell @param {string} [text] */
export function way(app, cell, text = `${app.describe(cell)}: ${app.text(cell.sheet, cell.row, cell.col)}`) {
  return make("button", { type: "button", className: "way", textContent: text, onclick: () => app.goTo(cell) });
}

/** A line of a card, an equation with its indices below and above. @param {App} app @param {number} sheet @param {string} line */
export function inRuns(app, sheet, line) {
  const runs = [...app.viewOf(sheet).rich.values()].find((list) => list.map(([text]) => text).join("") === line);
  return runs ? runs.map(([text, place]) => (place ? make(place === "sub" ? "sub" : "sup", { textContent: text }) : text)) : [line];
}
