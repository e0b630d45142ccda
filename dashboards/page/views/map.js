// The first view: the province at a glance, on its map where there is one.

import { element, isolated, setText, zoneMark } from "../elements.js";
import { ZONES, fitsSearch, plain, shareOf, shownZone } from "../figures.js";
import { ProvinceMap } from "../map/province_map.js";
import { SummaryTiles } from "../map/summary_tiles.js";
import { sentenceOf, toldOf } from "../map/told.js";
import { UnitCard } from "../map/unit_card.js";
import { UnitList } from "../map/unit_list.js";
import { tellChange } from "../zone_news.js";

export const name = "map";
export const needsRanking = true;
export const own = ["zone", "q"]; // what the view keeps in the address

const SEARCHED = 30; // with fewer units nobody has to search
const RESIZED = 120; // milliseconds after the last change of size

let shown = null;
let collection = null; // the province's boundaries do not change while a page is open

export async function load(api, state, signal) {
  collection ??= await api.get("map", {}, signal).catch((error) => {
    if (error.kind === "notFound") return { features: [] };
    throw error;
  });
  return collection;
}

export function render(root, content, context) {
  shown = new MapView(root, content.features.length ? content : null, context);
  shown.show(context);
}

export function onState(context) {
  shown.show(context);
}

export function onNews({ type }, context) {
  if (["status", "rows", "monitor"].includes(type)) shown?.soon(context);
}

export function dispose() {
  shown?.dispose();
  shown = null;
}

const zonesAsked = (state) => (state.zone ?? "").split(",").filter((zone) => ZONES.includes(zone));

class MapView {
  constructor(root, boundaries, context) {
    this.root = root;
    const { words, store } = context;
    this.tiles = new SummaryTiles(context, (zone) => this.toggle(zone));
    this.news = element("section", { class: "news card", hidden: "" }, [
      element("h2", {}, words.news), element("ol"),
    ]);
    this.search = element("input", {
      type: "search", "aria-label": words.find, placeholder: words.find, autocomplete: "off", spellcheck: "false",
    });
    this.search.addEventListener("input", () => this.context.go({ q: this.search.value }, { replace: true }));
    this.clear = element("button", { type: "button", class: "clear" }, words.clear);
    this.clear.addEventListener("click", () => this.context.go({ q: "", zone: "" }));
    this.note = element("span", { class: "note" });
    this.none = element("p", { class: "none" });
    this.searched = new Map();
    const title = words.mapName(store.directory.province?.name ?? "");
    root.append(element("h1", { class: "unseen" }, title), this.tiles.root);
    if (boundaries) this.buildMap(boundaries, title, context);
    else this.buildTiles(context);
  }

  buildMap(boundaries, title, context) {
    const { words } = context;
    this.map = new ProvinceMap(boundaries, title, {
      onOpen: (unit) => this.context.go({ view: "unit", unit }),
      onLook: (unit, box) => this.look(unit, box),
      href: (unit) => context.href({ view: "unit", unit }),
    });
    this.frame = element("div", { class: "map-frame" }, [this.map.root]);
    this.card = new UnitCard(this.frame);
    this.frame.append(this.card.root);
    this.list = new UnitList("unit-list");
    this.offMap = new UnitList("unit-tiles");
    this.offMapBox = element("section", { class: "off-map", hidden: "" }, [
      element("h2", {}, words.offMap), this.offMap.root,
    ]);
    this.onMap = this.map.ids;
    const list = element("section", { class: "list card" }, [
      element("header", {}, [element("h2", {}, words.units), this.note, this.search, this.clear]),
      this.list.root, this.none,
    ]);
    this.root.append(element("div", { class: "map-and-list" }, [
      element("div", { class: "map-side" }, [
        element("section", { class: "map-card card" }, [this.frame, legend(words)]), this.offMapBox,
      ]),
      element("div", { class: "list-side" }, [this.news, list]),
    ]));
    this.sizes = new ResizeObserver(() => {
      clearTimeout(this.resizing);
      this.resizing = setTimeout(() => this.fit(), RESIZED);
    });
    this.fit();
    this.sizes.observe(this.frame);
  }

  buildTiles({ words }) {
    this.offMap = new UnitList("unit-tiles");
    this.onMap = new Set();
    this.root.append(this.news, element("section", { class: "all-tiles" }, [
      element("header", {}, [element("h2", {}, words.units), this.note, this.search, this.clear]),
      this.offMap.root, this.none,
    ]));
  }

  fit() {
    const { clientWidth: width, clientHeight: height } = this.frame;
    if (!width || !height || (width === this.width && height === this.height)) return;
    Object.assign(this, { width, height });
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const room = Math.min(width / 880, height / 600);
    this.map.fit(width, height, Math.max(0.86 * rem, Math.min(1.35 * rem, room)));
    if (this.context) this.show(this.context);
  }

  toggle(zone) {
    const zones = zonesAsked(this.context.state);
    const next = zones.includes(zone) ? zones.filter((one) => one !== zone) : [...zones, zone];
    this.context.go({ zone: next.join(",") });
  }

  // Many changes at once are shown together.
  soon(context) {
    this.context = context;
    this.frameAsked ??= requestAnimationFrame(() => {
      this.frameAsked = null;
      this.show(this.context);
    });
  }

  show(context) {
    this.context = context;
    const { state, store, words, speech } = context;
    const rows = [...store.rows.values()];
    const zones = zonesAsked(state);
    this.tiles.show(rows, zones, context);
    const fits = this.fitting(zones, state.q ?? "");
    const units = rows.filter(fits).sort(lowestFirst(speech, store));
    const unitOf = (row) => this.unit(row);
    if (this.map) {
      this.map.show((id) => this.onShape(id, fits));
      this.list.show(units, unitOf, context);
      const off = units.filter((row) => !this.onMap.has(row.unit_id));
      this.offMapBox.hidden = off.length === 0;
      this.offMap.show(off, unitOf, context);
    } else {
      this.offMap.show(units, unitOf, context);
    }
    const asked = zones.length > 0 || Boolean(state.q);
    this.search.hidden = rows.length < SEARCHED && !state.q;
    if (this.search.value !== (state.q ?? "")) this.search.value = state.q ?? "";
    this.clear.hidden = !asked;
    setText(this.note, asked ? words.shownOf(speech.count(units.length), speech.count(rows.length)) : words.lowestFirst);
    this.none.hidden = units.length > 0;
    setText(this.none, rows.length ? words.none : words.empty);
    this.showNews(context);
    if (this.card?.unitId) this.look(this.card.unitId, null);
  }

  fitting(zones, q) {
    const { store } = this.context;
    return (row) => (!zones.length || zones.includes(shownZone(row)))
      && (!q || fitsSearch(this.searchedBy(row.unit_id, store), q));
  }

  searchedBy(id, store) {
    if (!this.searched.has(id)) {
      const unit = store.units.get(id);
      this.searched.set(id, plain(`${unit?.name ?? ""} ${unit?.name_ascii ?? ""} ${id}`));
    }
    return this.searched.get(id);
  }

  unit(row) {
    const { store } = this.context;
    const id = row.unit_id;
    const told = toldOf(row, this.context);
    const called = store.name(id);
    return {
      id, row, told, name: called, kind: store.units.get(id)?.kind ?? "", incident: row.incident,
      sentence: sentenceOf(row, called, told, this.context),
    };
  }

  onShape(id, fits) {
    const row = this.context.store.rows.get(id) ?? { unit_id: id, numerator: null, denominator: null };
    return { ...this.unit(row), dimmed: !fits(row) };
  }

  look(id, box) {
    const row = id && this.context.store.rows.get(id);
    if (!row) this.card.hide();
    else this.card.show(this.unit(row), box, this.context);
  }

  showNews({ news, speech, now }) {
    this.news.hidden = news.changes.length === 0;
    this.news.lastChild.replaceChildren(...news.changes.map((change) => {
      const line = isolated(tellChange(change, speech));
      return element("li", { "data-zone": change.to }, [
        element("time", {}, speech.minute(change.at, now())),
        element("i", { class: "shape", "aria-hidden": "true" }), line,
      ]);
    }));
  }

  dispose() {
    cancelAnimationFrame(this.frameAsked);
    clearTimeout(this.resizing);
    this.sizes?.disconnect();
  }
}

// What needs looking at comes first; what cannot be judged, last.
function lowestFirst({ names }, store) {
  const least = (row) => (shownZone(row) === "grey" ? 2 : shareOf(row) ?? 2);
  return (one, other) => least(one) - least(other)
    || names.compare(store.name(one.unit_id), store.name(other.unit_id));
}

function legend(words) {
  const zones = ZONES.map((zone) => element("li", {}, [zoneMark(zone, words.zones[zone])]));
  return element("ul", { class: "legend", "aria-label": words.legend }, [
    ...zones, element("li", { class: "soft" }, words.legendChange),
  ]);
}
