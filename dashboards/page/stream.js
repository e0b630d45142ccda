// Listens to the worker's events. While that is not to be had, asks every few seconds instead.

const EVENTS = ["hello", "status", "step", "notification", "monitor", "reset"];
const ASK_EVERY = 5_000; // milliseconds
const LISTEN_AGAIN = 10_000; // while asking
const SILENCE = 15_000; // after which a listener makes sure that somebody is there

export class Stream {
  // onEvent(type, content); onLoadAnew(): something may have been missed, or nothing is told;
  // onHeard(): a sign of life; onLost(error). `ask` is a promise of any answer of the worker.
  constructor(address, { onEvent, onLoadAnew, onHeard, onLost, ask }) {
    Object.assign(this, { address, onEvent, onLoadAnew, onHeard, onLost, ask });
    this.source = null;
    this.heardAt = 0;
    this.listenedAt = 0;
    this.opened = false; // at least once
    this.timer = 0;
  }

  start() {
    this.listen();
    this.timer = setInterval(() => this.look(), ASK_EVERY);
    window.addEventListener("online", () => this.listen());
  }

  stop() {
    clearInterval(this.timer);
    this.source?.close();
    this.source = null;
  }

  listen() {
    this.source?.close();
    this.listenedAt = Date.now();
    const source = new EventSource(this.address);
    this.source = source;
    source.addEventListener("open", () => {
      // After an interruption: events may be gone that this worker no longer has.
      if (this.opened) this.onLoadAnew();
      this.opened = true;
      this.heard();
    });
    source.addEventListener("error", () => this.checkUp());
    for (const type of EVENTS) {
      source.addEventListener(type, (event) => {
        if (source !== this.source) return;
        this.heard();
        if (type === "reset") this.onLoadAnew();
        else this.onEvent(type, JSON.parse(event.data));
      });
    }
  }

  heard() {
    this.heardAt = Date.now();
    this.onHeard();
  }

  get listening() {
    return this.source?.readyState === EventSource.OPEN;
  }

  look() {
    if (this.listening && Date.now() - this.heardAt < SILENCE) return;
    if (this.source?.readyState === EventSource.CLOSED
        && Date.now() - this.listenedAt > LISTEN_AGAIN) this.listen();
    this.checkUp();
  }

  // Is the worker there? If it is and tells nothing, everything is loaded anew.
  async checkUp() {
    if (this.checking) return;
    this.checking = true;
    try {
      await this.ask();
      this.heardAt = Date.now();
      this.onHeard();
      if (!this.listening) this.onLoadAnew();
    } catch (error) {
      this.onLost(error);
    } finally {
      this.checking = false;
    }
  }
}
