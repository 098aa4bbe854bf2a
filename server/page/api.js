// What the page asks the ledger: reads at the moment that is shown, and commands that are done once.

/** The position that everything is shown as of; null: now. */
export const shown = { at: null };

/** A request that was not done: what application/problem+json says of it, or that no answer came. */
export class Problem extends Error {
  constructor({ type, title, detail, status = 0, position = null }) {
    super(detail);
    Object.assign(this, { type, title, status, position });
  }
  /** Whether the command may have been done all the same, or can simply be sent again. */
  get isOpen() { return this.status === 0 || this.status === 503; }
}

const patience = 15_000; // ms until a request counts as not answered

/** Who asks, where the ledger wants to know: until the tab is closed. */
const token = "token";
export function logIn(text) { sessionStorage.setItem(token, text); }

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  const known = sessionStorage.getItem(token);
  if (known !== null) headers.Authorization = `Bearer ${known}`;
  let response;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(patience), ...options, headers });
  } catch {
    throw new Problem({ type: "no_answer", title: "no answer", detail: "the ledger did not answer" });
  }
  if (response.ok) return response;
  if (response.status === 401 && sessionStorage.getItem(token) === known) sessionStorage.removeItem(token);
  let problem;
  try {
    problem = await response.json();
  } catch {
    problem = { type: "no_answer", title: `status ${response.status}`, detail: "the ledger did not say why" };
  }
  throw new Problem({ ...problem, status: response.status });
}

/** `path` with the parameters that have a value, at the moment that is shown. */
function target(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ at: shown.at, ...parameters })) {
    if (value !== null && value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

export async function read(path, parameters = {}) {
  return (await ask(target(path, parameters))).json();
}

/** All lines of an answer of several pages, each read where the one before says that it begins. */
export async function readLines(path, parameters = {}) {
  const lines = [];
  for (let next = target(path, parameters); next !== null;) {
    const response = await ask(next);
    const text = await response.text();
    for (const line of text.split("\n")) {
      if (line !== "") lines.push(JSON.parse(line));
    }
    const link = /<([^>]+)>; *rel="next"/.exec(response.headers.get("Link") ?? "");
    next = link === null ? null : new URL(link[1], response.url).href;
  }
  return lines;
}

/** Up to `limit` events from `from` to `to`; events have no other moment than their own. */
export async function readEvents(from, to, limit) {
  const response = await ask(target("events/", { at: null, from, to, limit }));
  const text = await response.text();
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** Every event of a life of the log from a position on, as JSON, until the ledger ends it or `signal` does. */
export async function follow(from, life, each, signal) {
  const response = await ask(`events/?follow&from=${from}&life=${life}`, { signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line !== "") each(line); // an empty one is but a sign of life
    }
  }
}

/** Always of now. */
export async function readHead() { return (await ask("head/")).json(); }
export async function readMetrics() { return (await ask("metrics")).text(); }
export async function readReadiness() { return (await ask("health/ready")).json(); }

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID(); // only where the page came from localhost or by https
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** What was sent without an outcome, and its key: sent again, it is the same command. */
const open = new Map();

export async function command(method, path, fields) {
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
  const body = JSON.stringify(said);
  const sent = `${method} ${path} ${body}`;
  const key = open.get(sent) ?? uuid();
  open.set(sent, key);
  try {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
    const answer = await (await ask(path, { method, headers, body })).json();
    open.delete(sent);
    return answer;
  } catch (problem) {
    if (problem instanceof Problem && !problem.isOpen) open.delete(sent);
    throw problem;
  }
}

export const productPath = (sku) => `product/${encodeURIComponent(sku)}/`;
export const orderPath = (id) => `order/${encodeURIComponent(id)}/`;
