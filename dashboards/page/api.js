// Asks the worker. Answers are kept with their ETag, so an unchanged one costs nothing.

const PATIENCE = 20_000; // milliseconds
const KEPT = 40; // answers kept for their ETags

export class ApiError extends Error {
  // kind: noAnswer | signIn | mayNot | notFound | wrong | away | badAnswer; status: of HTTP, or 0;
  // text: what the server said was wrong, or "".
  constructor(kind, status = 0, text = "") {
    super(`${kind} ${status} ${text}`.trim());
    Object.assign(this, { kind, status, text });
  }
}

const KINDS = { 400: "wrong", 401: "signIn", 403: "mayNot", 404: "notFound", 503: "away" };

export class Api {
  constructor(base = "api/") {
    this.base = base;
    this.kept = new Map(); // address -> { tag, body }
    this.serverAhead = 0; // milliseconds, of the server's clock against this one
    this.onAnswer = () => {}; // after every answer of the server
  }

  // The JSON at a path below /api/. Parameters that are "", null or undefined are left out.
  async get(path, parameters = {}, signal = undefined) {
    const address = this.address(path, parameters);
    const kept = this.kept.get(address);
    const headers = kept ? { "If-None-Match": kept.tag } : {};
    const response = await this.exchange(address, { headers, cache: "no-store" }, signal);
    if (response.status === 304 && kept) return kept.body;
    const body = await bodyOf(response, signal);
    const tag = response.headers.get("ETag");
    this.kept.delete(address);
    if (tag) this.kept.set(address, { tag, body });
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    return body;
  }

  post(path, body, signal = undefined) {
    return this.send("POST", path, body, signal);
  }

  delete(path, body = undefined, signal = undefined) {
    return this.send("DELETE", path, body, signal);
  }

  async send(method, path, body, signal) {
    const asked = { method };
    if (body !== undefined) {
      asked.body = JSON.stringify(body);
      asked.headers = { "Content-Type": "application/json" };
    }
    const response = await this.exchange(this.address(path, {}), asked, signal);
    return response.status === 204 ? null : bodyOf(response, signal);
  }

  address(path, parameters) {
    const said = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== "" && value !== null && value !== undefined) said.set(name, value);
    }
    const query = said.toString();
    return this.base + path + (query && `?${query}`);
  }

  async exchange(address, asked, signal) {
    const patience = AbortSignal.timeout(PATIENCE);
    const either = signal ? AbortSignal.any([signal, patience]) : patience;
    let response;
    try {
      response = await fetch(address, { ...asked, signal: either, credentials: "same-origin" });
    } catch {
      if (signal?.aborted) throw signal.reason;
      throw new ApiError("noAnswer");
    }
    const stated = Date.parse(response.headers.get("Date") ?? "");
    if (!Number.isNaN(stated)) this.heardTime(stated);
    if (response.ok || response.status === 304) {
      this.onAnswer();
      return response;
    }
    const said = await response.json().catch(() => ({}));
    throw new ApiError(KINDS[response.status] ?? "badAnswer", response.status, said?.error ?? "");
  }

  // A Date header is cut to the second: believed only where it says something new.
  heardTime(stated) {
    const ahead = stated - Date.now();
    if (Math.abs(ahead - this.serverAhead) > 1500) this.serverAhead = ahead;
  }

  now() {
    return Date.now() + this.serverAhead;
  }
}

async function bodyOf(response, signal) {
  try {
    return await response.json();
  } catch {
    if (signal?.aborted) throw signal.reason;
    throw new ApiError("badAnswer", response.status);
  }
}

// The parameters that a figure is asked by, from the state of the address.
export function figureAsked({ definition, window, asOf, known }) {
  return { definition, window, as_of: asOf, known: asOf ? known : "" };
}
