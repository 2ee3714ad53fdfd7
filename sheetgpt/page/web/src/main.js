/** Starts the page. */

import { App } from "./app.js";
import { partsOf } from "./ask.js";
import { Bar } from "./bar.js";
import { Book } from "./book.js";
import { Changes } from "./changes.js";
import { byId } from "./dom.js";
import { Grid } from "./grid.js";
import { loadData, loadNumbers } from "./load.js";

/** @param {string} words */
function say(words) {
  byId("status").textContent = words;
}

async function start() {
  const data = await loadData();
  const numbers = await loadNumbers(data, say);
  const book = new Book(data.book, numbers);
  const app = new App(data, book);
  app.say = say;
  const changes = new Changes(app);
  const bar = new Bar(app, changes);
  const grid = new Grid(app, (text) => bar.edit(text));
  await app.recalculate();
  const prompt = book.names.get("prompt");
  app.goTo(prompt ?? { sheet: 0, row: 0, col: 0 });
  byId("scroll").focus({ preventScroll: true });
  // For the console, and for those who test the page.
  const parts = (/** @type {import("./book.js").Cell} */ cell) => partsOf(book, cell);
  Object.assign(window, { sheetgpt: { app, book, bar, changes, grid, parts } });
  document.body.dataset.ready = "1";
}

start().catch((error) => {
  document.body.dataset.error = String(error.message ?? error);
  say(`This page could not start: ${error.message ?? error}`);
});
