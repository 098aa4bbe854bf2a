// The slider that shows the whole page as of a position, and the way back to now.
import { readEvents, shown } from "./api.js";
import { byId, number, timeText } from "./elements.js";

const slider = byId("moment-slider");
const field = byId("moment-position");
const rest = 150; // ms that the slider must rest before the page follows

let head = 0;
let onChange = () => {};

/** Sets the end of the slider: the position where the log ends. */
export function reach(position) {
  head = position;
  for (const input of [slider, field]) {
    input.disabled = position === 0;
    input.max = Math.max(1, position);
    if (shown.at === null && input !== document.activeElement) input.value = Math.max(1, position);
  }
}

async function tellTime(position) {
  const tell = (time) => {
    byId("past-text").textContent =
      `As of position ${number(position)}${time}. Commands are disabled until you go back to now.`;
  };
  tell("");
  const [event] = await readEvents(position, position);
  if (event !== undefined && shown.at === position) tell(`, ${timeText(event.time)} UTC`);
}

function goTo(position) {
  if (shown.at === position) return;
  shown.at = position;
  byId("past").hidden = position === null;
  document.body.classList.toggle("of-the-past", position !== null);
  for (const fields of document.querySelectorAll("fieldset.command")) fields.disabled = position !== null;
  slider.value = field.value = position ?? Math.max(1, head);
  if (position !== null) tellTime(position).catch(() => {}); // the badge shows that the ledger is unreachable
  onChange();
}

/** Calls `changed()` when the page shows another moment. */
export function startPast(changed) {
  onChange = changed;
  let waiting = 0;
  const follow = (input) => {
    if (input.value === "" || !input.checkValidity()) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const position = Number(input.value);
      goTo(position >= head && input === slider ? null : position);
    }, rest);
  };
  for (const input of [slider, field]) input.addEventListener("input", () => follow(input));
  byId("moment").addEventListener("submit", (event) => event.preventDefault());
  byId("now").addEventListener("click", () => {
    clearTimeout(waiting);
    goTo(null);
    slider.focus();
  });
}
