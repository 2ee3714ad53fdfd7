/** Starts the page. */

import { App } from "./app.js";
import { explain } from "./ask.js";
import { Bar } from "./bar.js";
import { Book } from "./book.js";
import { Changes } from "./changes.js";
import { byId } from "./dom.js";
import { Grid } from "./grid.js";
import { loadData, loadNumbers } from "./load.js";
import { Modes } from "./modes.js";

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
  const modes = new Modes(app, changes);
  const bar = new Bar(app, changes, modes);
  const grid = new Grid(app, (text) => bar.edit(text));
  const first = book.names.get("prompt") ?? { sheet: 0, row: 0, col: 0 };
  app.sheet = first.sheet;
  await app.recalculate();
  app.goTo(first);
  byId("scroll").focus({ preventScroll: true });
  // For the console, and for those who test the page.
  const asked = (/** @type {import("./book.js").Cell} */ cell) => explain(book, cell);
  Object.assign(window, { sheetgpt: { app, book, bar, changes, grid, modes, explain: asked } });
  document.body.dataset.ready = String(Math.ceil(performance.now())); // milliseconds since it was opened
}

start().catch((error) => {
  document.body.dataset.error = String(error.message ?? error);
  say(`This page could not start: ${error.message ?? error}`);
});
