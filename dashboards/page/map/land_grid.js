// The map as a grid of small squares, each belonging to a shape or to none. Pure.

import { contains } from "./boundaries.js";

export const CELL = 5; // pixels
// Room wanted around a label inside its shape, in pixels, and the share of the box that must be
// the shape's own: the corners of a label are empty, so a little of a neighbour does no harm.
const ROOM = [[12, 1], [8, 1], [5, 1], [2, 1], [2, 0.96], [0, 0.92], [0, 0.88]];

export class LandGrid {
  constructor(shapes, width, height) {
    this.columns = Math.ceil(width / CELL);
    this.rows = Math.ceil(height / CELL);
    this.owner = new Int32Array(this.columns * this.rows).fill(-1); // index of the shape
    this.areas = shapes.map((shape, index) => this.claim(shape, index));
    this.own = new Map(); // index -> sums of the shape's own squares
    this.land = this.sums((cell) => this.owner[cell] >= 0);
  }

  // Marks the squares whose middle is in the shape. Returns the window of squares around it.
  claim({ polygons, box }, index) {
    const window = this.windowOf(box);
    const [c0, r0, c1, r1] = window;
    for (let row = r0; row <= r1; row += 1) {
      for (let column = c0; column <= c1; column += 1) {
        if (contains(polygons, (column + 0.5) * CELL, (row + 0.5) * CELL)) {
          this.owner[row * this.columns + column] = index;
        }
      }
    }
    return window;
  }

  // The index of the shape at a point, or -1.
  ownerAt(x, y) {
    const column = Math.min(this.columns - 1, Math.max(0, Math.floor(x / CELL)));
    const row = Math.min(this.rows - 1, Math.max(0, Math.floor(y / CELL)));
    return this.owner[row * this.columns + column];
  }

  windowOf([x0, y0, x1, y1]) {
    const within = (value, most) => Math.min(most - 1, Math.max(0, Math.floor(value / CELL)));
    return [
      within(x0, this.columns), within(y0, this.rows), within(x1, this.columns), within(y1, this.rows),
    ];
  }

  // Sums over all squares above and left of each: how many fit in a box is four look-ups.
  sums(counts) {
    const wide = this.columns + 1;
    const sums = new Int32Array(wide * (this.rows + 1));
    for (let row = 0; row < this.rows; row += 1) {
      let line = 0;
      for (let column = 0; column < this.columns; column += 1) {
        line += counts(row * this.columns + column) ? 1 : 0;
        sums[(row + 1) * wide + column + 1] = sums[row * wide + column + 1] + line;
      }
    }
    return sums;
  }

  // How many counted squares lie in the box of squares c0, r0 to c1, r1 (without the last).
  counted(sums, c0, r0, c1, r1) {
    const wide = this.columns + 1;
    return sums[r1 * wide + c1] - sums[r0 * wide + c1] - sums[r1 * wide + c0] + sums[r0 * wide + c0];
  }

  // The middle of a box of this size in the shape, apart from those in `taken`: with the most room
  // around that is to be had, and then nearest to the middle of the shape; null where none fits.
  roomInside(index, width, height, taken) {
    const window = this.areas[index];
    if ((window[2] - window[0] + 1) * CELL < width || (window[3] - window[1] + 1) * CELL < height) return null;
    const middle = this.middleOf(index);
    if (!this.own.has(index)) this.own.set(index, this.sums((cell) => this.owner[cell] === index));
    const free = (x, y) => taken.every((box) => apart(box, x, y, width, height));
    for (const [around, share] of ROOM) {
      const found = this.search(this.own.get(index), window, width + 2 * around, height + around, share, middle, free);
      if (found) return found;
    }
    return null;
  }

  // The free box of this size nearest to a point: no land, nothing in `taken`.
  roomOutside(point, width, height, taken) {
    const window = [0, 0, this.columns - 1, this.rows - 1];
    const free = (x, y) => taken.every((box) => apart(box, x, y, width, height));
    return this.search(this.land, window, width + 8, height + 6, 0, point, free);
  }

  // The box nearest to a point of whose squares at least (or, for 0, at most) this share counts.
  search(sums, [c0, r0, c1, r1], width, height, share, [px, py], free = () => true) {
    const wide = Math.ceil(width / CELL);
    const high = Math.ceil(height / CELL);
    const fits = share ? (count) => count >= share * wide * high : (count) => count === 0;
    let best = null;
    let least = Infinity;
    for (let row = r0; row + high <= r1 + 1; row += 1) {
      for (let column = c0; column + wide <= c1 + 1; column += 1) {
        if (!fits(this.counted(sums, column, row, column + wide, row + high))) continue;
        const [x, y] = [(column + wide / 2) * CELL, (row + high / 2) * CELL];
        const far = (x - px) ** 2 + (y - py) ** 2;
        if (far < least && free(x, y)) [best, least] = [[x, y], far];
      }
    }
    return best;
  }

  // The middle of a shape's own squares, or the one of them that is nearest to it.
  middleOf(index) {
    const [c0, r0, c1, r1] = this.areas[index];
    const own = [];
    for (let row = r0; row <= r1; row += 1) {
      for (let column = c0; column <= c1; column += 1) {
        if (this.owner[row * this.columns + column] === index) {
          own.push([(column + 0.5) * CELL, (row + 0.5) * CELL]);
        }
      }
    }
    if (!own.length) return [((c0 + c1 + 1) / 2) * CELL, ((r0 + r1 + 1) / 2) * CELL];
    const mean = [0, 1].map((axis) => own.reduce((sum, point) => sum + point[axis], 0) / own.length);
    const far = ([x, y]) => (x - mean[0]) ** 2 + (y - mean[1]) ** 2;
    return own.reduce((best, point) => (far(point) < far(best) ? point : best));
  }
}

const apart = ([x0, y0, x1, y1], x, y, width, height) =>
  x + width / 2 < x0 || x - width / 2 > x1 || y + height / 2 < y0 || y - height / 2 > y1;
