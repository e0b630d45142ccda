// From the province's GeoJSON to shapes in pixels. Pure.

import { geoMercator, geoPath } from "../vendor/d3-geo.js";

// One shape a feature: { id, path (SVG), polygons (rings of [x, y]), box: [x0, y0, x1, y1] }, in
// a window of this size with `margin` around: [top, right, bottom, left]. From north to south and
// west to east, as one reads.
export function shapesOf(collection, width, height, margin) {
  const features = collection.features
    .filter((feature) => feature.geometry?.type?.endsWith("Polygon"))
    .map((feature) => ({ ...feature, geometry: rewound(feature.geometry) }));
  const [top, right, bottom, left] = margin;
  const projection = geoMercator().fitExtent(
    [[left, top], [Math.max(left + 1, width - right), Math.max(top + 1, height - bottom)]],
    { type: "FeatureCollection", features },
  );
  const path = geoPath(projection).digits(1);
  const shapes = features.map((feature) => {
    const polygons = polygonsOf(feature.geometry).map(
      (rings) => rings.map((ring) => ring.map((point) => projection(point))),
    );
    return {
      id: feature.properties.unit_id, path: path(feature), polygons, box: boxOf(polygons),
    };
  });
  return inReadingOrder(shapes, height);
}

const polygonsOf = ({ type, coordinates }) => (type === "Polygon" ? [coordinates] : coordinates);

// On a sphere a ring has two insides: d3 wants the outer one clockwise, files have it either way.
function rewound(geometry) {
  const polygons = polygonsOf(geometry).map((rings) => rings.map((ring, place) => {
    const clockwise = signedArea(ring) < 0;
    return clockwise === (place === 0) ? ring : [...ring].reverse();
  }));
  return { type: "MultiPolygon", coordinates: polygons };
}

function signedArea(ring) {
  let sum = 0;
  for (let i = 0, last = ring.length - 1; i < ring.length; last = i, i += 1) {
    sum += ring[last][0] * ring[i][1] - ring[i][0] * ring[last][1];
  }
  return sum / 2;
}

function boxOf(polygons) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of polygons.flat(2)) {
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  }
  return box;
}

function inReadingOrder(shapes, height) {
  const band = height / 7;
  const line = ({ box }) => Math.floor((box[1] + box[3]) / 2 / band);
  return [...shapes].sort((one, other) => line(one) - line(other) || one.box[0] - other.box[0]);
}

export function contains(polygons, x, y) {
  let inside = false;
  for (const rings of polygons) {
    for (const ring of rings) {
      for (let i = 0, last = ring.length - 1; i < ring.length; last = i, i += 1) {
        const [[x0, y0], [x1, y1]] = [ring[last], ring[i]];
        if ((y0 > y) !== (y1 > y) && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
      }
    }
  }
  return inside;
}
