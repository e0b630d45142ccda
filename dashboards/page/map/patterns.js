// The patterns that tell the zones apart without colour: green plain, yellow striped, red
// crossed, grey dotted; what has no new data is broken stripes. Their colours are in map.css.

import { svg } from "../elements.js";

const stripe = (d, kind = "ink") => svg("path", { d, class: `map-${kind}` });

const pattern = (id, size, parts) => svg("pattern", {
  id: `map-${id}`, class: `map-pattern ${id}`, width: size, height: size,
  patternUnits: "userSpaceOnUse",
}, [svg("rect", { width: size, height: size, class: "map-ground" }), ...parts]);

export function patterns() {
  return [
    pattern("green", 8, []),
    pattern("yellow", 9, [stripe("M-2 11 L11 -2 M-2 2 L2 -2 M7 11 L11 7")]),
    pattern("red", 8, [stripe("M-2 10 L10 -2 M-2 2 L2 -2 M6 10 L10 6 M-2 -2 L10 10 M-2 6 L2 10 M6 -2 L10 2")]),
    pattern("grey", 8, [svg("circle", { cx: 2, cy: 2, r: 1, class: "map-dot" })]),
    pattern("stale", 12, [stripe("M0 3 H7 M6 9 H12 M-1 9 H1")]),
  ];
}

// The mark of a zone around 0, 0, of this size across.
export function zoneShape(zone, size) {
  const half = size / 2;
  if (zone === "yellow") return svg("path", { class: "map-mark", d: `M0 ${-half} L${half} ${half} L${-half} ${half} Z` });
  if (zone === "red") {
    const far = half * 1.15;
    return svg("path", { class: "map-mark", d: `M0 ${-far} L${far} 0 L0 ${far} L${-far} 0 Z` });
  }
  return svg("circle", { class: `map-mark ${zone === "grey" ? "hollow" : ""}`, r: zone === "grey" ? half - 1 : half });
}
