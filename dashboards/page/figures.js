// Figures, zones, places and changes. Pure: no document, no clock.

export const ZONES = ["green", "yellow", "red", "grey"];
export const SEVERITY = { red: 0, yellow: 1, green: 2, grey: 3 };

// What is typed is found whatever its marks: "nong son" finds Nông Sơn.
export const plain = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

export const fitsSearch = (searched, asked) =>
  plain(asked).split(/\s+/).every((part) => searched.includes(part));

export const shareOf = ({ numerator, denominator }) =>
  (denominator ? numerator / denominator : null);

// Below 0: the first share is the smaller. Whole numbers, so that equal shares are equal.
export function compareShares(one, other) {
  return one.numerator * other.denominator - other.numerator * one.denominator;
}

// The change of a share since an earlier figure, 0 to 1; null where one of them is absent.
export function changeOf(figure, before) {
  if (!figure?.denominator || !before?.denominator) return null;
  const crossed = compareShares(figure, before);
  return crossed === 0 ? 0 : crossed / (figure.denominator * before.denominator);
}

// How many places a unit rose since; negative: fell. Null where one of them has no place.
export function rise(place, before) {
  return place === null || place === undefined || before?.place === null
    || before?.place === undefined ? null : before.place - place;
}

// A feed that is silent for longer than usual: the colour may no longer be true.
export const shownZone = (row) =>
  (row && !row.stale_since && ZONES.includes(row.zone) ? row.zone : "grey");

// Places anew, 1, 2, 2, 4, as the server gives them: of the rows whose zone is not grey.
export function placed(rows) {
  const judged = rows.filter((row) => row.zone !== "grey" && row.denominator);
  judged.sort((one, other) => compareShares(other, one));
  const places = new Map();
  for (let at = 0; at < judged.length;) {
    let end = at + 1;
    while (end < judged.length && compareShares(judged[at], judged[end]) === 0) end += 1;
    for (let i = at; i < end; i += 1) {
      places.set(judged[i].unit_id, { place: at + 1, tied: end - at });
    }
    at = end;
  }
  return rows.map((row) => ({ ...row, place: null, tied: 1, ...places.get(row.unit_id) }));
}

export function summaryOf(rows) {
  const count = Object.fromEntries(ZONES.map((zone) => [zone, 0]));
  let [incidents, numerator, denominator] = [0, 0, 0];
  for (const row of rows) {
    count[shownZone(row)] += 1;
    incidents += row.incident ? 1 : 0;
    numerator += row.numerator ?? 0;
    denominator += row.denominator ?? 0;
  }
  return { count, incidents, numerator, denominator };
}

// The same total as of an earlier instant: of the units that have a figure of it.
export function totalBefore(rows, period) {
  let [numerator, denominator] = [0, 0];
  for (const row of rows) {
    numerator += row.previous?.[period]?.numerator ?? 0;
    denominator += row.previous?.[period]?.denominator ?? 0;
  }
  return { numerator, denominator };
}
