// The page: chooses the view to show, and keeps it up to date with the ledger.
import { readEvents, shown } from "./api.js";
import { startCommands } from "./commands.js";
import { details, open, order, product, startStatement } from "./detail.js";
import { byId } from "./elements.js";
import { Feed, showFeed } from "./feed.js";
import { startHealth } from "./health.js";
import { orders, stock } from "./lists.js";
import { reach, startPast } from "./past.js";

const backlog = 20; // past events that the feed starts with
let life = null;    // the life of the log that the page shows
let head = 0;
let view = "overview";

// ---- the views ----

/** Parses the address: "#/order/7" is ["order", "7"]; any other address is the overview. */
function address() {
  const [, name, id] = /^#\/([a-z]+)\/([^/]+)$/.exec(location.hash) ?? [];
  try {
    return Object.hasOwn(details, name) ? [name, decodeURIComponent(id)] : ["overview"];
  } catch {
    return ["overview"]; // invalid percent-encoding
  }
}

function go(event) {
  const [name, id] = address();
  view = name;
  for (const one of document.querySelectorAll(".view")) one.hidden = one.id !== view;
  for (const detail of Object.values(details)) detail.id = null;
  if (view === "overview") {
    document.title = "Stockfold";
    refresh();
  } else {
    document.title = `${view} ${id}, Stockfold`;
    open(details[view], id);
  }
  if (event === undefined) return; // the first view does not move the focus
  byId("outcome").replaceChildren();
  byId(view === "overview" ? "stock-title" : `${view}-title`).focus({ preventScroll: true });
  scrollTo(0, 0);
}

function refresh() {
  if (view !== "overview") return details[view].refresh();
  stock.refresh();
  orders.refresh();
}

// ---- events ----

/** Refreshes the view if events are about it, or may be: dropped events were not examined. */
function apply(events, dropped) {
  const touched = new Set(events.flatMap((one) => Object.keys(one.streams)));
  if (view !== "overview") {
    if (view !== "event" && (dropped > 0 || touched.has(details[view].stream))) refresh();
    return;
  }
  const ofProducts = (stream) => stream.startsWith("product/");
  if (dropped > 0 || [...touched].some(ofProducts)) stock.refresh();
  if (dropped > 0 || ![...touched].every(ofProducts)) orders.refresh();
}

/** Positions of another life mean something else, so the page starts again. */
const startAgain = () => location.reload();

const feed = new Feed(apply, startAgain);
function follow() {
  feed.open(Math.max(0, head - backlog), life);
  feed.keepUp(head);
}

async function showMoment() {
  byId("figures").hidden = shown.at !== null;
  stock.toFirst();
  orders.toFirst();
  if (view !== "overview") open(details[view], details[view].id);
  if (shown.at === null) return follow();
  feed.close();
  const at = shown.at;
  const events = await readEvents(Math.max(1, at - backlog + 1), at);
  if (shown.at === at) showFeed(events, `Up to position ${at}`);
}

function onHead(now) {
  if (life !== null && life !== now.life) return startAgain();
  const first = life === null;
  life = now.life;
  head = now.position;
  reach(head);
  if (first && shown.at === null) follow();
  else feed.keepUp(head);
}

byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address names the view, not the target of a link
  byId("main").focus();
});
startCommands(() => product.id, () => order.id);
startStatement();
startPast(() => showMoment().catch(() => {})); // the badge shows that the ledger is unreachable
addEventListener("hashchange", go);
go();
startHealth(onHead, () => feed.isBehind);
