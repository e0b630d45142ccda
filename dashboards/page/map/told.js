// What is told of a unit, the same on the map, in the list, on a tile and to a screen reader.

import { changeOf, rise, shownZone } from "../figures.js";

const ARROWS = { up: "▲", down: "▼", same: "=", none: "" };

// { zone, known, figure, parts, way, arrow, points, stale, noData }: texts, and "" for what is not.
export function toldOf(row, { speech, words, now }, period = "day") {
  const known = Boolean(row.denominator);
  const change = changeOf(row, row.previous?.[period]);
  const way = change === null ? "none" : change > 0 ? "up" : change < 0 ? "down" : "same";
  const stale = row.stale_since
    ? words.dataUpTo(speech.minute(Date.parse(row.stale_since), now())) : "";
  return {
    zone: shownZone(row),
    known,
    figure: known ? speech.percent(row.numerator, row.denominator) : "–",
    parts: known ? speech.outOf(row.numerator, row.denominator) : "",
    way,
    arrow: ARROWS[way],
    points: change === null ? "" : speech.points(change),
    risen: rise(row.place, row.previous?.[period]),
    stale,
    noData: known ? "" : row.denominator === 0 ? words.noDossiers : words.noData,
  };
}

// One sentence that says it all.
export function sentenceOf(row, name, told, { speech, words }) {
  if (row.stale_since) {
    return words.staleSentence(name, speech.minute(Date.parse(row.stale_since)));
  }
  if (!told.known) return `${name}: ${told.noData}`;
  const change = told.points && `${told.way === "same" ? words.unchanged : words.points(told.points)} ${words.sinceDay}`;
  return words.sentence({
    name, zone: words.zoneNames[told.zone], figure: told.figure, parts: told.parts, change,
    incident: Boolean(row.incident),
  });
}
