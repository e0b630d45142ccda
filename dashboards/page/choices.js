// What the reader has chosen. All of it lives in the address, so that a view can be sent on.

export const ZONES = ["green", "yellow", "red", "grey"];
export const SORTS = [
  "name", "zone", "ratio", "numerator", "early", "on_time", "late",
  "open", "overdue", "due_soon", "paused",
];
const UP_FIRST = new Set(["name", "zone", "ratio"]); // the others begin with the largest
export const firstDirection = (sort) => (UP_FIRST.has(sort) ? "up" : "down");

const DEFAULTS = {
  lang: "vi", q: "", zones: [], incident: false, sort: "ratio", dir: "up",
  definition: "", window: "", // empty: the primary indicator's
};

export function readChoices(search) {
  const asked = new URLSearchParams(search);
  const sort = SORTS.includes(asked.get("sort")) ? asked.get("sort") : DEFAULTS.sort;
  return {
    lang: asked.get("lang") === "en" ? "en" : "vi",
    q: asked.get("q") ?? "",
    zones: (asked.get("zone") ?? "").split(",").filter((zone) => ZONES.includes(zone)),
    incident: asked.get("incident") === "open",
    sort,
    dir: ["up", "down"].includes(asked.get("dir")) ? asked.get("dir") : firstDirection(sort),
    definition: asked.get("definition") ?? "",
    window: asked.get("window") ?? "",
  };
}

export function writeChoices(choices) {
  const said = new URLSearchParams();
  if (choices.lang !== DEFAULTS.lang) said.set("lang", choices.lang);
  if (choices.q) said.set("q", choices.q);
  if (choices.zones.length) said.set("zone", choices.zones.join(","));
  if (choices.incident) said.set("incident", "open");
  if (choices.sort !== DEFAULTS.sort) said.set("sort", choices.sort);
  if (choices.dir !== firstDirection(choices.sort)) said.set("dir", choices.dir);
  if (choices.definition) said.set("definition", choices.definition);
  if (choices.window) said.set("window", choices.window);
  const text = said.toString().replaceAll("%2C", ",").replaceAll("%40", "@");
  return text ? `?${text}` : "?";
}
