// got, with an agent that keeps its connection, and with its automatic retries.
import { Agent } from "node:http";

import got from "got";

import { main, serverSent, STREAM } from "./tasks.mjs";

main((base) => {
  const client = got.extend({ agent: { http: new Agent({ keepAlive: true }) }, throwHttpErrors: false });
  return {
    async ask(method, path, body, headers = {}) {
      const answer = await client(base + path, { method, headers, ...(body === undefined ? {} : { json: body }) });
      return { status: answer.statusCode, header: (name) => answer.headers[name], text: answer.body };
    },
    async events(path, headers, count) {
      return serverSent(client.stream(base + path, { headers: { ...STREAM, ...headers } }), count);
    },
  };
});
