// axios, with an agent that keeps its connection.
import { Agent } from "node:http";

import axios from "axios";

import { main, serverSent, STREAM } from "./tasks.mjs";

main((base) => {
  const client = axios.create({ baseURL: base, httpAgent: new Agent({ keepAlive: true }), validateStatus: () => true });
  return {
    async ask(method, path, body, headers = {}) {
      const answer = await client.request({ method, url: path, data: body, headers, responseType: "text",
                                            transformResponse: (text) => text });
      return { status: answer.status, header: (name) => answer.headers[name], text: answer.data };
    },
    async events(path, headers, count) {
      const answer = await client.get(path, { headers: { ...STREAM, ...headers }, responseType: "stream" });
      return serverSent(answer.data, count);
    },
  };
});
