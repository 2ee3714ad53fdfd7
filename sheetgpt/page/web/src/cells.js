/** Draws the cells of one tab on a canvas. */

import { fittedText, shownText } from "./format.js";
import { POINT } from "./view.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./view.js").Format} Format */
/** @typedef {CanvasRenderingContext2D} Canvas */
/** @typedef {import("./app.js").App} App */

const FONTS = 'Calibri, Carlito, "Segoe UI", Roboto, Arial, sans-serif';
const FAMILIES = new Map([["Consolas", 'Consolas, "DejaVu Sans Mono", Menlo, monospace'], ["Cambria", 'Cambria, Caladea, Georgia, serif']]);
const PAD = 3;

/** @param {Format} format @param {number} [scale] */
function fontOf(format, scale = 1) {
  const size = (format.size ?? 11) * POINT * scale;
  const family = FAMILIES.get(format.font ?? "") ?? FONTS;
  return `${format.italic ? "italic " : ""}${format.bold ? "bold " : ""}${size}px ${family}`;
}

/**
 * Draws a rectangle of rows and columns; `x` and `y` give the pixel of an edge.
 * @param {Canvas} g
 * @param {App} app
 * @param {{top: number, left: number, bottom: number, right: number, from: number}} part `from` is
 *   the first column from which a text may run into the part
 * @param {(col: number) => number} x
 * @param {(row: number) => number} y
 */
export function drawCells(g, app, part, x, y) {
  const { view, book, sheet } = app;
  const rules = app.rules();
  /** @type {(() => void)[]} */
  const texts = [];
  for (let row = part.top; row <= part.bottom; row++) {
    for (let col = part.left; col <= part.right; col++) {
      const place = view.shown(row, col);
      const first = place.row === row && place.col === col;
      const edge = row === part.top || col === part.left;
      if (!first && !edge) continue; // drawn with the first of the merged cells
      const [r, c] = [place.row, place.col];
      const [lastRow, lastCol] = view.merged.get(view.key(r, c)) ?? [r, c];
      const [left, top] = [x(c), y(r)];
      const [width, height] = [view.xs[lastCol + 1] - view.xs[c], view.ys[lastRow + 1] - view.ys[r]];
      if (width < 1 || height < 1) continue;
      const base = view.format(r, c);
      const dress = rules.dress(r, c);
      const format = dress ? { ...base, ...dress } : base;
      if (format.fill) {
        g.fillStyle = format.fill;
        g.fillRect(left, top, width, height);
      }
      if (dress?.bar) {
        g.fillStyle = dress.barColor ?? "#A6CEE3";
        g.fillRect(left + 1, top + 2, (width - 2) * dress.bar, height - 4);
      }
      if (format.edges) drawEdges(g, format.edges, left, top, width, height);
      const value = book.get(sheet, r, c);
      const text = shownText(value, format.format);
      if (text !== "") {
        const room = lastCol === c && flows(value, format) ? roomFor(app, r, lastCol) : width;
        texts.push(() => drawText(g, view, r, c, format, text, value, left, top, width, height, room));
      }
    }
  }
  for (let row = part.top; row <= part.bottom; row++) {
    const col = firstBefore(app, row, part.left, part.from);
    const value = col < 0 ? null : book.get(sheet, row, col);
    const format = view.format(row, Math.max(col, 0));
    if (col < 0 || !flows(value, format)) continue;
    const text = shownText(value, format.format);
    const [width, height] = [view.xs[col + 1] - view.xs[col], view.ys[row + 1] - view.ys[row]];
    texts.push(() => drawText(g, view, row, col, format, text, value, x(col), y(row), width, height, roomFor(app, row, col)));
  }
  texts.forEach((draw) => draw());
}

/** The last cell left of a column that holds something, whose text may run on; -1 for none. @param {App} app @param {number} row @param {number} col @param {number} from */
function firstBefore({ view, book, sheet }, row, col, from) {
  for (let at = col - 1; at >= from; at--) {
    if (view.covered.has(view.key(row, at))) return -1;
    if (book.get(sheet, row, at) !== null) return view.merged.has(view.key(row, at)) ? -1 : at;
  }
  return -1;
}

/** Whether a text may run over blank cells beside it. @param {unknown} value @param {Format} format */
function flows(value, format) {
  const left = !format.across || format.across === "left";
  return typeof value === "string" && left && !format.wrap && !format.shrink;
}

/** @param {App} app @param {number} row @param {number} col */
function roomFor({ view, book, sheet }, row, col) {
  let next = col + 1;
  while (next < view.cols && book.get(sheet, row, next) === null && !view.covered.has(view.key(row, next))) next++;
  return (next === view.cols ? view.xs[next] + 2000 : view.xs[next]) - view.xs[col];
}

/** @param {Canvas} g @param {Record<string, [number, string]>} edges @param {number} x @param {number} y @param {number} w @param {number} h */
function drawEdges(g, edges, x, y, w, h) {
  for (const [side, [width, color]] of Object.entries(edges)) {
    g.fillStyle = color;
    if (side === "left") g.fillRect(x, y, width, h);
    else if (side === "right") g.fillRect(x + w - width, y, width, h);
    else if (side === "top") g.fillRect(x, y, w, width);
    else g.fillRect(x, y + h - width, w, width);
  }
}

/**
 * @param {Canvas} g
 * @param {View} view
 * @param {number} row
 * @param {number} col
 * @param {Format} format
 * @param {string} text
 * @param {import("./values.js").Scalar} value
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 * @param {number} room
 */
function drawText(g, view, row, col, format, text, value, x, y, w, h, room) {
  const size = (format.size ?? 11) * POINT;
  const across = format.across ?? (typeof value === "number" ? "right" : typeof value === "boolean" ? "center" : "left");
  const indent = PAD + (format.indent ?? 0) * 8;
  g.save();
  g.beginPath();
  g.rect(x, y, room, h);
  g.clip();
  g.font = fontOf(format);
  g.fillStyle = format.color ?? "#000";
  g.textBaseline = "middle";
  const middle = format.down === "top" ? y + size * 0.7 : format.down === "center" ? y + h / 2 : y + h - size * 0.62;
  const runs = view.rich.get(view.key(row, col));
  if (runs) drawRuns(g, runs, format, x + indent, middle, size);
  else if (format.wrap) drawLines(g, text, format, x + indent, y, w - 2 * indent, h, size);
  else {
    const length = g.measureText(text).width;
    if (format.shrink && length > w - 4) g.font = fontOf(format, (w - 4) / length);
    const fitted = format.shrink ? text : fittedText(value, format.format, (shorter) => g.measureText(shorter).width <= w - 1);
    g.textAlign = across === "center" ? "center" : across === "right" ? "right" : "left";
    const at = across === "center" ? x + w / 2 : across === "right" ? x + w - PAD : x + indent;
    g.fillText(fitted ?? "#".repeat(Math.max(1, Math.floor(w / 8))), at, middle);
    if (format.underline) g.fillRect(across === "center" ? at - length / 2 : at, middle + size * 0.45, length, 1);
  }
  g.restore();
}

/** @param {Canvas} g @param {[string, string, number][]} runs @param {Format} format @param {number} x @param {number} y @param {number} size */
function drawRuns(g, runs, format, x, y, size) {
  g.textAlign = "left";
  for (const [text, place, bold] of runs) {
    g.font = fontOf({ ...format, bold: bold || format.bold }, place ? 0.7 : 1);
    g.fillText(text, x, y + (place === "sub" ? size * 0.25 : place === "super" ? -size * 0.3 : 0));
    x += g.measureText(text).width;
  }
}

/** @param {Canvas} g @param {string} text @param {Format} format @param {number} x @param {number} y @param {number} width @param {number} h @param {number} size */
function drawLines(g, text, format, x, y, width, h, size) {
  /** @type {string[]} */
  const lines = [];
  let line = "";
  for (const piece of text.split(/(?<=[\s,(+*/])/)) {
    if (line && g.measureText(line + piece).width > width) {
      lines.push(line);
      line = piece;
    } else line += piece;
  }
  lines.push(line);
  const step = size * 1.25;
  const tall = step * lines.length;
  let at = format.down === "top" ? y + step / 2 : format.down === "center" ? y + (h - tall + step) / 2 : y + h - tall + step / 2;
  g.textAlign = "left";
  for (const each of lines) {
    g.fillText(each, x, at);
    at += step;
  }
}
