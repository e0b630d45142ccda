// Dialogs: take an incident on, silence a unit, lift a silence. Only for those who may act.

import { element } from "../elements.js";

const HOUR = 3_600_000; // milliseconds
const SPANS = [1, 4, 24, 72, 168]; // hours
const AND_BELOW = "/*";
const EVERY_UNIT = "*";

// Opens a dialog with fields; `send(values)` is a promise. Where it fails the reader is told why
// and may try again; afterwards `done()`.
function ask({ title, note, fields, submit, send, done, check = () => "" }, words) {
  const problem = element("p", { class: "problem", role: "alert", hidden: "" });
  const yes = element("button", { class: "main-button", type: "submit" }, submit);
  const no = element("button", { type: "button" }, words.cancel);
  const form = element("form", { method: "dialog" }, [
    element("h2", { id: "acting-title" }, title),
    element("p", { class: "soft" }, note),
    ...fields,
    problem,
    element("div", { class: "buttons" }, [no, yes]),
  ]);
  const dialog = element("dialog", { class: "acting", "aria-labelledby": "acting-title" }, [form]);
  const fail = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
  };
  no.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form));
    const wrong = check(values);
    fail(wrong);
    if (wrong) return;
    yes.disabled = true;
    yes.textContent = words.sending;
    try {
      await send(values);
      dialog.close();
      done();
    } catch (error) {
      fail(words.failed(error.text || words.noAnswer));
    } finally {
      yes.disabled = false;
      yes.textContent = submit;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  form.querySelector("textarea, select")?.focus();
}

function field(label, control) {
  return element("label", { class: "field" }, [element("span", {}, label), control]);
}

const textOf = (name, attributes = {}) =>
  element("textarea", { name, rows: "2", maxlength: "300", ...attributes });

function choice(name, options, chosen) {
  return element(
    "select",
    { name },
    options.map(([value, text]) =>
      element("option", { value, selected: value === chosen ? "" : null }, text),
    ),
  );
}

export function askAcknowledge({ incident, name, api, done }, words) {
  ask(
    {
      title: words.acknowledgeTitle(name),
      note: words.acknowledgeNote,
      fields: [field(words.wordsOptional, textOf("reason"))],
      submit: words.acknowledge,
      send: ({ reason }) => {
        const id = encodeURIComponent(incident.incident_id);
        const said = reason.trim();
        return api.post(`incidents/${id}/acknowledge`, said ? { reason: said } : {});
      },
      done,
    },
    words,
  );
}

export function askSilence({ unitId, name, api, now, done }, words) {
  const scopes = [
    [unitId, words.scopeUnit(name)],
    [unitId + AND_BELOW, words.scopeBelow(name)],
    [EVERY_UNIT, words.scopeAll],
  ];
  ask(
    {
      title: words.silenceTitle,
      note: words.silenceNote,
      fields: [
        field(words.scope, choice("scope", scopes, unitId)),
        field(
          words.howLong,
          choice(
            "hours",
            SPANS.map((hours) => [String(hours), words.spans[hours]]),
            "4",
          ),
        ),
        field(words.words, textOf("reason", { required: "" })),
      ],
      submit: words.silence,
      check: ({ reason }) => (reason.trim() ? "" : words.needed),
      send: ({ scope, hours, reason }) =>
        api.post("silences", {
          scope,
          until: new Date(now() + Number(hours) * HOUR).toISOString(),
          reason: reason.trim(),
        }),
      done,
    },
    words,
  );
}

// "H47.502/*" in words.
export function scopeText(scope, store, words) {
  if (scope === EVERY_UNIT) return words.scopeAll;
  if (scope.endsWith(AND_BELOW))
    return words.scopeBelow(store.name(scope.slice(0, -AND_BELOW.length)));
  return words.scopeUnit(store.name(scope));
}
