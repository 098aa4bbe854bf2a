// What happens, as it happens. However much that is, a frame costs the same: what cannot be seen is counted.
import { byId, cell, element, emptyRow, eventLink, listed, number, streamLink, timeOf, timeText, words }
  from "./elements.js";

const most = 100;         // events that are shown
const tooFar = 20_000;    // events behind the head, past which the feed goes on at the head
const again = 2_000;      // ms until a stream that the browser has given up is opened anew

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
  #source = null;
  #waiting = [];    // as they came: only what is shown is parsed
  #dropped = 0;     // of those since the last frame
  #unseen = 0;      // of all
  #last = 0;        // position of the newest that came
  #frame = 0;
  #retry = 0;
  #onBatch;

  /** `onBatch(events, dropped)`: what came since the last frame, and how many more were dropped. */
  constructor(onBatch) { this.#onBatch = onBatch; }

  /** From a position on, without end. */
  open(from) {
    this.close();
    this.#last = from - 1;
    this.#unseen = 0;
    showFeed([], this.#note());
    this.#connect();
  }

  close() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#retry);
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#waiting = [];
    this.#dropped = 0;
  }

  /** Where the log ends: a feed that cannot keep up goes on there. */
  keepUp(head) {
    if (this.#source === null || head - this.#last < tooFar) return;
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

  #connect() {
    this.#source?.close();
    const source = new EventSource(`events/?from=${this.#last + 1}`);
    this.#source = source;
    source.onmessage = (message) => this.#take(message);
    source.onerror = () => {
      // The browser resumes by itself, but not after an answer that was no stream.
      if (source.readyState !== EventSource.CLOSED || this.#source !== source) return;
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#connect(), again);
    };
  }

  #take(message) {
    this.#last = Number(message.lastEventId);
    this.#waiting.push(message.data);
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
