// Made of sheetgpt/page/web/src by python -m sheetgpt.page.bundle.
(() => {
"use strict";
// ---- main.js
/** Starts the page. */
})();
