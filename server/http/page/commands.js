// Commands from the page's forms and buttons, and the ledger's answers to them.
import { Problem, command, orderPath, productPath } from "./api.js";
import { byId, element, eventLink, listed, number, orderLink, productLink } from "./elements.js";

const outcome = byId("outcome");

function say(refused, ...content) {
  outcome.classList.toggle("refused", refused);
  const dismiss = element("button", { type: "button", onclick: () => outcome.replaceChildren() }, "Dismiss");
  outcome.replaceChildren(element("p", {}, ...content), dismiss);
}

/** Makes ": anvil 3 left, rope 0 left", or nothing if the command moved no stock. */
function stockLeft(stock) {
  const left = Object.entries(stock).map(([sku, units]) =>
    element("span", {}, productLink(sku), ` ${number(units)} left`));
  return left.length === 0 ? [] : [": ", ...listed(left)];
}

function sentence(text) { return text.charAt(0).toUpperCase() + text.slice(1); }

function explain(problem) {
  const where = problem.position === null ? [] : [" (", "event ", eventLink(problem.position), ")"];
  const again = problem.isOpen ? [" Send it again: it is done at most once."] : [];
  say(true, element("b", {}, sentence(problem.title)), ": ", problem.message, ...where, ".", ...again);
}

/** Sends a command and shows its outcome. Returns whether the ledger accepted it. */
async function send(method, path, fields, describe) {
  try {
    const answer = await command(method, path, fields);
    say(false, ...describe(answer), ...stockLeft(answer.stock), " (event ", eventLink(answer.position), ").");
    return true;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    explain(problem);
    return false;
  }
}

const done = { place: "placed", abort: "aborted", fulfil: "fulfilled" };

/** `action`: place, abort or fulfil. */
export function sendOrder(id, action, reason = "") {
  return send("PUT", orderPath(id, action), { reason },
    () => ["Order ", orderLink(id), ` ${done[action]}`]);
}

function receive(sku, quantity, reason) {
  return send("POST", productPath(sku, "receive"), { quantity: Number(quantity), reason },
    () => [`Received ${number(Number(quantity))} of `, productLink(sku)]);
}

/** Runs `work` with the fields of a submitted form, and resets the form if the command was accepted. */
function onSubmit(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const accepted = await work(Object.fromEntries(new FormData(form, event.submitter)));
    if (!accepted) return;
    form.reset();
    form.querySelector("input")?.focus();
  });
}

// ---- place an order ----

const placeForm = byId("place");
const placeLines = byId("place-lines");

function addLine() {
  const field = (label, attributes) =>
    element("label", {}, `${label} `, element("input", { required: true, ...attributes }));
  const line = element("div", { class: "line" },
    field("SKU", { name: "sku", maxlength: 128, autocomplete: "off", spellcheck: "false" }),
    field("Quantity", { name: "quantity", type: "number", min: 1, max: 2147483647, value: 1 }));
  if (placeLines.childElementCount > 0) {
    line.append(element("button", {
      type: "button",
      onclick: () => { line.remove(); placeForm.elements.add.focus(); },
    }, "Remove line"));
  }
  placeLines.append(line);
  return line;
}

function linesToPlace() {
  return Array.from(placeLines.children, (line) => ({
    sku: line.querySelector("[name=sku]").value.trim(),
    quantity: Number(line.querySelector("[name=quantity]").value),
  }));
}

// ---- the forms ----

/** `shownProduct` and `shownOrder` return the ids that their pages show. */
export function startCommands(shownProduct, shownOrder) {
  addLine();
  placeForm.elements.add.addEventListener("click", () => addLine().querySelector("input").focus());
  placeForm.addEventListener("reset", () => {
    while (placeLines.childElementCount > 1) placeLines.lastElementChild.remove();
  });
  onSubmit(placeForm, ({ id }) => send("POST", "order/", { id: id.trim(), lines: linesToPlace() },
    (answer) => ["Order ", orderLink(answer.order), " placed"]));
  onSubmit(byId("receive"), ({ sku, quantity, reason }) => receive(sku.trim(), quantity, reason));
  onSubmit(byId("register"), ({ sku, name, stock }) =>
    send("POST", "product/", { sku: sku.trim(), name, stock: Number(stock) },
      (answer) => ["Product ", productLink(answer.product), " registered"]));
  onSubmit(byId("product-receive"), ({ quantity, reason }) => receive(shownProduct(), quantity, reason));
  onSubmit(byId("order-commands"), ({ action, reason }) => sendOrder(shownOrder(), action, reason));
}
