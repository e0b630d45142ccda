// How fresh the figures are, said openly: live, old, or the connection lost. Figures that are not
// live lose their colours.

import { setText } from "./elements.js";

const OLD = 5 * 60_000; // milliseconds without new data

export class Live {
  constructor(body, box, stateText, timeText, warning) {
    Object.assign(this, { body, box, stateText, timeText, warning });
    this.ahead = 0; // of the server's clock against this one
    this.dataTo = null;
    this.lost = null; // since when, and why
  }

  alive(serverTime) {
    this.ahead = serverTime - Date.now();
    this.lost = null;
  }

  fail(kind, status) {
    this.lost = { since: this.lost?.since ?? this.now(), kind, status };
  }

  now() {
    return Date.now() + this.ahead;
  }

  state(loaded) {
    if (this.lost) return "lost";
    if (!loaded) return "waiting";
    return this.dataTo !== null && this.now() - this.dataTo > OLD ? "stale" : "live";
  }

  show(speech, content) {
    const { words } = speech;
    const zone = content?.timezone;
    this.dataTo = content?.data_to ? Date.parse(content.data_to) : null;
    const state = this.state(Boolean(content));
    this.box.dataset.state = state;
    this.body.dataset.live = state;
    setText(this.stateText, words[state]);
    const now = this.now();
    const age = this.dataTo === null ? "" : speech.span(now - this.dataTo);
    if (content) {
      const time = this.dataTo === null
        ? words.noDataTo
        : words.dataTo(speech.time(this.dataTo, zone, now), zone);
      setText(this.timeText, time);
      this.timeText.title = age && words.ago(age);
    }
    let warning = "";
    if (state === "lost") {
      const reason = words[this.lost.kind];
      const why = typeof reason === "function" ? reason(this.lost.status) : reason;
      warning = words.warnLost(speech.time(this.lost.since, zone, now), why);
    } else if (state === "stale") {
      warning = words.warnStale(age);
    }
    setText(this.warning, warning);
    this.warning.hidden = !warning;
  }
}
