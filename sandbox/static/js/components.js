/** Message components: buttons, selects of every kind, and the layout parts of components V2. */

import { fill, h, icon } from "./dom.js";
import { markdown } from "./markdown.js";
import { channelName, ownPath, people, store } from "./store.js";
import { t } from "./texts.js";

const ROW = 1, BUTTON = 2, STRING = 3, USER = 5, ROLE = 6, MENTIONABLE = 7, CHANNEL = 8;
const SECTION = 9, TEXT = 10, THUMBNAIL = 11, GALLERY = 12, FILE = 13, SEPARATOR = 14, CONTAINER = 17;
const LINK_STYLE = 5;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary", 6: "secondary" };
export const SELECTS = [STRING, USER, ROLE, MENTIONABLE, CHANNEL];

/** Show a message's components; `act(component, values)` returns a promise that ends when the app has answered. */
export function components(list, act) {
  if (!list?.length) return null;
  return h("div", { class: "components" }, list.map((part) => draw(part, act)));
}

function draw(part, act) {
  if (part.type === ROW) return h("div", { class: "component-row" }, part.components.map((child) => draw(child, act)));
  if (part.type === BUTTON) return button(part, act);
  if (SELECTS.includes(part.type)) return select(part, (values) => act(part, values));
  if (part.type === TEXT) return h("div", { class: "content" }, markdown(part.content, people));
  if (part.type === SECTION) return h("div", { class: "component-section" }, h("div", {}, part.components.map((child) => draw(child, act))), part.accessory && draw(part.accessory, act));
  if (part.type === SEPARATOR) return part.divider === false ? h("div", { class: "gap" }) : h("hr");
  if (part.type === CONTAINER) return container(part, act);
  if (part.type === GALLERY) return h("div", { class: "files" }, part.items.map((item) => media(item.media, item.description)));
  if (part.type === THUMBNAIL) return media(part.media, part.description);
  if (part.type === FILE) return h("a", { class: "file", href: ownPath(part.file.url), download: "" }, icon("file"), part.name ?? part.file.url);
  return null;
}

function container(part, act) {
  const box = h("div", { class: "embed container" }, part.components.map((child) => draw(child, act)));
  if (typeof part.accent_color === "number") box.style.setProperty("--embed", `#${part.accent_color.toString(16).padStart(6, "0")}`);
  return box;
}

function media(item, description) {
  const address = ownPath(item.url);
  return address.startsWith("/") ? h("img", { class: "embed-image", src: address, alt: description ?? "" }) : null;
}

function button(part, act) {
  const content = [part.emoji && h("span", { aria: { hidden: "true" } }, part.emoji.id ? `:${part.emoji.name}:` : part.emoji.name), part.label && h("span", {}, part.label)];
  if (part.style === LINK_STYLE) {
    if (!/^https?:\/\//.test(part.url ?? "")) return null;
    return h("a", { class: "button secondary", href: part.url, target: "_blank", rel: "noopener noreferrer", aria: { label: t("linkButton", { label: part.label ?? part.url }) } }, content, icon("open"));
  }
  const element = h("button", { type: "button", class: `button ${STYLES[part.style] ?? "secondary"}`, disabled: Boolean(part.disabled) }, content);
  element.addEventListener("click", () => busyWhile(element, () => act(part)));
  return element;
}

/** Disable a control while its interaction is on the way, so that it is sent once. */
async function busyWhile(element, work) {
  element.disabled = true;
  element.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    element.disabled = false;
    element.removeAttribute("aria-busy");
  }
}

/** The choices of a select, as `{value, label, description, chosen}`. */
export function choicesOf(part) {
  if (part.type === STRING) return part.options.map((option) => ({ value: option.value, label: option.label, description: option.description, chosen: option.default }));
  const defaults = new Set((part.default_values ?? []).map((value) => value.id));
  const users = () => [...store.members.values()].map((member) => ({ value: member.user.id, label: people.user(member.user.id) }));
  const roles = () => [...store.roles.values()].filter((role) => role.id !== store.guild.id).map((role) => ({ value: role.id, label: `@${role.name}` }));
  const channels = () => [...store.channels.values()].filter((channel) => !part.channel_types?.length || part.channel_types.includes(channel.type)).map((channel) => ({ value: channel.id, label: `#${channelName(channel)}` }));
  const lists = { [USER]: users, [ROLE]: roles, [CHANNEL]: channels, [MENTIONABLE]: () => [...users(), ...roles()] };
  return lists[part.type]().map((choice) => ({ ...choice, chosen: defaults.has(choice.value) }));
}

/** A select: native when one value is wanted, a disclosure with boxes when several are. */
export function select(part, done) {
  const minimum = part.min_values ?? 1;
  const maximum = part.max_values ?? 1;
  const choices = choicesOf(part);
  if (maximum <= 1) {
    const element = h("select", { class: "select", disabled: Boolean(part.disabled), aria: { label: part.placeholder || t("choose") } });
    element.append(h("option", { value: "", disabled: minimum > 0, hidden: minimum > 0, selected: true }, part.placeholder || t("choose")));
    for (const choice of choices) element.append(h("option", { value: choice.value, selected: Boolean(choice.chosen), title: choice.description ?? "" }, choice.label));
    element.addEventListener("change", () => busyWhile(element, () => Promise.resolve(done(element.value ? [element.value] : []))));
    return element;
  }
  return several(part, choices, minimum, maximum, done);
}

function several(part, choices, minimum, maximum, done) {
  const boxes = choices.map((choice) => h("input", { type: "checkbox", value: choice.value, checked: Boolean(choice.chosen) }));
  const send = h("button", { type: "button", class: "button primary" }, t("submit"));
  const picked = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const summary = h("summary", { class: "select" });
  const refresh = () => {
    const count = picked().length;
    send.disabled = count < minimum || count > maximum;
    for (const box of boxes) box.disabled = !box.checked && count >= maximum;
    fill(summary, part.placeholder || t("chooseN", { min: minimum, max: maximum }), count ? ` (${count})` : "");
  };
  const details = h("details", { class: "multi" }, summary, h("div", { class: "multi-list" }, choices.map((choice, index) => h("label", {}, boxes[index], h("span", {}, choice.label))), send));
  details.addEventListener("change", refresh);
  send.addEventListener("click", () => busyWhile(send, () => Promise.resolve(done(picked()))).then(() => (details.open = false)));
  refresh();
  return details;
}
