// From the answer of /api/units to the rows of the table. Pure: no document, no clock.

import { ZONES } from "./choices.js";

const SEVERITY = { red: 0, yellow: 1, green: 2, grey: 3 };
const plain = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

// A province that has no dossiers of its own is a heading, not a row.
const isHeading = (unit) => unit.kind === "province" && !unit.status;

export const headings = (units) => units.filter(isHeading);

// One row for each unit, with the figure of the definition and window asked for.
export function rowsOf(content, definition, window) {
  return content.units.filter((unit) => !isHeading(unit)).map((unit) => {
    const status = unit.status;
    const figure = status?.figures.find(
      (found) => found.definition === definition && found.window === window,
    );
    const resolved = status?.resolved?.[window];
    const open = status?.open;
    return {
      id: unit.unit_id,
      name: unit.name || unit.unit_id,
      search: plain(`${unit.name} ${unit.name_ascii} ${unit.unit_id}`),
      kind: unit.kind,
      status,
      // A feed that is silent for longer than usual: its colour may no longer be true.
      staleSince: unit.stale_since ? Date.parse(unit.stale_since) : null,
      zone: ZONES.includes(status?.zone) && !unit.stale_since ? status.zone : "grey",
      numerator: figure?.numerator ?? null,
      denominator: figure?.denominator ?? null,
      ratio: figure?.denominator ? figure.numerator / figure.denominator : null,
      early: resolved?.early ?? null,
      on_time: resolved?.on_time ?? null,
      late: resolved?.late ?? null,
      open: open ? open.overdue + open.paused + open.due_soon + open.within + open.no_due : null,
      overdue: open?.overdue ?? null,
      due_soon: open?.due_soon ?? null,
      paused: open?.paused ?? null,
      incident: status?.incident ?? null,
    };
  });
}

export const fitsSearch = (row, q) =>
  plain(q).split(/\s+/).every((part) => row.search.includes(part));

export const fits = (row, choices) =>
  fitsSearch(row, choices.q) &&
  (!choices.zones.length || choices.zones.includes(row.zone)) &&
  (!choices.incident || row.incident !== null);

export function sorted(rows, { sort, dir }, locale) {
  const names = new Intl.Collator(locale, { numeric: true });
  const sign = dir === "up" ? 1 : -1;
  const value = (row) => (sort === "zone" ? SEVERITY[row.zone] : row[sort]);
  return [...rows].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (sort === "name") return sign * names.compare(one.name, other.name);
    if ((a === null) !== (b === null)) return a === null ? 1 : -1; // what is absent comes last
    return sign * (a - b) || names.compare(one.name, other.name);
  });
}

export function summaryOf(rows) {
  const count = Object.fromEntries(ZONES.map((zone) => [zone, 0]));
  let [incidents, numerator, denominator] = [0, 0, 0];
  for (const row of rows) {
    count[row.zone] += 1;
    incidents += row.incident === null ? 0 : 1;
    numerator += row.numerator ?? 0;
    denominator += row.denominator ?? 0;
  }
  return { count, incidents, numerator, denominator };
}

// The definitions and windows that there are figures of; the primary ones first.
export function figuresIn(content) {
  const { definition, window } = content.primary;
  const definitions = new Set([definition]);
  const windows = new Set([window]);
  for (const unit of content.units) {
    for (const figure of unit.status?.figures ?? []) {
      definitions.add(figure.definition);
      windows.add(figure.window);
    }
  }
  return { definitions: [...definitions], windows: [...windows] };
}
