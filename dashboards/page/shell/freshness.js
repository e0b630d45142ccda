// How fresh the figures are, said openly: live, old, or the connection lost. Figures that are not
// live lose their colours.

import { setText } from "../elements.js";

const OLD = 5 * 60_000; // milliseconds without new data

export class Freshness {
  constructor(body, box, stateText, timeText, warning) {
    Object.assign(this, { body, box, stateText, timeText, warning });
    this.lost = null; // since when, and why
  }

  alive() {
    this.lost = null;
  }

  fail(now, error) {
    this.lost = { since: this.lost?.since ?? now, error };
  }

  state(dataTo, now, past, loaded) {
    if (this.lost) return "lost";
    if (past) return "past";
    if (!loaded) return "waiting";
    return dataTo !== null && now - dataTo > OLD ? "stale" : "live";
  }

  // dataTo: the instant the data reach to, or null; past: whether an earlier moment is shown.
  show(speech, { dataTo, now, past, loaded }) {
    const { words } = speech;
    const state = this.state(dataTo, now, past, loaded);
    this.box.dataset.state = state;
    this.body.dataset.live = state;
    setText(this.stateText, state === "past" ? words.pastState : words[state]);
    const age = dataTo === null ? "" : speech.span(now - dataTo);
    const time = dataTo === null ? words.noDataTo : words.dataTo(speech.time(dataTo, now));
    setText(this.timeText, loaded ? time : "");
    this.timeText.title = age && `${words.ago(age)} (${speech.timeZone})`;
    let warning = "";
    if (state === "lost") {
      warning = words.warnLost(speech.time(this.lost.since, now), reasonOf(this.lost.error, speech));
    } else if (state === "stale") {
      warning = words.warnStale(age);
    }
    setText(this.warning, warning);
    this.warning.hidden = !warning;
  }
}

// What went wrong, in the reader's words; the server's own where it said any.
export function reasonOf(error, speech) {
  const { errors } = speech.words;
  const reason = (errors[error?.kind] ?? errors.broken)(error?.status);
  return error?.text ? `${reason}: ${error.text}` : reason;
}
