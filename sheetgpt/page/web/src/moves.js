/** Where the keys of a spreadsheet lead: to the edge of the data, and to its last cell. */

/** @typedef {import("./app.js").App} App */
/** @typedef {{row: number, col: number}} At */

/**
 * The edge of the data in a direction: from inside a run of filled cells its last one, else the
 * next filled cell; where there is none, the last row or column.
 * @param {App} app
 * @param {At} from
 * @param {number} down -1, 0 or 1
 * @param {number} right
 * @returns {At}
 */
export function edgeOfData({ view, book, sheet }, from, down, right) {
  const inside = (/** @type {At} */ { row, col }) => row >= 0 && col >= 0 && row < view.rows && col < view.cols;
  const next = (/** @type {At} */ { row, col }) => ({ row: row + down, col: col + right });
  const filled = (/** @type {At} */ { row, col }) => {
    const shown = view.shown(row, col);
    return inside({ row, col }) && book.get(sheet, shown.row, shown.col) !== null;
  };
  const [lastRow, lastCol] = view.merged.get(view.key(from.row, from.col)) ?? [from.row, from.col];
  let at = { row: down > 0 ? lastRow : from.row, col: right > 0 ? lastCol : from.col };
  if (!inside(next(at))) return at;
  if (filled(at) && filled(next(at))) {
    while (filled(next(at))) at = next(at);
    return at;
  }
  do at = next(at);
  while (!filled(at) && inside(next(at)));
  return at;
}

/** The last row and column that hold something. @param {App} app @returns {At} */
export function lastCell({ book, sheet }) {
  const { rows, cols } = book.sheets[sheet];
  return { row: rows - 1, col: cols - 1 };
}
