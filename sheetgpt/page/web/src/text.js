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

/** What is in sight, as a table for those who hear the page. @param {Grid} grid */
export function showTable(grid) {
  const { app } = grid;
  const { width, height } = grid.size;
  const [part] = grid.parts(width, height);
  const rows = [];
  for (let r = part.top; r <= Math.min(part.bottom, part.top + HEARD.rows); r++) {
    const cells = [];
    for (let c = part.left; c <= Math.min(part.right, part.left + HEARD.cols); c++) {
      const text = app.text(app.sheet, r, c);
      cells.push(make("td", { textContent: text, "aria-label": `${columnName(c)}${r + 1} ${text}` }));
    }
    rows.push(make("tr", {}, make("th", { textContent: String(r + 1) }), ...cells));
  }
  byId("table").replaceChildren(make("caption", { textContent: app.book.sheets[app.sheet].name }), ...rows);
}
