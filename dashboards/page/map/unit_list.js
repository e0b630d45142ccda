// Units as a list beside the map, or as tiles where there is no map: the first ones, the others
// on request.

import { element, isolated, setAttribute, setText, viewLink } from "../elements.js";

const AT_FIRST = 200;
const MORE = 400;

export class UnitList {
  // `kind`: "unit-list" (lines) or "unit-tiles".
  constructor(kind) {
    this.list = element("ol", { class: kind });
    this.more = element("button", { type: "button", class: "more", hidden: "" });
    this.root = element("div", { class: `${kind}-box` }, [this.list, this.more]);
    this.most = AT_FIRST;
    this.items = new Map(); // unit id -> its element and parts
    this.more.addEventListener("click", () => {
      this.most += MORE;
      this.again();
    });
  }

  // Rows in the order to be shown; `unitOf` makes { id, name, kind, told, sentence, incident } of
  // those that are.
  show(rows, unitOf, context) {
    this.again = () => this.show(rows, unitOf, context);
    const shown = rows.slice(0, this.most);
    const items = shown.map((row) => {
      const unit = unitOf(row);
      if (!this.items.has(unit.id)) this.items.set(unit.id, this.create(unit, context));
      const item = this.items.get(unit.id);
      this.fill(item, unit, context);
      return item.root;
    });
    const now = this.list.children;
    if (items.length !== now.length || items.some((item, place) => item !== now[place])) {
      this.list.replaceChildren(...items);
    }
    const rest = rows.length - shown.length;
    this.more.hidden = rest === 0;
    setText(this.more, context.words.showMore(context.speech.count(Math.min(rest, MORE))));
  }

  create({ id }, context) {
    const part = (name, tag = "span") => element(tag, { class: name });
    const parts = {
      shape: element("i", { class: "shape" }),
      name: isolated("", { class: "unit-name" }),
      kind: part("unit-kind"),
      flag: part("incident-flag"),
      change: part("change"),
      figure: part("figure", "b"),
      of: part("parts"),
    };
    const said = element("span", { class: "unseen" });
    const seen = element("span", { class: "seen", "aria-hidden": "true" }, Object.values(parts));
    const link = viewLink(context, { view: "unit", unit: id }, [said, seen]);
    return { root: element("li", {}, [link]), link, seen, said, parts };
  }

  fill(item, { name, kind, told, sentence, incident }, { speech, words }) {
    const { parts, root } = item;
    setAttribute(root, "data-zone", told.zone);
    setAttribute(item.seen, "data-zone", told.zone);
    setAttribute(root, "data-stale", told.stale && "true");
    setAttribute(root, "data-figure", told.stale || !told.known ? "none" : "");
    setText(item.said, sentence);
    setText(parts.name, name);
    setText(parts.kind, speech.kind(kind));
    parts.flag.hidden = !incident;
    setText(parts.flag, incident ? words.incident : "");
    setText(parts.figure, told.stale || !told.known ? "" : told.figure);
    setText(parts.of, told.stale || told.parts || told.noData);
    setText(parts.change, told.stale ? "" : told.arrow);
    setAttribute(parts.change, "data-way", told.way);
  }
}
