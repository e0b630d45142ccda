// The address holds all that the reader chose, so that any view can be sent, and Back works.
//
// A state is flat: view, unit, lang, definition, window, asOf, known, kiosk, and whatever else a
// view keeps in the address, under its own name and as text. What is not chosen is "".

export const VIEWS = ["map", "ranking", "unit", "explain", "incidents", "monitor"];

const DEFAULTS = {
  view: "map", lang: "vi", unit: "",
  definition: "", window: "", // "": the primary indicator's
  asOf: "", // an instant; "": now
  known: "now", // of a past instant: all that is known "now", or only what was known "then"
  kiosk: false,
};
// What holds from one view to the next; the rest belongs to the view it was chosen in.
const SHARED = ["lang", "definition", "window", "asOf", "known", "kiosk"];

export function readState(search) {
  const said = new URLSearchParams(search);
  const state = { ...DEFAULTS };
  for (const [name, value] of said) if (!(name in DEFAULTS) && name !== "as_of") state[name] = value;
  if (VIEWS.includes(said.get("view"))) state.view = said.get("view");
  else if (said.get("unit")) state.view = "unit"; // as links from elsewhere have it
  if (said.get("lang") === "en") state.lang = "en";
  for (const name of ["unit", "definition", "window"]) state[name] = said.get(name) ?? "";
  state.asOf = said.get("as_of") ?? "";
  if (state.asOf && said.get("known") === "then") state.known = "then";
  state.kiosk = said.get("kiosk") === "1";
  return state;
}

export function writeState(state) {
  const said = new URLSearchParams();
  const { view, asOf, known, kiosk, ...others } = state;
  if (view !== DEFAULTS.view) said.set("view", view);
  for (const [name, value] of Object.entries(others)) {
    if (value && value !== DEFAULTS[name]) said.set(name, value);
  }
  if (asOf) said.set("as_of", asOf);
  if (asOf && known !== DEFAULTS.known) said.set("known", known);
  if (kiosk) said.set("kiosk", "1");
  const text = said.toString().replaceAll("%2C", ",").replaceAll("%40", "@").replaceAll("%3A", ":");
  return text ? `?${text}` : "?";
}

// The state after a change. Going to another view leaves behind what the last one kept.
export function changed(state, change) {
  const leaves = change.view !== undefined && change.view !== state.view;
  const kept = leaves
    ? { ...DEFAULTS, ...Object.fromEntries(SHARED.map((name) => [name, state[name]])) }
    : state;
  const next = { ...kept, ...change };
  if (!next.asOf) next.known = DEFAULTS.known;
  return next;
}

export class Router {
  // onChange(state, { pushed }): after every change, by the reader or by Back and Forward.
  constructor(onChange) {
    this.state = readState(location.search);
    this.onChange = onChange;
    window.addEventListener("popstate", () => {
      this.state = readState(location.search);
      this.onChange(this.state, { pushed: false });
    });
  }

  href(change) {
    return writeState(changed(this.state, change));
  }

  // `replace`: no step of its own in the history, as while somebody types.
  go(change, { replace = false } = {}) {
    const before = writeState(this.state);
    this.state = changed(this.state, change);
    const after = writeState(this.state);
    if (after !== before) history[replace ? "replaceState" : "pushState"](null, "", after);
    this.onChange(this.state, { pushed: !replace && after !== before });
  }
}
