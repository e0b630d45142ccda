// Asks for the units every two seconds; the server says 304 where nothing is new.

const EVERY = 2_000; // milliseconds between an answer and the next question
const EVERY_HIDDEN = 15_000; // while nobody looks
const PATIENCE = 8_000;

export class Feed {
  // onData(content), onAlive(serverTime), onLost(kind, status): called after each question.
  constructor(url, { onData, onAlive, onLost }) {
    this.url = url;
    this.tell = { onData, onAlive, onLost };
    this.tag = null;
    this.timer = 0;
    this.asking = false;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.ask();
    });
    window.addEventListener("online", () => this.ask());
  }

  async ask() {
    if (this.asking) return;
    this.asking = true;
    clearTimeout(this.timer);
    try {
      await this.exchange();
    } finally {
      this.asking = false;
      this.timer = setTimeout(() => this.ask(), document.hidden ? EVERY_HIDDEN : EVERY);
    }
  }

  async exchange() {
    let response;
    let content = null;
    try {
      response = await fetch(this.url, {
        cache: "no-store",
        headers: this.tag ? { "If-None-Match": this.tag } : {},
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (response.status === 200) content = await response.json();
    } catch {
      this.tell.onLost("noAnswer");
      return;
    }
    if (response.status !== 304 && !Array.isArray(content?.units)) {
      this.tell.onLost("badAnswer", response.status);
      return;
    }
    const stated = Date.parse(response.headers.get("Date") ?? "");
    this.tell.onAlive(Number.isNaN(stated) ? Date.now() : stated);
    if (content) {
      this.tag = response.headers.get("ETag");
      this.tell.onData(content);
    }
  }
}
