// The dialog in which a past moment is chosen.

import { element, setText } from "../elements.js";
import { clockOf, dateOf, instantOf, iso, quickMoments, wallOf } from "../moments.js";

export class MomentChoice {
  // onChoice({ asOf, known })
  constructor(dialog, onChoice) {
    this.dialog = dialog;
    this.form = dialog.querySelector("form");
    this.quick = dialog.querySelector(".quick");
    this.wrong = dialog.querySelector(".wrong");
    this.onChoice = onChoice;
    this.note = dialog.querySelector(".zone-note");
    this.form.addEventListener("input", () => this.showNote());
    this.form.addEventListener("submit", (event) => this.submit(event));
    dialog.querySelector(".cancel").addEventListener("click", () => dialog.close());
  }

  open(state, speech, now) {
    this.speech = speech;
    this.now = now;
    const zone = speech.timeZone;
    const shown = Date.parse(state.asOf) || quickMoments(now, zone).yesterday;
    const { date, time, known } = this.form.elements;
    date.max = dateOf(now, zone);
    this.fill(shown);
    known.value = state.known;
    this.showQuick();
    this.say("");
    this.dialog.showModal();
    date.focus();
    time.step = 60;
  }

  fill(instant) {
    const { date, time } = this.form.elements;
    this.filled = instant;
    date.value = dateOf(instant, this.speech.timeZone);
    time.value = clockOf(instant, this.speech.timeZone);
    this.showNote();
  }

  showQuick() {
    const { words, timeZone } = this.speech;
    const { yesterday, lastMonth, lastHalf } = quickMoments(this.now, timeZone);
    const choices = [
      [yesterday, words.momentYesterday],
      [lastMonth, words.momentLastMonth],
      [lastHalf, words.momentDay(this.speech.shortDay(lastHalf))],
    ];
    this.quick.replaceChildren(...choices.map(([instant, text]) => {
      const { day, month, year } = wallOf(instant, timeZone);
      const button = element("button", { type: "button", title: `${day}/${month}/${year}` }, text);
      button.addEventListener("click", () => {
        this.fill(instant);
        this.form.requestSubmit();
      });
      return button;
    }));
  }

  submit(event) {
    event.preventDefault();
    const { date, known } = this.form.elements;
    const instant = this.chosen();
    if (Number.isNaN(instant) || instant > this.now) {
      this.say(this.speech.words.momentWrong);
      date.focus();
      return;
    }
    this.dialog.close();
    this.onChoice({ asOf: iso(instant), known: known.value });
  }

  chosen() {
    const { date, time } = this.form.elements;
    const zone = this.speech.timeZone;
    // The fields know only minutes: an untouched moment keeps its seconds.
    const untouched = date.value === dateOf(this.filled, zone) && time.value === clockOf(this.filled, zone);
    return untouched ? this.filled : instantOf(date.value, time.value, zone);
  }

  // The moment in words: the fields show it as the browser likes, not as the reader does.
  showNote() {
    const instant = this.chosen();
    const { speech } = this;
    const named = Number.isNaN(instant) ? "" : speech.words.momentZone(speech.dateTime(instant), speech.timeZone);
    setText(this.note, named);
  }

  say(text) {
    setText(this.wrong, text);
    this.wrong.hidden = !text;
  }
}
