// The figure held against another: what differs, dossier by dossier, and what made the difference.

import { plainTable } from "../charts/described.js";
import { element, isolated, viewLink } from "../elements.js";

const SHOWN = 100; // dossiers named
const DAY = 86_400_000;
const BACK = { day: DAY, week: 7 * DAY, month: 30 * DAY };
const THEN = "then";

// What can be held against an explanation, as the address has it: day, week, month, then, or the
// id of another definition.
function choices({ answer }, { store, speech, words, state }) {
  const known = answer.known_at === null && state.asOf;
  const others = (store.directory?.definitions ?? []).filter((id) => id !== answer.definition);
  return [
    ...Object.keys(BACK).map((span) => [span, words.versusBack[span]]),
    ...(known || answer.known_at ? [[THEN, words.versusKnown]] : []),
    ...others.map((id) => [id, words.versusDefinition(speech.definition(id))]),
  ];
}

// The question to the worker. An earlier figure comes first, and leads to the one that is shown.
function asked(choice, answer) {
  const { definition, window, as_of: asOf, known_at: knownAt } = answer;
  const figure = { definition, window, as_of: asOf, known_at: knownAt ?? "" };
  if (choice === THEN) return { ...figure, known_at: asOf, versus_known_at: "now" };
  if (!(choice in BACK)) return { ...figure, versus_definition: choice };
  const earlier = new Date(Date.parse(asOf) - BACK[choice]).toISOString();
  return { ...figure, as_of: earlier, versus_as_of: asOf };
}

export class Versus {
  constructor(context, loading) {
    Object.assign(this, { context, loading, choice: null });
    this.bar = element("nav", { class: "filters", "aria-label": context.words.versus });
    this.told = element("div", { class: "versus-told" });
    this.node = element("section", { class: "versus" }, [
      element("h3", {}, context.words.versus),
      this.bar,
      this.told,
    ]);
    this.control = new AbortController();
  }

  // By the address of now.
  show(context) {
    this.context = context;
    const offered = choices(this.loading, context);
    const said = context.state.vs ?? "";
    const choice = offered.some(([id]) => id === said) ? said : "";
    this.bar.replaceChildren(
      ...offered.map(([id, text]) =>
        viewLink(context, { vs: id === choice ? "" : id }, [element("span", {}, text)], {
          class: "choice",
          "aria-current": id === choice ? "true" : null,
        }),
      ),
    );
    if (choice !== this.choice) this.bring(choice);
  }

  stop() {
    this.control.abort();
  }

  async bring(choice) {
    this.choice = choice;
    this.control.abort();
    this.control = new AbortController();
    if (!choice) return this.told.replaceChildren();
    const { words, api, state } = this.context;
    this.told.replaceChildren(element("p", { class: "soft", role: "status" }, words.loading));
    const path = `units/${encodeURIComponent(state.unit)}/versus`;
    try {
      const { signal } = this.control;
      const found = await api.get(path, asked(choice, this.loading.answer), signal);
      this.told.replaceChildren(...this.telling(found));
    } catch (error) {
      if (!error.kind) {
        if (error.name === "AbortError") return undefined;
        throw error;
      }
      const again = element("button", { type: "button" }, words.retry);
      again.addEventListener("click", () => this.bring(choice));
      this.told.replaceChildren(element("p", { class: "notice" }, [`${words.away} `, again]));
    }
    return undefined;
  }

  telling(found) {
    const { words, speech, state } = this.context;
    const figure = ({ numerator, denominator }) =>
      `${speech.percent(numerator, denominator)} (${speech.outOf(numerator, denominator)})`;
    const signed = (n) => (n > 0 ? `+${speech.count(n)}` : speech.count(n).replace("-", "−"));
    const summary = element(
      "p",
      { class: "versus-summary" },
      words.versusSummary({
        from: figure(found.a),
        to: figure(found.b),
        at: speech.dateTime(Date.parse(found.a.as_of)),
        numerator: signed(found.numerator),
        denominator: signed(found.denominator),
      }),
    );
    if (!found.changes.length) return [summary, element("p", { class: "soft" }, words.versusSame)];
    const rows = found.changes
      .slice(0, SHOWN)
      .map((one) => [
        viewLink(
          this.context,
          { dossier: one.dossier_id, q: "", counted: "", page: "" },
          [isolated(one.dossier_id)],
          { class: "dossier-id" },
        ),
        stand(one.a, words),
        stand(one.b, words),
        cause(one, words),
      ]);
    const table = plainTable(
      words.versus,
      [words.dossier, words.versusBefore, words.versusAfter, words.versusCause],
      rows,
    );
    const more = found.changes.length - rows.length;
    return [
      summary,
      element(
        "div",
        { class: "scrolls", tabindex: "0", role: "region", "aria-label": words.versusChanges },
        [table],
      ),
      more ? element("p", { class: "small soft" }, words.versusMore(speech.count(more))) : "",
      element(
        "p",
        { class: "small soft" },
        words.versusUnchanged(speech.count(found.unchanged)),
      ),
    ];
  }
}

function stand({ counted, reason }, words) {
  if (!counted) return words.reasons[reason] ?? words.leftOut;
  return element("span", { class: "counted" }, [
    element("i", { class: `counted-mark ${counted}`, "aria-hidden": "true" }),
    " ",
    words.counted[counted],
  ]);
}

// The events that made it so, or the passing of time, another window, another definition.
function cause({ by, events }, words) {
  if (by !== "events" || !events.length) return words.versusBy[by] ?? by;
  return events
    .map(({ type, partition, offset }) =>
      `${words.types[type] ?? type} (${words.recordWords(partition, offset)})`)
    .join("; ");
}
