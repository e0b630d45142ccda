// Changes of zone seen since the page was opened, newest first.

const KEPT = 6;

export class ZoneNews {
  constructor() {
    this.changes = [];
  }

  // Compares a unit's row with its last one. Returns the change, or null.
  hear(before, row, at, name) {
    if (!before || before.denominator === null || before.zone === row.zone) return null;
    const { unit_id: id, zone, numerator, denominator } = row;
    const change = { id, name, from: before.zone, to: zone, at, numerator, denominator };
    this.changes = [change, ...this.changes].slice(0, KEPT);
    return change;
  }
}

export function tellChange({ name, from, to, numerator, denominator }, speech) {
  const share = denominator ? `${speech.percent(numerator, denominator)} ` : "";
  const figure = `${share}(${speech.outOf(numerator ?? 0, denominator ?? 0)})`;
  return speech.words.changed(`\u2068${name}\u2069`, speech.zone(from), speech.zone(to), figure);
}
