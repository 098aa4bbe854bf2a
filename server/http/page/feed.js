// The feed of live events. A frame costs the same at any rate of events: events that cannot be shown are only counted.
import { Problem, readEventLines } from "./api.js";
import { byId, cell, element, emptyRow, eventLink, listed, number, streamLink, timeOf, timeText, words }
  from "./elements.js";
import { Live } from "./live.js";
import { positionOf } from "./stream.js";

const most = 100; // events to show

const body = byId("feed").querySelector("tbody");

/** Makes "OrderPlaced" "order placed". */
const named = (type) => type.replace(/(?!^)([A-Z])/g, " $1").toLowerCase();

function row(event) {
  const streams = Object.keys(event.streams);
  const about = streams.length > 4 ? [...streams.slice(0, 4).map(streamLink), "…"] : streams.map(streamLink);
  const what = event.type === "CommandRefused" ? `refused: ${words(event.data.error)}` : named(event.type);
  const ofTheDay = timeText(event.time).slice(11);
  return element("tr", {}, element("td", { class: "number" }, eventLink(event.position)),
    cell([timeOf(event.time, ofTheDay)]), cell(what), cell(listed(about)), cell(event.actor));
}

/** Shows only these events, the newest at the top. */
export function showFeed(events, note) {
  body.replaceChildren(...(events.length > 0 ? events.map(row).reverse() : [emptyRow(5, "Nothing yet")]));
  byId("feed-state").textContent = note;
}

/** Shows events above the present rows. Those rows stay, since one of them may have the focus. */
function showMore(events) {
  body.querySelector(".empty")?.parentElement.remove();
  body.prepend(...events.map(row).reverse());
  while (body.rows.length > most) body.lastElementChild.remove();
}

/** Joins a batch and the next one; if events between them are missing, returns the later batch alone. */
function joined(before, after) {
  if (before === null || after.from > before.to + 1) return after;
  const lines = after.lines.filter((line) => positionOf(line) > before.to);
  return { from: before.from, to: Math.max(before.to, after.to), lines: [...before.lines, ...lines].slice(-most) };
}

export class Feed {
  #live = new Live((message) => this.#hear(message));
  #life = null;      // the life of the log that is followed; null: closed
  #isJoined = false; // whether live events are requested; a hidden tab does not request them
  #isBehind = false;
  #last = 0;         // position of the newest event received
  #held = null;      // a received batch; events before it may be missing
  #session = {};     // replaced when reads under way are no longer wanted
  #filling = null;   // the session for which missing events are being read
  #waiting = [];     // received lines; only lines that are shown are parsed
  #dropped = 0;      // events dropped since the last frame
  #unseen = 0;       // events dropped in all
  #frame = 0;
  #onBatch;
  #onAnotherLife;

  /**
   * `onBatch(events, dropped)`: the events since the last frame, and the number of events dropped.
   * `onAnotherLife()`: the log was restored meanwhile, and the feed cannot continue.
   */
  constructor(onBatch, onAnotherLife) {
    this.#onBatch = onBatch;
    this.#onAnotherLife = onAnotherLife;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#leave(); // until the next head, when the tab is shown again
    });
  }

  /** Whether live events do not arrive. The feed then reads events at every head. */
  get isBehind() { return this.#isBehind; }

  /** Follows a life of the log behind a position, without end. */
  open(position, life) {
    this.close();
    this.#last = position;
    this.#life = life;
    this.#unseen = 0;
    showFeed([], this.#note());
  }

  close() {
    this.#leave();
    this.#life = null;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#waiting = [];
    this.#dropped = 0;
  }

  /** `head` is the position where the log ends. */
  keepUp(head) {
    if (this.#life === null || document.hidden) return;
    if (!this.#isJoined) {
      this.#isJoined = true;
      this.#live.follow(Math.max(head, this.#last) + 1, this.#life); // events before it are read
    }
    this.#live.headIs(head);
    if (this.#isBehind) this.#hold({ from: head + 1, to: head, lines: [] });
    this.#fill();
  }

  // ---- received events ----

  #leave() {
    this.#live.leave();
    this.#isJoined = false;
    this.#isBehind = false;
    this.#held = null;
    this.#session = {};
  }

  #hear(message) {
    if (message.isOfAnotherLife) return this.#onAnotherLife();
    if (message.isUnknown) this.#isJoined = false;
    else if ("isBehind" in message) this.#isBehind = message.isBehind;
    else this.#hold(message);
    byId("feed-state").textContent = this.#note();
  }

  #hold(batch) {
    this.#held = joined(this.#held, batch);
    this.#fill();
  }

  /** Takes the held batch. Reads the missing events before it first, and only the newest if there are many. */
  async #fill() {
    const session = this.#session;
    if (this.#filling === session) return;
    this.#filling = session;
    try {
      while (this.#held !== null && this.#held.from > this.#last + 1) {
        const to = this.#held.from - 1;
        const lines = await readEventLines(Math.max(this.#last + 1, to - most + 1), to, this.#life);
        if (this.#session !== session) return;
        this.#take({ to, lines });
      }
      if (this.#held !== null) this.#take(this.#held);
      this.#held = null;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.type === "another_life" && this.#session === session) this.#onAnotherLife();
      // otherwise the badge shows that the ledger is unreachable, and the next head tries again
    } finally {
      if (this.#filling === session) this.#filling = null;
    }
  }

  /** Takes the lines behind the last event up to a position; only the newest if there are many. */
  #take({ to, lines }) {
    if (to <= this.#last) return;
    const before = this.#waiting.length;
    const fresh = lines.filter((line) => positionOf(line) > this.#last);
    this.#waiting = [...this.#waiting, ...fresh].slice(-most);
    const dropped = before + (to - this.#last) - this.#waiting.length;
    this.#dropped += dropped;
    this.#unseen += dropped;
    this.#last = to;
    this.#schedule();
  }

  #schedule() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#flush());
  }

  #flush() {
    this.#frame = 0;
    const events = this.#waiting.map((text) => JSON.parse(text));
    const dropped = this.#dropped;
    this.#waiting = [];
    this.#dropped = 0;
    showMore(events);
    byId("feed-state").textContent = this.#note();
    this.#onBatch(events, dropped);
  }

  #note() {
    const unseen = this.#unseen === 0 ? "" : `; ${number(this.#unseen)} came too fast to be shown`;
    return `${this.#isBehind ? "Not live, read every two seconds" : "Live"}, the last ${most}${unseen}`;
  }
}
