// The tasks of each Node client: PROGRAM BASE SKU TASK. `client` has ask(method, path, body, headers), which returns status,
// header(name) and text; and events(path, headers, count), which returns ids and data of `count` server-sent events.
import assert from "node:assert/strict";

const IDLE = 12_000;

const json = (answer) => JSON.parse(answer.text);
const pause = (time) => new Promise((done) => setTimeout(done, time));

async function placed(client, sku, headers = {}) {
  const answer = await client.ask("POST", "/order/", { product: sku, quantity: 2 }, headers);
  assert.deepEqual([answer.status, json(answer).status], [201, "in_progress"]);
  return [json(answer).id, answer];
}

const tasks = {
  place: placed,
  async abort(client, sku) {
    const [id] = await placed(client, sku);
    const answer = await client.ask("PUT", `/order/${id}/abort/`);
    assert.deepEqual([answer.status, json(answer).status], [200, "aborted"]);
  },
  async repeat(client, sku) {
    const key = { "Idempotency-Key": `key of ${sku}` };
    const [first] = await placed(client, sku, key);
    const [again, answer] = await placed(client, sku, key);
    assert.deepEqual([again, answer.header("idempotency-replayed")], [first, "true"]);
  },
  async refused(client, sku) {
    const [id] = await placed(client, sku);
    await client.ask("PUT", `/order/${id}/abort/`);
    const answer = await client.ask("PUT", `/order/${id}/abort/`);
    assert.deepEqual([answer.status, json(answer).type], [409, "order_already_aborted"]);
  },
  async list(client, sku) {
    const made = [];
    for (let i = 0; i < 5; ++i) made.push((await placed(client, sku))[0]);
    const found = [];
    for (let cursor = ""; cursor !== null;) {
      const after = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const page = json(await client.ask("GET", `/order/?product=${sku}&limit=2${after}`));
      found.push(...page.orders.map((order) => order.id));
      cursor = page.next;
    }
    assert.ok(made.every((id) => found.includes(id)));
    assert.equal(new Set(found).size, found.length);
  },
  async follow(client, sku) {
    for (let i = 0; i < 3; ++i) await placed(client, sku);
    const path = `/events/?stream=product/${sku}`;
    const lines = (await client.ask("GET", path)).text.trimEnd().split("\n");
    const positions = lines.map((line) => JSON.parse(line).position);
    const first = await client.events(path, {}, 2);
    assert.deepEqual(first.map(([, data]) => JSON.parse(data).position), positions.slice(0, 2));
    const resumed = await client.events(path, { "Last-Event-ID": first[1][0] }, 1);
    assert.equal(JSON.parse(resumed[0][1]).position, positions[2]);
  },
  async idle(client, sku) {
    await placed(client, sku);
    await pause(IDLE);
    await placed(client, sku);
  },
};

// The first events of a stream of text in pieces.
export async function serverSent(pieces, count) {
  const decoder = new TextDecoder();
  const found = [];
  let text = "";
  for await (const piece of pieces) {
    text += typeof piece === "string" ? piece : decoder.decode(piece, { stream: true });
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const lines = text.slice(0, end).split("\n").filter((line) => !line.startsWith(":"));
      const fields = Object.fromEntries(lines.map((line) => [line.split(":", 1)[0], line.slice(line.indexOf(":") + 2)]));
      if (fields.data !== undefined) found.push([fields.id, fields.data]);
      if (found.length === count) return found;
    }
  }
  throw new Error(`the stream ended after ${found.length} events`);
}

export const STREAM = { Accept: "text/event-stream" };

export async function main(make) {
  const [base, sku, task] = process.argv.slice(2);
  await tasks[task](make(base), sku);
  process.exit(0);  // whatever is kept open
}
