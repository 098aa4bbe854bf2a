// undici: a pool that keeps its connections for a minute, unless the ledger tells it otherwise.
import { Agent, request } from "undici";

import { main, serverSent, STREAM } from "./tasks.mjs";

const dispatcher = new Agent({ keepAliveTimeout: 60_000 });

main((base) => ({
  async ask(method, path, body, headers = {}) {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const answer = await request(base + path, { dispatcher, method, ...sent, headers: { ...type, ...headers } });
    return { status: answer.statusCode, header: (name) => answer.headers[name], text: await answer.body.text() };
  },
  async events(path, headers, count) {
    const answer = await request(base + path, { dispatcher, headers: { ...STREAM, ...headers } });
    return serverSent(answer.body, count);
  },
}));
