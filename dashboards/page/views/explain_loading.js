// Brings an explanation piece by piece: the first dossiers are shown while the others come.

import { figureAsked } from "../api.js";

const PIECE = 1000; // dossiers

export class Loading {
  constructor(api, state) {
    this.api = api;
    this.unit = encodeURIComponent(state.unit);
    const { definition, window, as_of: asOf, known } = figureAsked(state);
    this.asked = { definition, window, as_of: asOf, known_at: known === "then" ? asOf : "" };
    this.control = new AbortController();
    this.answer = null; // the first piece, without its dossiers
    this.dossiers = [];
    this.leftOut = [];
    this.next = null;
    this.failed = false;
    this.whole = false;
    this.single = new Map(); // dossier id -> promise of it
  }

  async begin(signal) {
    const first = await this.api.get(
      `units/${this.unit}/explain`,
      { ...this.asked, limit: PIECE },
      signal,
    );
    const { dossiers, left_out: leftOut, next, ...rest } = first;
    this.answer = rest;
    this.take(dossiers, leftOut, next);
  }

  take(dossiers, leftOut, next) {
    this.dossiers.push(...dossiers);
    this.leftOut.push(...leftOut);
    this.next = next ?? null;
    this.whole = this.next === null;
  }

  // The further pieces are of the same instant as the first. `onPiece()` after each.
  async goOn(onPiece) {
    this.failed = false;
    while (!this.whole) {
      try {
        const asked = { ...this.asked, as_of: this.answer.as_of, limit: PIECE, after: this.next };
        const piece = await this.api.get(`units/${this.unit}/explain`, asked, this.control.signal);
        this.take(piece.dossiers, piece.left_out, piece.next);
      } catch (error) {
        if (this.control.signal.aborted) return;
        if (!error.kind) throw error;
        this.failed = true;
      }
      onPiece();
      if (this.failed) return;
    }
  }

  // One dossier with all its events, counted or not.
  dossier(id) {
    if (!this.single.has(id)) {
      const asked = { as_of: this.answer.as_of, known_at: this.asked.known_at };
      const coming = this.api.get(
        `dossiers/${this.unit}/${encodeURIComponent(id)}`,
        asked,
        this.control.signal,
      );
      coming.catch(() => this.single.delete(id)); // the next one tries again
      this.single.set(id, coming);
    }
    return this.single.get(id);
  }

  stop() {
    this.control.abort();
  }
}
