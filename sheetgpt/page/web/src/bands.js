/**
 * Where the cells of a tab lie in one array. A tab with one wide table and many long columns would
 * be mostly blank; so its rows form bands, each as wide as the widest that stands in it.
 */

/** @typedef {{row: number, col: number, rows: number, cols: number}} Rectangle */

export class Bands {
  /**
   * @param {number} rows of the tab
   * @param {Rectangle[]} areas none of which is cut by the border of a band
   */
  constructor(rows, areas) {
    this.rows = rows;
    /** Where each row begins, how many of its cells there are, and the first row of its band. */
    this.starts = new Int32Array(rows);
    this.widths = new Int32Array(rows);
    this.tops = Int32Array.from({ length: rows }, (_, row) => row);
    let [top, bottom, width] = [0, 0, 0];
    const close = () => {
      this.widths.fill(width, top, bottom);
      const goesOn = top > 0 && this.widths[top - 1] === width; // two of the same width are one
      this.tops.fill(goesOn ? this.tops[top - 1] : top, top, bottom);
    };
    for (const area of areas.slice().sort((a, b) => a.row - b.row)) {
      if (area.row >= bottom) {
        close();
        [top, bottom, width] = [area.row, area.row, 0];
      }
      bottom = Math.min(rows, Math.max(bottom, area.row + area.rows));
      width = Math.max(width, area.col + area.cols);
    }
    close();
    /** How many cells all bands have. */
    this.size = 0;
    for (let row = 0; row < rows; row++) {
      this.starts[row] = this.size;
      this.size += this.widths[row];
    }
  }

  /** The place of a cell in the array, -1 if it lies beside its band. @param {number} row @param {number} col */
  place(row, col) {
    return row < this.rows && col < this.widths[row] ? this.starts[row] + col : -1;
  }

  /** Whether a rectangle lies in one band. @param {Rectangle} area */
  hold({ row, col, rows, cols }) {
    const last = row + rows - 1;
    return last < this.rows && this.tops[row] === this.tops[last] && col + cols <= this.widths[row];
  }

  /** The places of the cells of a row from one column to another, without those beside the band. @param {number} row @param {number} from @param {number} to */
  span(row, from, to) {
    const [start, width] = [this.starts[row], this.widths[row]];
    return [start + Math.min(from, width), start + Math.min(to, width)];
  }
}
