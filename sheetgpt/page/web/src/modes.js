/** The modes beside the grid: stepping, asking, the guides, finding and the list of changes. */

import { Asking } from "./ask_panel.js";
import { showChanges } from "./changes_panel.js";
import { Finder } from "./find_panel.js";
import { Guide } from "./guide.js";
import { Stepper } from "./stepper.js";

/** @typedef {import("./app.js").App} App */

export class Modes {
  /** @param {App} app @param {import("./changes.js").Changes} changes */
  constructor(app, changes) {
    this.app = app;
    this.changes = changes;
    this.stepper = new Stepper(app);
    this.finder = new Finder(app);
    this.asking = new Asking(app);
    this.guides = (app.data.guides ?? []).map((stored) => new Guide(app, stored));
    /** The guide that is followed. @type {Guide | undefined} */
    this.guide = this.guides[0];
    app.onChange((what) => this.follow(what));
  }

  /** Keeps what the panel says true. @param {"cells" | "place"} what */
  follow(what) {
    if (this.app.mode === "ask") this.asking.follow();
    else if (what === "place") return;
    else if (this.app.mode === "guide") this.guide?.show();
    else if (this.app.mode === "changes") showChanges(this.app, this.changes);
  }

  /** Says what the selected number is made of, and from now on every selected one. */
  ask() {
    if (this.app.mode !== "ask") this.asking.begin();
    this.app.mode = "ask";
    this.app.changed("place");
  }

  /** Begins with a guide, where it was left; once begun, goes on. @param {Guide} guide */
  follows(guide) {
    const on = this.app.mode === "guide" && this.guide === guide;
    this.guide = guide;
    if (on) guide.move(1);
    else guide.go(Math.max(guide.at, 0));
  }

  /** Begins to step, where it was left; once begun, goes on. */
  steps() {
    this.stepper.move(this.app.mode === "step" || this.stepper.at < 0 ? 1 : 0);
  }

  showChanges() {
    showChanges(this.app, this.changes);
  }

  /** The next step or stop, or the one before. @param {number} by */
  move(by) {
    if (this.app.mode === "guide") this.guide?.move(by);
    else if (this.app.mode === "step") this.stepper.move(by);
    else this.steps();
  }
}
