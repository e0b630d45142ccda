// Horizontal bars in a table: label, bar and number in one row, so that nothing is told by the
// bar alone.

import { element } from "../elements.js";

// A bar of `share` (0 to 1) of the room there is.
export function bar(share, kind = "") {
  const room = element("span", { class: "bar", "aria-hidden": "true" });
  if (share > 0) {
    const filled = element("i", { class: kind });
    filled.style.width = `${Math.min(1, share) * 100}%`;
    room.append(filled);
  }
  return room;
}

// rows: [{ label (text or node), value, text, kind }]; the longest bar is the largest value.
export function barTable(caption, headings, rows) {
  const largest = Math.max(1, ...rows.map((row) => row.value));
  return element("table", { class: "bars" }, [
    element("caption", { class: "unseen" }, caption),
    element("thead", { class: "unseen" }, [
      element(
        "tr",
        {},
        headings.map((text) => element("th", { scope: "col" }, text)),
      ),
    ]),
    element(
      "tbody",
      {},
      rows.map(({ label, value, text, kind }) =>
        element("tr", { class: value ? "" : "nil" }, [
          element("th", { scope: "row" }, typeof label === "string" ? label : [label]),
          element("td", {}, [bar(value / largest, kind), element("b", {}, text)]),
        ]),
      ),
    ),
  ]);
}
