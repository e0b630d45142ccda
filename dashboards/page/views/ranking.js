// The ranking of the units, to read, to compare, to print.

import { element, setText } from "../elements.js";
import { ZONES } from "../figures.js";
import { dateOf } from "../moments.js";
import { pictureOf, save } from "../ranking/picture.js";
import { PERIODS, SORTS, choicesOf, evidenceOf, firstDirection, fits, ordered, rankedRows } from "../ranking/rows.js";
import { RankingTable } from "../ranking/table.js";

export const name = "ranking";
export const needsRanking = true;
export const own = ["q", "zone", "sort", "dir", "against"]; // what the view keeps in the address

const AT_FIRST = 200;
const MORE = 400;

let shown = null;

export function render(root, content, context) {
  shown = new RankingView(root, context);
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

class RankingView {
  constructor(root, context) {
    this.context = context;
    this.most = AT_FIRST;
    const { words, speech, store } = context;
    this.table = new RankingTable((column) => this.sortBy(column));
    this.build(words, speech);
    const province = store.directory.province?.name ?? "";
    this.title = words.heading(province);
    root.append(
      element("header", { class: "ranking-head" }, [
        element("h1", {}, this.title), element("div", { class: "ranking-buttons" }, [this.print, this.picture]),
      ]),
      this.form, this.note, this.table.root, this.more, this.none,
      element("p", { class: "tie-rule" }, words.tieRule),
    );
    setText(this.table.caption, this.title);
    this.beforePrint = () => this.showAll();
    window.addEventListener("beforeprint", this.beforePrint);
  }

  build(words, speech) {
    const field = (name, text, options) => {
      const select = element("select", { name }, options.map(([value, said]) => element("option", { value }, said)));
      select.addEventListener("change", () => this.context.go({ [name]: select.value }));
      return [select, element("label", { class: name }, [element("span", {}, text), select])];
    };
    this.q = element("input", { type: "search", name: "q", autocomplete: "off", spellcheck: "false" });
    this.q.addEventListener("input", () => this.context.go({ q: this.q.value }, { replace: true }));
    let zoneField;
    let againstField;
    let sortField;
    [this.zone, zoneField] = field("zone", words.zone, [["", words.allZones], ...ZONES.map((zone) => [zone, speech.zone(zone)])]);
    [this.against, againstField] = field("against", words.against, PERIODS.map((period) => [period, words.periods[period]]));
    [this.sort, sortField] = field("sort", words.sort, SORTS.flatMap((column) => ["up", "down"].map((dir) => [
      `${column} ${dir}`, words.sortBy(words.columns[column], dir === "up" ? words.ascending : words.descending),
    ])));
    this.sort.addEventListener("change", (event) => {
      event.stopImmediatePropagation();
      const [sort, dir] = this.sort.value.split(" ");
      this.order(sort, dir);
    }, { capture: true });
    this.clear = button(words.clear, () => this.context.go({ q: "", zone: "" }), "clear");
    this.form = element("form", { class: "ranking-choices", role: "search" }, [
      element("label", { class: "q" }, [element("span", {}, words.find), this.q]),
      zoneField, againstField, sortField, this.clear,
    ]);
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.note = element("p", { class: "ranking-note" });
    this.none = element("p", { class: "none" });
    this.more = button("", () => {
      this.most += MORE;
      this.show(this.context);
    }, "more");
    this.print = button(words.print, () => window.print());
    this.picture = button(words.picture, () => this.savePicture());
  }

  // What is the default is not said in the address.
  order(sort, dir) {
    this.context.go({ sort: sort === "place" ? "" : sort, dir: dir === firstDirection(sort) ? "" : dir });
  }

  sortBy(column) {
    const { sort, dir } = choicesOf(this.context.state);
    const turned = dir === "up" ? "down" : "up";
    this.order(column, column === sort ? turned : firstDirection(column));
  }

  // Many changes at once are shown together.
  soon(context) {
    this.context = context;
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.show(this.context);
    });
  }

  rows() {
    const choices = choicesOf(this.context.state);
    const all = rankedRows(this.context.store, choices.against);
    const asked = all.filter((row) => fits(row, choices));
    return { choices, all, asked, ...ordered(asked, choices, this.context.speech.names) };
  }

  show(context) {
    this.context = context;
    const { store, words, speech } = context;
    const { choices, all, asked, ranked, unranked } = this.rows();
    const first = ranked.slice(0, this.most);
    const rest = unranked.slice(0, Math.max(0, this.most - first.length));
    this.table.showHead(context, store.ranking.window, choices);
    setText(this.table.greyHead, `${words.grey}. ${words.greyNote(speech.count(store.directory.policy.min_sample))}`);
    this.table.show(first, rest, context);
    this.evidence = evidenceOf(context, choices.against);
    setText(this.table.printed, this.evidence);
    setText(this.note, `${words.note(speech.count(asked.length), speech.count(all.length))} · ${this.evidence}`);
    this.showFields(choices, words, speech);
    const left = asked.length - first.length - rest.length;
    this.more.hidden = left === 0;
    setText(this.more, words.showMore(speech.count(Math.min(left, MORE))));
    this.none.hidden = asked.length > 0;
    setText(this.none, all.length ? words.none : words.empty);
    this.table.root.hidden = asked.length === 0;
  }

  showFields({ q, zone, against, sort, dir }, words, speech) {
    if (this.q.value !== q) this.q.value = q;
    this.zone.value = zone;
    this.against.value = against;
    this.sort.value = `${sort} ${dir}`;
    this.clear.hidden = !q && !zone;
    const { previous } = this.context.store.ranking;
    for (const option of this.against.options) {
      const moment = Date.parse(previous?.[option.value] ?? "");
      const name = words.periods[option.value];
      setText(option, Number.isNaN(moment) ? name : words.periodOf(name, speech.date(moment)));
    }
  }

  showAll() {
    this.most = Infinity;
    this.show(this.context);
  }

  async savePicture() {
    const { store, words, speech } = this.context;
    const { ranked, unranked } = this.rows();
    const { green, yellow, min_sample: few } = store.directory.policy;
    const blob = await pictureOf({
      title: this.title, evidence: this.evidence, ranked, unranked, greyTitle: words.grey,
      notes: [words.policy(speech.share(green), speech.share(yellow), speech.count(few)), words.rounding, words.tieRule],
    }, this.context);
    save(blob, words.fileName(dateOf(Date.parse(store.ranking.as_of), speech.timeZone)));
  }

  dispose() {
    cancelAnimationFrame(this.asked);
    window.removeEventListener("beforeprint", this.beforePrint);
  }
}

function button(text, onPress, kind = "") {
  const made = element("button", { type: "button", class: kind }, text);
  made.addEventListener("click", onPress);
  return made;
}
