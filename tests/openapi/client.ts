// A user's program: its types are generated from the description, and its requests go to the ledger at the given address.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, operations, paths } from "./ledger.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
// The lines are one text that the caller splits.
const linesAreText: Same<operations["readEvents"]["responses"][200]["content"]["application/x-ndjson"], string> = true;

const ledger = createClient<paths>({ baseUrl: process.argv[2]!, headers: { Connection: "close" } });

const registered = await ledger.POST("/product", { body: { sku: "anvil", stock: 10 } });
assert.equal(registered.data?.stock["anvil"], 10);

const key = randomUUID();
const order = { body: { lines: [{ sku: "anvil", quantity: 2 }] }, params: { header: { "Idempotency-Key": key } } };
const placed = await ledger.POST("/order", order);
assert.equal(placed.data?.status, "in_progress");
const ID = placed.data.id;
const again = await ledger.POST("/order", order);
assert.equal(again.data?.id, ID);
assert.equal(again.response.headers.get("Idempotency-Replayed"), "true");

const unmatched = await ledger.PUT("/order/{ID}/abort", { params: { path: { ID }, header: { "If-Match": '"7"' } } });
assert.equal(unmatched.response.status, 412);
assert.equal(unmatched.error?.actual_version, 1);
const aborted = await ledger.PUT("/order/{ID}/abort", { params: { path: { ID } }, body: { reason: "changed my mind" } });
assert.equal(aborted.data?.status, "aborted");
assert.equal(aborted.data.stock["anvil"], 10);

const refused = await ledger.PUT("/order/{ID}/abort", { params: { path: { ID } } });
const problem: components["schemas"]["Problem"] = refused.error!;
assert.equal(refused.response.status, 409);
assert.equal(problem.type, "order_already_aborted");
assert.equal(problem.position, aborted.data.position);

for (let made = 0; made < 4; ++made) await ledger.POST("/order", { body: { product: "anvil", draft: made % 2 === 0 } });
const ids: string[] = [];
for (let cursor: string | undefined; ;) {
  const page = await ledger.GET("/order", { params: { query: { limit: 2, ...(cursor === undefined ? {} : { cursor }) } } });
  ids.push(...page.data!.orders.map((one) => one.id));
  if (page.data!.next === null) break;
  cursor = page.data!.next;
}
assert.equal(new Set(ids).size, 5);

const read = await ledger.GET("/events", { params: { query: { type: ["OrderAborted"] } }, parseAs: "text" });
const events = read.data!.trimEnd().split("\n").map((line) => JSON.parse(line) as components["schemas"]["Event"]);
assert.deepEqual(events.map((event) => event.position), [aborted.data.position]);

console.log("all as typed", linesAreText);
