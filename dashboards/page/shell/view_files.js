// Brings a view's files when it is first shown: the first view does not wait for the others.

export class ViewFiles {
  constructor() {
    this.brought = new Map();
  }

  // { view, words }: the module of the view, and the one of its words with `vi` and `en`.
  of(name) {
    if (!this.brought.has(name)) {
      const bringing = this.bring(name);
      bringing.catch(() => this.brought.delete(name)); // the next one tries again
      this.brought.set(name, bringing);
    }
    return this.brought.get(name);
  }

  async bring(name) {
    const [view, words] = await Promise.all([
      import(`../views/${name}.js`), import(`../words/${name}.js`), style(`views/${name}.css`),
    ]);
    return { view, words };
  }
}

// A view is not drawn before its style is there; without it, it is drawn plainly.
function style(path) {
  return new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL(`../${path}`, import.meta.url).href;
    link.addEventListener("load", done);
    link.addEventListener("error", done);
    document.head.append(link);
  });
}
