// The table of units, which is a list of cards on a phone. Text goes in as text, never as HTML:
// whatever a unit is called does no harm.

import { element, setText, zoneMark } from "./elements.js";

const COLUMNS = [
  "name", "zone", "ratio", "numerator", "early", "on_time", "late",
  "open", "overdue", "due_soon", "paused",
];
const COUNTS = ["early", "on_time", "late", "open", "overdue", "due_soon", "paused"];
const SCALE_FROM = 0.6; // the left end of the scale; figures below it stand at the end
const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

const onScale = (ratio) => `${(100 * Math.max(0, ratio - SCALE_FROM)) / (1 - SCALE_FROM)}%`;

export class UnitTable {
  constructor(table, onSort) {
    this.table = table;
    this.head = table.tHead;
    this.body = table.tBodies[0];
    this.onSort = onSort;
    this.rows = new Map(); // unit id -> its element, cells and what was last shown
    this.buttons = new Map();
  }

  // Headings with their buttons; again only when the language or the window changes.
  showHead(speech, window) {
    const { columns, openNow, resolvedIn } = speech.words;
    const group = (text, span, kind) =>
      element("th", { class: kind, colspan: span, scope: "colgroup", role: "columnheader" }, text);
    const groups = element("tr", { class: "groups", role: "row" }, [
      element("td", { colspan: 4, role: "cell" }),
      group(resolvedIn(speech.window(window)), 3, "resolved"),
      group(openNow, 4, "open"),
    ]);
    this.buttons.clear();
    const heads = COLUMNS.map((column) => {
      const button = element("button", { type: "button", "data-sort": column }, columns[column]);
      button.addEventListener("click", () => this.onSort(column));
      const head = element(
        "th", { class: column, scope: "col", role: "columnheader" }, [button],
      );
      this.buttons.set(column, { head, button });
      return head;
    });
    const focused = document.activeElement?.dataset?.sort;
    this.head.replaceChildren(groups, element("tr", { role: "row" }, heads));
    if (focused && this.head.contains(document.activeElement) === false) {
      this.buttons.get(focused)?.button.focus();
    }
    for (const { cells } of this.rows.values()) this.label(cells, speech);
  }

  label(cells, speech) {
    for (const column of COLUMNS) {
      const name = speech.words.sortNames[column] ?? speech.words.columns[column];
      cells[column].dataset.label = name;
    }
  }

  markSort({ sort, dir }) {
    for (const [column, { head, button }] of this.buttons) {
      const here = column === sort;
      if (here) head.setAttribute("aria-sort", dir === "up" ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
      button.dataset.dir = here ? dir : "";
    }
  }

  // Rows in the order given; the others go. Rows that moved glide, rows that changed flash.
  show(rows, speech, content) {
    this.table.style.setProperty("--yellow-from", onScale(content.policy.yellow));
    this.table.style.setProperty("--green-from", onScale(content.policy.green));
    const before = this.places();
    const shown = rows.map((row) => {
      if (!this.rows.has(row.id)) this.rows.set(row.id, this.create(row, speech));
      const kept = this.rows.get(row.id);
      this.fill(kept, row, speech, content);
      return kept.element;
    });
    const now = [...this.body.children];
    if (now.length !== shown.length || shown.some((one, place) => one !== now[place])) {
      this.body.replaceChildren(...shown);
      this.glide(before);
    }
  }

  places() {
    if (CALM.matches || document.hidden) return new Map();
    return new Map([...this.body.children].map((row) => [row, row.getBoundingClientRect().top]));
  }

  glide(before) {
    for (const row of this.body.children) {
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

  create(row, speech) {
    const cells = {};
    for (const column of COLUMNS) {
      const tag = column === "name" ? "th" : "td";
      const role = column === "name" ? "rowheader" : "cell";
      cells[column] = element(tag, { class: column, role });
    }
    cells.name.scope = "row";
    const parts = {
      name: element("span", { class: "unit-name" }),
      kind: element("span", { class: "unit-kind" }),
      mark: zoneMark(),
      incident: element("span", { class: "incident" }),
      percent: element("span", { class: "percent" }),
      scale: element("span", { class: "scale", "aria-hidden": "true" }, [element("i")]),
      numerator: element("b"),
      denominator: element("span", { class: "denominator" }),
    };
    cells.name.append(parts.name, parts.kind);
    cells.zone.append(parts.mark, parts.incident);
    cells.ratio.append(parts.percent, parts.scale);
    cells.numerator.append(parts.numerator, parts.denominator);
    this.label(cells, speech);
    const line = element("tr", { role: "row", "data-unit": row.id }, Object.values(cells));
    return { element: line, cells, parts, said: "" };
  }

  fill(kept, row, speech, content) {
    const { cells, parts } = kept;
    const { words } = speech;
    const known = row.status !== null;
    kept.element.dataset.zone = row.zone;
    setText(parts.name, row.name);
    setText(parts.kind, speech.kind(row.kind));
    parts.mark.dataset.zone = row.zone;
    setText(parts.mark.lastChild, known ? zoneText(row, speech, content) : words.noData);
    setText(parts.incident, row.incident === null ? "" : words.incident);
    parts.incident.title = row.incident ?? "";
    const present = row.ratio !== null;
    setText(parts.percent, present ? speech.percent(row.numerator, row.denominator) : "–");
    parts.scale.hidden = !present;
    if (present) parts.scale.firstChild.style.setProperty("left", onScale(row.ratio));
    const whole = (number) => (number === null ? "–" : speech.count(number));
    setText(parts.numerator, whole(row.numerator));
    setText(parts.denominator, row.denominator === null ? "" : `/${whole(row.denominator)}`);
    for (const column of COUNTS) {
      setText(cells[column], whole(row[column]));
      cells[column].classList.toggle("nil", !row[column]);
    }
    cells.ratio.title = evidence(row.status, speech, content);
    this.flash(kept, row);
  }

  // A soft light on a row whose numbers are not those of the last look.
  flash(kept, row) {
    const said = JSON.stringify([
      row.zone, row.numerator, row.denominator, row.incident, ...COUNTS.map((name) => row[name]),
    ]);
    const first = kept.said === "";
    if (!first && said !== kept.said && !CALM.matches) {
      const light = [{ backgroundColor: "var(--flash)" }, { backgroundColor: "transparent" }];
      kept.element.animate(light, { duration: 1800, easing: "ease-out" });
    }
    kept.said = said;
  }
}

function zoneText(row, speech, content) {
  if (row.staleSince === null) return speech.words.zones[row.zone];
  const now = Date.parse(content.data_to);
  return speech.words.dataUpTo(speech.time(row.staleSince, content.timezone, now));
}

function evidence(status, speech, content) {
  if (!status) return "";
  const primary = speech.words.figureOf(
    speech.definition(status.primary.definition), speech.window(status.primary.window),
  );
  const asOf = speech.time(Date.parse(status.as_of), content.timezone, Date.parse(content.data_to));
  return speech.words.evidence(asOf, primary, status.partition, status.offset, status.policy);
}
