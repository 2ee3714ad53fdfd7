/** The list of what was changed, with the way back, and the lock of all other cells. */

import { button, make } from "./dom.js";
import { show, way } from "./panel.js";

/** @typedef {import("./app.js").App} App */

/** What was changed, with the way back. @param {App} app @param {import("./changes.js").Changes} changes */
export function showChanges(app, changes) {
  const undo = (/** @type {number} */ count) => {
    changes.undo(count);
    showChanges(app, changes);
  };
  show(app, "changes", "Changes",
    make("p", {}, make("label", {}, make("input", { type: "checkbox", checked: changes.unlocked, onchange: (/** @type {Event} */ event) => {
      changes.unlocked = /** @type {HTMLInputElement} */ (event.target).checked;
      app.changed("place");
      app.say(changes.unlocked ? "Every cell can be changed: weights, values and formulas." : "Only yellow cells can be changed.");
    } }), " Unlock all cells")),
    make("p", { className: "buttons" }, button("Undo", "Take back the last change (Ctrl+Z)", () => undo(1)), button("Reset", "Take back all changes", () => undo(changes.list.length))),
    changes.list.length ? null : make("p", { textContent: "Nothing is changed." }),
    make("ol", {}, ...changes.list.map(({ cell, before, after }) => make("li", {}, way(app, cell), make("p", { textContent: `${before || "(blank)"} → ${after || "(blank)"}` })))));
}
