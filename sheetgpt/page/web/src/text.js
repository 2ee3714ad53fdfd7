/** What the grid shows as text: for the clipboard, and for those who hear the page. */

import { byId, make } from "./dom.js";
import { areaName, columnName } from "./reference.js";

/** @typedef {import("./grid.js").Grid} Grid */

/** Rows and columns that are read out at most. */
const HEARD = { rows: 30, cols: 15 };

/** Puts the selected cells on the clipboard as text. @param {Grid} grid */
export function copyCells({ app, selection, scroll }) {
  const { top, bottom, left, right } = selection;
  const lines = [];
  for (let r = top; r <= bottom; r++) {
    const line = [];
    for (let c = left; c <= right; c++) line.push(app.text(app.sheet, r, c));
    lines.push(line.join("\t"));
  }
  const area = make("textarea", { value: lines.join("\n") });
  document.body.append(area);
  area.select();
  document.execCommand("copy"); // works from a file too, where the newer way is not allowed
  area.remove();
  scroll.focus({ preventScroll: true });
  app.say(`Copied ${areaName({ row: top, col: left, rows: bottom - top + 1, cols: right - left + 1 })} as text`);
}

/** What is in sight, frozen rows and columns included, as a table for those who hear the page. @param {Grid} grid */
export function showTable(grid) {
  const { app } = grid;
  const { width, height } = grid.size;
  const parts = grid.parts(width, height);
  const rows = inSight(parts.map(({ top, bottom }) => [top, Math.min(bottom, top + HEARD.rows, app.view.rows - 1)]));
  const cols = inSight(parts.map(({ left, right }) => [left, Math.min(right, left + HEARD.cols, app.view.cols - 1)]));
  const head = (/** @type {string} */ scope, /** @type {string} */ textContent) => make("th", { scope, textContent });
  const lines = rows.map((r) => make("tr", {}, head("row", String(r + 1)), ...cols.map((c) => make("td", { textContent: app.text(app.sheet, r, c) }))));
  byId("table").replaceChildren(make("caption", { textContent: app.book.sheets[app.sheet].name }),
    make("thead", {}, make("tr", {}, make("td"), ...cols.map((c) => head("col", columnName(c))))), make("tbody", {}, ...lines));
}

/** The rows or columns of all panes, in order. @param {number[][]} ranges the first and the last of each pane */
function inSight(ranges) {
  const all = ranges.flatMap(([first, last]) => Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i));
  return [...new Set(all)].sort((a, b) => a - b);
}
