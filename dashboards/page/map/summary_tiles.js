// The tiles: the whole province's figure, how many units are in which zone, open incidents.

import { element, setAttribute, setText, viewLink, zoneMark } from "../elements.js";
import { ZONES, changeOf, summaryOf, totalBefore } from "../figures.js";

export class SummaryTiles {
  // onZone(zone): the tile of a zone was pressed.
  constructor(context, onZone) {
    this.total = element("div", { class: "tile total" }, [
      name(), element("span", {}, [element("b"), element("span", { class: "change" })]), element("small"),
    ]);
    this.zones = new Map(ZONES.map((zone) => [zone, zoneTile(zone, () => onZone(zone))]));
    this.incidents = viewLink(context, { view: "incidents" }, [name(), element("b"), element("small")], {
      class: "tile incidents",
    });
    this.root = element("div", { class: "tiles" }, [this.total, ...this.zones.values(), this.incidents]);
  }

  show(rows, zones, { speech, words, store }) {
    const { policy } = store.directory;
    const summary = summaryOf(rows);
    const notes = {
      green: words.zoneFrom(speech.share(policy.green)),
      yellow: words.zoneFrom(speech.share(policy.yellow)),
      red: words.zoneBelow(speech.share(policy.yellow)),
      grey: words.zoneFew(speech.count(policy.min_sample)),
    };
    for (const [zone, tile] of this.zones) {
      setText(tile.firstChild.lastChild, words.zones[zone]);
      fill(tile, speech.count(summary.count[zone]), notes[zone]);
      setAttribute(tile, "aria-pressed", String(zones.includes(zone)));
      tile.classList.toggle("nil", summary.count[zone] === 0);
    }
    setText(this.incidents.firstChild, words.incidentsOpen);
    fill(this.incidents, speech.count(summary.incidents), words.incidentsNote);
    this.incidents.classList.toggle("nil", summary.incidents === 0);
    const change = changeOf(summary, totalBefore(rows, "day"));
    setText(this.total.firstChild, words.total);
    fill(
      this.total, speech.percent(summary.numerator, summary.denominator),
      words.totalNote(speech.count(summary.numerator), speech.count(summary.denominator)),
    );
    const way = this.total.querySelector(".change");
    setText(way, change ? `${change > 0 ? "▲" : "▼"} ${speech.points(change)}` : "");
    setAttribute(way, "data-way", change && (change > 0 ? "up" : "down"));
    way.title = words.sinceDay;
  }
}

const name = () => element("span", { class: "tile-name" });

function zoneTile(zone, onPress) {
  const mark = zoneMark(zone);
  mark.classList.add("tile-name");
  const tile = element("button", {
    class: "tile", type: "button", "aria-pressed": "false", "data-zone": zone,
  }, [mark, element("b"), element("small")]);
  tile.addEventListener("click", onPress);
  return tile;
}

function fill(tile, number, note) {
  setText(tile.querySelector("b"), number);
  setText(tile.querySelector("small"), note);
}
