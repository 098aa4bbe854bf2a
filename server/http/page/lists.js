// The tables of stock and orders: a page of rows in the ledger's order, searched by the beginning of an id.
import { Problem, read, shown } from "./api.js";
import { cell, element, linesOf, orderLink, paced, productLink, showRows, words } from "./elements.js";
import { sendOrder } from "./commands.js";

const rowsOfAPage = 20;
const readsOfAPage = 5; // requests before the rows so far are shown: the ledger's pages may be short
const calm = 500;       // ms between two reads of data that changes

class List {
  /** `section` has the filters, the table and the buttons; `rows` is the name of the rows in an answer. */
  constructor(section, path, rows, idOf, make) {
    Object.assign(this, { section, path, rows, idOf, make });
    this.filters = section.querySelector("form");
    this.body = section.querySelector("tbody");
    this.note = section.querySelector(".pages span");
    this.firstButton = section.querySelector("[name=first]");
    this.nextButton = section.querySelector("[name=next]");
    this.begin = null; // the cursor of the present page; null: the first
    this.next = null;
    this.refresh = paced(() => this.#read(), calm);
    this.filters.addEventListener("input", () => this.toFirst());
    this.filters.addEventListener("submit", (event) => event.preventDefault());
    this.firstButton.addEventListener("click", () => this.toFirst());
    this.nextButton.addEventListener("click", () => { this.begin = this.next; this.refresh(); });
  }

  toFirst() {
    this.begin = null;
    return this.refresh();
  }

  async #read() {
    const entries = Array.from(new FormData(this.filters), ([name, value]) => [name, value.trim()]);
    const { prefix, ...filters } = Object.fromEntries(entries); // no id begins or ends with a blank
    const at = shown.at;
    try {
      let cursor = this.begin ?? prefix;
      let items = [];
      for (let asked = 0; asked < readsOfAPage && items.length < rowsOfAPage && cursor !== null; ++asked) {
        const page = await read(this.path, { ...filters, cursor, limit: rowsOfAPage - items.length });
        items.push(...page[this.rows]);
        cursor = page.next;
      }
      const others = items.findIndex((item) => !this.idOf(item).startsWith(prefix));
      if (others >= 0) {
        items = items.slice(0, others);
        cursor = null;
      }
      if (at === shown.at) this.#show(items, cursor);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.#show([], null, problem.status === 400 ? "An id has at most 128 bytes and no control characters" : problem.message);
    }
  }

  #show(items, next, note = "") {
    this.next = next;
    const past = shown.at !== null;
    showRows(this.body, items.map((item) => ({ ...item, past })), this.idOf, this.make, "Nothing to show");
    this.note.textContent = note !== "" ? note : `${items.length} shown${next === null ? "" : ", more follow"}`;
    this.firstButton.disabled = this.begin === null;
    this.nextButton.disabled = next === null;
  }
}

function productRow(product) {
  return element("tr", {},
    element("th", { scope: "row" }, productLink(product.sku)),
    cell(product.retired ? `${product.name} (retired)` : product.name),
    cell(product.stock, { class: product.stock === 0 ? "number none" : "number" }),
    cell(product.in_progress), cell(product.fulfilled));
}

function orderButton(order, action, text) {
  return element("button", {
    type: "button", "aria-label": `${text} order ${order.id}`, disabled: order.past,
    onclick: () => sendOrder(order.id, action),
  }, text);
}

function orderRow(order) {
  const commands = {
    draft: [["place", "Place"], ["abort", "Abort"]],
    in_progress: [["abort", "Abort"], ["fulfil", "Fulfill"]],
  }[order.status] ?? [];
  return element("tr", {},
    element("th", { scope: "row" }, orderLink(order.id)), cell(words(order.status), { class: "tight" }),
    cell(linesOf(order.lines)),
    cell(commands.map(([action, text]) => orderButton(order, action, text)), { class: "tight" }));
}

export const stock = new List(document.getElementById("stock"), "product/", "products",
  (product) => product.sku, productRow);
export const orders = new List(document.getElementById("orders"), "order/", "orders",
  (order) => order.id, orderRow);
