// A wall screen: the views follow each other, with nothing to press. Space pauses, Escape leaves.

import { setText } from "../elements.js";

const ROUND = ["map", "ranking", "incidents"];
const EACH = 20_000; // milliseconds
const STILL = 4_000; // before a long view begins to move, and after it has

export class Kiosk {
  constructor(note, router) {
    Object.assign(this, { note, router });
    this.timer = 0;
    this.moving = 0;
    this.paused = false;
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (!this.router.state.kiosk) return;
    if (event.key === " ") {
      event.preventDefault();
      this.paused = !this.paused;
      this.show(this.router.state, this.words);
    } else if (event.key === "Escape") {
      this.router.go({ kiosk: false });
    }
  }

  // After every change of view.
  show(state, words) {
    this.words = words;
    clearTimeout(this.timer);
    cancelAnimationFrame(this.moving);
    document.documentElement.classList.toggle("kiosk", state.kiosk);
    this.note.hidden = !state.kiosk;
    if (!state.kiosk) return;
    setText(this.note, this.paused ? words.kioskPaused : words.kioskHint);
    this.note.classList.toggle("paused", this.paused);
    if (this.paused) return;
    const next = ROUND[(ROUND.indexOf(state.view) + 1) % ROUND.length];
    this.timer = setTimeout(() => this.router.go({ view: next }, { replace: true }), EACH);
    this.pass(performance.now());
  }

  // A view that is longer than the screen passes by in its time.
  pass(begun) {
    const step = (now) => {
      const root = document.documentElement;
      const way = root.scrollHeight - window.innerHeight;
      const part = (now - begun - STILL) / (EACH - 2 * STILL);
      if (way > 0) window.scrollTo(0, way * Math.min(1, Math.max(0, part)));
      this.moving = requestAnimationFrame(step);
    };
    this.moving = requestAnimationFrame(step);
  }
}
