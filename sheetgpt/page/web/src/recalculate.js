/**
 * The evaluator without a page: fetches a workbook from the server that started it, computes it for
 * each task, and posts what some of its cells hold. Runs in a browser and in node alike.
 */

import { Book } from "./book.js";
import { NumberReader } from "./numbers.js";
import { CellError } from "./values.js";

/** @typedef {import("./values.js").Scalar} Scalar */
/**
 * @typedef {object} Task
 * @property {[number, number, number, Scalar][]} changes sheet, row, column and value of cells
 * @property {[number, number, number, number, number][]} areas sheet, row, col, rows, cols
 */

/** Where the server is; a page knows by itself. */
const base = String(Reflect.get(globalThis, "sheetgptServer") ?? "");

/** @param {string} path @param {Blob | string} body */
async function post(path, body) {
  await fetch(base + path, { method: "POST", body });
}

/** A value as JSON: an error as a list of its code. @param {Scalar} value */
function plainValue(value) {
  return value instanceof CellError ? [value.code] : value;
}

/**
 * The values of areas one after the other: numbers as doubles, NaN where there is none, and behind
 * all of them as JSON the other cells, each with the number of its area and its place there.
 * @param {Scalar[][]} areas
 */
function packed(areas) {
  const numbers = areas.map((values) => new Float64Array(values.length).fill(NaN));
  /** @type {[number, number, unknown][]} */
  const others = [];
  for (const [area, values] of areas.entries()) {
    for (const [place, value] of values.entries()) {
      if (typeof value === "number") numbers[area][place] = value;
      else if (value !== null) others.push([area, place, plainValue(value)]);
    }
  }
  return new Blob([...numbers, JSON.stringify(others)]);
}

async function recalculateAll() {
  const data = await (await fetch(`${base}/book.json`)).json();
  const reader = new NumberReader(data.count, data.odd, data.fast);
  const { body } = await fetch(`${base}/numbers.bin`);
  if (body) {
    const stream = body.getReader();
    for (let part = await stream.read(); !part.done; part = await stream.read()) {
      reader.add(part.value);
    }
  }
  const book = new Book(data.book, reader.finish());
  /** @type {Task[]} */
  const tasks = await (await fetch(`${base}/tasks.json`)).json();
  for (const [number, task] of tasks.entries()) {
    const before = task.changes.map(([sheet, row, col]) => book.get(sheet, row, col));
    task.changes.forEach(([sheet, row, col, value]) => book.set({ sheet, row, col }, value));
    book.recalculate();
    const [problem] = book.problems.values();
    if (problem) throw new Error(problem);
    const values = task.areas.map(([sheet, row, col, rows, cols]) =>
      book.values({ sheet, row, col, rows, cols }),
    );
    await post(`/values/${number}`, packed(values));
    task.changes.forEach(([sheet, row, col], i) => book.set({ sheet, row, col }, before[i]));
  }
  await post("/end", "");
}

recalculateAll().catch((error) => post("/failed", String(error.message ?? error)));
