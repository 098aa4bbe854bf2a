// Node's built-in fetch.
import { main, serverSent, STREAM } from "./tasks.mjs";

main((base) => ({
  async ask(method, path, body, headers = {}) {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { "Content-Type": "application/json" };
    const answer = await fetch(base + path, { method, ...sent, headers: { ...type, ...headers } });
    return { status: answer.status, header: (name) => answer.headers.get(name), text: await answer.text() };
  },
  async events(path, headers, count) {
    const answer = await fetch(base + path, { headers: { ...STREAM, ...headers } });
    return serverSent(answer.body, count);
  },
}));
