// Why a figure is what it is: every dossier behind it, by which rule, and those left out.

import { element, isolated, viewLink } from "../elements.js";
import { plain } from "../figures.js";
import { Loading } from "./explain_loading.js";
import { dossierRow } from "./explain_row.js";
import { Versus } from "./explain_versus.js";

export const name = "explain";
export const own = ["counted", "q", "page", "dossier", "vs"]; // in the address, changed without loading

const PAGE = 50; // dossiers
const COUNTED = ["late", "overdue", "on_time", "early"];
const LEFT_OUT = "left_out";

let shown = null; // { context, loading, parts }

export async function load(api, state, signal) {
  const loading = new Loading(api, state);
  await loading.begin(signal);
  return loading;
}

export function render(root, loading, context) {
  root.classList.add("explain-view");
  const parts = {
    head: element("header", { class: "explain-head" }),
    news: element("p", { class: "notice changed", role: "status", hidden: "" }),
    versus: new Versus(context, loading),
    progress: element("p", { class: "soft progress", role: "status" }),
    filters: element("nav", { class: "filters" }),
    search: searchForm(context),
    list: element("div", { class: "dossier-list" }),
    pages: element("nav", { class: "pages" }),
  };
  root.append(
    parts.head,
    parts.news,
    parts.versus.node,
    element("div", { class: "tools" }, [parts.filters, parts.search]),
    parts.progress,
    parts.list,
    parts.pages,
  );
  shown = { context, loading, parts };
  draw();
  loading.goOn(() => shown?.loading === loading && draw());
}

export function onState(context) {
  shown.context = context;
  const input = shown.parts.search.elements.q;
  if (input !== document.activeElement) input.value = context.state.q ?? ""; // Back, Forward
  draw();
}

// The figure stands still under the reader; that there is a newer one is told.
export function onNews({ type, data }, context) {
  if (context.state.asOf || type !== "status" || data.unit_id !== context.state.unit) return;
  const { news } = shown.parts;
  if (!news.hidden) return;
  const again = element("button", { type: "button" }, context.words.reload);
  again.addEventListener("click", () => context.reload());
  news.replaceChildren(element("span", {}, context.words.changed), again);
  news.hidden = false;
}

export function dispose() {
  shown?.loading.stop();
  shown?.parts.versus.stop();
  shown = null;
}

function draw() {
  drawHead();
  shown.parts.versus.show(shown.context);
  drawProgress();
  drawFilters();
  drawList();
}

function drawHead() {
  const { context, loading, parts } = shown;
  const { speech, words, store } = context;
  const { answer } = loading;
  const unit = store.name(answer.unit_id);
  const asOf = Date.parse(answer.as_of);
  const known = answer.known_at
    ? words.knownAt(speech.dateTime(Date.parse(answer.known_at)))
    : words.knownNow;
  const fixed = {
    asOf: answer.as_of.replace("+00:00", "Z"),
    known: "then",
    definition: answer.definition,
    window: answer.window,
  };
  parts.head.replaceChildren(
    element("p", { class: "way-back" }, [
      viewLink(context, { view: "unit", unit: answer.unit_id }, [
        element("span", { "aria-hidden": "true" }, "‹ "),
        isolated(words.back(unit)),
      ]),
    ]),
    element("h2", {}, [words.title, " ", isolated(unit, { class: "soft" })]),
    element("p", { class: "explain-figure" }, [
      element("strong", {}, speech.percent(answer.numerator, answer.denominator)),
      element(
        "span",
        {},
        words.figure(speech.count(answer.numerator), speech.count(answer.denominator)),
      ),
    ]),
    element("p", { class: "soft" }, [
      `${speech.definition(answer.definition)} · ${speech.window(answer.window)} · `,
      `${words.asOf(speech.dateTime(asOf))}, ${known}`,
    ]),
    context.state.asOf
      ? ""
      : element("p", { class: "small soft" }, [
          viewLink(context, { ...fixed, page: "", dossier: "" }, words.fixed),
          ` (${words.fixedNote})`,
        ]),
  );
}

function drawProgress() {
  const { context, loading, parts } = shown;
  const { words, speech } = context;
  parts.progress.hidden = loading.whole;
  if (loading.whole) return;
  const loaded = speech.count(loading.dossiers.length + loading.leftOut.length);
  if (!loading.failed) {
    parts.progress.textContent = words.loadedPart(loaded);
    return;
  }
  const again = element("button", { type: "button" }, words.retry);
  again.addEventListener("click", () => loading.goOn(() => shown?.loading === loading && draw()));
  parts.progress.replaceChildren(element("span", {}, words.broken), again);
}

function searchForm(context) {
  const input = element("input", {
    type: "search",
    name: "q",
    autocomplete: "off",
    spellcheck: "false",
  });
  const form = element("form", { class: "search", role: "search" }, [
    element("label", {}, [element("span", {}, context.words.find), input]),
  ]);
  input.value = context.state.q ?? "";
  input.addEventListener("input", () =>
    shown.context.go({ q: input.value, page: "", dossier: "" }, { replace: true }),
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  return form;
}

function drawFilters() {
  const { context, loading, parts } = shown;
  const { words, speech, state } = context;
  const counts = new Map();
  for (const { counted } of loading.dossiers) counts.set(counted, (counts.get(counted) ?? 0) + 1);
  const options = [
    ["", words.all, loading.dossiers.length],
    ...COUNTED.filter((kind) => counts.has(kind)).map((kind) => [
      kind,
      words.counted[kind],
      counts.get(kind),
    ]),
    [LEFT_OUT, words.leftOut, loading.leftOut.length],
  ];
  parts.filters.setAttribute("aria-label", words.filter);
  const focused = [...parts.filters.children].indexOf(document.activeElement);
  parts.filters.replaceChildren(
    ...options.map(([kind, text, count]) =>
      viewLink(
        context,
        { counted: kind, page: "", dossier: "" },
        [
          kind && kind !== LEFT_OUT
            ? element("i", { class: `counted-mark ${kind}`, "aria-hidden": "true" })
            : null,
          element("span", {}, text),
          element("b", {}, speech.count(count)),
        ],
        { class: "filter", "aria-current": (state.counted ?? "") === kind ? "true" : null },
      ),
    ),
  );
  parts.filters.children[focused]?.focus();
}

function fitting() {
  const { context, loading } = shown;
  const { counted = "", q = "" } = context.state;
  const asked = plain(q.trim());
  const kept = (one) => !asked || plain(one.dossier_id).includes(asked);
  if (counted === LEFT_OUT) return loading.leftOut.filter(kept);
  if (counted) return loading.dossiers.filter((one) => one.counted === counted && kept(one));
  // A search finds a dossier wherever it stands.
  return [...loading.dossiers, ...(asked ? loading.leftOut : [])].filter(kept);
}

function drawList() {
  const { context, parts } = shown;
  const { speech, words, state } = context;
  const all = fitting();
  const last = Math.max(1, Math.ceil(all.length / PAGE));
  const page = Math.min(last, Math.max(1, Number.parseInt(state.page || "1", 10) || 1));
  const from = (page - 1) * PAGE;
  const some = all.slice(from, from + PAGE);
  const open = state.dossier || "";
  const elsewhere = open && !some.some((one) => one.dossier_id === open);
  const focused = document.activeElement?.dataset?.dossier;
  parts.list.replaceChildren(
    elsewhere
      ? element("ul", { class: "pinned" }, [
          dossierRow(known(open) ?? { dossier_id: open }, true, shown),
        ])
      : "",
    some.length
      ? element(
          "ul",
          {},
          some.map((one) => dossierRow(one, one.dossier_id === open, shown)),
        )
      : element("p", { class: "none" }, words.none),
  );
  if (focused) parts.list.querySelector(`[data-dossier="${CSS.escape(focused)}"]`)?.focus();
  parts.pages.setAttribute("aria-label", words.pages);
  const to = (step) => ({ page: page + step > 1 ? String(page + step) : "", dossier: "" });
  parts.pages.replaceChildren(
    page > 1 ? viewLink(context, to(-1), words.previous, { class: "button", rel: "prev" }) : "",
    element(
      "span",
      { role: "status" },
      all.length
        ? words.shown(
            speech.count(from + 1),
            speech.count(from + some.length),
            speech.count(all.length),
          )
        : "",
    ),
    page < last ? viewLink(context, to(1), words.next, { class: "button", rel: "next" }) : "",
  );
}

const known = (id) =>
  [...shown.loading.dossiers, ...shown.loading.leftOut].find((one) => one.dossier_id === id);
