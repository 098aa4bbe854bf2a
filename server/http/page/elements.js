// Makes elements. Data from the ledger becomes text, never markup.

/** element("td", { class: "number" }, 7): `children` are elements, or values that become text. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export const byId = (id) => document.getElementById(id);

const whole = new Intl.NumberFormat("en");
export const number = (value) => whole.format(value);
export const words = (name) => name.replaceAll("_", " ");

/** Formats a duration in milliseconds. */
export function duration(ms) {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms >= 10 ? ms.toFixed(0) : Number(ms.toPrecision(2))} ms`;
}

/** Formats a time as "2026-11-23 22:15:01", in UTC. */
export const timeText = (time) => time.slice(0, 19).replace("T", " ");
export function timeOf(time, text = timeText(time)) {
  return element("time", { datetime: time, title: `${time} (UTC)` }, text);
}

const link = (kind, id, text) => element("a", { href: `#/${kind}/${encodeURIComponent(id)}` }, text);
export const productLink = (sku) => link("product", sku, sku);
export const orderLink = (id) => link("order", id, id);
export const eventLink = (position) => link("event", position, number(position));

/** Makes a stream such as "order/7" a link to its page. */
export function streamLink(stream) {
  const slash = stream.indexOf("/");
  return link(stream.slice(0, slash), stream.slice(slash + 1), stream);
}

/** Puts commas between elements: [a, b] becomes a, ", ", b. */
export function listed(elements) {
  return elements.flatMap((one, i) => (i === 0 ? [one] : [", ", one]));
}

/** Makes "anvil × 2", with links. */
export function linesOf(lines) {
  const text = (line) =>
    element("span", {}, productLink(line.sku), ` × ${number(line.quantity ?? line.units)}`);
  const few = lines.slice(0, 5).map(text);
  if (lines.length > few.length) few.push(`and ${number(lines.length - few.length)} more`);
  return listed(few);
}

/** Makes a cell of a table; numbers get the class of numbers. */
export function cell(content, attributes = {}) {
  const isNumber = typeof content === "number";
  const children = Array.isArray(content) ? content : [isNumber ? number(content) : content ?? ""];
  return element("td", isNumber ? { class: "number", ...attributes } : attributes, ...children);
}

/** Fills a <dl> from pairs of a term and its value. */
export function facts(list, pairs) {
  list.replaceChildren(...pairs.map(([term, value]) => {
    const children = Array.isArray(value) ? value : [typeof value === "number" ? number(value) : value];
    return element("div", {}, element("dt", {}, term), element("dd", {}, ...children));
  }));
}

/** Makes the row of an empty table. */
export function emptyRow(columns, text) {
  return element("tr", {}, element("td", { class: "empty", colspan: columns }, text));
}

/** Makes the rows of a table those of `items`, in their order. Rows of unchanged items stay, and so does the focus. */
export function showRows(body, items, keyOf, make, empty) {
  const before = new Map(Array.from(body.rows, (row) => [row.dataset.key, row]));
  const focused = body.contains(document.activeElement) ? document.activeElement : null;
  const focusedKey = focused?.closest("tr").dataset.key;
  const rows = items.map((item) => {
    const said = JSON.stringify(item, (name, value) => (name === "as_of" ? undefined : value));
    const old = before.get(keyOf(item));
    if (old?.said === said) return old;
    const row = make(item);
    row.dataset.key = keyOf(item);
    row.said = said;
    if (old) row.classList.add("flash");
    return row;
  });
  if (rows.length === 0) rows.push(emptyRow(body.parentElement.tHead.rows[0].cells.length, empty));
  const same = rows.length === body.rows.length && rows.every((row, i) => row === body.rows[i]);
  if (same) return;
  body.replaceChildren(...rows);
  if (focused === null || document.activeElement === focused) return;
  if (focused.isConnected) return focused.focus({ preventScroll: true });
  const row = rows.find((one) => one.dataset.key === focusedKey);
  const alike = Array.from(row?.querySelectorAll("a, button") ?? [])
    .find((one) => one.textContent === focused.textContent);
  (alike ?? row?.querySelector("a"))?.focus({ preventScroll: true });
}

/** Runs `work` one at a time, at most every `pause` ms; a call while it waits or runs makes it run once more. */
export function paced(work, pause) {
  let running = false;
  let wanted = false;
  return async function run() {
    wanted = true;
    if (running) return;
    running = true;
    try {
      while (wanted) {
        wanted = false;
        await work();
        await new Promise((done) => setTimeout(done, pause));
      }
    } finally {
      running = false;
    }
  };
}
