// The pages of one product, one order, one event.
import { Problem, orderPath, productPath, read, readEvents, readLines, shown } from "./api.js";
import { draw, lineChart } from "./charts.js";
import { byId, cell, element, emptyRow, eventLink, facts, linesOf, listed, number, orderLink, paced,
  streamLink, timeOf, words } from "./elements.js";

const calm = 500; // ms between two reads of data that changes

/** One of the three pages. `show(id)` reads and shows it; a problem is shown in its place. */
class Detail {
  constructor(name, show) {
    this.name = name;
    this.id = null;
    this.refresh = paced(() => this.#read(show), calm);
  }

  get stream() { return `${this.name}/${this.id}`; }

  async #read(show) {
    const problem = byId(`${this.name}-problem`);
    const content = byId(`${this.name}-shown`);
    const id = this.id;
    if (id === null) return;
    byId(`${this.name}-title`).textContent = `${this.name[0].toUpperCase()}${this.name.slice(1)} ${id}`;
    try {
      await show(id, () => this.id === id);
      problem.hidden = true;
      if (content) content.hidden = false;
    } catch (failed) {
      if (!(failed instanceof Problem)) throw failed;
      const when = shown.at === null ? "" : ` as of position ${number(shown.at)}`;
      problem.textContent = `${words(failed.title)}: ${failed.message}${when}`;
      problem.hidden = false;
      if (content) content.hidden = true;
    }
  }
}

const who = (entry) => [cell(entry.actor), cell(entry.reason)];
const position = (entry) => element("td", { class: "number" }, eventLink(entry.position));

// ---- product ----

const rowsOfAStatement = 100;
const firstStretch = 500; // positions to search for movements at first; each further search takes ten times as many

/** Reads the last movements of a product up to a position, and searches further back until it has enough. */
async function lastMovements(sku, upTo) {
  for (let stretch = firstStretch;; stretch *= 10) {
    const from = Math.max(1, upTo - stretch + 1);
    const lines = await readLines(productPath(sku, "explain"), { from, at: upTo, limit: 1000 });
    const movements = lines.filter((line) => line.entry === "movement");
    if (movements.length >= rowsOfAStatement / 4 || from === 1) return movements.slice(-rowsOfAStatement);
  }
}

let balanceChart = null;
let statementTo = null; // the position where the statement ends; null: the newest

function movementRow(movement) {
  const change = movement.change > 0 ? `+${number(movement.change)}` : number(movement.change);
  return element("tr", {}, position(movement), cell([timeOf(movement.time)]), cell(words(movement.what)),
    cell(movement.order === null ? "" : [orderLink(movement.order)]),
    element("td", { class: "number" }, change), cell(movement.balance), ...who(movement));
}

function showStatement(movements) {
  const rows = movements.map(movementRow).reverse();
  byId("statement").replaceChildren(...(rows.length > 0 ? rows : [emptyRow(8, "No movements")]));
  const [first, last] = [movements[0], movements.at(-1)];
  byId("statement-range").textContent = first === undefined ? "No movements" : [
    `${number(movements.length)} movements`,
    `positions ${number(first.position)} to ${number(last.position)}`,
    `opening balance ${number(first.balance - first.change)}`].join(", ");
  byId("earlier").disabled = first === undefined || first.version === 1;
  byId("latest").disabled = statementTo === null;
  balanceChart ??= lineChart(byId("balance-chart"), ["stock"], { stepped: true, tick: number });
  const balances = movements.map((movement) => movement.balance);
  const said = first === undefined ? "no movements" : [
    `from ${number(balances[0])} to ${number(balances.at(-1))}`,
    `minimum ${number(Math.min(...balances))}`, `maximum ${number(Math.max(...balances))}`].join(", ");
  draw(balanceChart, movements.map((movement) => number(movement.position)), [balances],
    `Stock after each of ${movements.length} movements: ${said}`);
}

async function showProduct(sku, isStill) {
  const row = await read(productPath(sku));
  const movements = await lastMovements(sku, statementTo ?? row.as_of);
  if (!isStill()) return;
  facts(byId("product-figures"), [
    ["Name", row.name === "" ? "–" : row.name], ["Stock", row.stock], ["Received", row.received],
    ["Written off", row.written_off], ["In progress", row.in_progress], ["Fulfilled", row.fulfilled],
    ["Version", row.version], ["State", row.retired ? "retired" : "for sale"]]);
  showStatement(movements);
}

export const product = new Detail("product", showProduct);

/** Connects the buttons that show earlier movements, and the newest ones again. */
export function startStatement() {
  byId("earlier").addEventListener("click", () => {
    const last = byId("statement").rows[byId("statement").rows.length - 1];
    statementTo = Number(last.querySelector("a").hash.split("/").at(-1)) - 1;
    product.refresh();
  });
  byId("latest").addEventListener("click", () => {
    statementTo = null;
    product.refresh();
  });
}

// ---- order ----

const steps = { draft: ["place", "abort"], in_progress: ["abort", "fulfil"] };

function eventRow(entry) {
  const lines = entry.lines.map((line) => {
    const after = line.stock_after === null ? "" : `, ${number(line.stock_after)} left`;
    return element("div", {}, ...linesOf([line]), after);
  });
  return element("tr", {}, position(entry), cell([timeOf(entry.time)]), cell(entry.what), cell(lines),
    ...who(entry));
}

async function showOrder(id, isStill) {
  const row = await read(orderPath(id));
  const history = await readLines(orderPath(id, "explain"));
  if (!isStill()) return;
  facts(byId("order-facts"), [
    ["Status", words(row.status)], ["Lines", linesOf(row.lines)], ["Version", row.version]]);
  byId("history").replaceChildren(...history.filter((line) => line.entry === "event").map(eventRow));
  const form = byId("order-commands");
  const next = steps[row.status] ?? [];
  for (const button of form.querySelectorAll("button")) {
    // Also disabled: otherwise the Enter key would press a hidden button.
    button.disabled = button.hidden = !next.includes(button.value);
  }
  if (next.length === 0 && form.contains(document.activeElement)) byId("order-title").focus();
  form.hidden = next.length === 0;
}

export const order = new Detail("order", showOrder);

// ---- event ----

async function showEvent(id, isStill) {
  const [found] = /^[1-9][0-9]*$/.test(id) ? await readEvents(Number(id), Number(id)) : [];
  if (!isStill()) return;
  if (found === undefined) throw new Problem({ title: "not found", detail: `there is no event ${id}` });
  facts(byId("event-facts"), [
    ["What", found.type], ["Time", [timeOf(found.time)]],
    ["Streams", listed(Object.keys(found.streams).map(streamLink))], ["Actor", found.actor ?? "–"],
    ["Command id", found.command_id ?? "–"]]);
  byId("event-data").textContent = JSON.stringify(found.data, null, 2);
}

export const event = new Detail("event", showEvent);

/** The pages by their names in addresses. */
export const details = { product, order, event };

/** Shows another object; of a product, its newest movements. */
export function open(detail, id) {
  statementTo = null;
  detail.id = id;
  detail.refresh();
}
