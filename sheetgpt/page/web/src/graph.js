/** Which groups of formulas need which, and in which order to compute them. */

import { contains } from "./groups.js";
import { GridSheet } from "./sheets.js";
import { Refused } from "./values.js";

/** @typedef {import("./groups.js").Group} Group */
/** @typedef {import("./reference.js").Area} Area */
/** @typedef {[number, number, number]} Turn a group, its first copy, the copy after its last */

export class Graph {
  /**
   * @param {import("./sheets.js").Sheet[]} sheets
   * @param {Group[]} groups
   */
  constructor(sheets, groups) {
    this.groups = groups;
    this.sheets = sheets;
    /** The group in each cell of a sheet, counted from 1, where the sheet has its number. @type {(Int32Array | null)[]} */
    this.owners = sheets.map((s) => (s instanceof GridSheet ? new Int32Array(s.bands.size) : null));
    groups.forEach((group, g) => this.claim(group, g));
    /** @type {Area[][]} */
    this.reads = groups.map((group) => group.readsOfAll());
    /** @type {number[][]} */
    this.needs = this.reads.map((areas) => this.within(areas));
    /** @type {number[][]} */
    this.users = groups.map(() => []);
    this.needs.forEach((needed, g) => needed.forEach((need) => this.users[need].push(g)));
    /** @type {Turn[]} */
    this.order = this.inOrder();
  }

  /** @param {Group} group @param {number} g */
  claim(group, g) {
    const owners = this.owners[group.sheet];
    const sheet = this.sheets[group.sheet];
    if (!owners || !(sheet instanceof GridSheet)) throw new Refused(`A formula lies on a tab of constants.`);
    const { row, col, rows, cols } = group.area;
    for (let i = row; i < Math.min(row + rows, sheet.rows); i++) {
      owners.fill(g + 1, ...sheet.bands.span(i, col, col + cols));
    }
  }

  /** The group that fills a cell, -1 for none. @param {number} sheet @param {number} row @param {number} col */
  owner(sheet, row, col) {
    const owners = this.owners[sheet];
    const cells = this.sheets[sheet];
    const at = cells instanceof GridSheet ? cells.bands.place(row, col) : -1;
    return owners && at >= 0 ? owners[at] - 1 : -1;
  }

  /** The groups in some rectangles. @param {Area[]} areas @returns {number[]} */
  within(areas) {
    /** @type {Set<number>} */
    const found = new Set();
    for (const { sheet, row, col, rows, cols } of areas) {
      const owners = this.owners[sheet];
      const cells = this.sheets[sheet];
      if (!owners || !(cells instanceof GridSheet)) continue;
      let last = 0;
      for (let i = row; i < Math.min(row + rows, cells.rows); i++) {
        const [from, to] = cells.bands.span(i, col, col + cols);
        for (let at = from; at < to; at++) {
          const owner = owners[at];
          if (owner !== last) {
            if (owner) found.add(owner - 1);
            last = owner;
          }
        }
      }
    }
    return [...found];
  }

  /** The groups that read a cell. @param {number} sheet @param {number} row @param {number} col */
  readersOf(sheet, row, col) {
    return this.reads.flatMap((areas, g) =>
      areas.some((area) => area.sheet === sheet && contains(area, row, col)) ? [g] : [],
    );
  }

  /** Groups and all that they lead to. @param {number[]} from @param {number[][]} links */
  closure(from, links) {
    const seen = new Uint8Array(this.groups.length);
    const stack = [...from];
    for (const g of stack) seen[g] = 1;
    for (let g = stack.pop(); g !== undefined; g = stack.pop()) {
      for (const next of links[g]) {
        if (!seen[next]) {
          seen[next] = 1;
          stack.push(next);
        }
      }
    }
    return seen;
  }

  /** @returns {Turn[]} */
  inOrder() {
    /** @type {Turn[]} */
    const turns = [];
    for (const component of components(this.needs)) {
      const [first] = component;
      const alone = component.length === 1 && !this.needs[first].includes(first);
      if (alone) turns.push([first, 0, this.groups[first].count]);
      else turns.push(...this.oneByOne(component));
    }
    return turns;
  }

  /**
   * The copies of groups that need themselves or each other, in an order that works (Kahn 1962).
   * @param {number[]} component
   * @returns {Turn[]}
   */
  oneByOne(component) {
    /** The number of the first formula of each group of the component; -1 for other groups. */
    const bases = new Int32Array(this.groups.length).fill(-1);
    /** @type {[number, number][]} */
    const formulas = [];
    for (const g of component) {
      bases[g] = formulas.length;
      for (let k = 0; k < this.groups[g].count; k++) formulas.push([g, k]);
    }
    /** @type {number[][]} */
    const users = formulas.map(() => []);
    const waits = formulas.map(() => 0);
    formulas.forEach(([g, k], f) => {
      for (const area of this.groups[g].reads(k)) {
        this.eachIn(area, bases, (need) => {
          if (users[need].at(-1) === f) return; // known already
          users[need].push(f);
          waits[f]++;
        });
      }
    });
    const ready = waits.flatMap((count, f) => (count === 0 ? [f] : []));
    /** @type {Turn[]} */
    const turns = [];
    for (const f of ready) {
      const [g, k] = formulas[f];
      const last = turns.at(-1);
      if (last && last[0] === g && last[2] === k) last[2] = k + 1;
      else turns.push([g, k, k + 1]);
      for (const user of users[f]) if (--waits[user] === 0) ready.push(user);
    }
    if (ready.length < formulas.length) {
      throw new Refused("Formulas go round in a circle; one of them needs its own value.");
    }
    return turns;
  }

  /**
   * Calls `found` with the number of each formula in an area that belongs to a group with a base.
   * @param {Area} area
   * @param {Int32Array} bases
   * @param {(formula: number) => void} found
   */
  eachIn({ sheet, row, col, rows, cols }, bases, found) {
    const owners = this.owners[sheet];
    const cells = this.sheets[sheet];
    if (!owners || !(cells instanceof GridSheet)) return;
    for (let i = row; i < Math.min(row + rows, cells.rows); i++) {
      const [from, to] = cells.bands.span(i, col, col + cols);
      for (let at = from; at < to; at++) {
        const owner = owners[at] - 1;
        if (owner >= 0 && bases[owner] >= 0) found(bases[owner] + this.groups[owner].copyAt(i, col + at - from));
      }
    }
  }
}

/**
 * Strongly connected components, each after those that it needs (Tarjan 1972, no recursion).
 * @param {number[][]} needs
 * @returns {number[][]}
 */
function components(needs) {
  const index = new Int32Array(needs.length).fill(-1);
  const low = new Int32Array(needs.length);
  const onStack = new Uint8Array(needs.length);
  /** @type {number[]} */
  const stack = [];
  /** @type {number[][]} */
  const found = [];
  let count = 0;
  /** @param {number} node @returns {[number, number]} */
  const enter = (node) => {
    index[node] = low[node] = count++;
    stack.push(node);
    onStack[node] = 1;
    return [node, 0];
  };
  for (let root = 0; root < needs.length; root++) {
    if (index[root] >= 0) continue;
    const work = [enter(root)];
    while (work.length) {
      const top = work[work.length - 1];
      const [node, at] = top;
      if (at < needs[node].length) {
        top[1]++;
        const need = needs[node][at];
        if (index[need] < 0) work.push(enter(need));
        else if (onStack[need]) low[node] = Math.min(low[node], index[need]);
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent) low[parent[0]] = Math.min(low[parent[0]], low[node]);
      if (low[node] === index[node]) {
        const component = stack.splice(stack.lastIndexOf(node));
        for (const member of component) onStack[member] = 0;
        found.push(component);
      }
    }
  }
  return found;
}
