// The incidents: open ones first, who holds them, what was told; silences; and, for those who may,
// taking one on, silencing, lifting.

import { Sections } from "../charts/sections.js";
import { element, isolated, viewLink } from "../elements.js";
import { askAcknowledge, askSilence, scopeText } from "./incidents_acting.js";
import { asThen, incidentCard } from "./incidents_card.js";
import { Refresh } from "./refresh.js";

export const name = "incidents";

const MOST_OPEN = 500;
const PAST = 20; // closed ones before "show more"
const MORE = 50;
const MOST = 1000;

let view = null; // { sections, refresh, content }

export async function load(api, state, signal) {
  const unit = { unit: state.unit };
  const past = pastAsked(state);
  const get = (asked) => api.get("incidents", { ...unit, ...asked }, signal);
  if (state.asOf) {
    const [all, silences] = [await get({ state: "all", limit: MOST }), null];
    const then = all.incidents
      .map((one) => asThen(one, Date.parse(state.asOf)))
      .filter((one) => one !== null);
    const [open, closed] = [
      then.filter((one) => !one.closed_at),
      then.filter((one) => one.closed_at),
    ];
    return { open, closed: closed.slice(0, past), more: closed.length > past, silences };
  }
  const [open, closed, silences] = await Promise.all([
    get({ state: "open", limit: MOST_OPEN }),
    get({ state: "closed", limit: past }),
    api.get("silences", {}, signal),
  ]);
  return {
    open: open.incidents,
    closed: closed.incidents,
    more: Boolean(closed.next),
    silences: silences.silences,
  };
}

const pastAsked = (state) =>
  Math.min(MOST, Math.max(PAST, Number.parseInt(state.past ?? "", 10) || PAST));

export function render(root, content, context) {
  root.classList.add("incidents-view");
  const said = element("p", { class: "said-done", role: "status" });
  const sections = new Sections(element("div", { class: "incidents-body" }));
  const refresh = new Refresh(async (signal) => {
    view.content = await load(context.api, context.state, signal);
    draw(context);
  });
  // How long ago it was grows by itself.
  const timer = setInterval(() => draw(context), 60_000);
  view = { sections, refresh, content, said, timer };
  root.append(said, sections.root);
  draw(context);
}

export function onNews({ type, data }, context) {
  const { state } = context;
  if (state.asOf) return;
  const ours = !state.unit || data?.unit_id === state.unit;
  if (type === "reset" || ((type === "step" || type === "notification") && ours))
    view.refresh.soon();
}

export function dispose() {
  clearInterval(view?.timer);
  view?.refresh.stop();
  view?.sections.dispose();
  view = null;
}

function draw(context) {
  const { state, words, store } = context;
  const { sections, content } = view;
  const now = state.asOf ? Date.parse(state.asOf) : context.now();
  const minute = Math.floor(now / 60_000);
  const show = (part, shows, make) => sections.show(part, [state.lang, shows], make);
  const mayAct = Boolean(store.directory.access.may_act) && !state.asOf && !state.kiosk;
  show("head", [state.unit, state.asOf, mayAct, content.open.length], () => head(context));
  show("open", [content.open, minute, mayAct], () =>
    group(words.open, content.open, words.noneOpen, (one) =>
      incidentCard(one, { now, actions: mayAct ? actions(one, context) : [] }, context, words),
    ),
  );
  if (!state.kiosk) {
    show("silences", [content.silences, minute, mayAct], () =>
      silences(content.silences, now, mayAct, context),
    );
    show("closed", [content.closed, content.more], () => closedGroup(content, now, context));
  }
}

function head(context) {
  const { state, words, store, speech } = context;
  const mayNot = !store.directory.access.may_act;
  return element("header", { class: "view-head" }, [
    element("h2", {}, [
      words.title,
      " ",
      element("span", { class: "soft" }, `(${speech.count(view.content.open.length)})`),
    ]),
    state.unit
      ? element("p", { class: "of-unit" }, [
          isolated(words.ofUnit(store.name(state.unit))),
          " · ",
          viewLink(context, { unit: "", past: "" }, words.everyUnit),
        ])
      : null,
    state.asOf
      ? element("p", { class: "soft" }, words.onlyOpenThen)
      : mayNot && !state.kiosk
        ? hint(context)
        : null,
  ]);
}

function hint(context) {
  const { words } = context;
  const button = element("button", { type: "button", class: "link" }, words.signIn);
  button.addEventListener("click", () => context.signIn());
  return element("p", { class: "small soft sign-hint" }, [words.signInHint, " ", button]);
}

function group(title, incidents, none, card) {
  return element("section", { class: "incident-group", "aria-label": title }, [
    element("h3", { class: "group-title" }, title),
    incidents.length
      ? element("div", { class: "incident-list" }, incidents.map(card))
      : element("p", { class: "card none" }, none),
  ]);
}

function closedGroup(content, now, context) {
  const { words } = context;
  const node = group(words.past, content.closed, words.nonePast, (one) =>
    incidentCard(one, { now }, context, words),
  );
  node.classList.add("past-incidents");
  if (content.more) {
    const past = String(Math.min(MOST, pastAsked(context.state) + MORE));
    node.append(viewLink(context, { past }, words.more, { class: "button" }));
  }
  return node;
}

function actions(incident, context) {
  const { words, store, api } = context;
  const unit = store.name(incident.unit_id);
  const done = () => tellDone(words.done);
  const silence = button(words.silence, () =>
    askSilence({ unitId: incident.unit_id, name: unit, api, now: context.now, done }, words),
  );
  if (incident.acknowledged_by) return [silence];
  const acknowledge = button(
    words.acknowledge,
    () => askAcknowledge({ incident, name: unit, api, done }, words),
    "main-button",
  );
  return [acknowledge, silence];
}

function button(text, act, kind = "") {
  const made = element("button", { type: "button", class: kind }, text);
  made.addEventListener("click", act);
  return made;
}

// The step itself comes by the stream, once the notifier has written it down.
function tellDone(text) {
  view.said.textContent = text;
  view.refresh.soon();
}

function silences(list, now, mayAct, context) {
  const { speech, store, words } = context;
  if (list === null) return null;
  const when = (instant) => speech.dateTime(Date.parse(instant));
  return element("section", { class: "silences", "aria-label": words.silences }, [
    element("h3", { class: "group-title" }, words.silences),
    list.length
      ? element(
          "ul",
          { class: "card" },
          list.map((one) =>
            element("li", {}, [
              element("div", {}, [
                isolated(scopeText(one.scope, store, words), { class: "scope" }),
                element(
                  "span",
                  {},
                  words.silenceEnds(when(one.until), speech.span(Date.parse(one.until) - now)),
                ),
                element("small", { class: "soft" }, [
                  isolated(words.silenceBy(one.author, when(one.at))),
                  one.reason ? element("bdi", {}, `: ${one.reason}`) : null,
                ]),
              ]),
              mayAct
                ? button(words.lift, (event) => lift(one, event.currentTarget, context))
                : null,
            ]),
          ),
        )
      : element("p", { class: "card none" }, words.noSilences),
  ]);
}

async function lift(silence, pressed, { api, words }) {
  pressed.disabled = true;
  try {
    await api.delete(`silences/${encodeURIComponent(silence.silence_id)}`, {});
    tellDone(words.lifted);
  } catch (error) {
    view.said.textContent = words.failed(error.text || words.noAnswer);
  } finally {
    pressed.disabled = false;
  }
}
