// The slider that takes the whole page back to a position, and the way back.
import { readEvents, shown } from "./api.js";
import { byId, number, timeText } from "./elements.js";

const slider = byId("moment-slider");
const field = byId("moment-position");
const rest = 150; // ms that the slider stands still before the page follows

let head = 0;
let onChange = () => {};

/** Where the log ends: as far as the slider goes. */
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
      `As of position ${number(position)}${time}. Commands wait until you are back.`;
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
  if (position !== null) tellTime(position).catch(() => {}); // the badge says that the ledger cannot be reached
  onChange();
}

/** `changed()` is called when another moment is shown. */
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
