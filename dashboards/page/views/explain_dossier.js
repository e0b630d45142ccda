// One dossier of an explanation: its dates, pauses and events, and the rule in words.

import { element, isolated } from "../elements.js";
import { plainTable } from "../charts/described.js";

const named = (names, key) => (Object.hasOwn(names, key) ? names[key] : key);

export function dossierDetail(dossier, { speech, words }) {
  const when = (instant) => speech.dateTime(Date.parse(instant));
  const ended = dossier.ended_at
    ? `${when(dossier.ended_at)} ${words.endedBy(named(words.types, dossier.ended_by))}`
    : words.stillOpen;
  const facts = [
    [words.received, dossier.received_at ? when(dossier.received_at) : words.notStated],
    [words.due, dossier.due_at ? when(dossier.due_at) : words.notStated],
    [words.ended, ended],
    [words.pauses, pausesText(dossier.pauses, when, words)],
  ];
  if (dossier.flags.length) {
    facts.push([words.flags, dossier.flags.map((flag) => named(words.flagNames, flag)).join("; ")]);
  }
  return element("div", { class: "dossier-detail", "data-counted": dossier.counted ?? "" }, [
    element("p", { class: "verdict" }, verdict(dossier, words)),
    element(
      "dl",
      { class: "facts" },
      facts.map(([term, text]) =>
        element("div", {}, [element("dt", {}, term), element("dd", {}, text)]),
      ),
    ),
    element("h4", {}, words.events),
    element(
      "div",
      { class: "scrolls", tabindex: "0", role: "region", "aria-label": words.events },
      [events(dossier.events, when, words, speech)],
    ),
  ]);
}

// What it counts as, and by which rule; or why it is left out.
function verdict(dossier, words) {
  if (!dossier.counted) {
    return dossier.reason
      ? `${words.leftOut}: ${named(words.reasons, dossier.reason)}`
      : words.leftOut;
  }
  const rule = dossier.rule
    ? `${words.rule} ${dossier.rule}: ${named(words.rules, dossier.rule)}`
    : "";
  return [
    element("b", {}, words.outcome[dossier.counted]),
    ` (${words.countedNote[dossier.counted]}) `,
    element("span", { class: "rule-words" }, rule),
  ];
}

function pausesText(pauses, when, words) {
  if (!pauses.length) return words.noPauses;
  return pauses
    .map(({ from, to }) => (to ? words.pause(when(from), when(to)) : words.pauseOpen(when(from))))
    .join("; ");
}

function events(all, when, words, speech) {
  const heads = [words.type, words.occurred, words.arrived, words.record, words.eventId];
  return plainTable(
    words.events,
    heads,
    all.map((event) => [
      typeOf(event, when, words),
      when(event.occurred_at),
      when(event.arrived_at),
      words.recordWords(speech.count(event.partition), speech.count(event.offset)),
      isolated(event.event_id),
    ]),
    { class: "plain events" },
  );
}

function typeOf(event, when, words) {
  const more = [];
  // A bare date is told as the date it is.
  if (event.due_at)
    more.push(
      words.statedDue(event.due_at.length > 10 ? when(event.due_at) : dayText(event.due_at)),
    );
  if (event.voids) more.push(words.voids(event.voids));
  const plainRole = !event.role || event.role === "counts" || event.role === "takes_back";
  if (!plainRole) more.push(named(words.roles, event.role));
  return element("span", { class: `event-type ${event.role ?? "counts"}` }, [
    element("b", {}, named(words.types, event.type)),
    more.length ? element("small", {}, [isolated(more.join("; "))]) : null,
  ]);
}

const dayText = (day) => day.split("-").reverse().join("/");
