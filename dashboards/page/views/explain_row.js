// One dossier in the list of an explanation, closed or opened.

import { element, isolated } from "../elements.js";
import { dossierDetail } from "./explain_dossier.js";

// A button with what it counts as and its dates, and below it, where it is open, all the rest.
// `shown`: { context, loading }.
export function dossierRow(dossier, open, shown) {
  const { context } = shown;
  const { words } = context;
  const id = dossier.dossier_id;
  const button = element(
    "button",
    {
      type: "button",
      class: "dossier-row",
      "aria-expanded": String(open),
      "data-dossier": id,
    },
    [
      isolated(id, { class: "dossier-id" }),
      element(
        "span",
        { class: "counted" },
        dossier.counted
          ? [
              element("i", { class: `counted-mark ${dossier.counted}`, "aria-hidden": "true" }),
              words.counted[dossier.counted],
            ]
          : [dossier.reason ? words.leftOut : ""],
      ),
      ...summary(dossier, context),
    ],
  );
  button.addEventListener("click", () =>
    shown.context.go(
      { dossier: open ? "" : id },
      { replace: Boolean(shown.context.state.dossier) || open },
    ),
  );
  const item = element("li", { class: open ? "open" : "" }, [button]);
  if (open) item.append(detailOf(dossier, shown));
  return item;
}

function summary(dossier, { speech, words }) {
  const told = (label, instant, other) =>
    element("span", { class: "date" }, [
      element("small", {}, label),
      instant ? speech.dateTime(Date.parse(instant)) : other,
    ]);
  if (!dossier.counted) {
    const reason = dossier.reason ? (words.reasons[dossier.reason] ?? dossier.reason) : "";
    return [element("span", { class: "reason" }, reason)];
  }
  return [
    told(words.due, dossier.due_at, words.notStated),
    told(words.ended, dossier.ended_at, words.stillOpen),
    element("span", { class: "rule" }, dossier.rule ?? ""),
  ];
}

function detailOf(dossier, { context, loading }) {
  if (dossier.events) return dossierDetail(dossier, context);
  const box = element("div", { class: "dossier-detail" }, [
    element("p", { class: "soft" }, context.words.loading),
  ]);
  loading.dossier(dossier.dossier_id).then(
    // What it counts as is the explanation's, which may be by another indicator.
    (whole) =>
      box.replaceWith(
        dossierDetail(
          dossier.reason ? { ...whole, counted: null, reason: dossier.reason } : whole,
          context,
        ),
      ),
    (error) => {
      const { words } = context;
      const text =
        error.kind === "notFound" ? words.dossierNotFound(dossier.dossier_id) : words.away;
      box.replaceChildren(element("p", { class: "notice" }, [isolated(text)]));
    },
  );
  return box;
}
