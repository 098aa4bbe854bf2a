// A worker that all tabs of the browser share: one connection for live events, however many tabs are open.
// Without it each tab would hold one of the six connections that a browser opens to a ledger.
import { Stream } from "./stream.js";

const mostStreams = 3;  // of the six connections; tabs with further tokens read events by request
const gone = 60_000;    // ms without a message from a tab, after which it counts as closed

/** The followed streams, and the ports of the tabs that follow them, with the time of their last messages. */
const followed = new Map(); // by life and token: another token may not read the same events

function leave(port) {
  for (const [key, { stream, ports }] of followed) {
    ports.delete(port);
    if (ports.size > 0) continue;
    stream.close();
    followed.delete(key);
  }
}

function follow(port, { from, life, token }) {
  leave(port);
  const key = JSON.stringify([life, token]);
  if (!followed.has(key)) {
    if (followed.size >= mostStreams) return port.postMessage({ isBehind: true });
    const ports = new Map();
    const tell = (message) => {
      for (const one of ports.keys()) one.postMessage(message);
      if (message.isOfAnotherLife || message.isUnknown) followed.delete(key);
    };
    followed.set(key, { stream: new Stream({ from, life, token }, tell), ports });
  }
  const { stream, ports } = followed.get(key);
  ports.set(port, performance.now());
  port.postMessage({ from: stream.told + 1, to: stream.told, lines: [] });
  port.postMessage({ isBehind: stream.isBehind });
}

function headIs(port, position) {
  const one = Array.from(followed.values()).find(({ ports }) => ports.has(port));
  if (one === undefined) return port.postMessage({ isUnknown: true });
  const now = performance.now();
  one.ports.set(port, now);
  for (const [other, last] of one.ports) {
    if (now - last > gone) one.ports.delete(other);
  }
  one.stream.headIs(position);
  port.postMessage({ isBehind: one.stream.isBehind });
}

addEventListener("connect", ({ ports: [port] }) => {
  port.addEventListener("message", ({ data }) => {
    if ("follow" in data) follow(port, data.follow);
    else if ("head" in data) headIs(port, data.head);
    else leave(port);
  });
  port.start();
});
