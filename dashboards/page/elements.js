// Making elements without HTML text.

export function element(tag, attributes = {}, content = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (typeof content === "string") made.textContent = content;
  else made.append(...content);
  return made;
}

// Leaves the document alone where nothing changes.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A zone told by colour, shape and word: no one has to see the colour.
export function zoneMark() {
  return element("span", { class: "zone-mark" }, [
    element("i", { class: "shape", "aria-hidden": "true" }),
    element("span"),
  ]);
}
