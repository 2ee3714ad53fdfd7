/** What stands around the grid: prompt and answer, buttons, name box, formula bar, tabs. */

import { button, byId, make } from "./dom.js";
import { showHelp } from "./help_panel.js";
import { closePanel } from "./panel.js";
import { toRegion, toTab } from "./regions.js";
import { cellName } from "./reference.js";
import { toText } from "./values.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./changes.js").Changes} Changes */

/** Milliseconds after the last key until a prompt is computed. */
const PAUSE = 250;

export class Bar {
  /** @param {App} app @param {Changes} changes @param {import("./modes.js").Modes} modes */
  constructor(app, changes, modes) {
    this.app = app;
    this.changes = changes;
    this.modes = modes;
    this.editing = false;
    /** Whether the formula bar shows formulas as the template declares them. */
    this.declared = false;
    this.prompt = make("input", { id: "prompt", autocomplete: "off", spellcheck: false, "aria-label": "Prompt" });
    this.answer = make("output", { id: "answer", htmlFor: "prompt", "aria-label": "Next token" });
    this.name = make("input", { id: "name", autocomplete: "off", spellcheck: false, "aria-label": "Cell or name: type to go there" });
    this.name.setAttribute("list", "names");
    this.formula = make("input", { id: "formula", autocomplete: "off", spellcheck: false, "aria-label": "Content of the cell" });
    this.lock = button("Unlock", "Change any cell; the list of changes", () => modes.showChanges());
    this.top();
    this.tabs();
    app.onChange((what) => this.show(what));
  }

  top() {
    const { app } = this;
    const { book } = app;
    const prompt = book.names.has("prompt");
    byId("top").append(
      ...(prompt ? [this.prompt, this.answer, button("+ best", "Append the likeliest token and go on", () => void this.append("continued")),
        button("+ drawn", "Append the token drawn on the tab sampling and go on", () => void this.append("sampled_text"))] : []),
      make("span", { className: "buttons" },
        ...(app.data.steps.length ? [button("Step", "Go through the steps of the model (Space)", () => this.modes.steps())] : []),
        button("Ask", "What is this number made of? (?)", () => this.modes.ask()),
        ...this.modes.guides.map((guide) => button(guide.name, `The tab ${guide.name}, stop by stop`, () => this.modes.follows(guide))),
        this.lock,
        button("Find", "Find a text on all tabs (Ctrl+F)", () => this.modes.finder.open()),
        button("−", "Smaller", () => this.zoom(1 / 1.2)), button("+", "Larger", () => this.zoom(1.2)),
        button("Print", "Print what is in sight", () => window.print()),
        button("Help", "What can be done here, and the keys", () => showHelp(app))));
    const list = make("datalist", { id: "names" }, ...[...book.names.keys()].sort().map((value) => make("option", { value })));
    byId("bar").append(this.name, list, button("ƒ", "Show the formula as the template declares it (F4)", () => this.toggle()), this.formula);
    this.prompt.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.send(), PAUSE);
    });
    this.prompt.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.send();
    });
    this.name.addEventListener("change", () => this.go());
    this.name.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.go();
    });
    this.formula.addEventListener("focus", () => this.start());
    this.formula.addEventListener("keydown", (event) => this.key(event));
    this.formula.addEventListener("input", () => this.live());
    document.addEventListener("keydown", (event) => this.anywhere(event));
  }

  tabs() {
    const { app } = this;
    const tabs = app.book.sheets.map((sheet, i) => {
      const tab = make("button", { type: "button", role: "tab", textContent: sheet.name, onclick: () => toTab(app, i) });
      tab.style.borderBottomColor = app.data.looks[i]?.tab ?? "transparent";
      return tab;
    });
    byId("tabs").append(...tabs);
    byId("tabs").addEventListener("keydown", (event) => {
      const last = tabs.length - 1;
      const to = { ArrowRight: app.sheet + 1, ArrowLeft: app.sheet - 1, Home: 0, End: last }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      toTab(app, Math.max(0, Math.min(to, last)));
      tabs[app.sheet].focus();
    });
  }

  go() {
    if (!this.name.value) return;
    if (this.app.jump(this.name.value)) byId("scroll").focus({ preventScroll: true });
    else this.app.say(`Nothing is called ${this.name.value}.`);
  }

  /** Puts the prompt into its cell. */
  send() {
    clearTimeout(this.timer);
    const area = this.app.book.names.get("prompt");
    if (!area) return;
    const problem = this.changes.type(area, this.prompt.value);
    if (problem) this.app.say(problem);
  }

  /** Goes on with the text in a cell: the prompt and its next token. @param {string} name */
  async append(name) {
    if (!(await this.app.ensure(name))) return;
    const text = this.app.book.named(name);
    if (typeof text === "string" && text !== "") {
      this.prompt.value = text;
      this.send();
    } else this.app.say("The workbook has no next token here.");
  }

  /** Starts typing into the selected cell. @param {string} [text] in place of what it holds */
  edit(text) {
    const { app, changes } = this;
    const problem = changes.refusal(app.cell);
    if (problem) {
      app.warn(problem);
      return;
    }
    this.formula.value = text ?? changes.typed(app.cell);
    this.formula.readOnly = false;
    this.editing = true;
    this.formula.focus();
    if (text === "") this.commit(0);
  }

  start() {
    const problem = this.changes.refusal(this.app.cell);
    if (problem) this.app.say(problem);
    else if (!this.editing) {
      this.formula.value = this.changes.typed(this.app.cell);
      this.editing = true;
    }
  }

  /** A yellow cell of text is computed while it is typed, after a pause. */
  live() {
    const { cell, book } = this.app;
    const area = book.names.get("prompt");
    if (!this.editing || !area || area.sheet !== cell.sheet || area.row !== cell.row || area.col !== cell.col) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.changes.type(cell, this.formula.value), PAUSE);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Enter") this.commit(1);
    else if (event.key === "Escape") {
      this.editing = false;
      byId("scroll").focus({ preventScroll: true });
      this.show("place");
    } else return;
    event.preventDefault();
  }

  /** @param {number} down how far to go after it */
  commit(down) {
    if (!this.editing) return;
    clearTimeout(this.timer);
    const { app } = this;
    const { cell } = app;
    const problem = this.changes.type(cell, this.formula.value);
    if (problem) {
      app.warn(problem);
      return;
    }
    this.editing = false;
    byId("scroll").focus({ preventScroll: true });
    app.goTo({ ...cell, row: cell.row + down });
  }

  /** Keys that work wherever the focus is, unless something is typed. @param {KeyboardEvent} event */
  anywhere(event) {
    if (event.defaultPrevented) return;
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    const control = event.ctrlKey || event.metaKey;
    if (event.key === "F6") toRegion(event.shiftKey ? -1 : 1);
    else if (control && event.key === "f") this.modes.finder.open();
    else if (control && event.key === "z" && !typing) {
      if (!this.changes.undo()) this.app.say("Nothing was changed.");
    } else if (event.key === "F4") this.toggle();
    else if (event.key === "Escape" && event.target === this.name) {
      byId("scroll").focus({ preventScroll: true });
      this.show("place");
    } else if (event.key === "Escape" && this.app.mode && !(event.target instanceof HTMLInputElement)) closePanel(this.app);
    else if (typing || event.target instanceof HTMLButtonElement) return;
    else if (event.key === " " && (this.app.data.steps.length || this.app.mode === "guide")) this.modes.move(event.shiftKey ? -1 : 1);
    else if (event.key === "?") this.modes.ask();
    else return;
    event.preventDefault();
  }

  toggle() {
    this.declared = !this.declared;
    this.show("place");
  }

  /** @param {number} factor */
  zoom(factor) {
    const { app } = this;
    app.scale = Math.min(3, Math.max(0.4, app.scale * factor));
    app.changed("place");
  }

  /** @param {"cells" | "place"} what */
  show(what) {
    const { app } = this;
    const { cell, book } = app;
    const { view } = app;
    if (book.names.has("prompt")) {
      const prompt = toText(book.named("prompt"));
      if (document.activeElement !== this.prompt) this.prompt.value = prompt;
      const share = book.names.get("answer_probability");
      const next = toText(book.named("answer") ?? book.named("next_token"));
      this.answer.textContent = share ? `${next}  ${app.text(share.sheet, share.row, share.col)}` : next;
    }
    if (this.editing && what === "cells") return;
    const formula = book.formulaAt(cell.sheet, cell.row, cell.col);
    this.editing = false;
    // What is computed meanwhile does not take away what is typed here.
    if (what === "place" || document.activeElement !== this.name) this.name.value = cellName(cell.row, cell.col);
    const written = formula ? (formula.array ? `{=${formula.text}}` : `=${formula.text}`) : this.changes.typed(cell);
    this.formula.value = (this.declared && app.declared(cell)) || written;
    this.formula.readOnly = this.changes.refusal(cell) !== null;
    const text = app.text(cell.sheet, cell.row, cell.col);
    const entry = view.entry(cell.row, cell.col);
    byId("live").textContent = `${cellName(cell.row, cell.col)} ${text}${formula ? `, formula ${written}` : ""}`;
    if (entry && what === "place") app.say(`${entry.title ?? ""}: ${entry.note ?? ""}`);
    this.lock.setAttribute("aria-pressed", String(this.changes.unlocked));
    [...byId("tabs").children].forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === app.sheet));
      /** @type {HTMLElement} */ (tab).tabIndex = i === app.sheet ? 0 : -1; // arrows go to the others
      if (i === app.sheet) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }
}
