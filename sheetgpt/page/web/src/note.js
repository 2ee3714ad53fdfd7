/** A note at the selected cell: what may be typed into it, or why it is locked. */

import { byId } from "./dom.js";
import { HEAD } from "./grid.js";

/** @typedef {import("./app.js").App} App */

/** Pixels between a cell and its note, and from the note to the edge. */
const GAP = 6;

export class Note {
  /** @param {App} app @param {import("./grid.js").Grid} grid */
  constructor(app, grid) {
    this.app = app;
    this.grid = grid;
    this.note = byId("note");
    app.onChange((what) => {
      if (what === "place") this.entry();
    });
    app.warn = (words) => {
      app.say(words);
      this.show(words);
    };
    grid.scroll.addEventListener("scroll", () => this.place());
    grid.scroll.addEventListener("blur", () => {
      this.note.hidden = true;
    });
  }

  /** What may be typed into the selected cell; the prompt's has its answer below, and is known. */
  entry() {
    const { app } = this;
    const { sheet, row, col } = app.cell;
    const prompt = app.book.names.get("prompt");
    const entry = app.view.entry(row, col);
    const known = prompt && prompt.sheet === sheet && prompt.row === row && prompt.col === col;
    if (entry?.note && !known) this.show(`${entry.title ?? ""}: ${entry.note}`);
    else this.note.hidden = true;
  }

  /** @param {string} words */
  show(words) {
    this.note.textContent = words;
    this.note.hidden = false;
    this.place();
  }

  /** Puts the note below its cell, or above it where there is no room. */
  place() {
    if (this.note.hidden) return;
    const { grid, note } = this;
    const { view, zoom } = this.app;
    const [lastRow] = view.merged.get(view.key(view.row, view.col)) ?? [view.row];
    const { scroll } = grid;
    const [top, bottom] = [grid.y(view.row) * zoom, grid.y(lastRow + 1) * zoom];
    const below = bottom + GAP;
    const room = below + note.offsetHeight <= scroll.clientHeight;
    const left = Math.max(GAP, Math.min(grid.x(view.col) * zoom, scroll.clientWidth - note.offsetWidth - GAP));
    note.style.left = `${scroll.offsetLeft + left}px`;
    note.style.top = `${scroll.offsetTop + (room ? below : Math.max(0, top - GAP - note.offsetHeight))}px`;
    // A cell that was scrolled away takes its note along.
    note.style.visibility = bottom <= HEAD.height || top >= scroll.clientHeight ? "hidden" : "";
  }
}
