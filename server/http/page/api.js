// The page's requests to the ledger: reads at the moment that the page shows, and commands that are done once.

/** The page shows everything as of the position `at`; null: now. */
export const shown = { at: null };

/** A request that was not done: the fields of its application/problem+json, or that no answer came. */
export class Problem extends Error {
  constructor({ type, title, detail, status = 0, position = null }) {
    super(detail);
    Object.assign(this, { type, title, status, position });
  }
  /** Whether the command may have been done nevertheless, or can simply be sent again. */
  get isOpen() { return this.status === 0 || this.status >= 500; } // 502 and 504 come from a proxy
}

const patience = 15_000; // ms until a request counts as unanswered

/** The key of the token in the session's storage: the page keeps the token until the tab is closed. */
const token = "token";
export function logIn(text) { sessionStorage.setItem(token, text); }
export function knownToken() { return sessionStorage.getItem(token); }

// A browser opens six connections to a ledger, shared by all tabs.
const mostReads = 3;
let reads = 0;
const waiting = [];

/** Runs `work` once fewer than `mostReads` others run. */
async function inTurn(work) {
  if (reads < mostReads) ++reads;
  else await new Promise((turn) => waiting.push(turn));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) --reads;
    else next();
  }
}

/** Returns `take(response)`; throws a Problem if there is no answer or its status is an error. */
async function ask(path, take, known, options = {}) {
  const headers = { ...options.headers };
  if (known !== null) headers.Authorization = `Bearer ${known}`;
  let problem = { type: "no_answer", title: "no answer", detail: "the ledger did not answer", status: 0 };
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(patience), ...options, headers });
    if (response.ok) return await take(response);
    const { status } = response;
    if (status === 401 && knownToken() === known) sessionStorage.removeItem(token);
    problem = { ...problem, title: `status ${status}`, detail: "the ledger gave no reason", status };
    problem = { ...problem, ...await response.json(), status };
  } catch {
    // There is no answer, it broke off, or a proxy answered instead of the ledger.
  }
  throw new Problem(problem);
}

const ofJson = (response) => response.json();
function get(path, take) {
  const known = knownToken(); // the known token may be another one by the time of the request
  return inTurn(() => ask(path, take, known));
}

/** `path` with the parameters that have a value, at the moment that the page shows. */
function target(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ at: shown.at, ...parameters })) {
    if (value !== null && value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${text}`;
}

export function read(path, parameters = {}) { return get(target(path, parameters), ofJson); }

const linesIn = (text) => text.split("\n").filter((line) => line !== "");

/** Reads all lines of an answer of several pages; each page has a link to the next one. */
async function readTexts(path, parameters) {
  const lines = [];
  for (let next = target(path, parameters); next !== null;) {
    next = await get(next, async (response) => {
      for (const line of linesIn(await response.text())) lines.push(line);
      const link = /<([^>]+)>; *rel="next"/.exec(response.headers.get("Link") ?? "");
      return link === null ? null : new URL(link[1], response.url);
    });
  }
  return lines;
}
export async function readLines(path, parameters = {}) {
  return (await readTexts(path, parameters)).map((line) => JSON.parse(line));
}

/** Reads the events from `from` to `to` as lines. The moment that the page shows does not matter. */
export function readEventLines(from, to, life = null) {
  return readTexts("events/", { at: null, from, to, limit: to - from + 1, life });
}
export async function readEvents(from, to) {
  return (await readEventLines(from, to)).map((line) => JSON.parse(line));
}

/** Reads the present head, whatever moment the page shows. */
export async function readHead() {
  const head = await get("head/", ofJson);
  life = head.life;
  return head;
}
export function readMetrics() { return get("metrics", (response) => response.text()); }
export function readReadiness() { return get("health/ready", ofJson); }

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID(); // exists only on localhost and over https
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The life of the log that the page shows: commands name it. */
let life = null;

/** Commands without an outcome so far, and their keys: the same command keeps its key when it is sent again. */
const open = new Map();

export async function command(method, path, fields) {
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
  const body = JSON.stringify(said);
  const sent = `${method} ${path} ${body}`;
  const key = open.get(sent) ?? uuid();
  open.set(sent, key);
  try {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
    if (life !== null) headers["Stockfold-Life"] = life;
    const answer = await ask(path, ofJson, knownToken(), { method, headers, body });
    open.delete(sent);
    return answer;
  } catch (problem) {
    if (problem instanceof Problem && !problem.isOpen) open.delete(sent);
    throw problem;
  }
}

/** An id with a slash is in the query: some proxies decode a path, and the slash would separate its parts. */
function pathOf(kind, id, action) {
  const rest = action === "" ? "" : `${action}/`;
  if (id.includes("/")) return `${kind}/-/${rest}?id=${encodeURIComponent(id)}`;
  return `${kind}/${encodeURIComponent(id)}/${rest}`;
}
export const productPath = (sku, action = "") => pathOf("product", sku, action);
export const orderPath = (id, action = "") => pathOf("order", id, action);
