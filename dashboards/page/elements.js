// Making elements without HTML text.

const SVG = "http://www.w3.org/2000/svg";

export function element(tag, attributes = {}, content = []) {
  return filled(document.createElement(tag), attributes, content);
}

export function svg(tag, attributes = {}, content = []) {
  return filled(document.createElementNS(SVG, tag), attributes, content);
}

function filled(made, attributes, content) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  if (typeof content === "string") made.textContent = content;
  else made.append(...content.filter((part) => part !== null));
  return made;
}

// Leaves the document alone where nothing changes.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Nothing, false and "" take the attribute away.
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false || value === "") node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

// A name from outside: its direction of writing ends with it.
export function isolated(text, attributes = {}) {
  return element("bdi", attributes, text);
}

// A zone told by colour, shape and word: no one has to see the colour.
export function zoneMark(zone = null, text = "") {
  return element("span", { class: "zone-mark", "data-zone": zone }, [
    element("i", { class: "shape", "aria-hidden": "true" }),
    element("span", {}, text),
  ]);
}

// A link within the page; `go` is called in place of loading it anew.
export function viewLink(context, change, content = [], attributes = {}) {
  const link = element("a", { ...attributes, href: context.href(change) }, content);
  link.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || isElsewhere(event)) return;
    event.preventDefault();
    context.go(change);
  });
  return link;
}

// The reader asks for a new tab or window, or to save.
export const isElsewhere = (event) =>
  event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
