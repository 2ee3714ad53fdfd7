/** Help: what can be done on the page, and by which keys. */

import { make } from "./dom.js";
import { show } from "./panel.js";

/** What can be done, and how. */
const HELP = [
  ["Type", "a prompt into the field on top, or a value into any yellow cell: answer, colours and charts follow while you type."],
  ["Step", "goes through the model in the order of the data. Space or Next goes on, Shift+Space back. Orange: what the step computes. Blue: what it reads."],
  ["Ask", "says what the selected number is made of. Click another number, or a part in the list, to ask on: back to the letters of the prompt."],
  ["tour, why", "tell about the model, stop by stop; Space goes on."],
  ["+ best, + drawn", "append the likeliest token, or the one that the tab sampling drew."],
  ["Unlock", "opens every cell, weights and formulas too. Undo and Reset take changes back."],
  ["Name box", "(the field with the cell's name) goes to a cell, a tab or a name, such as h.0.attn.pattern."],
];
const KEYS = [
  ["Space, Shift+Space", "next step or stop, the one before"],
  ["?", "ask the selected number"],
  ["Arrows, Tab, Page Up, Page Down", "move in the cells"],
  ["Ctrl+arrows", "to the edge of the data"],
  ["Ctrl+Home, Ctrl+End", "first cell, last cell"],
  ["Shift with these", "selects cells"],
  ["Ctrl+C", "copies them as text"],
  ["Enter", "follows a link, or ends typing"],
  ["F2, Delete", "edit a cell, empty it"],
  ["Ctrl+Page Up, Ctrl+Page Down", "other tabs"],
  ["F4", "formula as the template declares it"],
  ["Ctrl+F", "find a text on all tabs"],
  ["Ctrl+Z", "undo"],
  ["F6, Shift+F6", "next part of the page: cells, panel, tabs, buttons, name box"],
  ["Escape", "closes the panel; in the cells it goes to the name box"],
];

/** Says what can be done. @param {import("./app.js").App} app */
export function showHelp(app) {
  const list = (/** @type {string[][]} */ lines) => make("dl", {}, ...lines.flatMap(([what, how]) => [make("dt", { textContent: what }), make("dd", { textContent: how })]));
  show(app, "help", "Help", make("p", { textContent: "This page is the whole workbook. It computes by itself; nothing that you type leaves it." }),
    list(HELP), make("h3", { textContent: "Keys" }), list(KEYS));
}
