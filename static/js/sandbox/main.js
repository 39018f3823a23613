// /sandbox: asks for the phones' state every second and keeps up to three of them on the screen.

import { need } from "../ui/dom.js";
import { state } from "./api.js";
import { Controls } from "./controls.js";
import { Phones } from "./model.js";
import { Phone } from "./phone.js";

const EVERY = 1000; // ms
const NOTICE_STAYS = 8000;
const THREE = window.matchMedia("(min-width: 73.75rem)");
const TWO = window.matchMedia("(min-width: 48.75rem)");

const model = new Phones();
const root = need(document, "[data-sandbox]");
const row = need(root, "[data-phones]");
const notice = need(root, "[data-notice]");
/** @type {Map<string, Phone>} */
const shown = new Map();
const controls = new Controls(root, choose, report);
let wake = () => {};
let noticeUntil = 0;

function slots() {
  if (THREE.matches) return 3;
  return TWO.matches ? 2 : 1;
}

/** @param {string} id */
function choose(id) {
  model.show(id, slots());
  wake();
}

/**
 * Say what went wrong: for a while, or (an unanswered poll) until it is over.
 * @param {Error} error
 */
function report(error, stays = NOTICE_STAYS) {
  notice.textContent = error.message;
  notice.hidden = false;
  noticeUntil = Date.now() + stays;
}

function render() {
  const visible = model.visible(slots());
  for (const [id, phone] of shown) {
    if (visible.includes(id)) continue;
    phone.close();
    shown.delete(id);
  }
  visible.forEach((id, index) => place(id, index));
  controls.render(model, visible);
}

/**
 * @param {string} id
 * @param {number} index
 */
function place(id, index) {
  const customer = model.customer(id);
  if (!customer) return;
  const phone = shown.get(id) ?? new Phone(customer, model, report);
  shown.set(id, phone);
  const there = row.children[index] ?? null;
  if (there !== phone.node) row.insertBefore(phone.node, there);
  phone.render();
}

async function poll() {
  try {
    model.apply(await state(model.version));
    if (Date.now() > noticeUntil) notice.hidden = true;
    render();
  } catch (error) {
    report(/** @type {Error} */ (error), 0);
  }
}

/** @returns {Promise<void>} */
function pause() {
  return new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, EVERY);
  });
}

for (const query of [TWO, THREE]) query.addEventListener("change", () => wake());

for (;;) {
  if (!document.hidden) await poll();
  await pause();
}
