// Signing in with a token. Shown only where acting or reading needs it.

import { setText } from "../elements.js";

export class Account {
  // onChange(): somebody signed in or out.
  constructor({ box, name, button, dialog }, api, onChange) {
    Object.assign(this, { box, name, button, dialog, api, onChange });
    this.form = dialog.querySelector("form");
    this.wrong = dialog.querySelector(".wrong");
    this.who = null;
    this.form.addEventListener("submit", (event) => this.submit(event));
    dialog.querySelector(".cancel").addEventListener("click", () => dialog.close());
    button.addEventListener("click", () => (this.who ? this.signOut() : this.open()));
  }

  // `acting`: the view is one in which people act.
  show(speech, access, acting) {
    const { words } = speech;
    this.words = words;
    this.who = access?.who ?? null;
    const needed = access?.reading === "closed" || acting;
    this.box.hidden = !this.who && !needed;
    setText(this.name, this.who ?? "");
    this.name.title = this.who ? words.signedIn(this.who) : "";
    setText(this.button, this.who ? words.signOut : words.signIn);
  }

  open() {
    this.say("");
    this.form.reset();
    if (!this.dialog.open) this.dialog.showModal();
    this.form.elements.token.focus();
  }

  async submit(event) {
    event.preventDefault();
    const token = this.form.elements.token.value.trim();
    if (!token) return;
    try {
      await this.api.post("session", { token });
    } catch (error) {
      const refused = error.kind === "signIn" || error.kind === "mayNot";
      this.say(refused ? this.words.signInWrong : error.text || this.words.signInWrong);
      return;
    }
    this.form.reset();
    this.dialog.close();
    this.onChange();
  }

  async signOut() {
    await this.api.delete("session").catch(() => null);
    this.onChange();
  }

  say(text) {
    setText(this.wrong, text);
    this.wrong.hidden = !text;
  }
}
