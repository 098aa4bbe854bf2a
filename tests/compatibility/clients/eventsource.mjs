// eventsource, which can only follow events and resume.
import { EventSource } from "eventsource";

import { main } from "./tasks.mjs";

main((base) => ({
  async ask(method, path, body, headers = {}) {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { "Content-Type": "application/json" };
    const answer = await fetch(base + path, { method, ...sent, headers: { ...type, ...headers } });
    return { status: answer.status, header: (name) => answer.headers.get(name), text: await answer.text() };
  },
  events(path, headers, count) {
    return new Promise((done, fail) => {
      const found = [];
      const source = new EventSource(base + path, {
        fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } }),
      });
      source.onerror = (error) => fail(new Error(`${error.code} ${error.message}`));
      source.onmessage = (event) => {
        if (found.push([event.lastEventId, event.data]) !== count) return;
        source.close();
        done(found.slice());  // what came in one piece is told even after close()
      };
    });
  },
}));
