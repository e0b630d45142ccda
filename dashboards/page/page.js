// Puts the page together: the feed brings the content, the address holds the choices, and both
// are shown whenever one of them changes.

import { SORTS, firstDirection, readChoices, writeChoices } from "./choices.js";
import { element, setText } from "./elements.js";
import { Feed } from "./feed.js";
import { Live } from "./live.js";
import { News } from "./news.js";
import { Summary } from "./summary.js";
import { UnitTable } from "./table.js";
import { figuresIn, fits, headings, rowsOf, sorted, summaryOf } from "./units.js";
import { Speech } from "./words.js";

const find = (id) => document.getElementById(id);
const form = find("choices");
const fields = form.elements;

let choices = readChoices(location.search);
let speech = new Speech(choices.lang);
let content = null;
let headShown = "";

const live = new Live(document.body, find("live"), find("live-state"), find("live-time"), find("warning"));
const news = new News(find("news"), find("news-list"), find("spoken"));
const table = new UnitTable(find("units"), sortBy);
const summary = new Summary(find("tiles"), find("spread"), {
  onZone: (zone) => {
    const { zones } = choices;
    choose({ zones: zones.includes(zone) ? zones.filter((one) => one !== zone) : [...zones, zone] });
  },
  onIncident: () => choose({ incident: !choices.incident }),
});

function choose(change) {
  choices = { ...choices, ...change };
  history.replaceState(null, "", writeChoices(choices));
  show();
}

function sortBy(sort) {
  const turned = choices.dir === "up" ? "down" : "up";
  choose({ sort, dir: sort === choices.sort ? turned : firstDirection(sort) });
}

function showWords() {
  document.documentElement.lang = choices.lang;
  for (const node of document.querySelectorAll("[data-word]")) {
    setText(node, speech.words[node.dataset.word]);
  }
  for (const link of find("languages").children) {
    link.href = writeChoices({ ...choices, lang: link.dataset.lang });
    if (link.dataset.lang === choices.lang) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// Options are made anew only when they differ, so that an open list stays open.
function offer(select, options, chosen) {
  const made = JSON.stringify(options);
  if (select.dataset.options !== made) {
    select.dataset.options = made;
    select.replaceChildren(...options.map(([value, text]) => element("option", { value }, text)));
  }
  if (select.value !== chosen) select.value = chosen;
}

function showFields(definition, window) {
  const { definitions, windows } = figuresIn(content);
  offer(fields.definition, definitions.map((id) => [id, `${speech.definition(id)} (${id})`]), definition);
  offer(fields.window, windows.map((id) => [id, speech.window(id)]), window);
  const sorts = SORTS.flatMap((sort) => {
    const name = speech.words.sortNames[sort] ?? speech.words.columns[sort];
    return ["up", "down"].map((dir) => [
      `${sort} ${dir}`,
      `${name}, ${dir === "up" ? speech.words.ascending : speech.words.descending}`,
    ]);
  });
  offer(fields.sort, sorts, `${choices.sort} ${choices.dir}`);
  if (fields.q.value !== choices.q) fields.q.value = choices.q;
  find("clear").hidden = !choices.q && !choices.zones.length && !choices.incident;
}

// What was asked for, or the primary indicator's where there are no such figures.
function figureAsked() {
  const { definitions, windows } = figuresIn(content);
  const { definition, window } = choices;
  return [
    definitions.includes(definition) ? definition : content.primary.definition,
    windows.includes(window) ? window : content.primary.window,
  ];
}

function showContent() {
  const [definition, window] = figureAsked();
  const rows = rowsOf(content, definition, window);
  const shown = sorted(rows.filter((row) => fits(row, choices)), choices, speech.locale);
  const { words } = speech;
  const { policy, primary } = content;
  const head = `${choices.lang} ${window}`;
  if (head !== headShown) table.showHead(speech, window);
  headShown = head;
  table.markSort(choices);
  table.show(shown, speech, content);
  summary.show(summaryOf(rows), choices, speech, policy);
  showFields(definition, window);
  setText(find("province"), headings(content.units).map((unit) => unit.name).join(", "));
  setText(find("note"), words.note(
    speech.count(shown.length), speech.count(rows.length),
    speech.definition(primary.definition), speech.window(primary.window),
  ));
  setText(find("none"), rows.length ? words.none : words.empty);
  find("none").hidden = shown.length > 0;
  find("units").hidden = shown.length === 0;
  setText(find("policy"), words.policy(
    speech.share(policy.green), speech.share(policy.yellow), speech.count(policy.min_sample),
  ));
  news.show(speech, content.timezone, live.now());
  const name = headings(content.units)[0]?.name;
  document.title = name ? `${words.title} · ${name}` : words.title;
}

function show() {
  showWords();
  live.show(speech, content);
  if (content) showContent();
}

form.addEventListener("submit", (event) => event.preventDefault());
fields.q.addEventListener("input", () => choose({ q: fields.q.value }));
fields.sort.addEventListener("change", () => {
  const [sort, dir] = fields.sort.value.split(" ");
  choose({ sort, dir });
});
for (const name of ["definition", "window"]) {
  fields[name].addEventListener("change", () => {
    const primary = fields[name].value === content.primary[name];
    choose({ [name]: primary ? "" : fields[name].value });
  });
}
find("clear").addEventListener("click", () => {
  choose({ q: "", zones: [], incident: false });
  fields.q.focus();
});
find("languages").addEventListener("click", (event) => {
  const lang = event.target.closest("[data-lang]")?.dataset.lang;
  if (!lang || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  speech = new Speech(lang);
  choose({ lang });
});
window.addEventListener("popstate", () => {
  choices = readChoices(location.search);
  speech = new Speech(choices.lang);
  show();
});

const feed = new Feed("api/units", {
  onData: (fresh) => {
    content = fresh;
    const changes = news.hear(content.units);
    show();
    news.speak(changes, speech);
  },
  onAlive: (serverTime) => live.alive(serverTime),
  onLost: (kind, status) => {
    live.fail(kind, status);
    live.show(speech, content);
  },
});

show();
feed.ask();
setInterval(() => live.show(speech, content), 1_000); // the age of the data grows by itself
