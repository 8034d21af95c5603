/** Small layers over the page: menus, the emoji choice, toasts, questions. One is open at a time; Esc closes it. */

import { $, append, fill, h, icon } from "./dom.js";
import { t } from "./texts.js";

const EMOJI = [..."👍❤️😂😮😢🙏🔥🎉👀💯✅❌🙂😅😎🤔😭😡👏🙌💪🍜☕🌸".matchAll(/\p{Extended_Pictographic}\uFE0F?/gu)].map((match) => match[0]);
const EDGE = 8;
let open = null;

function close(focusBack = true) {
  if (!open) return;
  const { layer, from, off } = open;
  open = null;
  off();
  layer.remove();
  if (focusBack) from?.focus?.({ preventScroll: true });
}

/** Put a layer beside `anchor` (an element or a point) and keep it inside the window. */
function place(layer, anchor) {
  document.body.append(layer);
  const box = anchor instanceof Element ? anchor.getBoundingClientRect() : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const { width, height } = layer.getBoundingClientRect();
  const left = Math.min(Math.max(EDGE, box.left), innerWidth - width - EDGE);
  const below = box.bottom + 4;
  const top = below + height + EDGE > innerHeight ? Math.max(EDGE, box.top - height - 4) : below;
  layer.style.left = `${left}px`;
  layer.style.top = `${top}px`;
}

function show(layer, anchor) {
  close(false);
  const outside = (event) => !layer.contains(event.target) && close(false);
  const key = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else move(event, layer);
  };
  layer.addEventListener("keydown", key);
  setTimeout(() => document.addEventListener("pointerdown", outside));
  open = { layer, from: document.activeElement, off: () => document.removeEventListener("pointerdown", outside) };
  place(layer, anchor);
  layer.querySelector("button")?.focus({ preventScroll: true });
}

function move(event, layer) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...layer.querySelectorAll("button")];
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
}

/** Open a menu. Items are `{label, icon, run, danger}`, `{heading}` or null (left out). */
export function menu(anchor, items, label) {
  const layer = h("div", { class: "menu", role: "menu", aria: { label } });
  for (const item of items.filter(Boolean)) {
    if (item.heading) layer.append(h("div", { class: "menu-heading", role: "presentation" }, item.heading));
    else layer.append(h("button", { type: "button", role: "menuitem", class: item.danger ? "danger" : "", onclick: () => { close(); item.run(); } }, icon(item.icon), h("span", {}, item.label)));
  }
  show(layer, anchor);
}

/** Open the emoji choice and hand the chosen character to `pick`. */
export function emojiMenu(anchor, pick) {
  const layer = h("div", { class: "menu emoji-menu", role: "menu", aria: { label: t("react") } });
  append(layer, EMOJI.map((emoji) => h("button", { type: "button", role: "menuitem", onclick: () => { close(); pick(emoji); } }, emoji)));
  show(layer, anchor);
}

export const closeMenu = close;

/** Say something for a moment at the foot of the page. */
export function toast(text, kind = "") {
  const element = h("div", { class: `toast ${kind}` }, text);
  $("toasts").append(element);
  setTimeout(() => element.classList.add("gone"), 4200);
  setTimeout(() => element.remove(), 4700);
}

/**
 * Ask yes or no, for one line of text (`input`) or for a line and a text (`input`, `area`).
 *
 * Resolves to true, to the text, to `{name, content}`, or to null when cancelled.
 */
export function ask({ title, action, danger = false, input = null, area = null }) {
  return new Promise((resolve) => {
    const field = input && h("input", { type: "text", required: true, maxLength: input.max, placeholder: input.hint, value: input.value ?? "", aria: { label: title } });
    const text = area && h("textarea", { rows: 5, required: true, maxLength: area.max, placeholder: area.hint, aria: { label: area.hint } });
    const answer = () => (text ? { name: field.value.trim(), content: text.value.trim() } : field ? field.value.trim() || null : true);
    const form = h(
      "form",
      { method: "dialog", class: "sheet" },
      h("h3", {}, title),
      field,
      text,
      h("div", { class: "sheet-actions" },
        h("button", { type: "button", class: "button secondary", onclick: () => dialog.close() }, t("cancel")),
        h("button", { type: "submit", value: "yes", class: `button ${danger ? "danger" : "primary"}` }, action)),
    );
    const dialog = h("dialog", { class: "dialog", aria: { label: title } }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? answer() : null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A dialog around any form; the caller closes it. */
export function sheet(title, form) {
  const dialog = h("dialog", { class: "dialog", aria: { label: title } });
  fill(dialog, form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
