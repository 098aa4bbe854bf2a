// What happens, as it happens. However much that is, a frame costs the same: what cannot be seen is counted.
import { Problem, readEventLines } from "./api.js";
import { byId, cell, element, emptyRow, eventLink, listed, number, streamLink, timeOf, timeText, words }
  from "./elements.js";
import { Live } from "./live.js";
import { positionOf } from "./stream.js";

const most = 100; // events that are shown

const body = byId("feed").querySelector("tbody");

/** "OrderPlaced" as "order placed". */
const named = (type) => type.replace(/(?!^)([A-Z])/g, " $1").toLowerCase();

function row(event) {
  const streams = Object.keys(event.streams);
  const about = streams.length > 4 ? [...streams.slice(0, 4).map(streamLink), "…"] : streams.map(streamLink);
  const what = event.type === "CommandRefused" ? `refused: ${words(event.data.error)}` : named(event.type);
  const ofTheDay = timeText(event.time).slice(11);
  return element("tr", {}, element("td", { class: "number" }, eventLink(event.position)),
    cell([timeOf(event.time, ofTheDay)]), cell(what), cell(listed(about)), cell(event.actor));
}

/** Shows these events and no others, the newest at the top. */
export function showFeed(events, note) {
  body.replaceChildren(...(events.length > 0 ? events.map(row).reverse() : [emptyRow(5, "Nothing yet")]));
  byId("feed-state").textContent = note;
}

/** Shows events above those that are shown, which stay: one of them may have the focus. */
function showMore(events) {
  body.querySelector(".empty")?.parentElement.remove();
  body.prepend(...events.map(row).reverse());
  while (body.rows.length > most) body.lastElementChild.remove();
}

/** A batch, and the one that came after it: where something is missing between them, the later one alone. */
function joined(before, after) {
  if (before === null || after.from > before.to + 1) return after;
  const lines = after.lines.filter((line) => positionOf(line) > before.to);
  return { from: before.from, to: Math.max(before.to, after.to), lines: [...before.lines, ...lines].slice(-most) };
}

export class Feed {
  #live = new Live((message) => this.#hear(message));
  #life = null;      // of the log, that is followed; null: closed
  #isJoined = false; // to the live events; a tab that is hidden is not
  #isBehind = false;
  #last = 0;         // position of the newest event that came
  #held = null;      // a batch that came; something may be missing before it
  #session = {};     // another one, where what is being read is not wanted any more
  #filling = null;   // the session that what is missing is being read for
  #waiting = [];     // as they came: only what is shown is parsed
  #dropped = 0;      // of those since the last frame
  #unseen = 0;       // of all
  #frame = 0;
  #onBatch;
  #onAnotherLife;

  /**
   * `onBatch(events, dropped)`: what came since the last frame, and how many more were dropped.
   * `onAnotherLife()`: the log was restored meanwhile, and has no place to go on at.
   */
  constructor(onBatch, onAnotherLife) {
    this.#onBatch = onBatch;
    this.#onAnotherLife = onAnotherLife;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#leave(); // until a head is known again, when the tab is shown
    });
  }

  /** Whether live events do not come. Then they are read whenever the head is known. */
  get isBehind() { return this.#isBehind; }

  /** Behind a position of a life of the log, without end. */
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

  /** Where the log ends. */
  keepUp(head) {
    if (this.#life === null || document.hidden) return;
    if (!this.#isJoined) {
      this.#isJoined = true;
      this.#live.follow(Math.max(head, this.#last) + 1, this.#life); // what is before it is read
    }
    this.#live.headIs(head);
    if (this.#isBehind) this.#hold({ from: head + 1, to: head, lines: [] });
    this.#fill();
  }

  // ---- what comes ----

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

  /** Takes what is held. What is missing before it is read first, of very much the newest. */
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
      // else the badge says that the ledger cannot be reached, and the next head tries again
    } finally {
      if (this.#filling === session) this.#filling = null;
    }
  }

  /** What came behind the last one, up to a position; of very much, the newest lines. */
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
