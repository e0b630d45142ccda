// What every chart has besides its drawing: a heading, a sentence that sums it up, and a table.

import { element } from "../elements.js";

let made = 0;
const freshId = () => `chart-${(made += 1)}`;

// A card with a heading; `parts` are nodes, null ones are left out.
export function card(title, parts, attributes = {}) {
  const id = freshId();
  const { class: kind = "", ...others } = attributes;
  return element("section", { class: `card ${kind}`.trim(), "aria-labelledby": id, ...others }, [
    element("h3", { id }, title),
    ...parts,
  ]);
}

// `drawing` is hidden from screen readers: the sentence and the table say the same.
export function chartCard({ title, summary, drawing, table, words, kind = "" }) {
  return card(
    title,
    [
      element("p", { class: "chart-summary" }, summary),
      drawing,
      table && behind(words.asTable, table),
    ],
    { class: `chart ${kind}` },
  );
}

export function behind(label, content) {
  return element("details", { class: "behind" }, [
    element("summary", {}, label),
    element("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": label }, [
      content,
    ]),
  ]);
}

// A plain table. A row's first cell heads it; cells are texts or nodes.
export function plainTable(caption, headings, rows, attributes = {}) {
  const cell = (tag, content, more = {}) =>
    element(tag, more, typeof content === "string" ? content : [content]);
  return element("table", { class: "plain", ...attributes }, [
    element("caption", { class: "unseen" }, caption),
    element("thead", {}, [
      element(
        "tr",
        {},
        headings.map((text) => cell("th", text, { scope: "col" })),
      ),
    ]),
    element(
      "tbody",
      {},
      rows.map(([head, ...cells]) =>
        element("tr", {}, [
          cell("th", head, { scope: "row" }),
          ...cells.map((one) => cell("td", one)),
        ]),
      ),
    ),
  ]);
}
