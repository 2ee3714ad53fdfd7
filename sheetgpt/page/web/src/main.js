/** Starts the page. */

import { App, pause } from "./app.js";
import { explain } from "./ask.js";
import { Bar } from "./bar.js";
import { Book } from "./book.js";
import { Changes } from "./changes.js";
import { byId } from "./dom.js";
import { Grid } from "./grid.js";
import { Hands } from "./hands.js";
import { loadData, loadNumbers } from "./load.js";
import { Modes } from "./modes.js";
import { Note } from "./note.js";
import { returnFocus } from "./regions.js";

/** Milliseconds after which nobody seems to look. */
const HIDDEN = 100;

/** What is said first. @param {App} app */
function greeting(app) {
  const step = app.data.steps.length ? "Space steps through the model. " : "";
  return `${step}Ask (?) says what a number is made of. Help tells what else there is.`;
}

/** @param {string} words */
function say(words) {
  byId("status").textContent = words;
}

/** Lets the browser draw; in a tab that nobody sees it draws nothing. */
function picture() {
  return Promise.race([new Promise((seen) => requestAnimationFrame(seen)).then(pause), new Promise((late) => setTimeout(late, HIDDEN))]);
}

/** The memory of a page that is left is free for the next one; who comes back loads it again. @param {import("./numbers.js").Numbers} numbers */
function giveBack(numbers) {
  window.addEventListener("pagehide", () => numbers.free());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

async function start() {
  const data = await loadData();
  const { numbers, stays } = await loadNumbers(data, say);
  giveBack(numbers);
  const book = new Book(data.book, numbers);
  const app = new App(data, book);
  app.say = say;
  const changes = new Changes(app);
  const modes = new Modes(app, changes);
  const bar = new Bar(app, changes, modes);
  const grid = new Grid(app);
  new Hands(grid, (text) => bar.edit(text));
  new Note(app, grid);
  returnFocus();
  const first = book.names.get("prompt") ?? { sheet: 0, row: 0, col: 0 };
  app.sheet = first.sheet;
  app.goTo(first);
  if (app.large) await picture(); // with the values of the file, to be seen while everything is computed
  await app.recalculate();
  if (!app.large) void app.rest.then(() => say(greeting(app)));
  byId("scroll").focus({ preventScroll: true });
  // For the console, and for those who test the page.
  const asked = (/** @type {import("./book.js").Cell} */ cell) => explain(book, cell);
  Object.assign(window, { sheetgpt: { app, book, bar, changes, grid, modes, explain: asked } });
  document.body.dataset.ready = String(Math.ceil(performance.now())); // milliseconds since it was opened
  if (!stays) say("The browser does not keep the file of numbers, so this page needs it again next time.");
}

start().catch((error) => {
  document.body.dataset.error = String(error.message ?? error);
  say(`This page could not start: ${error.message ?? error}`);
});
