// What stands around every view: the words of the head, the ways to the views, the footer.

import { isElsewhere, setAttribute, setText } from "../elements.js";
import { harmless } from "../store.js";

const IN_BAR = ["map", "ranking", "incidents", "monitor"];
const NAMED = 5; // units in a warning
const find = (id) => document.getElementById(id);

export class Frame {
  constructor(router) {
    this.router = router;
    for (const link of document.querySelectorAll("#navigation a, #languages a, #home")) {
      link.addEventListener("click", (event) => {
        if (isElsewhere(event)) return;
        event.preventDefault();
        const { lang, view } = link.dataset;
        router.go(lang ? { lang } : { view });
      });
    }
  }

  show(state, speech, store) {
    const { words } = speech;
    document.documentElement.lang = state.lang;
    for (const node of document.querySelectorAll("[data-word]")) {
      setText(node, words[node.dataset.word]);
    }
    this.showWays(state, words);
    setText(find("province"), harmless(store.directory?.province?.name ?? ""));
    if (store.directory) this.showPolicy(store.directory.policy, speech);
    this.showTitle(state, words, store);
  }

  showWays(state, words) {
    setAttribute(find("navigation"), "aria-label", words.navigation);
    for (const link of document.querySelectorAll("#navigation a")) {
      const { view } = link.dataset;
      link.href = this.router.href({ view });
      setText(link.querySelector("span"), words.views[view]);
      const here = state.view === view || (view === "map" && !IN_BAR.includes(state.view));
      setAttribute(link, "aria-current", here && (state.view === view ? "page" : "true"));
    }
    find("home").href = this.router.href({ view: "map" });
    for (const link of find("languages").children) {
      link.href = this.router.href({ lang: link.dataset.lang });
      setAttribute(link, "aria-current", link.dataset.lang === state.lang && "true");
    }
  }

  showPolicy({ green, yellow, min_sample: few }, speech) {
    setText(find("policy"), speech.words.policy(
      speech.share(green), speech.share(yellow), speech.count(few),
    ));
  }

  showTitle(state, words, store) {
    const view = state.unit ? store.name(state.unit) : words.views[state.view];
    const province = harmless(store.directory?.province?.name ?? "");
    document.title = [view, words.title, province].filter(Boolean).join(" · ");
  }

  // Units whose owner did not answer: their figures are not there.
  showMissing(ofFigures, speech, store) {
    const { words } = speech;
    const missing = store.ranking?.missing ?? [];
    const names = missing.slice(0, NAMED).map((id) => store.name(id)).join(", ");
    const more = missing.length - NAMED;
    const all = more > 0 ? `${names} ${words.andMore(speech.count(more))}` : names;
    find("missing").hidden = !missing.length || !ofFigures;
    setText(find("missing"), missing.length ? words.warnMissing(all) : "");
  }
}
