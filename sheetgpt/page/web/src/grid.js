/** The grid: panes that scroll, what is outlined, and the selection. */

import { drawCells } from "./cells.js";
import { drawChart } from "./charts.js";
import { byId } from "./dom.js";
import { columnName } from "./reference.js";
import { showTable } from "./text.js";
import { indexAt } from "./view.js";

/** @typedef {import("./app.js").App} App */

export const HEAD = { width: 46, height: 22 };
/** Cells of an area that should be in sight, and rows of heads above it. */
const SEEN = { rows: 4, cols: 2, heads: 3 };
/** Pixels on paper for one on the screen. */
const PAPER = 3;
/** Milliseconds without a change after which what is in sight is written out for those who hear it. */
const QUIET = 120;

export class Grid {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
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
    window.addEventListener("beforeprint", () => this.draw(PAPER));
    window.addEventListener("afterprint", () => this.draw());
  }

  /** Draws before the browser's next picture, and writes it out for those who hear it. */
  redraw() {
    clearTimeout(this.reading);
    this.reading = window.setTimeout(() => showTable(this), QUIET);
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
    if (view.ys[rows] > height * 0.3) rows = 0;
    if (view.xs[cols] > width * 0.5) cols = 0;
    return { rows, cols, x: view.xs[cols], y: view.ys[rows] };
  }

  /** Shows the selected cell, or another corner of the selection. @param {{row: number, col: number}} [place] */
  follow(place = this.app.view) {
    const { app } = this;
    const { view } = app;
    const spacer = byId("spacer");
    spacer.style.width = `${(view.xs[view.cols] + HEAD.width + 40) * app.zoom}px`;
    spacer.style.height = `${(view.ys[view.rows] + HEAD.height + 40) * app.zoom}px`;
    const frozen = this.frozen;
    const { width, height } = this.size;
    const { row, col } = place;
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
    if (app.reveal) {
      if (col < frozen.cols) view.x = 0;
      this.reveal(app.reveal);
    }
    app.align = false;
    app.reveal = null;
    view.x = Math.max(0, view.x);
    view.y = Math.max(0, view.y);
    this.scroll.scrollTo(view.x * app.zoom, view.y * app.zoom);
    this.redraw();
  }

  /** Scrolls on, where the first cells of an area would not be in sight. @param {import("./reference.js").Area} area */
  reveal({ row, col, rows, cols }) {
    const { view } = this.app;
    const frozen = this.frozen;
    const { width, height } = this.size;
    const [last, right] = [Math.min(row + rows, row + SEEN.rows, view.rows), Math.min(col + cols, col + SEEN.cols, view.cols)];
    if (view.ys[last] > view.y + height - HEAD.height) view.y = view.ys[Math.max(0, row - SEEN.heads)] - frozen.y;
    if (view.xs[right] > view.x + width - HEAD.width) view.x = view.xs[Math.max(0, col - 1)] - frozen.x;
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

  /** @param {number} [dense] more pixels than the screen has, as paper needs */
  draw(dense = 1) {
    const { app, canvas } = this;
    const { view } = app;
    const { width, height } = this.size;
    const scale = (window.devicePixelRatio || 1) * app.zoom * dense;
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
    for (const part of this.parts(width, height)) {
      const { clip, top, left, bottom, right } = part;
      g.save();
      g.beginPath();
      g.rect(clip.x, clip.y, clip.w, clip.h);
      g.clip();
      const [x, y] = this.edges(part);
      if (view.look.grid) this.lines(g, part, x, y);
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

  /**
   * The pixels of the edges of a pane's columns and rows: in a frozen one an edge is the same from
   * all of its cells, the last one included; in others it has scrolled.
   * @param {{top: number, left: number}} part
   * @returns {[(c: number) => number, (r: number) => number]}
   */
  edges({ top, left }) {
    const { view } = this.app;
    const { rows, cols } = this.frozen;
    const [scrolledX, scrolledY] = [left < cols ? 0 : view.x, top < rows ? 0 : view.y];
    return [(c) => HEAD.width + view.xs[c] - scrolledX, (r) => HEAD.height + view.ys[r] - scrolledY];
  }

  /**
   * @param {CanvasRenderingContext2D} g
   * @param {{top: number, left: number, bottom: number, right: number}} part
   * @param {(c: number) => number} x
   * @param {(r: number) => number} y
   */
  lines(g, { top, left, bottom, right }, x, y) {
    g.fillStyle = "#E6EAEE";
    for (let r = top; r <= bottom; r++) g.fillRect(0, y(r + 1) - 1, this.size.width, 1);
    for (let c = left; c <= right; c++) g.fillRect(x(c + 1) - 1, 0, 1, this.size.height);
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
    g.fillStyle = "#D9480F";
    for (const { cell } of app.edits) {
      if (cell.sheet !== app.sheet) continue;
      g.beginPath(); // a corner, as spreadsheets mark a cell
      g.moveTo(x(cell.col), y(cell.row));
      g.lineTo(x(cell.col) + 9, y(cell.row));
      g.lineTo(x(cell.col), y(cell.row) + 9);
      g.fill();
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
      const [x, y] = this.edges(part);
      for (let c = part.left; c <= part.right && c < view.cols; c++) {
        const at = Math.max(x(c), part.clip.x);
        g.fillStyle = c >= left && c <= right ? "#C9DDF0" : "#F1F3F5";
        g.fillRect(at, 0, x(c + 1) - at - 1, HEAD.height);
        g.fillStyle = "#4B5563";
        if (view.xs[c + 1] - view.xs[c] > 12) g.fillText(columnName(c), (x(c) + x(c + 1)) / 2, HEAD.height / 2);
      }
      for (let r = part.top; r <= part.bottom && r < view.rows; r++) {
        const at = Math.max(y(r), part.clip.y);
        g.fillStyle = r >= top && r <= bottom ? "#C9DDF0" : "#F1F3F5";
        g.fillRect(0, at, HEAD.width, y(r + 1) - at - 1);
        g.fillStyle = "#4B5563";
        if (view.ys[r + 1] - view.ys[r] > 9) g.fillText(String(r + 1), HEAD.width / 2, (y(r) + y(r + 1)) / 2);
      }
    }
    g.fillStyle = "#E6EAEE";
    g.fillRect(0, 0, HEAD.width, HEAD.height);
  }
}
