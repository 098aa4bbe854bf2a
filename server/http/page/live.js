// Live events of a tab. They come from the worker that all tabs share. If the browser has no such workers, or the worker
// does not answer, the tab opens a connection of its own.
import { knownToken } from "./api.js";
import { Stream } from "./stream.js";

const mostUnanswered = 5; // heads sent to the worker without a message from it

/** The name has the version of the messages between tab and worker: a tab of an older page may hold an older worker. */
const name = "stockfold-live-1";

export class Live {
  #tell;
  #worker = null;  // the worker's port
  #stream = null;  // the tab's own stream
  #followed = null;
  #unanswered = 0;

  /** `tell(message)` gets the messages of a Stream, and `{ isUnknown: true }` once nothing is followed any more. */
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

  /** Follows a life of the log from a position on; `leave` ends that. */
  follow(from, life) {
    this.leave();
    this.#followed = { from, life, token: knownToken() };
    this.#unanswered = 0;
    if (this.#worker !== null) return this.#worker.postMessage({ follow: this.#followed });
    this.#stream = new Stream(this.#followed, this.#tell);
    this.#tell({ from, to: from - 1, lines: [] });
  }

  /** `position` is where the log ends. */
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
