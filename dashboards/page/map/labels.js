// A label on the map: how large it is and how it is drawn.

import { svg } from "../elements.js";
import { zoneShape } from "./patterns.js";

const NAME = { size: 13, weight: 650 };
const FIGURE = { size: 16, weight: 750 };
const PARTS = { size: 11.5, weight: 450 };
const MARK = 10; // pixels across, and as much again for the space after it
const LEADING = 1.24;
const SMALLER = 0.88;
const ARROW = 0.68; // of the figure's size

const LINES = { whole: ["name", "figure", "parts"], short: ["name", "figure"], figure: ["figure"] };
const FONTS = { name: NAME, figure: FIGURE, parts: PARTS };

// What the lines of a unit's label say. Without new data there is no figure to be shown.
export function linesOf({ name, told }) {
  if (told.stale) return { name, figure: "", arrow: "", parts: told.stale };
  if (!told.known) return { name, figure: "", arrow: "", parts: told.noData };
  return { name, figure: told.figure, arrow: told.arrow, parts: told.parts };
}

export class LabelSizes {
  constructor() {
    this.canvas = document.createElement("canvas").getContext("2d");
    this.measured = new Map();
  }

  // The sizes of the ways to write a label, the fullest first, as `placeLabels` wants them; each
  // with its scale: a whole label that is a little smaller is better than half of one.
  of(unit, family, full) {
    const said = linesOf(unit);
    const ways = said.figure
      ? [["whole", 1], ["whole", SMALLER], ["short", 1], ["short", SMALLER], ["figure", 1], ["figure", SMALLER]]
      : [["whole", 1], ["whole", SMALLER]];
    return ways.map(([name, less]) => {
      const scale = full * less;
      const lines = LINES[name].filter((line) => said[line]);
      const widths = lines.map((line) => this.width(said[line], FONTS[line], family) + beside(line, said, name));
      const height = lines.reduce((sum, line) => sum + FONTS[line].size * LEADING, 0);
      return { name, width: Math.max(...widths) * scale, height: height * scale, scale };
    });
  }

  width(text, { size, weight }, family) {
    const font = `${weight} ${size}px ${family}`;
    const key = `${font} ${text}`;
    if (!this.measured.has(key)) {
      this.canvas.font = font;
      this.measured.set(key, this.canvas.measureText(text).width);
    }
    return this.measured.get(key);
  }
}

// What stands on a line besides its text: the mark before the name, the arrow after the figure.
function beside(line, said, variant) {
  const mark = line === (variant === "figure" ? "figure" : "name") ? MARK + 5 : 0;
  return mark + (line === "figure" && said.arrow ? FIGURE.size * ARROW + 5 : 0);
}

export function drawLabel(unit, { name: variant, at: [x, y], from, size: { scale = 1 } }) {
  const { told, dimmed } = unit;
  const said = linesOf(unit);
  const label = svg("g", {
    class: `map-label ${from ? "outside" : ""}`, "data-zone": told.zone, "data-dimmed": dimmed && "true",
    transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${scale})`,
  });
  if (variant === "mark") {
    label.append(zoneShape(told.zone, MARK));
    return label;
  }
  const lines = LINES[variant].filter((line) => said[line]);
  let top = -lines.reduce((sum, line) => sum + FONTS[line].size * LEADING, 0) / 2;
  lines.forEach((line, place) => {
    const { size } = FONTS[line];
    const baseline = top + size * (LEADING + 0.72) / 2;
    label.append(lineOf(line, said, baseline, place === 0 && told.zone));
    top += size * LEADING;
  });
  return label;
}

function lineOf(line, said, baseline, zone) {
  const parts = [svg("tspan", {}, said[line])];
  if (line === "figure" && said.arrow) {
    parts.push(svg("tspan", { class: "map-arrow", dx: 4 }, said.arrow));
  }
  const text = svg("text", { class: `map-${line}`, y: baseline.toFixed(1), "text-anchor": "middle" }, parts);
  if (!zone) return text;
  const group = svg("g", {}, [text]);
  // The mark stands before the text, whose width is known only once it is drawn.
  text.setAttribute("x", MARK * 0.7);
  const mark = svg("g", { class: "map-before" }, [zoneShape(zone, MARK)]);
  mark.dataset.baseline = baseline;
  group.append(mark);
  return group;
}

// Puts the marks before their lines. To be called when the labels are in the document.
export function settleMarks(labels) {
  for (const mark of labels.querySelectorAll(".map-before")) {
    const { x } = mark.parentNode.firstChild.getBBox();
    const middle = Number(mark.dataset.baseline) - 4.2;
    mark.setAttribute("transform", `translate(${(x - MARK * 0.95).toFixed(1)} ${middle.toFixed(1)})`);
  }
}
