// The connection for live events. It reconnects by itself, and detects when it is behind: a proxy may hold events
// back, and a connection may die without notice.

/** The address of the page; a worker's own address is another one. */
const root = new URL("../", import.meta.url);

const patience = 5_000; // ms that the stream may be behind the head before it reports that
const silence = 35_000; // ms without a byte, after which the connection is dead: an empty line comes every 15 s
const tooFar = 20_000;  // events behind the head, beyond which the stream skips to near the head
const kept = 200;       // most lines of a batch, the newest
const pause = 50;       // ms between two batches
const retries = [500, 1_000, 2_000, 5_000]; // ms until a closed connection is opened again

/** The stream has ended for good: `message` is the last message. */
class Ended extends Error {
  constructor(message) {
    super("the stream has ended");
    this.told = message;
  }
}

function endOf(problem, status) {
  if (problem.type === "another_life") return { isOfAnotherLife: true };
  return status === 401 || status === 403 ? { isUnknown: true } : null;
}

export class Stream {
  #life;
  #token;
  #tell;
  #at;                  // the position up to which all events were received
  #told;                // the position up to which they were reported
  #lines = [];          // the newest lines between the two positions
  #timer = 0;           // until they are reported
  #reading = null;      // the AbortController of the connection; null: closed
  #isHeard = false;     // whether this connection brought a byte
  #owed = 0;            // a position that the stream must reach
  #owedSince = 0;
  #headSince = 0;       // time of the last head
  #isBehind = false;
  #failures = 0;

  /**
   * Follows a life of the log from a position on. `token` may be null. `tell(message)` gets one of
   * - `{ from, to, lines }`: all events between two positions were received; `lines` are the newest of them,
   * - `{ isBehind }`: whether events are held back, when that changes,
   * - `{ isOfAnotherLife: true }`: the log was restored; nothing follows,
   * - `{ isUnknown: true }`: the ledger rejects the token; nothing follows.
   */
  constructor({ from, life, token }, tell) {
    this.#life = life;
    this.#token = token;
    this.#tell = tell;
    this.#at = this.#told = from - 1;
    this.#keep();
  }

  /** The position up to which events were reported. */
  get told() { return this.#told; }
  get isBehind() { return this.#isBehind; }

  close() {
    clearTimeout(this.#timer);
    this.#reading?.abort();
    this.#reading = null;
  }

  /** Takes the position where the log ends, from another request. */
  headIs(position) {
    const now = performance.now();
    if (now - this.#headSince > patience) this.#owedSince = now; // the ledger was unreachable, or the computer asleep
    this.#headSince = now;
    if (this.#isEven()) [this.#owed, this.#owedSince] = [position, now];
    if (position - this.#at > tooFar) this.#skipTo(position - kept);
    this.#judge(now);
  }

  /** Whether the stream is alive, and has reached the position that it must. */
  #isEven() { return this.#isHeard && this.#at >= this.#owed; }

  #judge(now) {
    const isBehind = !this.#isEven() && (this.#isBehind || now - this.#owedSince > patience);
    if (isBehind === this.#isBehind) return;
    this.#isBehind = isBehind;
    this.#tell({ isBehind });
    if (isBehind) this.#reading?.abort(); // it may be dead; the next one may work
  }

  #skipTo(position) {
    this.#flush();
    this.#at = this.#told = position;
    this.#reading?.abort();
  }

  async #keep() {
    this.#reading = new AbortController();
    while (this.#reading !== null) {
      try {
        await this.#read(this.#reading);
      } catch (problem) {
        if (problem instanceof Ended) {
          this.close();
          return this.#tell(problem.told);
        }
        // The badge, which reads the head, shows that the ledger is unreachable.
      }
      this.#isHeard = false;
      if (this.#reading === null) return;
      this.#reading = new AbortController();
      const wait = retries[Math.min(this.#failures++, retries.length - 1)];
      await new Promise((done) => setTimeout(done, wait));
    }
  }

  async #read(connection) {
    let watchdog = 0;
    const isAlive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => connection.abort(), silence);
    };
    isAlive();
    try {
      const headers = this.#token === null ? {} : { Authorization: `Bearer ${this.#token}` };
      const response = await fetch(new URL(`events/?follow&from=${this.#at + 1}&life=${this.#life}`, root),
        { headers, signal: connection.signal, cache: "no-store" });
      if (!response.ok) {
        const problem = await response.json();
        const end = endOf(problem, response.status);
        throw end === null ? new Error(problem.detail) : new Ended(end);
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ;) {
        const { value, done } = await reader.read();
        if (done) return;
        isAlive();
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        this.#take(lines);
      }
    } finally {
      clearTimeout(watchdog);
    }
  }

  #take(lines) {
    this.#isHeard = true;
    this.#failures = 0;
    for (const line of lines) {
      const position = positionOf(line);
      if (position === null) continue; // an empty line is a heartbeat
      this.#at = position;
      this.#lines.push(line);
      if (this.#lines.length > 2 * kept) this.#lines = this.#lines.slice(-kept);
    }
    this.#judge(performance.now());
    if (this.#at > this.#told && this.#timer === 0) this.#timer = setTimeout(() => this.#flush(), pause);
  }

  #flush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#at === this.#told) return;
    const lines = this.#lines.slice(-kept);
    this.#tell({ from: this.#told + 1, to: this.#at, lines });
    this.#told = this.#at;
    this.#lines = [];
  }
}

/** Returns the position of an event's line; null if the line is not an event. */
export function positionOf(line) {
  const match = /^{"position":(\d+)/.exec(line);
  return match === null ? null : Number(match[1]);
}
