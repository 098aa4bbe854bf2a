// How a tab gets live events: from the worker that it shares with other tabs; by a connection of its own where the browser has
// no such workers, or this one does not answer.
import { knownToken } from "./api.js";
import { Stream } from "./stream.js";

const mostUnanswered = 5; // heads that the worker is told, and says nothing

/** What tab and worker say to each other has a version: a tab of an older page may hold an older worker. */
const name = "stockfold-live-1";

export class Live {
  #tell;
  #worker = null;  // its port
  #stream = null;  // of our own
  #followed = null;
  #unanswered = 0;

  /** `tell(message)` gets what a Stream tells, and `{ isUnknown: true }` where nothing is followed any more. */
  constructor(tell) {
    this.#tell = tell;
    if (typeof SharedWorker === "undefined") return;
    const worker = new SharedWorker(new URL("./shared.js", import.meta.url), { type: "module", name });
    worker.addEventListener("error", () => this.#doWithout());
    this.#worker = worker.port;
    this.#worker.addEventListener("message", ({ data }) => {
      this.#unanswered = 0;
      if (this.#followed !== null) this.#tell(data);
    });
    this.#worker.start();
  }

  /** From a position of a life of the log on; `leave` ends it. */
  follow(from, life) {
    this.leave();
    this.#followed = { from, life, token: knownToken() };
    this.#unanswered = 0;
    if (this.#worker !== null) return this.#worker.postMessage({ follow: this.#followed });
    this.#stream = new Stream(this.#followed, this.#tell);
    this.#tell({ from, to: from - 1, lines: [] });
  }

  /** Where the log ends. */
  headIs(position) {
    this.#stream?.headIs(position);
    if (this.#worker === null || this.#followed === null) return;
    if (++this.#unanswered > mostUnanswered) return this.#doWithout();
    this.#worker.postMessage({ head: position });
  }

  leave() {
    if (this.#followed === null) return;
    this.#followed = null;
    this.#worker?.postMessage({ leave: true });
    this.#stream?.close();
    this.#stream = null;
  }

  #doWithout() {
    if (this.#worker === null) return;
    const isFollowing = this.#followed !== null;
    this.leave();
    this.#worker = null;
    if (isFollowing) this.#tell({ isUnknown: true });
  }
}
