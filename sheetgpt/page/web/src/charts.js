/** Draws the charts of a tab: bars, columns, lines and points. */

import { placeIn } from "./reference.js";
import { toText } from "./values.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./view.js").StoredChart} StoredChart */
/** @typedef {CanvasRenderingContext2D} Canvas */

const INK = "#1F2933";
const FAINT = "#5F6B7A";
const LINE = "#E6EAEE";
/** Pixels left of a chart's axis: more where the labels of bars need them. */
const MARGIN_LEFT = 62;
const FONT = "Calibri, Carlito, Arial, sans-serif";

/** The values of the cells that a chart names. @param {App} app @param {string} text */
function valuesOf({ book }, text) {
  const place = text ? placeIn(text) : null;
  const sheet = place && place.sheet !== null ? book.scope.sheets.get(place.sheet) : undefined;
  if (!place || sheet === undefined) return [];
  const { row, col, lastRow, lastCol } = place;
  return book.values({ sheet, row, col, rows: lastRow - row + 1, cols: lastCol - col + 1 });
}

/** @param {number} number @param {boolean} shares */
function tick(number, shares) {
  return shares ? `${Math.round(number * 100)}%` : String(Number(number.toPrecision(2)));
}

/**
 * @param {Canvas} g
 * @param {App} app
 * @param {StoredChart} chart
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 */
export function drawChart(g, app, chart, x, y, w, h) {
  g.save();
  g.beginPath();
  g.rect(x, y, w + 1, h + 1);
  g.clip();
  g.fillStyle = "#FFFFFF";
  g.fillRect(x, y, w, h);
  g.strokeStyle = "#C9D1DA";
  g.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
  g.fillStyle = INK;
  g.font = `bold 14px ${FONT}`;
  g.textAlign = "center";
  g.textBaseline = "middle";
  g.fillText(chart.title, x + w / 2, y + 15);
  const series = chart.series.map(({ name, color, categories, values }) => ({
    name,
    color,
    labels: valuesOf(app, categories),
    numbers: valuesOf(app, values).map((value) => (typeof value === "number" ? value : 0)),
  }));
  const legend = series.length > 1 ? 18 : 0;
  g.font = `11px ${FONT}`;
  const lying = chart.kind === "bar";
  const labels = lying ? (series[0]?.labels ?? []).map((label) => g.measureText(toText(label ?? "")).width) : [];
  const margin = Math.min(Math.max(MARGIN_LEFT, ...labels.map((wide) => wide + 12)), w / 3);
  const box = { x: x + margin, y: y + 32, w: w - margin - 16, h: h - 62 - legend };
  const all = series.flatMap(({ numbers }) => numbers);
  const scatter = chart.kind === "scatter";
  const low = scatter ? Math.min(...all) : Math.min(0, ...all);
  const high = chart.shares ? 1 : Math.max(...all, low + 1e-9);
  for (let i = 0; i <= 4; i++) {
    const value = low + ((high - low) * i) / 4;
    g.strokeStyle = LINE;
    g.fillStyle = FAINT;
    g.beginPath();
    const at = lying ? box.x + (box.w * i) / 4 : box.y + box.h * (1 - i / 4);
    if (lying) g.rect(at, box.y, 0, box.h);
    else g.rect(box.x, at, box.w, 0);
    g.stroke();
    g.textAlign = lying ? "center" : "right";
    g.fillText(tick(value, Boolean(chart.shares)), lying ? at : box.x - 5, lying ? box.y + box.h + 9 : at);
  }
  const draw = { bar: drawBars, column: drawColumns, line: drawLine, scatter: drawPoints }[chart.kind];
  series.forEach((one, i) => draw?.(g, one, box, (v) => (v - low) / (high - low || 1), i, series.length));
  g.fillStyle = FAINT;
  g.textAlign = "center";
  g.fillText(chart.titles[0] ?? "", box.x + box.w / 2, y + h - 9 - legend);
  if (legend) {
    series.forEach(({ name, color }, i) => {
      const at = x + 12 + ((w - 24) * i) / series.length;
      g.fillStyle = color;
      g.fillRect(at, y + h - 14, 9, 9);
      g.fillStyle = INK;
      g.textAlign = "left";
      g.fillText(name, at + 13, y + h - 9);
    });
  }
  g.restore();
}

/** @typedef {{color: string, labels: import("./values.js").Scalar[], numbers: number[]}} Series */
/** @typedef {{x: number, y: number, w: number, h: number}} Box */
/** @typedef {(value: number) => number} Scale from a value to a share of the box */

/** @param {Canvas} g @param {Series} s @param {Box} box @param {Scale} scale @param {number} index @param {number} count */
function drawBars(g, s, box, scale, index, count) {
  const step = box.h / s.numbers.length;
  s.numbers.forEach((value, i) => {
    const at = box.y + step * i + (step * index) / count;
    g.fillStyle = s.color;
    g.fillRect(box.x + box.w * scale(0), at + 1, box.w * (scale(value) - scale(0)), step / count - 2);
    if (index === 0) {
      g.fillStyle = INK;
      g.textAlign = "right";
      g.fillText(toText(s.labels[i] ?? ""), box.x - 5, box.y + step * (i + 0.5));
    }
  });
}

/** @param {Canvas} g @param {Series} s @param {Box} box @param {number} i */
function labelBelow(g, s, box, i) {
  const step = box.w / s.numbers.length;
  if (step < 14 && i % Math.ceil(14 / step)) return;
  g.fillStyle = INK;
  g.textAlign = "center";
  g.fillText(toText(s.labels[i] ?? ""), box.x + step * (i + 0.5), box.y + box.h + 10);
}

/** @param {Canvas} g @param {Series} s @param {Box} box @param {Scale} scale @param {number} index @param {number} count */
function drawColumns(g, s, box, scale, index, count) {
  const step = box.w / s.numbers.length;
  const width = step / (count + 0.5);
  s.numbers.forEach((value, i) => {
    const [zero, top] = [box.y + box.h * (1 - scale(0)), box.y + box.h * (1 - scale(value))];
    g.fillStyle = s.color;
    g.fillRect(box.x + step * i + width * (index + 0.25), Math.min(zero, top), width, Math.abs(zero - top));
    if (index === 0) labelBelow(g, s, box, i);
  });
}

/** @param {Canvas} g @param {Series} s @param {Box} box @param {Scale} scale @param {number} index */
function drawLine(g, s, box, scale, index) {
  const step = box.w / s.numbers.length;
  g.strokeStyle = s.color;
  g.lineWidth = 2;
  g.beginPath();
  s.numbers.forEach((value, i) => g.lineTo(box.x + step * (i + 0.5), box.y + box.h * (1 - scale(value))));
  g.stroke();
  g.lineWidth = 1;
  s.numbers.forEach((value, i) => {
    g.fillStyle = s.color;
    g.fillRect(box.x + step * (i + 0.5) - 3, box.y + box.h * (1 - scale(value)) - 3, 6, 6);
    if (index === 0) labelBelow(g, s, box, i);
  });
}

/** @param {Canvas} g @param {Series} s @param {Box} box @param {Scale} scale */
function drawPoints(g, s, box, scale) {
  const xs = s.labels.map((value) => (typeof value === "number" ? value : 0));
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  g.fillStyle = s.color;
  s.numbers.forEach((value, i) => {
    const at = box.x + (box.w * (xs[i] - low)) / (high - low || 1);
    g.beginPath();
    g.arc(at, box.y + box.h * (1 - scale(value)), 3, 0, 7);
    g.fill();
  });
}
