// What happens, as it happens. However much that is, a frame costs the same: what cannot be seen is counted.
import { follow } from "./api.js";
import { byId, cell, element, emptyRow, eventLink, listed, number, streamLink, timeOf, timeText, words }
  from "./elements.js";

const most = 100;         // events that are shown
const tooFar = 20_000;    // events behind the head, past which the feed goes on at the head
const again = 500;        // ms until a stream that has ended is opened anew

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

export class Feed {
  #reading = null;  // an AbortController, of the stream that is open
  #waiting = [];    // as they came: only what is shown is parsed
  #dropped = 0;     // of those since the last frame
  #unseen = 0;      // of all
  #last = 0;        // position of the newest that came
  #life = "";       // of the log, that it is of
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
  }

  /** From a position of a life of the log on, without end. */
  open(from, life) {
    this.close();
    this.#last = from - 1;
    this.#life = life;
    this.#unseen = 0;
    showFeed([], this.#note());
    this.#connect();
  }

  close() {
    this.#reading?.abort();
    this.#reading = null;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#waiting = [];
    this.#dropped = 0;
  }

  /** Where the log ends: a feed that cannot keep up goes on there. */
  keepUp(head) {
    if (this.#reading === null || head - this.#last < tooFar) return;
    const next = head - most;
    this.#drop(this.#waiting.length + next - this.#last);
    this.#waiting = [];
    this.#last = next;
    this.#connect();
    this.#schedule();
  }

  #drop(events) {
    this.#dropped += events;
    this.#unseen += events;
  }

  async #connect() {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    const take = (text) => { if (this.#reading === reading) this.#take(text); };
    while (this.#reading === reading) {
      try {
        await follow(this.#last + 1, this.#life, take, reading.signal);
      } catch (problem) {
        if (problem.type === "another_life" && this.#reading === reading) return this.#onAnotherLife();
        // the badge says that the ledger cannot be reached, or not without a token
      }
      await new Promise((done) => setTimeout(done, again));
    }
  }

  #take(text) {
    this.#last = Number(/^{"position":(\d+)/.exec(text)[1]);
    this.#waiting.push(text);
    if (this.#waiting.length > 2 * most) {
      this.#drop(this.#waiting.length - most);
      this.#waiting = this.#waiting.slice(-most);
    }
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
    showMore(events.slice(-most));
    byId("feed-state").textContent = this.#note();
    this.#onBatch(events, dropped);
  }

  #note() {
    const unseen = this.#unseen === 0 ? "" : `; ${number(this.#unseen)} came too fast to be shown`;
    return `Live, the last ${most}${unseen}`;
  }
}
