// The state of the monitor itself, for those who run it.

import { barTable } from "../charts/bars.js";
import { card, plainTable } from "../charts/described.js";
import { Sections } from "../charts/sections.js";
import { element, isolated, viewLink } from "../elements.js";

export const name = "monitor";

const LAGGING = 1_000; // records waiting that are worth a word
const EVENTS = ["folded", "duplicate", "dead_letter", "forwarded"];
const named = (names, key) => (Object.hasOwn(names, key) ? names[key] : key);

let view = null; // { sections, monitor }

export async function load(api, _, signal) {
  return api.get("monitor", {}, signal);
}

export function render(root, monitor, context) {
  root.classList.add("monitor-view");
  view = { sections: new Sections(root), monitor };
  draw(context);
}

export function onNews({ type, data }, context) {
  if (type === "monitor") {
    view.monitor = data;
    draw(context);
  }
}

export function dispose() {
  view?.sections.dispose();
  view = null;
}

function draw(context) {
  const { monitor } = view;
  const { state, words } = context;
  const show = (part, shows, make) => view.sections.show(part, [state.lang, shows], make);
  const found = problems(monitor, context);
  show("head", [found, state.asOf], () => head(found, context));
  const { now, ...still } = monitor;
  show("tiles", [still, Math.floor(Date.parse(now) / 10_000)], () => tiles(monitor, context));
  const teller = monitor.notifier?.worker_id ?? null;
  show("workers", [monitor.workers, teller], () =>
    workers(monitor.workers, teller, Date.parse(now), context),
  );
  show("partitions", monitor.partitions, () =>
    partitions(monitor.partitions, Date.parse(now), context),
  );
  show("events", monitor.events, () => events(monitor.events, context));
  show("dead", monitor.dead_letters, () => deadLetters(monitor.dead_letters, context));
  show("stale", monitor.stale_units, () => stale(monitor.stale_units, context));
  show("notifier", monitor.notifier, () => notifier(monitor.notifier, context, words));
}

// What is not as it should be, in sentences; the gravest first.
function problems(monitor, { words, speech }) {
  const { problems: told } = words;
  const said = [];
  const alone = monitor.partitions.filter((one) => one.owner === null).map((one) => one.partition);
  if (alone.length) said.push(told.partitionAlone(alone.join(", ")));
  const gone = monitor.workers.filter((one) => !one.alive).map((one) => one.worker_id);
  if (gone.length) said.push(told.workerGone(gone.join(", ")));
  if (monitor.data_to === null) said.push(told.noData);
  const lag = lagOf(monitor);
  if (lag >= LAGGING) said.push(told.lagging(speech.count(lag)));
  if (monitor.stale_units.length) said.push(told.stale(speech.count(monitor.stale_units.length)));
  if (monitor.notifier && monitor.notifier.worker_id === null) said.push(told.notTelling);
  if (monitor.notifier?.failed_last_hour)
    said.push(told.failed(speech.count(monitor.notifier.failed_last_hour)));
  return said;
}

const lagOf = ({ partitions: all }) => all.reduce((sum, one) => sum + (one.lag ?? 0), 0);

function head(found, { words, speech, state }) {
  return element("header", { class: "view-head" }, [
    element("h2", {}, words.title),
    state.asOf ? element("p", { class: "soft" }, words.onlyNow) : null,
    element("div", { class: `card health ${found.length ? "ill" : "well"}`, role: "status" }, [
      element("p", {}, [
        element("span", { class: "sign", "aria-hidden": "true" }, found.length ? "!" : "✓"),
        element("b", {}, found.length ? words.illCount(speech.count(found.length)) : words.well),
      ]),
      found.length
        ? element(
            "ul",
            {},
            found.map((text) => element("li", {}, [isolated(text)])),
          )
        : null,
    ]),
  ]);
}

function tiles(monitor, { words, speech }) {
  const dataTo = monitor.data_to === null ? null : Date.parse(monitor.data_to);
  const now = Date.parse(monitor.now);
  const lag = lagOf(monitor);
  const alive = monitor.workers.filter((one) => one.alive).length;
  const tile = (label, value, note) =>
    element("div", { class: "tile" }, [
      element("span", { class: "tile-name" }, label),
      element("b", {}, value),
      element("small", {}, note),
    ]);
  return element("div", { class: "tiles monitor-tiles" }, [
    dataTo === null
      ? tile(words.dataTo, "–", words.noData)
      : tile(words.dataTo, speech.time(dataTo, now), words.ago(speech.span(now - dataTo))),
    tile(words.lag, speech.count(lag), lag ? "" : words.lagNone),
    tile(
      words.workers,
      words.workersOf(speech.count(alive), speech.count(monitor.workers.length)),
      "",
    ),
    tile(words.deadLetters, speech.count(monitor.dead_letters.total), words.deadLettersNote),
  ]);
}

function scrolling(label, table) {
  return element("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": label }, [
    table,
  ]);
}

function partitions(all, now, { words, speech }) {
  const heads = [words.partition, words.owner, words.clock, words.lagColumn];
  return card(
    words.partitions,
    [
      element("p", { class: "chart-summary" }, words.partitionsNote),
      scrolling(
        words.partitions,
        plainTable(
          words.partitions,
          heads,
          all.map((one) => [
            String(one.partition),
            one.owner === null ? element("b", { class: "bad" }, words.nobody) : isolated(one.owner),
            one.clock ? speech.time(Date.parse(one.clock), now) : "–",
            one.lag === null || one.lag === undefined ? "–" : speech.count(one.lag),
          ]),
        ),
      ),
    ],
    { class: "partitions" },
  );
}

function workers(all, teller, now, { words, speech }) {
  const heads = [words.worker, words.state, words.seen, words.owns, words.version, words.address];
  return card(
    words.workersTitle,
    [
      scrolling(
        words.workersTitle,
        plainTable(
          words.workersTitle,
          heads,
          all.map((one) => [
            isolated(one.worker_id),
            element("span", { class: `worker-state ${one.alive ? "alive" : "gone"}` }, [
              element("span", { "aria-hidden": "true" }, one.alive ? "● " : "✕ "),
              (one.alive ? words.alive : words.gone) +
                (one.worker_id === teller ? `, ${words.telling}` : ""),
            ]),
            speech.time(Date.parse(one.seen_at), now),
            one.partitions.join(", ") || "–",
            isolated(one.version ?? ""),
            isolated(one.url ?? ""),
          ]),
        ),
      ),
    ],
    { class: "workers" },
  );
}

function events(counts, { words, speech }) {
  const total = EVENTS.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
  return card(words.events, [
    element("p", { class: "chart-summary" }, words.eventsTotal(speech.count(total))),
    scrolling(
      words.events,
      plainTable(
        words.events,
        [words.events, words.count],
        EVENTS.map((kind) => [words.kinds[kind], speech.count(counts[kind] ?? 0)]),
      ),
    ),
  ]);
}

function deadLetters({ total, by_reason: byReason }, { words, speech }) {
  const reasons = Object.entries(byReason)
    .filter(([, count]) => count)
    .sort((a, b) => b[1] - a[1]);
  return card(words.reasonsTitle, [
    total
      ? barTable(
          words.reasonsTitle,
          [words.reason, words.count],
          reasons.map(([reason, count]) => ({
            label: named(words.reasons, reason),
            value: count,
            text: speech.count(count),
            kind: "overdue",
          })),
        )
      : element("p", { class: "soft" }, words.noDeadLetters),
  ]);
}

function stale(units, context) {
  const { words, speech, store } = context;
  return card(words.stale, [
    units.length
      ? scrolling(
          words.stale,
          plainTable(
            words.stale,
            [words.unit, words.since],
            units.map((one) => [
              viewLink(context, { view: "unit", unit: one.unit_id }, [
                isolated(store.name(one.unit_id)),
              ]),
              speech.dateTime(Date.parse(one.since)),
            ]),
          ),
        )
      : element("p", { class: "soft" }, words.noStale),
  ]);
}

function notifier(told, { speech }, words) {
  if (!told) return card(words.notifier, [element("p", { class: "soft" }, words.notifierOff)]);
  const rows = [
    [
      words.notifierWho,
      told.worker_id === null
        ? element("b", { class: "bad" }, words.nobody)
        : isolated(told.worker_id),
    ],
    [words.waiting, speech.count(told.waiting)],
    [words.failedHour, speech.count(told.failed_last_hour)],
  ];
  return card(words.notifier, [
    element(
      "dl",
      { class: "facts" },
      rows.map(([term, value]) =>
        element("div", {}, [element("dt", {}, term), element("dd", {}, [value])]),
      ),
    ),
  ]);
}
