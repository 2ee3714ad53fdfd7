/** Ways between the parts of the page: by F6, by tabs, and back to the cells after a click. */

import { byId } from "./dom.js";

/** @typedef {import("./app.js").App} App */

/** The parts that F6 goes through, as a spreadsheet does; of each the first that takes the focus. */
const REGIONS = ["scroll", "panel", "tabs", "top", "bar"];
const TAKES = "button:not([tabindex='-1']), input, select, summary";

/** Goes to the next part of the page, or the one before. @param {number} by */
export function toRegion(by) {
  const regions = REGIONS.map(byId).filter((region) => !region.hidden);
  const here = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(here + by + regions.length) % regions.length] ?? regions[0];
  const target = next.tabIndex === 0 ? next : next.querySelector(TAKES);
  if (target instanceof HTMLElement) target.focus({ preventScroll: true });
}

/** Goes to a tab, where it was left. @param {App} app @param {number} sheet */
export function toTab(app, sheet) {
  app.goTo({ sheet, row: app.viewOf(sheet).row, col: app.viewOf(sheet).col });
}

/** After a click of a mouse or a finger the keys go to the cells again; after Enter they stay. */
export function returnFocus() {
  document.addEventListener("click", (event) => {
    const clicked = event.target instanceof Element && event.target.closest("button");
    const active = document.activeElement;
    if (event.detail > 0 && clicked && (active instanceof HTMLButtonElement || active === document.body)) byId("scroll").focus({ preventScroll: true });
  });
}
