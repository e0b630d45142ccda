// Puts the page together: the address says which view is shown and of what, the worker's events
// keep it true.

import { Api, figureAsked } from "./api.js";
import { element, setText } from "./elements.js";
import { Router } from "./router.js";
import { Account } from "./shell/account.js";
import { ChoiceBar } from "./shell/choice_bar.js";
import { Frame } from "./shell/frame.js";
import { Freshness, reasonOf } from "./shell/freshness.js";
import { Kiosk } from "./shell/kiosk.js";
import { ViewFiles } from "./shell/view_files.js";
import { Speech } from "./speech.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";
import * as shellWords from "./words/shell.js";
import { ZoneNews, tellChange } from "./zone_news.js";

const RELOAD_AFTER = 1_500; // milliseconds: news of figures that the stream does not carry
const MISSING_AGAIN = 5_000; // milliseconds: units whose owner did not answer
const FIGURE_VIEWS = new Set(["map", "ranking", "unit", "explain"]);
const find = (id) => document.getElementById(id);

class Page {
  constructor() {
    this.api = new Api();
    this.store = new Store();
    this.news = new ZoneNews();
    this.files = new ViewFiles();
    this.shown = null; // { view, state, context }: what stands in the main part
    this.reload = 0;
    this.freshness = new Freshness(
      document.body, find("live"), find("live-state"), find("live-time"), find("warning"),
    );
    this.router = new Router((state, how) => this.show(state, how));
    this.frame = new Frame(this.router);
    this.bar = new ChoiceBar(find("choice-bar"), find("moment-dialog"), find("past"), this.router);
    this.account = new Account({
      box: find("account"), name: find("who"), button: find("sign"), dialog: find("sign-dialog"),
    }, this.api, () => window.location.reload());
    this.kiosk = new Kiosk(find("kiosk-note"), this.router);
    this.stream = new Stream("api/stream", {
      onEvent: (type, content) => this.hear(type, content),
      onLoadAnew: () => this.loadAnew(),
      onHeard: () => this.freshness.alive(),
      onLost: (error) => {
        this.freshness.fail(this.api.now(), error);
        this.showFreshness();
      },
      ask: async () => this.takeMonitor(await this.api.get("monitor")),
    });
  }

  start() {
    this.show(this.router.state, { pushed: false });
    setInterval(() => this.showFreshness(), 1_000); // the age of the data grows by itself
  }

  get state() {
    return this.router.state;
  }

  // What a view is given besides its content.
  context(state, words) {
    return {
      state,
      go: (change, how) => this.router.go(change, how),
      href: (change) => this.router.href(change),
      speech: this.speech,
      words: { ...shellWords[state.lang], ...words },
      store: this.store,
      api: this.api,
      news: this.news,
      now: () => this.api.now(),
      signIn: () => this.account.open(),
      reload: () => this.load(this.state, { quiet: true }),
    };
  }

  async show(state, { pushed }) {
    this.showShell(state);
    const before = this.shown;
    const view = before?.view;
    if (view && before.state.view === state.view && onlyOwn(view, before.state, state)) {
      this.shown = { ...before, state, context: this.context(state, before.words) };
      view.onState(this.shown.context);
      return;
    }
    await this.load(state, { quiet: before?.state.view === state.view });
    if (pushed && this.shown?.state === state && before?.state.view !== state.view) {
      find("main").focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
  }

  // Loads what a view shows, then puts it in place of the last one. `quiet`: the old stands till then.
  async load(state, { quiet }) {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    const { signal } = loading;
    const main = find("main");
    main.setAttribute("aria-busy", "true");
    if (!quiet && this.shown) main.classList.add("leaving");
    try {
      const [{ view, words }] = await Promise.all([this.files.of(state.view), this.begin(signal)]);
      this.showShell(state);
      const ranking = this.loadRanking(state, signal);
      if (!view.needsRanking) ranking.catch(() => null); // it only adds to such a view
      const [content] = await Promise.all([
        view.load?.(this.api, state, signal), view.needsRanking ? ranking : null,
      ]);
      if (!signal.aborted) this.put(view, words, content, state);
    } catch (error) {
      if (!signal.aborted) this.fail(error, state);
    }
    if (this.loading === loading) {
      main.removeAttribute("aria-busy");
      main.classList.remove("leaving");
    }
  }

  // Once: who reads, what units there are; then the events.
  async begin(signal) {
    if (this.store.directory) return;
    this.store.takeDirectory(await this.api.get("directory", {}, signal));
    this.stream.start();
    this.api.get("monitor").then((monitor) => this.takeMonitor(monitor), () => null);
  }

  async loadRanking(state, signal) {
    const ranking = await this.api.get("ranking", figureAsked(state), signal);
    if (signal?.aborted) return;
    const { rows, ranking: old } = this.store;
    const same = old?.definition === ranking.definition && old.window === ranking.window
      && !state.asOf && !this.shown?.state.asOf;
    this.store.takeRanking(ranking, state.asOf);
    this.store.known = state.known;
    if (same) this.compare(rows);
    this.showShell(state);
    this.tellView({ type: "rows", data: ranking });
    if (ranking.missing.length) this.rankAgain(MISSING_AGAIN);
  }

  // Once, however often it is asked for meanwhile.
  rankAgain(after) {
    this.reload ||= setTimeout(() => {
      this.reload = 0;
      this.loadRanking(this.state).catch(() => null);
    }, after);
  }

  put(view, words, content, state) {
    this.shown?.view?.dispose?.();
    const root = element("div", { class: `view view-${state.view}` });
    const context = this.context(state, words[state.lang]);
    this.shown = { view, state, context, words: words[state.lang] };
    find("main").replaceChildren(root);
    view.render(root, content, context);
    this.kiosk.show(state, shellWords[state.lang]);
  }

  fail(error, state) {
    if (!error.kind) console.error(error);
    const { words } = this.speech;
    this.shown?.view?.dispose?.();
    this.shown = null;
    const again = element("button", { type: "button", class: "main-button" },
      error.kind === "signIn" ? words.signIn : words.tryAgain);
    again.addEventListener("click", () => {
      if (error.kind === "signIn") this.account.open();
      else this.load(this.state, { quiet: false });
    });
    const said = error.kind === "signIn"
      ? words.signInNeeded : words.failed(reasonOf(error, this.speech));
    find("main").replaceChildren(element("div", { class: "failed", role: "alert" }, [
      element("p", {}, said), again,
    ]));
    this.account.show(this.speech, this.store.directory?.access, error.kind === "signIn");
    this.kiosk.show(state, words);
    // Where nobody answered: again by itself.
    if (error.kind === "noAnswer" || error.kind === "away") {
      clearTimeout(this.retry);
      this.retry = setTimeout(() => !this.shown && this.load(this.state, { quiet: true }), 5_000);
    }
  }

  // -- what the worker tells --------------------------------------------------------------------

  hear(type, content) {
    if (type === "hello") this.api.heardTime(Date.parse(content.now));
    else if (type === "monitor") this.takeMonitor(content);
    else if (this.state.asOf) return; // the past does not move
    else if (type === "status") this.takeStatus(content);
    else this.tellView({ type, data: content });
  }

  takeStatus(status) {
    const before = this.store.takeStatus(status);
    if (before) {
      const change = this.news.hear(
        before, status, Date.parse(status.clock), this.store.name(status.unit_id),
      );
      if (change) this.speak([change]);
    } else if (this.store.ranking) {
      this.rankAgain(RELOAD_AFTER);
    }
    this.tellView({ type: "status", data: status, before });
    this.showFreshness();
  }

  takeMonitor(monitor) {
    if (this.state.asOf) this.store.monitor = monitor;
    else this.store.takeMonitor(monitor);
    this.api.heardTime(Date.parse(monitor.now));
    this.tellView({ type: "monitor", data: monitor });
    this.showFreshness();
  }

  // Something may have been missed.
  loadAnew() {
    if (this.state.asOf || !this.shown) return;
    this.loadRanking(this.state).catch(() => null);
    this.tellView({ type: "reset", data: null });
  }

  compare(rowsBefore) {
    const changes = [];
    for (const [id, row] of this.store.rows) {
      const before = rowsBefore.get(id);
      changes.push(this.news.hear(before, row, this.api.now(), this.store.name(id)));
    }
    this.speak(changes.filter((change) => change !== null));
  }

  speak(changes) {
    if (!changes.length) return;
    setText(find("spoken"), changes.map((change) => tellChange(change, this.speech)).join(". "));
  }

  tellView(news) {
    const { shown } = this;
    if (shown?.view?.onNews && shown.state === this.state) shown.view.onNews(news, shown.context);
  }

  // -- around the view --------------------------------------------------------------------------

  showShell(state) {
    const { directory, ranking } = this.store;
    const zone = directory?.timezone;
    if (this.speech?.lang !== state.lang || this.speech.timeZone !== (zone ?? this.speech.timeZone)) {
      this.speech = new Speech(state.lang, shellWords[state.lang], zone);
    }
    const ofFigures = FIGURE_VIEWS.has(state.view);
    this.frame.show(state, this.speech, this.store);
    this.frame.showMissing(ofFigures, this.speech, this.store);
    this.bar.show(state, this.speech, directory, ranking, ofFigures, this.api);
    this.account.show(this.speech, directory?.access, state.view === "incidents");
    this.showFreshness();
  }

  showFreshness() {
    const { directory, monitor, ranking } = this.store;
    const now = Date.parse(monitor?.data_to ?? "") || null;
    const shown = Date.parse(ranking?.data_to ?? "") || null;
    const dataTo = now === null || shown === null ? now ?? shown : Math.max(now, shown);
    const past = Boolean(this.state.asOf) && FIGURE_VIEWS.has(this.state.view);
    this.freshness.show(this.speech, {
      dataTo: past ? now : dataTo, now: this.api.now(), past, loaded: Boolean(directory),
    });
  }
}

// Whether two states differ only in what the view itself keeps in the address.
function onlyOwn(view, before, after) {
  if (!view.onState) return false;
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].every((name) => view.own.includes(name) || before[name] === after[name]);
}

new Page().start();
