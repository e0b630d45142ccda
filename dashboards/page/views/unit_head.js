// The head of a unit: its name, zone and figure, its place, and how both have changed.

import { element, isolated, viewLink, zoneMark } from "../elements.js";
import { changeOf, rise, shownZone } from "../figures.js";

const PERIODS = ["day", "month", "half"];

// facts: { unitId, name, kind, row, placed, staleSince, incident, asOf, known }; `row` is as in
// /api/ranking, or null; `placed` is how many units have a place.
export function unitHead(facts, context, words) {
  const { speech } = context;
  const { row, unitId } = facts;
  const zone = shownZone(row ?? {});
  const kind = facts.kind ? speech.kind(facts.kind) : "";
  return element("header", { class: "unit-head", "data-zone": zone }, [
    element("p", { class: "way-back" }, [
      viewLink(context, { view: "ranking" }, [
        element("span", { "aria-hidden": "true" }, "‹ "),
        words.back,
      ]),
    ]),
    element("div", { class: "unit-title" }, [
      element("h2", {}, [isolated(facts.name), kind && element("small", {}, kind)].filter(Boolean)),
      facts.explained
        ? viewLink(context, { view: "explain", unit: unitId }, words.why, { class: "button main" })
        : null,
    ]),
    element("div", { class: "unit-standing" }, [
      element("div", { class: "unit-figure" }, figure(row, zone, speech, words)),
      element("div", { class: "unit-place" }, [
        element("p", { class: "place" }, placeText(row, facts.placed, speech, words)),
        element(
          "dl",
          { class: "changes" },
          PERIODS.map((period) => change(row, period, speech, words)),
        ),
      ]),
    ]),
    facts.staleSince
      ? element(
          "p",
          { class: "notice stale" },
          words.stale(speech.dateTime(Date.parse(facts.staleSince))),
        )
      : null,
    facts.incident ? incidentLine(facts, context, words) : null,
  ]);
}

function figure(row, zone, speech, words) {
  const there = Boolean(row?.denominator);
  return [
    element("p", { class: "figure-line" }, [
      element("strong", {}, speech.percent(row?.numerator ?? 0, row?.denominator ?? 0)),
      zoneMark(zone, there || row?.numerator === 0 ? speech.zone(zone) : speech.words.noData),
    ]),
    element(
      "p",
      { class: "figure-parts" },
      there
        ? words.outOf(speech.count(row.numerator), speech.count(row.denominator))
        : words.noDossiers,
    ),
  ];
}

function placeText(row, placed, speech, words) {
  if (!row?.place) return words.noPlace;
  const all = speech.count(placed);
  const place = speech.count(row.place);
  return row.tied > 1 ? words.tied(place, speech.count(row.tied), all) : words.place(place, all);
}

// The figure's change since the period began, and the place's; each with a word for the arrow.
function change(row, period, speech, words) {
  const before = row?.previous?.[period];
  const difference = changeOf(row, before);
  const places = rise(row?.place, before);
  const parts = [];
  if (difference === null) {
    parts.push(element("span", { class: "soft" }, words.noComparison));
  } else {
    const way = Math.sign(difference);
    const size = speech.points(Math.abs(difference)).replace("+", "");
    const said = way === 0 ? words.unchanged : way > 0 ? words.up(size) : words.down(size);
    parts.push(
      element("span", { class: `way ${["down", "same", "up"][way + 1]}` }, [
        element("span", { "aria-hidden": "true" }, `${["▼", "＝", "▲"][way + 1]} `),
        said,
      ]),
    );
    if (places !== null)
      parts.push(element("span", { class: "soft" }, placesText(places, speech, words)));
  }
  return element("div", {}, [element("dt", {}, words.since[period]), element("dd", {}, parts)]);
}

function placesText(places, speech, words) {
  if (places === 0) return words.samePlace;
  const count = speech.count(Math.abs(places));
  return places > 0 ? words.placesUp(count) : words.placesDown(count);
}

function incidentLine({ incident, unitId }, context, words) {
  const { speech } = context;
  const holder = incident.acknowledged_by
    ? words.heldBy(incident.acknowledged_by)
    : words.heldByNobody;
  return element("p", { class: "notice incident-line" }, [
    element("span", { "aria-hidden": "true" }, "⚑ "),
    viewLink(
      context,
      { view: "incidents", unit: unitId },
      incident.opened_at
        ? words.incidentOpen(speech.dateTime(Date.parse(incident.opened_at)))
        : words.incidentOpenPlain,
    ),
    element("span", {}, " · "),
    isolated(holder),
  ]);
}
