// A unit's tables: open dossiers by time to due, channels and levels, procedures, those at risk.

import { element, isolated } from "../elements.js";
import { bar, barTable } from "../charts/bars.js";
import { behind, card, plainTable } from "../charts/described.js";
import { dossierLink } from "./unit_outlook.js";

const SHOWN = 10; // dossiers at risk before "show more"
const named = (names, key, other) =>
  key !== null && Object.hasOwn(names, key) ? names[key] : (key ?? other);

export function backlogCard(backlog, { speech }, words) {
  const isOverdue = (bucket) => bucket.startsWith("overdue");
  const sum = (rows) => rows.reduce((all, row) => all + row.dossiers, 0);
  const kind = (bucket) => (isOverdue(bucket) ? "overdue" : bucket === "due_1d" ? "soon" : "");
  const [all, overdue] = [sum(backlog), sum(backlog.filter((row) => isOverdue(row.bucket)))];
  return card(
    words.backlog,
    [
      element(
        "p",
        { class: "chart-summary" },
        words.backlogSummary(speech.count(all), speech.count(overdue)),
      ),
      barTable(
        words.backlog,
        [words.backlogBucket, words.dossiers],
        backlog.map(({ bucket, dossiers }) => ({
          label: named(words.buckets, bucket, bucket),
          value: dossiers,
          text: speech.count(dossiers),
          kind: kind(bucket),
        })),
      ),
    ],
    { class: "backlog" },
  );
}

// Channels or service levels: part of what was resolved, and how much of it on time.
export function sharesCard(title, heading, names, rows, { speech }, words) {
  if (!rows.some((row) => row.resolved)) {
    return card(title, [element("p", { class: "soft" }, words.noneResolved)]);
  }
  const known = rows.filter((row) => row.resolved);
  const total = known.reduce((all, row) => all + row.resolved, 0);
  return card(title, [
    element("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": title }, [
      plainTable(
        title,
        [heading, words.shareOfResolved, words.resolved, words.onTimeShare],
        known.map((row) => [
          isolated(named(names, row.key, words.unstated)),
          element("span", { class: "with-bar" }, [
            bar(row.resolved / total),
            element("span", {}, speech.percent(row.resolved, total)),
          ]),
          speech.count(row.resolved),
          element("span", { class: "with-parts" }, [
            element("b", {}, speech.percent(row.on_time, row.resolved)),
            element("small", {}, speech.outOf(row.on_time, row.resolved)),
          ]),
        ]),
        { class: "plain shares" },
      ),
    ]),
  ]);
}

export function proceduresCard(procedures, { speech }, words) {
  const rows = procedures.filter((row) => row.late + row.overdue > 0);
  if (!rows.length)
    return card(words.procedures, [element("p", { class: "soft" }, words.noProcedures)]);
  const heads = [words.procedure, words.late, words.overdue, words.resolved, words.onTimeShare];
  return card(words.procedures, [
    element(
      "div",
      { class: "scrolls", tabindex: "0", role: "region", "aria-label": words.procedures },
      [
        plainTable(
          words.procedures,
          heads,
          rows.map((row) => [
            isolated(row.key ?? words.unstated),
            speech.count(row.late),
            speech.count(row.overdue),
            speech.count(row.resolved),
            speech.percent(row.on_time, row.resolved),
          ]),
        ),
      ],
    ),
  ]);
}

export function atRiskCard({ rows, total, asOf, unitId }, context, words) {
  const { speech } = context;
  if (!rows.length) return card(words.atRisk, [element("p", { class: "soft" }, words.atRiskNone)]);
  const table = (some) =>
    plainTable(
      words.atRisk,
      [words.dossier, words.dueWords, words.dueAt],
      some.map((row) => [
        dossierLink(row.dossier_id, unitId, context),
        dueWords(row, asOf, speech, words),
        speech.dateTime(Date.parse(row.due_at)),
      ]),
      { class: "plain at-risk" },
    );
  const rest = rows.slice(SHOWN);
  return card(words.atRisk, [
    element(
      "p",
      { class: "chart-summary" },
      words.atRiskNote(speech.count(rows.length), speech.count(total)),
    ),
    table(rows.slice(0, SHOWN)),
    rest.length ? behind(`${words.more} (${speech.count(rest.length)})`, table(rest)) : null,
  ]);
}

// "quá hạn 3 ngày"
function dueWords({ due_at: due, state }, asOf, speech, words) {
  const at = Date.parse(due);
  const text =
    state === "overdue"
      ? words.overdueBy(speech.span(asOf - at))
      : words.dueIn(speech.span(at - asOf));
  return element("b", { class: `due ${state}` }, text);
}
