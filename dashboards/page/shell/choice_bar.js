// The indicator, the period and the moment that the figures are of, and the banner of the past.

import { element, setText } from "../elements.js";
import { MomentChoice } from "./moment_choice.js";

export class ChoiceBar {
  constructor(bar, dialog, past, router) {
    Object.assign(this, { bar, past, router });
    this.definition = bar.querySelector("[name=definition]");
    this.window = bar.querySelector("[name=window]");
    this.moment = bar.querySelector(".moment-button");
    this.choice = new MomentChoice(dialog, (chosen) => router.go(chosen));
    this.definition.addEventListener("change", () => this.choose("definition"));
    this.window.addEventListener("change", () => this.choose("window"));
    this.moment.addEventListener("click", () => this.openMoment());
    past.querySelector("button").addEventListener("click", () => router.go({ asOf: "" }));
  }

  // The primary indicator's are not said in the address: they may change.
  choose(name) {
    const chosen = this[name].value;
    this.router.go({ [name]: chosen === this.directory.policy[name] ? "" : chosen });
  }

  openMoment() {
    this.choice.open(this.router.state, this.speech, this.api.now());
  }

  show(state, speech, directory, ranking, ofFigures, api) {
    Object.assign(this, { speech, directory, api });
    this.bar.hidden = !directory || !ofFigures || state.kiosk;
    this.past.hidden = !state.asOf || !ofFigures;
    if (!directory) return;
    const { policy, definitions, windows } = directory;
    offer(this.definition, definitions, (id) => `${speech.definition(id)} (${id})`,
      state.definition || policy.definition);
    offer(this.window, windows, (id) => speech.window(id), state.window || policy.window);
    const { words } = speech;
    const moment = Date.parse(state.asOf);
    const named = Number.isNaN(moment) ? state.asOf : speech.dateTime(moment);
    setText(this.moment.querySelector("span"), state.asOf ? named : words.now);
    this.moment.title = words.chooseMoment;
    const known = state.known === "then" ? words.knownThen : words.knownNow;
    setText(this.past.querySelector("p"), state.asOf ? words.past(named, known) : "");
  }
}

// Options are made anew only when they differ, so that an open list stays open.
function offer(select, ids, nameOf, chosen) {
  const all = ids.includes(chosen) ? ids : [...ids, chosen];
  const options = all.map((id) => [id, nameOf(id)]);
  const made = JSON.stringify(options);
  if (select.dataset.options !== made) {
    select.dataset.options = made;
    select.replaceChildren(...options.map(([value, text]) => element("option", { value }, text)));
  }
  if (select.value !== chosen) select.value = chosen;
}
