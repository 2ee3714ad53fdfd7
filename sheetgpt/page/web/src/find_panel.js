/** Find: a text on all tabs, and the cells that show it. */

import { pause, SLICE } from "./app.js";
import { button, byId, make } from "./dom.js";
import { closePanel, show, way } from "./panel.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./book.js").Cell} Cell */

/** Cells that are listed, and that are counted. */
const LISTED = 30;
const COUNTED = 1000;
/** Cells of a tab that are looked at: of the largest tabs of weights the first rows. */
const LOOKED_AT = 1e6;
/** Cells between two looks at the clock. */
const CLOCK = 4096;

export class Finder {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.sought = "";
    this.turn = 0;
  }

  /** Asks for a text. */
  open() {
    this.list([]);
    byId("sought").focus();
  }

  /** Goes to the next cell that shows a text, lists those after it, and counts all. @param {string} text */
  async find(text) {
    const { app } = this;
    const turn = ++this.turn;
    this.sought = text;
    if (!text) return;
    const wanted = text.toLowerCase();
    const word = !/[\d.,%+-]/.test(text); // which no number shows
    /** @type {Cell[]} */
    const found = [];
    let count = 0;
    let last = performance.now();
    const start = app.cell;
    const { sheets } = app.book;
    for (let i = 0; i <= sheets.length && count <= COUNTED; i++) {
      const sheet = (start.sheet + i) % sheets.length;
      const { cols, rows } = sheets[sheet];
      const here = start.row * cols + start.col + 1;
      const end = i === sheets.length ? here : Math.min(rows * cols, LOOKED_AT);
      for (let at = i === 0 ? here : 0; at < end && count <= COUNTED; at++) {
        if (at % CLOCK === 0 && performance.now() - last >= SLICE) {
          app.say(`Looking on ${sheets[sheet].name} ...`);
          await pause();
          if (turn !== this.turn || app.mode !== "find") return; // another text is looked for, or none
          last = performance.now();
        }
        const cell = { sheet, row: Math.floor(at / cols), col: at % cols };
        if (word && typeof app.book.get(sheet, cell.row, cell.col) === "number") continue;
        if (app.text(sheet, cell.row, cell.col).toLowerCase().includes(wanted)) {
          if (++count <= LISTED) found.push(cell);
          if (count === 1) app.goTo(cell); // while the others are looked for
        }
      }
    }
    const words = found.length ? `${text} is in ${app.describe(found[0])}.` : `${text} is nowhere.`;
    this.list(found, `${words} ${counted(count)}`);
    app.say(words);
  }

  /** @param {Cell[]} found @param {string} words what came of it; the last line of the page may say other things soon */
  list(found, words = "") {
    const before = document.getElementById("sought"); // what is typed meanwhile stays
    const value = before instanceof HTMLInputElement ? before.value : this.sought;
    const field = make("input", { id: "sought", value, autocomplete: "off", spellcheck: false, "aria-label": "Text to find", onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter") void this.find(field.value);
      else if (event.key === "Escape") closePanel(this.app);
    } });
    show(this.app, "find", "Find on all tabs",
      make("p", { className: "buttons" }, field, button("Next", "The next cell with this text (Enter)", () => void this.find(field.value))),
      make("p", { textContent: words }), make("ul", {}, ...found.map((cell) => make("li", {}, way(this.app, cell)))));
  }
}

/** How many cells were found, and where those are that are not listed. @param {number} count */
function counted(count) {
  if (count < 2) return "";
  const cells = count > COUNTED ? `More than ${COUNTED.toLocaleString("en-US")} cells show it` : `${count} cells show it`;
  return count > LISTED ? `${cells}, of which the next ${LISTED} are listed; Enter goes on through all.` : `${cells}; Enter goes to the next.`;
}
