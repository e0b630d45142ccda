// One unit: its figure and how it came about, what lies ahead, its dossiers at risk, its incidents.

import { figureAsked } from "../api.js";
import { behind, card, chartCard, plainTable } from "../charts/described.js";
import { Sections } from "../charts/sections.js";
import { dayOfPoint, shareChart } from "../charts/share_chart.js";
import { dayOf, legend, weeksChart } from "../charts/weeks_chart.js";
import { element, viewLink } from "../elements.js";
import { compareShares } from "../figures.js";
import { Refresh } from "./refresh.js";
import { asThen, incidentCard } from "./incidents_card.js";
import { vi as incidentsVi, en as incidentsEn } from "../words/incidents.js";
import { unitHead } from "./unit_head.js";
import { integrityCard } from "./unit_integrity.js";
import { outlookCard } from "./unit_outlook.js";
import { atRiskCard, backlogCard, proceduresCard, sharesCard } from "./unit_tables.js";

export const name = "unit";
export const needsRanking = true; // for the place and the changes

const INCIDENTS = 5; // the newest ones
const AGAIN = 5_000; // milliseconds, where the owner of the unit was away
const MINUTE = 60_000;
const INCIDENT_WORDS = { vi: incidentsVi, en: incidentsEn };

let sections = null;
let refresh = null;
let content = null;

export async function load(api, state, signal) {
  const path = `units/${encodeURIComponent(state.unit)}`;
  const { window, as_of: asOf, known } = figureAsked(state);
  const [unit, profile, integrity, incidents] = await Promise.all([
    api.get(path, {}, signal).catch(unlessGone),
    api.get(`${path}/profile`, figureAsked(state), signal).catch(unlessGone),
    api.get(`${path}/integrity`, { window, as_of: asOf, known }, signal).catch(unlessGone),
    api
      .get("incidents", { unit: state.unit, state: "all", limit: INCIDENTS }, signal)
      .catch(unlessGone),
  ]);
  return { unit, profile, integrity, incidents };
}

// What is not there now, and why, in place of an answer.
function unlessGone(error) {
  if (error.kind === "away" || error.kind === "notFound") return { gone: error.kind };
  throw error;
}

export function render(root, loaded, context) {
  content = loaded;
  root.classList.add("unit-view");
  sections = new Sections(root);
  refresh = new Refresh(async (signal) => {
    content = await load(context.api, context.state, signal);
    draw(context);
  });
  draw(context);
}

export function onNews({ type, data }, context) {
  const { state } = context;
  const ours = data?.unit_id === state.unit;
  if (type === "rows" || type === "monitor") draw(context);
  else if (type === "status" && ours) {
    draw(context);
    refresh.soon();
  } else if (type === "reset" || (ours && (type === "step" || type === "notification"))) {
    refresh.soon();
  }
}

export function dispose() {
  refresh?.stop();
  sections?.dispose();
  sections = refresh = content = null;
}

function draw(context) {
  const { state, store, words } = context;
  const { unit, profile, integrity, incidents } = content;
  const gone = Boolean(profile.gone);
  drawHead(context);
  sections.show(
    "gone",
    [state.lang, profile.gone ?? ""],
    () =>
      gone &&
      element(
        "p",
        { class: "notice" },
        profile.gone === "away" ? words.profileAway : words.unknown(store.name(state.unit)),
      ),
  );
  if (profile.gone === "away") refresh.soon(AGAIN);
  if (!gone) drawProfile(profile, unit.outlook ?? null, context);
  if (!integrity.gone) {
    const { as_of: _, ...found } = integrity;
    sections.show("integrity", [state.lang, found], () =>
      integrityCard(found, state.unit, context, words),
    );
  }
  if (!incidents.gone) {
    const { lang } = state;
    const then = state.asOf ? Date.parse(state.asOf) : null;
    const seen =
      then === null
        ? incidents.incidents
        : incidents.incidents.map((one) => asThen(one, then)).filter((one) => one !== null);
    sections.show("incidents", [lang, seen, then], () => incidentsCard(seen, then, context));
  }
}

// The row is the ranking's where it has one: the stream keeps it true; else the profile's figure.
function drawHead(context) {
  const { state, store } = context;
  const { profile, incidents } = content;
  const known = store.units.get(state.unit);
  const row =
    store.rows.get(state.unit) ?? (profile.gone ? null : { ...profile.figure, zone: profile.zone });
  const placed = [...store.rows.values()].filter((one) => one.place).length;
  const open =
    state.asOf || incidents.gone
      ? null
      : (incidents.incidents.find((one) => !one.closed_at) ?? null);
  const facts = {
    unitId: state.unit,
    name: store.name(state.unit),
    kind: known?.kind ?? "",
    row,
    placed,
    staleSince: state.asOf ? null : (row?.stale_since ?? null),
    incident: open,
    explained: profile.gone !== "notFound",
  };
  sections.show("head", [state, facts], () => unitHead(facts, context, context.words));
}

function drawProfile(profile, outlook, context) {
  const { state, words } = context;
  const show = (part, shows, make) => sections.show(part, [state.lang, shows], make);
  const { policy } = context.store.directory;
  const { unit } = state;
  const asOf = Date.parse(profile.as_of);
  const days = profile.series.map(({ at, ...figure }) => [at.slice(0, 10), figure]);
  show("series", [days, policy], () => seriesCard(profile.series, policy, context));
  const past = Boolean(state.asOf);
  show("outlook", [outlook, past, profile.zone], () =>
    outlookCard(outlook, { past, zone: profile.zone }, context, words),
  );
  show("weeks", profile.weeks, () => weeksCard(profile.weeks, context));
  show("backlog", profile.backlog, () => backlogCard(profile.backlog, context, words));
  const atRisk = { rows: profile.at_risk, total: profile.at_risk_total, unitId: unit };
  show("at-risk", [atRisk, Math.floor(asOf / MINUTE)], () =>
    atRiskCard({ ...atRisk, asOf }, context, words),
  );
  show("procedures", profile.procedures, () => proceduresCard(profile.procedures, context, words));
  show("channels", profile.channels, () =>
    sharesCard(words.channels, words.channel, words.channelNames, profile.channels, context, words),
  );
  show("levels", profile.service_levels, () =>
    sharesCard(words.levels, words.level, words.levelNames, profile.service_levels, context, words),
  );
}

function seriesCard(series, policy, { speech, words }) {
  const there = series.filter((day) => day.denominator);
  if (!there.length)
    return card(words.series, [element("p", { class: "soft" }, words.seriesNone)], {
      class: "wide",
    });
  const share = ({ numerator, denominator }) => speech.percent(numerator, denominator);
  const low = there.reduce((least, day) => (compareShares(day, least) < 0 ? day : least));
  const below = there.filter(
    (day) =>
      day.denominator >= policy.min_sample &&
      compareShares(day, { numerator: Math.round(policy.green * 1e6), denominator: 1e6 }) < 0,
  ).length;
  const summary = `${words.seriesSummary({
    first: share(there[0]),
    last: share(there.at(-1)),
    low: share(low),
    lowDay: speech.date(dayOfPoint(low.at)),
  })} ${words.seriesBelow(below ? speech.count(below) : 0)}`;
  const chart = shareChart(series, policy, speech, words);
  const rows = [...series]
    .reverse()
    .map((day) => [
      speech.date(dayOfPoint(day.at)),
      share(day),
      speech.outOf(day.numerator, day.denominator),
    ]);
  return {
    node: chartCard({
      title: words.series,
      summary,
      drawing: chart.node,
      words,
      kind: "wide",
      table: plainTable(words.series, [words.day, words.share, words.dossiers], rows),
    }),
    dispose: chart.dispose,
  };
}

function weeksCard(weeks, { speech, words }) {
  const sum = (name) => weeks.reduce((all, week) => all + week[name], 0);
  const late = sum("late");
  const all = sum("early") + sum("on_time") + late;
  const summary = words.weeksSummary(
    speech.count(all),
    speech.count(late),
    all ? speech.percent(late, all) : "",
  );
  const chart = weeksChart(weeks, speech, words);
  const heads = [words.week, words.early, words.on_time, words.late, words.total];
  const rows = [...weeks]
    .reverse()
    .map(({ from, early, on_time: onTime, late: behindTime }) => [
      dayOf(from, speech),
      ...[early, onTime, behindTime, early + onTime + behindTime].map((n) => speech.count(n)),
    ]);
  return {
    node: card(
      words.weeks,
      [
        element("p", { class: "chart-summary" }, summary),
        legend(words),
        chart.node,
        behind(words.asTable, plainTable(words.weeks, heads, rows)),
      ],
      { class: "chart" },
    ),
    dispose: chart.dispose,
  };
}

function incidentsCard(incidents, then, context) {
  const { state, words } = context;
  const told = INCIDENT_WORDS[state.lang];
  const now = then ?? context.now();
  return card(
    words.incidents,
    [
      incidents.length
        ? element(
            "div",
            { class: "incident-list" },
            incidents.map((one) => incidentCard(one, { now, brief: true }, context, told)),
          )
        : element("p", { class: "soft" }, words.noIncidents),
      incidents.length
        ? viewLink(context, { view: "incidents", unit: state.unit }, words.allIncidents, {
            class: "small",
          })
        : null,
    ],
    { class: "wide incidents-of-unit" },
  );
}
