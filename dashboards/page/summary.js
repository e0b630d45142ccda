// The tiles: how many units are in which zone, how many incidents are open. Each is a filter.

import { ZONES } from "./choices.js";
import { element, setText, zoneMark } from "./elements.js";

export class Summary {
  constructor(tiles, spread, { onZone, onIncident }) {
    this.total = element("div", { class: "tile total" }, [
      element("span", { class: "tile-name" }),
      element("b"),
      element("small"),
    ]);
    this.zones = new Map(ZONES.map((zone) => [zone, zoneTile(zone, () => onZone(zone))]));
    this.incident = button("tile incidents", onIncident, element("span", { class: "tile-name" }));
    tiles.append(this.total, ...this.zones.values(), this.incident);
    this.bands = new Map(ZONES.map((zone) => [zone, element("i", { "data-zone": zone })]));
    spread.append(...this.bands.values());
  }

  show(summary, choices, speech, policy) {
    const { words } = speech;
    const notes = {
      green: words.zoneFrom(speech.share(policy.green)),
      yellow: words.zoneFrom(speech.share(policy.yellow)),
      red: words.zoneBelow(speech.share(policy.yellow)),
      grey: words.zoneFew(speech.count(policy.min_sample)),
    };
    for (const [zone, tile] of this.zones) {
      setText(tile.firstChild.lastChild, words.zones[zone]);
      fillTile(tile, speech.count(summary.count[zone]), notes[zone]);
      tile.setAttribute("aria-pressed", String(choices.zones.includes(zone)));
      tile.classList.toggle("nil", summary.count[zone] === 0);
      this.bands.get(zone).style.setProperty("flex-grow", summary.count[zone]);
    }
    setText(this.incident.firstChild, words.incidents);
    fillTile(this.incident, speech.count(summary.incidents), words.incidentsNote);
    this.incident.setAttribute("aria-pressed", String(choices.incident));
    this.incident.classList.toggle("nil", summary.incidents === 0);
    const { numerator, denominator } = summary;
    setText(this.total.firstChild, words.total);
    fillTile(
      this.total,
      denominator ? speech.percent(numerator, denominator) : "–",
      words.outOf(speech.count(numerator), speech.count(denominator)),
    );
  }
}

function zoneTile(zone, onPress) {
  const mark = zoneMark();
  mark.dataset.zone = zone;
  mark.classList.add("tile-name");
  const tile = button("tile", onPress, mark);
  tile.dataset.zone = zone;
  return tile;
}

function button(kind, onPress, name) {
  const made = element("button", { class: kind, type: "button", "aria-pressed": "false" }, [
    name, element("b"), element("small"),
  ]);
  made.addEventListener("click", onPress);
  return made;
}

function fillTile(tile, number, note) {
  setText(tile.querySelector("b"), number);
  setText(tile.querySelector("small"), note);
}
