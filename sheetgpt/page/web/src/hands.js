/** Mouse, touch and keys on the grid. */

import { byId } from "./dom.js";
import { closePanel } from "./panel.js";
import { edgeOfData, lastCell } from "./moves.js";
import { areaName } from "./reference.js";
import { copyCells } from "./text.js";
import { indexAt } from "./view.js";
import { HEAD } from "./grid.js";

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0], Tab: [0, 1], PageUp: [-20, 0], PageDown: [20, 0] };

export class Hands {
  /** @param {import("./grid.js").Grid} grid @param {(text?: string) => void} edit starts typing into the selected cell */
  constructor(grid, edit) {
    this.grid = grid;
    this.edit = edit;
    this.listen();
  }

  /** The cell under the mouse, null on the heads. @param {MouseEvent} event */
  hit(event) {
    const { view, zoom } = this.grid.app;
    const box = this.grid.scroll.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / zoom - HEAD.width, (event.clientY - box.top) / zoom - HEAD.height];
    if (x < 0 || y < 0) return null;
    const frozen = this.grid.frozen;
    return { row: indexAt(view.ys, y < frozen.y ? y : y + view.y), col: indexAt(view.xs, x < frozen.x ? x : x + view.x) };
  }

  listen() {
    const { app, scroll } = this.grid;
    let dragging = false;
    let finger = false;
    scroll.addEventListener("pointerdown", (event) => {
      const place = this.hit(event);
      finger = event.pointerType !== "mouse";
      if (!place || event.button !== 0) return;
      dragging = event.pointerType === "mouse";
      if (event.shiftKey) {
        app.to = place;
        app.changed("place");
      } else if (dragging) app.goTo({ sheet: app.sheet, ...place });
    });
    scroll.addEventListener("pointermove", (event) => {
      const place = dragging ? this.hit(event) : null;
      if (!place || (place.row === app.to.row && place.col === app.to.col)) return;
      app.to = place;
      this.grid.redraw();
    });
    window.addEventListener("pointerup", () => {
      dragging = false;
    });
    scroll.addEventListener("click", (event) => {
      const place = this.hit(event);
      if (!place || event.shiftKey) return;
      // A finger that is put down may be going to scroll: it selects when it is taken away.
      if (finger) app.goTo({ sheet: app.sheet, ...place });
      const { view } = app;
      const { row, col } = view.shown(place.row, place.col);
      const { top, bottom, left, right } = this.grid.selection;
      if (top !== bottom || left !== right) return;
      const link = view.links.get(view.key(row, col));
      if (link) app.jump(link);
      else if (view.format(row, col).open) this.edit();
    });
    scroll.addEventListener("dblclick", () => this.edit());
    scroll.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { app } = this.grid;
    const { view } = app;
    const control = event.ctrlKey || event.metaKey;
    const move = MOVES[/** @type {keyof typeof MOVES} */ (event.key)];
    const link = view.links.get(view.key(view.row, view.col));
    if (control && (event.key === "PageDown" || event.key === "PageUp")) {
      const sheet = Math.max(0, Math.min(app.sheet + (event.key === "PageDown" ? 1 : -1), app.book.sheets.length - 1));
      app.goTo({ sheet, row: app.viewOf(sheet).row, col: app.viewOf(sheet).col });
    } else if (control && event.key === "Home") this.go({ row: 0, col: 0 }, event.shiftKey);
    else if (control && event.key === "End") this.go(lastCell(app), event.shiftKey);
    else if (control && move && event.key.startsWith("Arrow")) this.go(edgeOfData(app, event.shiftKey ? app.to : view, move[0], move[1]), event.shiftKey);
    else if (control && event.key === "c") copyCells(this.grid);
    else if (control || event.altKey) return;
    else if (event.key === "Enter" && link) app.jump(link);
    else if (event.key === "Tab" && event.shiftKey) return; // leaves the grid
    else if (event.key === "Escape") {
      if (app.mode) closePanel(app);
      else byId("name").focus();
    } else if (move) this.step(move[0], move[1], event.shiftKey && event.key.startsWith("Arrow"));
    else if (event.key === "Home") app.goTo({ sheet: app.sheet, row: view.row, col: 0 });
    else if (event.key === "F2") this.edit();
    else if (event.key === "Delete" || event.key === "Backspace") this.edit("");
    else if (event.key === "?" && !view.format(view.row, view.col).open) return; // asks, see the bar
    else if (event.key.length === 1 && event.key !== " ") this.edit(event.key);
    else return;
    event.preventDefault();
  }

  /** Goes to a cell of the tab, or selects up to it. @param {{row: number, col: number}} place @param {boolean} extend */
  go(place, extend) {
    const { app } = this.grid;
    if (!extend) return app.goTo({ sheet: app.sheet, ...place });
    app.to = place;
    this.grid.follow(place);
    const { top, left, bottom, right } = this.grid.selection;
    byId("live").textContent = `${areaName({ row: top, col: left, rows: bottom - top + 1, cols: right - left + 1 })} selected`;
  }

  /** @param {number} down @param {number} right @param {boolean} extend */
  step(down, right, extend) {
    const { app } = this.grid;
    const { view } = app;
    if (extend) {
      this.go({ row: Math.max(0, Math.min(app.to.row + down, view.rows - 1)), col: Math.max(0, Math.min(app.to.col + right, view.cols - 1)) }, true);
      return;
    }
    const [lastRow, lastCol] = view.merged.get(view.key(view.row, view.col)) ?? [view.row, view.col];
    app.goTo({ sheet: app.sheet, row: (down > 0 ? lastRow : view.row) + down, col: (right > 0 ? lastCol : view.col) + right });
  }
}
