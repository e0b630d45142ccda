// Where the labels stand: inside their shape where they fit, else in free water near it with a
// line to it, else shorter, else only a mark in the shape. No two overlap. Pure.

import { CELL } from "./land_grid.js";

const OUTSIDE = 12; // labels at most: more lines than that nobody follows
const FAR = 0.28; // of the map's longer side: a line is no longer than that
// Pixels of other shapes that a line may cross where a shorter label fits inside: few if that one
// has the name too, more if it is the bare figure.
const ACROSS = { short: 45, figure: 150 };

// `sizes`: for each shape its label's sizes to try, the fullest first: [{ name, width, height }].
// `outside`: whether labels may stand in the water. Returns for each shape { name, at, from, size },
// `from` being where the line begins, or null inside; where nothing fits, the name is "mark".
export function placeLabels(grid, sizes, outside) {
  const places = sizes.map(() => null);
  const taken = [];
  // The smallest shapes first: they have the least choice.
  const order = sizes.map((_, index) => index).sort((one, other) => areaOf(grid, one) - areaOf(grid, other));
  for (const index of order) {
    places[index] = inside(grid, index, sizes[index], taken);
    if (places[index]) taken.push(boxAround(places[index]));
  }
  const waiting = order.filter((index) => outside && places[index]?.name !== sizes[index][0].name);
  for (const index of waiting.slice(0, OUTSIDE)) {
    const found = nearby(grid, index, sizes[index][0], taken, places[index]?.name);
    if (!found) continue;
    places[index] = found;
    taken.push(boxAround(found));
  }
  return places.map((place, index) => place ?? {
    name: "mark", at: grid.middleOf(index), from: null, size: { width: 12, height: 12 },
  });
}

function inside(grid, index, tried, taken) {
  for (const size of tried) {
    const at = grid.roomInside(index, size.width, size.height, taken);
    if (at) return { name: size.name, at, from: null, size };
  }
  return null;
}

function nearby(grid, index, size, taken, other) {
  const from = grid.middleOf(index);
  const at = grid.roomOutside(from, size.width, size.height, taken);
  if (!at) return null;
  const to = nearestEdge(at, size, from);
  const far = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (far > FAR * CELL * Math.max(grid.columns, grid.rows)) return null;
  if (other && across(grid, index, from, to) > ACROSS[other]) return null;
  return { name: size.name, at, from, to, size };
}

// Pixels of other shapes on the way.
function across(grid, index, from, to) {
  const steps = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / CELL);
  let crossed = 0;
  for (let step = 0; step <= steps; step += 1) {
    const [x, y] = [0, 1].map((axis) => from[axis] + ((to[axis] - from[axis]) * step) / (steps || 1));
    const owner = grid.ownerAt(x, y);
    if (owner >= 0 && owner !== index) crossed += CELL;
  }
  return crossed;
}

function nearestEdge([x, y], { width, height }, [fx, fy]) {
  return [
    Math.min(Math.max(fx, x - width / 2 - 3), x + width / 2 + 3),
    Math.min(Math.max(fy, y - height / 2 - 1), y + height / 2 + 1),
  ];
}

const areaOf = (grid, index) => {
  const [c0, r0, c1, r1] = grid.areas[index];
  return (c1 - c0) * (r1 - r0);
};

function boxAround({ at: [x, y], size: { width, height } }) {
  return [x - width / 2 - 4, y - height / 2 - 3, x + width / 2 + 4, y + height / 2 + 3];
}
