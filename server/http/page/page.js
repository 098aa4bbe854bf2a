// The page: which of its views is shown, and what keeps it as the ledger is.
import { readEvents, shown } from "./api.js";
import { startCommands } from "./commands.js";
import { details, open, order, product, startStatement } from "./detail.js";
import { byId } from "./elements.js";
import { Feed, showFeed } from "./feed.js";
import { startHealth } from "./health.js";
import { orders, stock } from "./lists.js";
import { reach, startPast } from "./past.js";

const backlog = 20; // events of the past that the feed begins with
let life = null;    // of the log, that is shown
let head = 0;
let view = "overview";

// ---- which view ----

/** "#/order/7" is ["order", "7"]; whatever else it may be is the overview. */
function address() {
  const [, name, id] = /^#\/([a-z]+)\/([^/]+)$/.exec(location.hash) ?? [];
  try {
    return Object.hasOwn(details, name) ? [name, decodeURIComponent(id)] : ["overview"];
  } catch {
    return ["overview"]; // percent signs that stand for nothing
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
  if (event === undefined) return; // the first view leaves the focus where it is
  byId("outcome").replaceChildren();
  byId(view === "overview" ? "stock-title" : `${view}-title`).focus({ preventScroll: true });
  scrollTo(0, 0);
}

function refresh() {
  if (view !== "overview") return details[view].refresh();
  stock.refresh();
  orders.refresh();
}

// ---- what happens ----

/** Has what is shown read again where events are about it, or may be: some were not looked at. */
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

/** Positions mean something else now. */
const beginAnew = () => location.reload();

const feed = new Feed(apply, beginAnew);
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
  if (life !== null && life !== now.life) return beginAnew();
  const first = life === null;
  life = now.life;
  head = now.position;
  reach(head);
  if (first && shown.at === null) follow();
  else feed.keepUp(head);
}

byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address says which view is shown
  byId("main").focus();
});
startCommands(() => product.id, () => order.id);
startStatement();
startPast(() => showMoment().catch(() => {})); // the badge says that the ledger cannot be reached
addEventListener("hashchange", go);
go();
startHealth(onHead, () => feed.isBehind);
