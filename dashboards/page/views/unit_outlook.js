// What lies ahead of a unit: when it leaves green, what keeps it there, the way back.

import { element, isolated, viewLink } from "../elements.js";
import { behind, card } from "../charts/described.js";

const SHOWN = 6; // dossiers named before "show more"

// Null while there is nothing to say but for a past instant, which has no outlook.
export function outlookCard(outlook, { past, zone }, context, words) {
  const { speech } = context;
  if (past)
    return card(words.outlook, [element("p", { class: "soft" }, words.onlyNow)], {
      class: "outlook",
    });
  if (!outlook || (!outlook.forecast && !outlook.recovery)) {
    const why = zone === "grey" ? words.noOutlookGrey : words.noOutlook;
    return card(words.outlook, [element("p", { class: "soft" }, why)], { class: "outlook" });
  }
  const told = outlook.forecast
    ? forecast(outlook, speech, words)
    : recovery(outlook, speech, words);
  const ids = outlook.forecast ? outlook.forecast.keep_green : outlook.recovery.dossiers;
  const unnamed =
    (outlook.forecast ? outlook.forecast.keep_green_more : outlook.recovery.dossiers_more) ?? 0;
  return card(
    words.outlook,
    [
      element(
        "ul",
        { class: "sentences" },
        told.map((text) => element("li", {}, text)),
      ),
      dossierLinks(ids ?? [], outlook.unit_id, context, words),
      unnamed ? element("p", { class: "small soft" }, words.unnamed(speech.count(unnamed))) : null,
      element("p", { class: "small soft" }, [
        words.ofPrimary(speech.definition(outlook.definition), speech.window(outlook.window)),
        " ",
        words.outlookAt(speech.dateTime(Date.parse(outlook.as_of))),
      ]),
    ],
    { class: "outlook" },
  );
}

function forecast({ forecast: told }, speech, words) {
  const until = when(told.until, speech);
  const figure = ({ numerator, denominator }) =>
    `${speech.outOf(numerator, denominator)} (${speech.percent(numerator, denominator)})`;
  const nothing = told.if_nothing_is_closed;
  const pace = told.at_the_pace;
  const said = [
    nothing.leaves_green_at
      ? words.nothingClosedLeaves(when(nothing.leaves_green_at, speech), figure(nothing))
      : words.nothingClosedStays(until),
  ];
  if (!pace) said.push(words.noPace);
  else if (pace.leaves_green_at)
    said.push(words.paceLeaves(when(pace.leaves_green_at, speech), figure(pace)));
  else said.push(words.paceStays(until));
  const keep = told.keep_green;
  if (keep === null) said.push(words.keepImpossible(until));
  else if (keep.length)
    said.push(words.keepGreen(speech.count(keep.length + (told.keep_green_more ?? 0)), until));
  else said.push(words.keepNone);
  return said;
}

function recovery({ recovery: told }, speech, words) {
  if (told.on_time_ends !== null) {
    const by = told.by && when(told.by, speech);
    const said = [words.wayBack(speech.count(told.on_time_ends), by)];
    if (told.dossiers.length) said.push(words.wayBackDossiers);
    return said;
  }
  return told.impossible_before
    ? [words.wayBackImpossible(when(told.impossible_before, speech))]
    : [words.noOutlook];
}

const when = (instant, speech) => speech.dateTime(Date.parse(instant));

function dossierLinks(ids, unitId, context, words) {
  if (!ids.length) return null;
  const list = (some) =>
    element(
      "ul",
      { class: "dossier-ids" },
      some.map((id) => element("li", {}, [dossierLink(id, unitId, context)])),
    );
  const rest = ids.slice(SHOWN);
  return element("div", {}, [
    list(ids.slice(0, SHOWN)),
    rest.length ? behind(`${words.more} (${context.speech.count(rest.length)})`, list(rest)) : null,
  ]);
}

export function dossierLink(id, unitId, context) {
  return viewLink(context, { view: "explain", unit: unitId, dossier: id }, [isolated(id)], {
    class: "dossier-id",
  });
}
