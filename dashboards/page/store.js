// What the views share: the directory, a row for each unit, the monitor. Each change is told to
// the subscribers.

import { placed } from "./figures.js";

const NO_STATUS = {
  zone: "grey", numerator: null, denominator: null, place: null, tied: 1,
  early: null, on_time: null, late: null, open: null, incident: null, stale_since: null,
};

// A ranking may have been made a little before the news that came while it was asked for. What a
// status said so shortly before, in milliseconds, stands; if it is older after all, the next
// status of the unit is on its way.
const STANDS = 3_000;

export class Store {
  constructor() {
    this.directory = null;
    this.units = new Map(); // unit id -> as in the directory
    this.ranking = null; // the last answer of /api/ranking, without its rows
    this.rows = new Map(); // unit id -> its row, as in /api/ranking
    this.monitor = null;
    this.heard = new Map(); // unit id -> { status, at }: the last one, and when it came
    this.subscribers = new Set();
  }

  subscribe(told) {
    this.subscribers.add(told);
    return () => this.subscribers.delete(told);
  }

  tell() {
    for (const told of this.subscribers) told(this);
  }

  takeDirectory(directory) {
    this.directory = directory;
    this.units = new Map(directory.units.map((unit) => [unit.unit_id, unit]));
    this.tell();
  }

  // Every unit of the directory has a row; one that is not listed stands under its id.
  takeRanking(ranking, asOf = "") {
    const { rows, ...rest } = ranking;
    this.ranking = rest;
    this.rows = new Map(rows.map((row) => [row.unit_id, row]));
    const parents = new Set([...this.units.values()].map((unit) => unit.parent_id));
    for (const { unit_id: id } of this.units.values()) {
      if (!this.rows.has(id) && !parents.has(id)) this.rows.set(id, { unit_id: id, ...NO_STATUS });
    }
    this.hearAgain(asOf);
    this.tell();
  }

  // `asOf`: the past moment that the ranking is of, or "".
  hearAgain(asOf) {
    const now = performance.now();
    for (const [id, { status, at }] of this.heard) {
      if (now - at > STANDS) this.heard.delete(id);
      else if (!asOf && this.showsPrimary()) this.apply(status);
    }
  }

  takeMonitor(monitor) {
    this.monitor = monitor;
    if (this.ranking) {
      const since = new Map(monitor.stale_units.map((unit) => [unit.unit_id, unit.since]));
      for (const [id, row] of this.rows) {
        const stale = since.get(id) ?? null;
        if (row.stale_since !== stale) this.rows.set(id, { ...row, stale_since: stale });
      }
    }
    this.tell();
  }

  // A status of the stream: its figure is the primary one, so it is taken only where that is shown.
  // Returns the row before, or null where the row is not changed by it.
  takeStatus(status) {
    this.heard.set(status.unit_id, { status, at: performance.now() });
    if (!this.ranking || !this.showsPrimary()) return null;
    const before = this.apply(status);
    this.tell();
    return before;
  }

  apply(status) {
    const before = this.rows.get(status.unit_id) ?? { unit_id: status.unit_id, ...NO_STATUS };
    const { clock, ...fresh } = status;
    this.rows.set(status.unit_id, { ...before, ...fresh });
    if (clock > (this.ranking.data_to ?? "")) this.ranking = { ...this.ranking, data_to: clock };
    const moved = before.numerator !== fresh.numerator || before.denominator !== fresh.denominator
      || before.zone !== fresh.zone;
    if (moved) this.rows = new Map(placed([...this.rows.values()]).map((row) => [row.unit_id, row]));
    return before;
  }

  showsPrimary() {
    const { policy } = this.directory;
    return this.ranking?.definition === policy.definition && this.ranking.window === policy.window;
  }

  name(unitId) {
    return harmless(this.units.get(unitId)?.name || unitId);
  }
}

// Without the marks that turn the direction of all text after them.
export const harmless = (text) => text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "");
