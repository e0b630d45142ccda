// Signs that dates were rewritten: what happened, with the dossiers, and no accusation.

import { behind, card, plainTable } from "../charts/described.js";
import { element } from "../elements.js";
import { dossierLink } from "./unit_outlook.js";

const SHOWN = 8; // dossiers before "show more"

export function integrityCard(found, unitId, context, words) {
  const { speech } = context;
  const { numerator, denominator, signs, dossiers, dossiers_total: total, bursts } = found;
  const parts = [
    element(
      "p",
      { class: "chart-summary" },
      denominator
        ? words.integrityShare(
            speech.percent(numerator, denominator),
            speech.outOf(numerator, denominator),
          )
        : words.noneResolved,
    ),
  ];
  if (total) {
    const kinds = Object.entries(signs).map(([sign, count]) => [
      words.signs[sign] ?? sign,
      speech.count(count),
    ]);
    const counts = plainTable(words.integrity, [words.sign, words.dossiers], kinds);
    parts.push(
      element("div", { class: "integrity-tables" }, [
        scrolled(counts, words.sign),
        element("div", {}, dossierTables(dossiers, unitId, context, words)),
      ]),
    );
    if (total > dossiers.length)
      parts.push(element("p", { class: "small soft" }, words.unnamed(speech.count(total - dossiers.length))));
  }
  for (const burst of bursts) {
    const [from, to] = [burst.from, burst.to].map((at) => speech.dateTime(Date.parse(at)));
    parts.push(element("p", {}, words.burst(speech.count(burst.event_ids.length), from, to)));
  }
  parts.push(element("p", { class: "small soft" }, words.integrityNote));
  return card(words.integrity, parts, { class: "integrity" });
}

function dossierTables(dossiers, unitId, context, words) {
  const table = (some) =>
    plainTable(
      words.integrity,
      [words.dossier, words.sign],
      some.map(({ dossier_id: id, signs }) => [
        dossierLink(id, unitId, context),
        [...new Set(signs.map(({ sign }) => words.signs[sign] ?? sign))].join("; "),
      ]),
    );
  const rest = dossiers.slice(SHOWN);
  return [
    scrolled(table(dossiers.slice(0, SHOWN)), words.dossiers),
    rest.length ? behind(`${words.more} (${context.speech.count(rest.length)})`, table(rest)) : null,
  ];
}

const scrolled = (table, label) =>
  element("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": label }, [table]);
