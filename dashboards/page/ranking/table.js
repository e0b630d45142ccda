// The table of the ranking, which is a list of cards on a phone. Text goes in as text, never as
// HTML: whatever a unit is called does no harm.

import { element, isolated, setAttribute, setText, viewLink, zoneMark } from "../elements.js";
import { said } from "./rows.js";

const COLUMNS = [
  "place", "risen", "name", "zone", "ratio", "numerator", "change",
  "early", "on_time", "late", "overdue", "due_soon",
];
const COUNTS = ["early", "on_time", "late", "overdue", "due_soon"];
const SCALE_FROM = 0.6; // the left end of the scale; figures below it stand at the end
const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

const onScale = (ratio) => `${(100 * Math.max(0, ratio - SCALE_FROM)) / (1 - SCALE_FROM)}%`;

export class RankingTable {
  constructor(onSort) {
    this.onSort = onSort;
    this.head = element("thead", { role: "rowgroup" });
    this.ranked = element("tbody", { role: "rowgroup", class: "ranked" });
    this.greyHead = element("th", { colspan: COLUMNS.length, scope: "rowgroup", role: "rowheader" });
    this.grey = element("tbody", { role: "rowgroup", class: "unranked" });
    this.greyTitle = element("tbody", { role: "rowgroup", class: "grey-title" }, [
      element("tr", { role: "row" }, [this.greyHead]),
    ]);
    // At the foot of every printed page.
    this.printed = element("td", { colspan: COLUMNS.length });
    this.foot = element("tfoot", { class: "printed", "aria-hidden": "true" }, [element("tr", {}, [this.printed])]);
    this.caption = element("caption", { class: "unseen" });
    this.root = element("table", { class: "ranking card", role: "table" }, [
      this.caption, this.head, this.ranked, this.greyTitle, this.grey, this.foot,
    ]);
    this.lines = new Map(); // unit id -> its element, cells and what was last shown
    this.buttons = new Map();
    this.headed = "";
  }

  // Headings with their buttons; again only when the window changes.
  showHead({ speech, words }, window, { sort, dir }) {
    if (this.headed !== window) this.buildHead(speech, words, window);
    this.headed = window;
    for (const [column, { head, button }] of this.buttons) {
      const here = column === sort;
      setAttribute(head, "aria-sort", here && (dir === "up" ? "ascending" : "descending"));
      button.dataset.dir = here ? dir : "";
    }
  }

  buildHead(speech, { columns, openNow, resolvedIn }, window) {
    const group = (text, span, kind) =>
      element("th", { class: kind, colspan: span, scope: "colgroup", role: "columnheader" }, text);
    const groups = element("tr", { class: "groups", role: "row" }, [
      element("td", { colspan: 7, role: "cell" }),
      group(resolvedIn(speech.window(window)), 3, "early"),
      group(openNow, 2, "overdue"),
    ]);
    const heads = COLUMNS.map((column) => {
      const button = element("button", { type: "button", "data-sort": column, title: columns[column] }, [
        element("span", { class: column === "risen" ? "unseen" : "" }, columns[column]),
        column === "risen" ? element("span", { "aria-hidden": "true" }, "▲▼") : null,
      ]);
      button.addEventListener("click", () => this.onSort(column));
      const head = element("th", { class: column, scope: "col", role: "columnheader" }, [button]);
      this.buttons.set(column, { head, button });
      return head;
    });
    this.head.replaceChildren(groups, element("tr", { role: "row" }, heads));
  }

  // Rows in the order given; the others go. Rows that moved glide, rows that changed flash.
  show(ranked, unranked, context) {
    const { policy } = context.store.directory;
    this.root.style.setProperty("--yellow-from", onScale(policy.yellow));
    this.root.style.setProperty("--green-from", onScale(policy.green));
    const before = this.places();
    this.fillBody(this.ranked, ranked, context);
    this.fillBody(this.grey, unranked, context);
    this.greyTitle.hidden = unranked.length === 0;
    this.glide(before);
  }

  fillBody(body, rows, context) {
    const shown = rows.map((row) => {
      if (!this.lines.has(row.id)) this.lines.set(row.id, this.create(row, context));
      const line = this.lines.get(row.id);
      this.fill(line, row, context);
      return line.element;
    });
    const now = body.children;
    if (now.length !== shown.length || shown.some((one, place) => one !== now[place])) {
      body.replaceChildren(...shown);
      this.moved = true;
    }
  }

  places() {
    this.moved = false;
    if (CALM.matches || document.hidden || this.ranked.children.length > 400) return new Map();
    return new Map([...this.ranked.children].map((row) => [row, row.getBoundingClientRect().top]));
  }

  glide(before) {
    if (!this.moved) return;
    for (const row of this.ranked.children) {
      const from = before.get(row);
      if (from === undefined) continue;
      const moved = from - row.getBoundingClientRect().top;
      if (moved && Math.abs(moved) < 2 * window.innerHeight) {
        row.animate(
          [{ transform: `translateY(${moved}px)` }, { transform: "none" }],
          { duration: 450, easing: "cubic-bezier(.2,.8,.2,1)" },
        );
      }
    }
  }

  create(row, context) {
    const { columns } = context.words;
    const cells = {};
    for (const column of COLUMNS) {
      const [tag, role] = column === "name" ? ["th", "rowheader"] : ["td", "cell"];
      cells[column] = element(tag, { class: column, role, "data-label": columns[column] });
    }
    cells.name.scope = "row";
    const name = isolated("");
    const parts = {
      name,
      link: viewLink(context, { view: "unit", unit: row.id }, [name], { class: "unit-name" }),
      kind: element("span", { class: "unit-kind" }),
      place: element("b"),
      tied: element("span", { class: "tied" }),
      risen: element("span", { class: "change", "aria-hidden": "true" }),
      risenWords: element("span", { class: "unseen" }),
      mark: zoneMark(),
      incident: element("span", { class: "incident-flag" }),
      percent: element("span", { class: "percent" }),
      scale: element("span", { class: "scale", "aria-hidden": "true" }, [element("i")]),
      numerator: element("b"),
      denominator: element("span", { class: "denominator" }),
      change: element("span", { class: "change" }),
    };
    parts.mark.classList.add("zone-pill");
    cells.place.append(parts.place, parts.tied);
    cells.risen.append(parts.risen, parts.risenWords);
    cells.name.append(parts.link, parts.kind);
    cells.zone.append(parts.mark, parts.incident);
    cells.ratio.append(parts.percent, parts.scale);
    cells.numerator.append(parts.numerator, parts.denominator);
    cells.change.append(parts.change);
    const line = element("tr", { role: "row", "data-unit": row.id }, Object.values(cells));
    return { element: line, cells, parts, said: "" };
  }

  fill(line, row, context) {
    const { cells, parts } = line;
    const { words } = context;
    const told = said(row, context);
    line.element.dataset.zone = row.zone;
    setAttribute(line.element, "data-stale", row.row.stale_since && "true");
    setText(parts.name, row.name);
    for (const name of ["place", "tied", "risen", "risenWords", "kind", "change", "numerator", "denominator"]) {
      setText(parts[name], told[name]);
    }
    setAttribute(parts.risen, "data-way", told.risenWay);
    setAttribute(parts.risen, "title", told.risenWords);
    setAttribute(parts.change, "data-way", told.changeWay);
    parts.mark.dataset.zone = row.zone;
    setText(parts.mark.lastChild, told.zone);
    parts.incident.hidden = !row.row.incident;
    setText(parts.incident, row.row.incident ? words.incident : "");
    setText(parts.percent, told.figure);
    parts.scale.hidden = row.ratio === null;
    if (row.ratio !== null) parts.scale.firstChild.style.setProperty("left", onScale(row.ratio));
    for (const column of COUNTS) {
      setText(cells[column], told[column]);
      cells[column].classList.toggle("nil", !row[column]);
    }
    this.flash(line, row);
  }

  // A soft light on a row whose numbers are not those of the last look.
  flash(line, row) {
    const fresh = JSON.stringify([row.zone, row.numerator, row.denominator, row.row.incident, ...COUNTS.map((name) => row[name])]);
    if (line.said && fresh !== line.said && !CALM.matches) {
      const light = [{ backgroundColor: "var(--flash)" }, { backgroundColor: "transparent" }];
      line.element.animate(light, { duration: 1800, easing: "ease-out" });
    }
    line.said = fresh;
  }
}
