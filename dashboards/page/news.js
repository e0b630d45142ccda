// Changes of zone seen since the page was opened: the last few to read, each spoken politely.

import { element } from "./elements.js";

const KEPT = 6;

export class News {
  constructor(section, list, spoken) {
    this.section = section;
    this.list = list;
    this.spoken = spoken;
    this.zones = new Map(); // unit id -> the zone last seen
    this.changes = []; // newest first
  }

  // Compares the zones with those of the last answer.
  hear(units) {
    const changes = [];
    for (const { unit_id: id, name, status } of units) {
      if (!status) continue;
      const before = this.zones.get(id);
      this.zones.set(id, status.zone);
      if (before === undefined || before === status.zone) continue;
      const { numerator, denominator } = status.figures[0];
      const at = Date.parse(status.as_of);
      changes.push({ id, name, from: before, to: status.zone, at, numerator, denominator });
    }
    changes.sort((one, other) => other.at - one.at);
    this.changes = [...changes, ...this.changes].slice(0, KEPT);
    return changes;
  }

  show(speech, timeZone, now) {
    this.section.hidden = this.changes.length === 0;
    const lines = this.changes.map((change) =>
      element("li", { "data-zone": change.to }, [
        element("time", {}, speech.time(change.at, timeZone, now)),
        element("i", { class: "shape", "aria-hidden": "true" }),
        element("span", {}, tell(change, speech)),
      ]),
    );
    this.list.replaceChildren(...lines);
  }

  speak(changes, speech) {
    if (changes.length) {
      this.spoken.textContent = changes.map((change) => tell(change, speech)).join(". ");
    }
  }
}

function tell({ name, from, to, numerator, denominator }, speech) {
  const { words } = speech;
  const share = denominator ? `${speech.percent(numerator, denominator)} ` : "";
  const figure = `${share}(${speech.count(numerator)}/${speech.count(denominator)})`;
  return words.changed(name, words.zones[from] ?? from, words.zones[to] ?? to, figure);
}
