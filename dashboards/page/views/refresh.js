// Loads anew what a view shows, soon after news of it, and not more often than every few seconds.

const AT_ONCE = 300; // milliseconds: news come together
const BETWEEN = 3_000;

export class Refresh {
  // `load(signal)` is a promise. A failure is passed over: the next news try again.
  constructor(load) {
    this.load = load;
    this.timer = 0;
    this.last = 0;
    this.control = new AbortController();
  }

  soon(wait = AT_ONCE) {
    if (this.timer || this.control.signal.aborted) return;
    const since = performance.now() - this.last;
    this.timer = setTimeout(() => this.now(), Math.max(wait, BETWEEN - since));
  }

  async now() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.last = performance.now();
    try {
      await this.load(this.control.signal);
    } catch (error) {
      if (this.control.signal.aborted) return;
      if (!error.kind) throw error;
      this.soon(BETWEEN);
    }
  }

  stop() {
    clearTimeout(this.timer);
    this.control.abort();
  }
}
