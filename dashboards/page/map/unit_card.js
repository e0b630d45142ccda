// The card that stands beside a shape while pointer or focus is on it.

import { element, isolated, zoneMark } from "../elements.js";

const GAP = 12; // pixels

export class UnitCard {
  constructor(frame) {
    this.frame = frame;
    this.root = element("div", { class: "unit-card card", "aria-hidden": "true", hidden: "" });
    this.unitId = null;
  }

  hide() {
    this.unitId = null;
    this.root.hidden = true;
  }

  // `box`: of the shape in the window; null keeps the place.
  show(unit, box, context) {
    this.unitId = unit.id;
    this.root.replaceChildren(...lines(unit, context));
    this.root.hidden = false;
    if (box) this.place(box);
  }

  place(box) {
    const frame = this.frame.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.root;
    let left = box.right - frame.left + GAP;
    if (left + width > frame.width) left = box.left - frame.left - width - GAP;
    if (left < 0) left = Math.max(0, frame.width - width - GAP);
    const top = box.top - frame.top + box.height / 2 - height / 2;
    this.root.style.left = `${left}px`;
    this.root.style.top = `${Math.max(GAP, Math.min(top, frame.height - height - GAP))}px`;
  }
}

function lines({ name, kind, row, told }, { speech, words }) {
  const head = element("p", { class: "unit-card-name" }, [
    isolated(name), element("span", { class: "unit-kind" }, speech.kind(kind)),
  ]);
  const mark = zoneMark(told.zone, told.known ? words.zones[told.zone] : told.noData);
  mark.classList.add("zone-pill");
  const marks = element("p", { class: "unit-card-marks" }, [mark]);
  if (row.incident) marks.append(element("span", { class: "incident-flag" }, words.incident));
  if (told.stale) {
    return [head, marks, element("p", {}, told.stale), element("p", { class: "soft" }, words.silent)];
  }
  if (!told.known) return [head, marks];
  const figure = element("p", { class: "unit-card-figure" }, [
    element("b", {}, told.figure), element("span", { class: "parts" }, told.parts),
  ]);
  const place = row.place === null ? words.noPlace
    : row.tied > 1 ? words.tiedPlace(row.place, row.tied) : words.place(row.place);
  const change = told.points
    ? `${told.arrow} ${told.way === "same" ? words.unchanged : words.points(told.points)} ${words.sinceDay}` : "";
  const facts = [
    [words.early, row.early], [words.onTime, row.on_time], [words.late, row.late],
    [words.overdue, row.open?.overdue],
  ].filter(([, number]) => number !== null && number !== undefined);
  return [
    head, marks, figure,
    element("p", { class: "change", "data-way": told.way }, change),
    element("p", { class: "soft" }, place),
    element("dl", {}, facts.flatMap(([term, number]) => [
      element("dt", {}, term), element("dd", {}, speech.count(number)),
    ])),
  ];
}
