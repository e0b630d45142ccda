// One incident: who holds it, its steps, and what was told to whom, with the reason in words.

import { element, isolated, viewLink, zoneMark } from "../elements.js";
import { behind, plainTable } from "../charts/described.js";

const named = (names, key) => (Object.hasOwn(names, key) ? names[key] : key);
const MOST_DECISIONS = 50; // that the server gives

// The incident as it stood at an instant; null if it had not been opened. One whose opening is no
// longer kept was opened before its oldest step.
export function asThen(incident, instant) {
  const before = (at) => at !== null && at !== undefined && Date.parse(at) < instant;
  const steps = incident.steps.filter((step) => before(step.at));
  if (
    incident.opened_at === null
      ? incident.steps.length && !steps.length
      : !before(incident.opened_at)
  ) {
    return null;
  }
  const held = before(incident.acknowledged_at);
  // What corrects an opening is about that, not about the unit's zone.
  const zone = steps.filter((step) => step.kind !== "corrected").at(-1)?.zone;
  return {
    ...incident,
    steps,
    zone: zone ?? incident.zone,
    closed_at: before(incident.closed_at) ? incident.closed_at : null,
    acknowledged_by: held ? incident.acknowledged_by : null,
    acknowledged_at: held ? incident.acknowledged_at : null,
    silenced_until: null, // when a silence was given is not told here
    decisions: incident.decisions.filter((one) => before(one.at)),
  };
}

// `actions` are buttons, or none; `brief` leaves the name of the unit out.
export function incidentCard(incident, { now, actions = [], brief = false }, context, words) {
  const { speech, store } = context;
  const { zone, unit_id: unit } = incident;
  const open = !incident.closed_at;
  const opened = incident.opened_at ? Date.parse(incident.opened_at) : null;
  const ended = open ? now : Date.parse(incident.closed_at);
  const openedText = opened === null ? words.openedUnknown : speech.dateTime(opened);
  const span = opened === null ? null : speech.span(ended - opened);
  const told = (time, text) => (span ? `${time} (${text(span)})` : time);
  const last = incident.steps.at(-1)?.evidence;
  return element(
    "article",
    { class: `incident-card ${open ? "open" : "closed"}`, "data-zone": zone },
    [
      element("header", {}, [
        element(
          "h3",
          {},
          brief
            ? openedText
            : [viewLink(context, { view: "unit", unit }, [isolated(store.name(unit))])],
        ),
        zoneMark(zone, speech.zone(zone)),
        last ? element("p", { class: "incident-figure" }, figure(last, speech, words)) : null,
        actions.length ? element("div", { class: "actions" }, actions) : null,
      ]),
      element("dl", { class: "facts" }, [
        fact(words.opened, open ? told(openedText, words.since) : openedText),
        open ? null : fact(words.closed, told(speech.dateTime(ended), words.lasted)),
        fact(
          words.holder,
          holder(incident, speech, words),
          incident.acknowledged_by ? "" : "nobody",
        ),
        incident.silenced_until && open
          ? fact(
              words.messages,
              words.silencedUntil(speech.dateTime(Date.parse(incident.silenced_until))),
            )
          : null,
      ]),
      behindOrShown(open, words.steps, steps(incident, context, words)),
      behind(
        words.decisions(speech.count(incident.decisions.length)),
        decisions(incident, speech, words),
      ),
    ],
  );
}

const figure = ({ numerator, denominator }, speech, words) =>
  words.figure(
    speech.percent(numerator, denominator),
    speech.count(numerator),
    speech.count(denominator),
  );

const fact = (name, value, kind = "") =>
  element("div", { class: kind }, [element("dt", {}, name), element("dd", {}, [isolated(value)])]);

function holder(incident, speech, words) {
  const { acknowledged_by: who, acknowledged_at: at } = incident;
  if (!who) return incident.closed_at ? words.nobodyThen : words.nobody;
  return at ? words.held(who, speech.dateTime(Date.parse(at))) : who;
}

// What is open is read at once; the past on demand.
function behindOrShown(shown, label, content) {
  if (!shown) return behind(label, content);
  return element("div", {}, [element("h4", {}, label), content]);
}

function steps(incident, context, words) {
  const { speech } = context;
  return element(
    "ol",
    { class: "steps" },
    incident.steps.map((step) => {
      const at = Date.parse(step.at);
      const said = [
        step.author ? words.byWhom(step.author) : "",
        step.reason ? words.said(step.reason) : "",
        step.level ? words.level(speech.count(step.level)) : "",
        step.cause ? words.cause(step.cause.event_id, step.cause.dossier_id) : "",
      ].filter(Boolean);
      return element("li", { "data-zone": step.zone, "data-kind": step.kind }, [
        element("i", { class: "shape", "aria-hidden": "true" }),
        element("time", { datetime: step.at }, speech.dateTime(at)),
        element("b", {}, named(words.kinds, step.kind)),
        whyLink(step, context, words),
        said.length ? element("span", { class: "said" }, [isolated(said.join(", "))]) : null,
      ]);
    }),
  );
}

// The figure, and the way to the dossiers behind it as it was known then.
function whyLink({ unit_id: unit, evidence: of }, context, words) {
  const text = figure(of, context.speech, words);
  return viewLink(
    context,
    {
      view: "explain",
      unit,
      asOf: of.as_of,
      known: "then",
      definition: of.definition,
      window: of.window,
    },
    text,
    { title: `${words.why} ${evidence(of, words)}`, "aria-label": `${text}. ${words.why}` },
  );
}

const evidence = ({ partition, offset, policy }, words) =>
  words.evidence(partition, offset, policy);

function decisions(incident, speech, words) {
  const told = incident.decisions;
  if (!told.length) return element("p", { class: "soft" }, words.noDecisions);
  const heads = [words.when, words.what, words.who, words.outcome, words.reason, words.channel];
  return element("div", {}, [
    plainTable(
      words.decisions(speech.count(told.length)),
      heads,
      [...told]
        .reverse()
        .map((one) => [
          speech.dateTime(Date.parse(one.at)),
          named(words.kinds, one.kind),
          isolated(one.recipient ?? words.nobodyNamed),
          element("span", { class: `outcome ${one.outcome}` }, named(words.outcomes, one.outcome)),
          isolated(reason(one, speech, words)),
          isolated(one.channel ?? ""),
        ]),
      { class: "plain decisions" },
    ),
    told.length >= MOST_DECISIONS
      ? element("p", { class: "small soft" }, words.decisionsCut)
      : null,
  ]);
}

function reason(one, speech, words) {
  const parts = [named(words.whys, one.why)];
  if (one.until) parts.push(words.until(speech.dateTime(Date.parse(one.until))));
  if (one.attempts > 1) parts.push(words.attempts(speech.count(one.attempts)));
  if (one.message) parts.push(words.travelsIn);
  // What was behind a message that travels in another is a reason too; other details are names.
  if (one.detail) parts.push(named(words.whys, one.detail));
  return parts.join("; ");
}
