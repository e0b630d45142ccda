// A view made of sections: a section is made anew only when what it shows has changed, so that a
// live view neither flickers nor closes what the reader has opened.

const FOCUSABLE = "a[href], button, summary, input, select, textarea, [tabindex]";

export class Sections {
  constructor(root) {
    this.root = root;
    this.shown = new Map(); // name -> { node, told, dispose }
  }

  // Shows a section after the one shown before it. `shows` is all that it depends on; `make()`
  // gives a node, or { node, dispose }, or null for nothing.
  show(name, shows, make) {
    const told = JSON.stringify(shows);
    const before = this.shown.get(name);
    if (before?.told === told) return;
    before?.dispose?.();
    const made = make();
    const node = made?.node ?? (made instanceof Node ? made : null) ?? document.createComment(name);
    if (before) replace(before.node, node);
    else this.root.append(node);
    this.shown.set(name, { node, told, dispose: made?.dispose });
  }

  dispose() {
    for (const { dispose } of this.shown.values()) dispose?.();
    this.shown.clear();
    this.root.replaceChildren();
  }
}

// Keeps open what was open, and the focus where it was.
function replace(before, after) {
  if (before instanceof Element && after instanceof Element) {
    const opened = [...before.querySelectorAll("details")].map((one) => one.open);
    for (const [index, one] of after.querySelectorAll("details").entries()) {
      if (opened[index] !== undefined) one.open = opened[index];
    }
  }
  const focused =
    before instanceof Element
      ? [...before.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement)
      : -1;
  before.replaceWith(after);
  if (focused >= 0) after.querySelectorAll?.(FOCUSABLE)[focused]?.focus({ preventScroll: true });
}
