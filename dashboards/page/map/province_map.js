// The map as SVG: a shape for each unit, told by colour, pattern and mark, with its figure.

import { isElsewhere, setAttribute, svg } from "../elements.js";
import { shapesOf } from "./boundaries.js";
import { placeLabels } from "./label_places.js";
import { LabelSizes, drawLabel, settleMarks } from "./labels.js";
import { LandGrid } from "./land_grid.js";
import { patterns } from "./patterns.js";

const NARROW = 620; // pixels: below it no label stands outside its shape

export class ProvinceMap {
  // onOpen(unitId); onLook(unitId, box) where pointer or focus is on a unit, and (null) when gone.
  constructor(collection, title, { onOpen, onLook, href }) {
    Object.assign(this, { collection, onOpen, onLook, href });
    this.lines = svg("g", { class: "map-lines" });
    this.labels = svg("g", { class: "map-labels", "aria-hidden": "true" });
    this.links = svg("g", { class: "map-shapes", role: "list" });
    this.halo = svg("path", { class: "map-halo", "aria-hidden": "true" });
    this.root = svg("svg", { class: "map", role: "group", "aria-label": title }, [
      svg("defs", {}, patterns()), this.links, this.halo, this.lines, this.labels,
    ]);
    this.sizes = new LabelSizes();
    this.shapes = [];
    this.drawn = new Map(); // unit id -> { link, area }
    this.placed = ""; // what the labels were last placed for
  }

  get ids() {
    return new Set(this.collection.features.map((feature) => feature.properties.unit_id));
  }

  // Draws the shapes anew for a window of this size in pixels.
  fit(width, height, scale) {
    const narrow = width < NARROW;
    this.narrow = narrow;
    this.scale = scale;
    const side = narrow ? 6 : 18;
    this.shapes = shapesOf(
      this.collection, width, height, [side, narrow ? side : 70 * scale, side, side],
    );
    this.grid = new LandGrid(this.shapes, width, height);
    this.root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.root.setAttribute("width", width);
    this.root.setAttribute("height", height);
    this.placed = "";
    for (const shape of this.shapes) this.draw(shape);
    this.order();
  }

  draw({ id, path }) {
    if (!this.drawn.has(id)) this.drawn.set(id, this.create(id));
    this.drawn.get(id).area.setAttribute("d", path);
  }

  create(id) {
    const area = svg("path", { class: "map-area" });
    const link = svg("a", { class: "map-unit", "data-unit": id, href: this.href(id) }, [area]);
    const item = svg("g", { role: "listitem" }, [link]);
    link.addEventListener("click", (event) => {
      if (isElsewhere(event)) return;
      event.preventDefault();
      this.onOpen(id);
    });
    const look = () => {
      this.halo.setAttribute("d", area.getAttribute("d"));
      this.onLook(id, area.getBoundingClientRect());
    };
    const leave = () => {
      this.halo.removeAttribute("d");
      this.onLook(null);
    };
    link.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && look());
    link.addEventListener("pointerleave", leave);
    link.addEventListener("focus", look);
    link.addEventListener("blur", leave);
    return { link, item, area, zone: null };
  }

  // The order of the shapes is that in which the keyboard goes through them.
  order() {
    const items = this.shapes.map(({ id }) => this.drawn.get(id).item);
    const now = [...this.links.children];
    if (items.length !== now.length || items.some((item, place) => item !== now[place])) {
      this.links.replaceChildren(...items);
    }
  }

  // toldOf(id): { name, told, sentence, dimmed } of a unit.
  show(toldOf) {
    const said = this.shapes.map(({ id }) => toldOf(id));
    said.forEach((unit, index) => this.paint(this.drawn.get(this.shapes[index].id), unit));
    const key = JSON.stringify(said.map(({ name, told, dimmed }) => [name, told, dimmed]));
    if (key === this.placed) return;
    this.placed = key;
    this.showLabels(said);
  }

  paint(drawn, { sentence, told, dimmed }) {
    const { link, area } = drawn;
    setAttribute(link, "aria-label", sentence);
    setAttribute(link, "data-zone", told.zone);
    setAttribute(link, "data-stale", told.stale && "true");
    setAttribute(link, "data-dimmed", dimmed && "true");
    setAttribute(area, "fill", `url(#${told.stale ? "map-stale" : `map-${told.zone}`})`);
    if (drawn.zone !== null && drawn.zone !== told.zone) turn(area);
    drawn.zone = told.zone;
  }

  showLabels(said) {
    const style = getComputedStyle(this.root);
    const sizes = said.map((unit) => this.sizes.of(unit, style.fontFamily, this.scale));
    const places = placeLabels(this.grid, sizes, !this.narrow);
    this.labels.replaceChildren(...places.map((place, index) => drawLabel(said[index], place)));
    settleMarks(this.labels);
    this.lines.replaceChildren(...places.flatMap((place) => (place.from ? [leader(place)] : [])));
  }
}

// From the shape to the nearest edge of its label.
function leader({ from: [x1, y1], to: [x2, y2] }) {
  return svg("g", {}, [
    svg("line", { x1, y1, x2, y2 }), svg("circle", { cx: x1, cy: y1, r: 2.5 }),
  ]);
}

// A light over a shape that has just changed its zone.
function turn(area) {
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const light = [{ opacity: 0.15 }, { opacity: 1 }, { opacity: 0.35 }, { opacity: 1 }];
  area.animate(light, { duration: 1800, easing: "ease-out" });
}

