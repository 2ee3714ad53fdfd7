/** The grid: panes that scroll, selection, mouse, touch and keyboard. */

import { drawCells } from "./cells.js";
import { drawChart } from "./charts.js";
import { byId } from "./dom.js";
import { columnName } from "./reference.js";
import { copyCells, showTable } from "./text.js";
import { indexAt } from "./view.js";

/** @typedef {import("./app.js").App} App */

const HEAD = { width: 46, height: 22 };
/** Milliseconds without a move after which what is in sight is written out for those who hear it. */
const QUIET = 120;
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0], Tab: [0, 1], PageUp: [-20, 0], PageDown: [20, 0] };

export class Grid {
  /** @param {App} app @param {(text?: string) => void} edit starts typing into the selected cell */
  constructor(app, edit) {
    this.app = app;
    this.edit = edit;
    this.scroll = byId("scroll");
    this.canvas = /** @type {HTMLCanvasElement} */ (byId("grid"));
    this.waiting = false;
    app.onChange((what) => (what === "place" ? this.follow() : this.redraw()));
    this.scroll.addEventListener("scroll", () => {
      app.view.x = this.scroll.scrollLeft / app.zoom;
      app.view.y = this.scroll.scrollTop / app.zoom;
      this.redraw();
    });
    new ResizeObserver(() => this.redraw()).observe(this.scroll);
    this.listen();
  }

  /** Draws before the browser's next picture. */
  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  /** The size of what is seen, in pixels of the sheet. */
  get size() {
    return { width: this.scroll.clientWidth / this.app.zoom, height: this.scroll.clientHeight / this.app.zoom };
  }

  /** The pixels of the frozen rows and columns, as far as there is room for them. */
  get frozen() {
    const { view } = this.app;
    const { width, height } = this.size;
    let [rows, cols] = view.frozen;
    if (view.ys[rows] > height * 0.5) rows = 0;
    if (view.xs[cols] > width * 0.5) cols = 0;
    return { rows, cols, x: view.xs[cols], y: view.ys[rows] };
  }

  /** Shows the selected cell. */
  follow() {
    const { app } = this;
    const { view } = app;
    const spacer = byId("spacer");
    spacer.style.width = `${(view.xs[view.cols] + HEAD.width + 40) * app.zoom}px`;
    spacer.style.height = `${(view.ys[view.rows] + HEAD.height + 40) * app.zoom}px`;
    const frozen = this.frozen;
    const { width, height } = this.size;
    const { row, col } = view;
    if (col >= frozen.cols) {
      const room = width - HEAD.width;
      if (view.xs[col] < view.x + frozen.x) view.x = view.xs[col] - frozen.x;
      else if (view.xs[col + 1] > view.x + room) view.x = Math.min(view.xs[col] - frozen.x, view.xs[col + 1] - room + 16);
    }
    if (row >= frozen.rows) {
      const room = height - HEAD.height;
      if (app.align || view.ys[row] < view.y + frozen.y) view.y = view.ys[row] - frozen.y;
      else if (view.ys[row + 1] > view.y + room) view.y = view.ys[row + 1] - room + 16;
    }
    app.align = false;
    view.x = Math.max(0, view.x);
    view.y = Math.max(0, view.y);
    this.scroll.scrollTo(view.x * app.zoom, view.y * app.zoom);
    this.redraw();
    clearTimeout(this.reading);
    this.reading = window.setTimeout(() => showTable(this), QUIET);
  }

  /** The pixel of the edge of a column, from the left of the canvas. @param {number} col */
  x(col) {
    const { view } = this.app;
    const { cols } = this.frozen;
    return HEAD.width + view.xs[col] - (col < cols ? 0 : view.x);
  }

  /** @param {number} row */
  y(row) {
    const { view } = this.app;
    const { rows } = this.frozen;
    return HEAD.height + view.ys[row] - (row < rows ? 0 : view.y);
  }

  draw() {
    const { app, canvas } = this;
    const { view } = app;
    const { width, height } = this.size;
    const scale = (window.devicePixelRatio || 1) * app.zoom;
    const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
      canvas.style.width = `${width * app.zoom}px`;
      canvas.style.height = `${height * app.zoom}px`;
    }
    const g = canvas.getContext("2d");
    if (!g) return;
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.fillStyle = "#FFFFFF";
    g.fillRect(0, 0, width, height);
    const frozen = this.frozen;
    const parts = this.parts(width, height);
    for (const { clip, top, left, bottom, right } of parts) {
      g.save();
      g.beginPath();
      g.rect(clip.x, clip.y, clip.w, clip.h);
      g.clip();
      if (view.look.grid) this.lines(g, top, left, bottom, right);
      // In frozen panes an edge is the same from all of its cells; in others it has scrolled.
      const x = (/** @type {number} */ c) => HEAD.width + view.xs[c] - (left < frozen.cols ? 0 : view.x);
      const y = (/** @type {number} */ r) => HEAD.height + view.ys[r] - (top < frozen.rows ? 0 : view.y);
      const from = view.x > 0 ? frozen.cols : 0;
      drawCells(g, app, { top, left, bottom, right, from }, x, y);
      for (const chart of view.look.charts ?? []) {
        const [[r, c, dy, dx], [lastRow, lastCol, lastDy, lastDx]] = chart.at;
        const [x0, y0] = [x(c) + dx, y(r) + dy];
        drawChart(g, app, chart, x0, y0, x(lastCol) + lastDx - x0, y(lastRow) + lastDy - y0);
      }
      this.marks(g, x, y);
      g.restore();
    }
    this.heads(g, width, height);
  }

  /** The panes: which rows and columns each shows, and where. @param {number} width @param {number} height */
  parts(width, height) {
    const { view } = this.app;
    const frozen = this.frozen;
    /** @type {{first: number, last: number, at: number, size: number}[]} */
    const across = [];
    const down = [];
    if (frozen.cols) across.push({ first: 0, last: frozen.cols - 1, at: HEAD.width, size: frozen.x });
    if (frozen.rows) down.push({ first: 0, last: frozen.rows - 1, at: HEAD.height, size: frozen.y });
    const [x, y] = [HEAD.width + frozen.x, HEAD.height + frozen.y];
    across.push({ first: Math.max(frozen.cols, indexAt(view.xs, view.x + frozen.x)), last: indexAt(view.xs, view.x + width), at: x, size: width - x });
    down.push({ first: Math.max(frozen.rows, indexAt(view.ys, view.y + frozen.y)), last: indexAt(view.ys, view.y + height), at: y, size: height - y });
    // The pane that scrolls is drawn first, the frozen ones over it.
    return down.reverse().flatMap((d) => across.slice().reverse().map((a) => ({
      clip: { x: a.at, y: d.at, w: a.size, h: d.size }, top: d.first, bottom: d.last, left: a.first, right: a.last,
    })));
  }

  /** @param {CanvasRenderingContext2D} g @param {number} top @param {number} left @param {number} bottom @param {number} right */
  lines(g, top, left, bottom, right) {
    g.fillStyle = "#E6EAEE";
    for (let r = top; r <= bottom; r++) g.fillRect(0, this.y(r + 1) - 1, this.size.width, 1);
    for (let c = left; c <= right; c++) g.fillRect(this.x(c + 1) - 1, 0, 1, this.size.height);
  }

  /** Outlines and the selection. @param {CanvasRenderingContext2D} g @param {(c: number) => number} x @param {(r: number) => number} y */
  marks(g, x, y) {
    const { app } = this;
    const { view } = app;
    for (const { area, color } of app.outlines) {
      if (area.sheet !== app.sheet) continue;
      const [right, bottom] = [Math.min(area.col + area.cols, view.cols), Math.min(area.row + area.rows, view.rows)];
      g.strokeStyle = color;
      g.lineWidth = 3;
      g.strokeRect(x(area.col) - 1, y(area.row) - 1, x(right) - x(area.col) + 2, y(bottom) - y(area.row) + 2);
    }
    const { top, left, bottom, right } = this.selection;
    const [lastRow, lastCol] = view.merged.get(view.key(view.row, view.col)) ?? [0, 0];
    const [r, c] = [Math.max(bottom, lastRow), Math.max(right, lastCol)];
    g.fillStyle = "rgba(31,78,121,0.10)";
    if (top !== bottom || left !== right) g.fillRect(x(left), y(top), x(right + 1) - x(left), y(bottom + 1) - y(top));
    g.strokeStyle = "#1F4E79";
    g.lineWidth = 2;
    g.strokeRect(x(left), y(top), x(c + 1) - x(left), y(r + 1) - y(top));
    g.lineWidth = 1;
  }

  get selection() {
    const { view, to } = this.app;
    return { top: Math.min(view.row, to.row), bottom: Math.max(view.row, to.row), left: Math.min(view.col, to.col), right: Math.max(view.col, to.col) };
  }

  /** @param {CanvasRenderingContext2D} g @param {number} width @param {number} height */
  heads(g, width, height) {
    const { view } = this.app;
    g.font = "11px system-ui, sans-serif";
    g.textAlign = "center";
    g.textBaseline = "middle";
    const { top, left, bottom, right } = this.selection;
    g.fillStyle = "#F1F3F5";
    g.fillRect(0, 0, width, HEAD.height);
    g.fillRect(0, 0, HEAD.width, height);
    for (const part of this.parts(width, height)) {
      for (let c = part.left; c <= part.right && c < view.cols; c++) {
        const at = Math.max(this.x(c), part.clip.x);
        g.fillStyle = c >= left && c <= right ? "#C9DDF0" : "#F1F3F5";
        g.fillRect(at, 0, this.x(c + 1) - at - 1, HEAD.height);
        g.fillStyle = "#4B5563";
        if (view.xs[c + 1] - view.xs[c] > 12) g.fillText(columnName(c), (this.x(c) + this.x(c + 1)) / 2, HEAD.height / 2);
      }
      for (let r = part.top; r <= part.bottom && r < view.rows; r++) {
        const at = Math.max(this.y(r), part.clip.y);
        g.fillStyle = r >= top && r <= bottom ? "#C9DDF0" : "#F1F3F5";
        g.fillRect(0, at, HEAD.width, this.y(r + 1) - at - 1);
        g.fillStyle = "#4B5563";
        if (view.ys[r + 1] - view.ys[r] > 9) g.fillText(String(r + 1), HEAD.width / 2, (this.y(r) + this.y(r + 1)) / 2);
      }
    }
    g.fillStyle = "#E6EAEE";
    g.fillRect(0, 0, HEAD.width, HEAD.height);
  }

  /** The cell under the mouse, null on the heads. @param {MouseEvent} event */
  hit(event) {
    const { view, zoom } = this.app;
    const box = this.scroll.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / zoom - HEAD.width, (event.clientY - box.top) / zoom - HEAD.height];
    if (x < 0 || y < 0) return null;
    const frozen = this.frozen;
    return { row: indexAt(view.ys, y < frozen.y ? y : y + view.y), col: indexAt(view.xs, x < frozen.x ? x : x + view.x) };
  }

  listen() {
    const { app, scroll } = this;
    let dragging = false;
    scroll.addEventListener("pointerdown", (event) => {
      const place = this.hit(event);
      if (!place || event.button !== 0) return;
      if (event.shiftKey) app.to = place;
      else app.goTo({ sheet: app.sheet, ...place });
      dragging = event.pointerType === "mouse";
      app.changed("place");
    });
    scroll.addEventListener("pointermove", (event) => {
      const place = dragging ? this.hit(event) : null;
      if (!place || (place.row === app.to.row && place.col === app.to.col)) return;
      app.to = place;
      this.redraw();
    });
    window.addEventListener("pointerup", () => {
      dragging = false;
    });
    scroll.addEventListener("click", (event) => {
      const place = this.hit(event);
      if (!place || event.shiftKey) return;
      const { view } = app;
      const { row, col } = view.shown(place.row, place.col);
      const { top, bottom, left, right } = this.selection;
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
    const { app } = this;
    const { view } = app;
    const control = event.ctrlKey || event.metaKey;
    const move = MOVES[/** @type {keyof typeof MOVES} */ (event.key)];
    const link = view.links.get(view.key(view.row, view.col));
    if (control && (event.key === "PageDown" || event.key === "PageUp")) {
      const sheet = Math.max(0, Math.min(app.sheet + (event.key === "PageDown" ? 1 : -1), app.book.sheets.length - 1));
      app.goTo({ sheet, row: app.viewOf(sheet).row, col: app.viewOf(sheet).col });
    } else if (control && event.key === "Home") app.goTo({ sheet: app.sheet, row: 0, col: 0 });
    else if (control && event.key === "c") copyCells(this);
    else if (control || event.altKey) return;
    else if (event.key === "Enter" && link) app.jump(link);
    else if (event.key === "Tab" && event.shiftKey) return; // leaves the grid
    else if (event.key === "Escape") byId("name").focus();
    else if (move) this.step(move[0], move[1], event.shiftKey && event.key.startsWith("Arrow"));
    else if (event.key === "Home") app.goTo({ sheet: app.sheet, row: view.row, col: 0 });
    else if (event.key === "F2") this.edit();
    else if (event.key === "Delete" || event.key === "Backspace") this.edit("");
    else if (event.key === "?" && !view.format(view.row, view.col).open) return; // asks, see the bar
    else if (event.key.length === 1 && event.key !== " ") this.edit(event.key);
    else return;
    event.preventDefault();
  }

  /** @param {number} down @param {number} right @param {boolean} extend */
  step(down, right, extend) {
    const { app } = this;
    const { view } = app;
    if (extend) {
      app.to = { row: Math.max(0, Math.min(app.to.row + down, view.rows - 1)), col: Math.max(0, Math.min(app.to.col + right, view.cols - 1)) };
      this.redraw();
      return;
    }
    const [lastRow, lastCol] = view.merged.get(view.key(view.row, view.col)) ?? [view.row, view.col];
    app.goTo({ sheet: app.sheet, row: (down > 0 ? lastRow : view.row) + down, col: (right > 0 ? lastCol : view.col) + right });
  }
}
