// From the rows of the store to those of the ranking, and their order. Pure.

import { SEVERITY, changeOf, fitsSearch, plain, rise, shareOf, shownZone } from "../figures.js";

export const PERIODS = ["day", "month", "half"];
export const SORTS = [
  "place", "name", "zone", "ratio", "numerator", "change", "risen",
  "early", "on_time", "late", "overdue", "due_soon",
];
const UP_FIRST = new Set(["place", "name", "zone"]); // the others begin with the largest

export const firstDirection = (sort) => (UP_FIRST.has(sort) ? "up" : "down");

// What the address says of the order, the comparison and the filters.
export function choicesOf(state) {
  const sort = SORTS.includes(state.sort) ? state.sort : "place";
  return {
    sort,
    dir: ["up", "down"].includes(state.dir) ? state.dir : firstDirection(sort),
    against: PERIODS.includes(state.against) ? state.against : "day",
    q: state.q ?? "",
    zone: state.zone in SEVERITY ? state.zone : "",
  };
}

export function rankedRows(store, against) {
  return [...store.rows.values()].map((row) => {
    const unit = store.units.get(row.unit_id);
    const name = store.name(row.unit_id);
    return {
      id: row.unit_id,
      name,
      kind: unit?.kind ?? "",
      row,
      search: plain(`${name} ${unit?.name_ascii ?? ""} ${row.unit_id}`),
      place: row.place ?? null,
      tied: row.tied ?? 1,
      zone: shownZone(row),
      ratio: shareOf(row),
      numerator: row.numerator,
      denominator: row.denominator,
      change: changeOf(row, row.previous?.[against]),
      risen: rise(row.place, row.previous?.[against]),
      early: row.early,
      on_time: row.on_time,
      late: row.late,
      overdue: row.open?.overdue ?? null,
      due_soon: row.open?.due_soon ?? null,
    };
  });
}

export const fits = (row, { q, zone }) =>
  (!q || fitsSearch(row.search, q)) && (!zone || row.zone === zone);

// The ranked ones and, apart from them, those without a place; each in the order asked for.
export function ordered(rows, { sort, dir }, names) {
  const sign = dir === "up" ? 1 : -1;
  const value = (row) => (sort === "zone" ? SEVERITY[row.zone] : row[sort]);
  const byName = (one, other) => names.compare(one.name, other.name);
  const order = (one, other) => {
    if (sort === "name") return sign * byName(one, other);
    const [a, b] = [value(one), value(other)];
    if ((a === null) !== (b === null)) return a === null ? 1 : -1; // what is absent comes last
    return sign * (a - b) || (one.place ?? 0) - (other.place ?? 0) || byName(one, other);
  };
  const all = [...rows].sort(order);
  return {
    ranked: all.filter((row) => row.place !== null),
    unranked: all.filter((row) => row.place === null),
  };
}

// The words of a row, as the table, the print and the picture show them.
export function said(row, { speech, words, now }) {
  const whole = (number) => (number === null || number === undefined ? "–" : speech.count(number));
  const { risen, change } = row;
  return {
    place: row.place === null ? "–" : row.tied > 1 ? words.tied(speech.count(row.place)) : speech.count(row.place),
    tied: row.tied > 1 && row.place !== null ? words.tiedWith(speech.count(row.tied - 1)) : "",
    risen: risen === null ? "" : risen === 0 ? "=" : `${risen > 0 ? "▲" : "▼"} ${speech.count(Math.abs(risen))}`,
    risenWords: risen === null ? (row.place === null ? "" : words.newPlace)
      : risen === 0 ? words.samePlace
        : risen > 0 ? words.rose(speech.count(risen)) : words.fell(speech.count(-risen)),
    risenWay: wayOf(risen),
    kind: speech.kind(row.kind),
    zone: row.row.stale_since
      ? words.dataUpTo(speech.minute(Date.parse(row.row.stale_since), now()))
      : row.denominator === null ? words.noData : words.zones[row.zone],
    figure: row.denominator ? speech.percent(row.numerator, row.denominator) : "–",
    numerator: whole(row.numerator),
    denominator: row.denominator === null ? "" : `/${whole(row.denominator)}`,
    change: change === null ? "–" : change === 0 ? "0" : speech.points(change),
    changeWay: wayOf(change),
    early: whole(row.early),
    on_time: whole(row.on_time),
    late: whole(row.late),
    overdue: whole(row.overdue),
    due_soon: whole(row.due_soon),
  };
}

const wayOf = (number) => (!number ? "same" : number > 0 ? "up" : "down");

// What has to stand under every ranking that leaves the page: what the figures are, and when.
export function evidenceOf({ store, speech, words, state }, against) {
  const { definition, window, as_of: asOf, previous } = store.ranking;
  const before = Date.parse(previous?.[against] ?? "");
  return [
    words.printed({
      definition: `${speech.definition(definition)} (${definition})`,
      window: speech.window(window),
      moment: speech.dateTime(Date.parse(asOf)),
      known: state.asOf && (state.known === "then" ? words.knownThen : words.knownNow),
    }),
    Number.isNaN(before) ? "" : words.comparedWith(speech.dateTime(before)),
  ].filter(Boolean).join(" ");
}
