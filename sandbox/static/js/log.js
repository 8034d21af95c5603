/** The message log: fetches, draws, follows the newest, and shows a masked repost taking its original's place. */

import { call } from "./api.js";
import { $, fill, h } from "./dom.js";
import { dayLine, messageRow } from "./messages.js";
import { authorName, channelName, DM, FORUM, isWebhook, room, sorted, store } from "./store.js";
import { t } from "./texts.js";

const PAGE = 50;
const NEAR_PX = 120;
const REPLACED_WITHIN_MS = 20_000;
const LEAVE_MS = 260;
const recentlyGone = [];
let page = null;
let failed = false;

const scroll = () => $("scroll");
const nearEnd = () => scroll().scrollHeight - scroll().scrollTop - scroll().clientHeight < NEAR_PX;
const toEnd = () => (scroll().scrollTop = scroll().scrollHeight);

/** Fetch a page of messages (older than what is known, when `older`). */
export async function fetchMessages(channelId, older = false) {
  const known = room(channelId);
  const before = older ? sorted(channelId)[0]?.id : undefined;
  failed = false;
  try {
    const answer = await call("GET", `channels/${channelId}/messages`, { as: store.me.user.id, query: { limit: PAGE, before } });
    if (!older) known.messages.clear();
    for (const message of answer.messages) known.messages.set(message.id, message);
    known.more = answer.more;
    known.loaded = true;
  } catch {
    failed = true;
  }
  if (channelId !== store.current) return;
  const height = scroll().scrollHeight;
  drawLog();
  if (older) scroll().scrollTop += scroll().scrollHeight - height;
  else toEnd();
}

function emptyState(channel) {
  const known = room(channel.id);
  if (failed) return [h("p", {}, t("loadFailed")), h("button", { type: "button", class: "button primary", onclick: () => fetchMessages(channel.id) }, t("retry"))];
  if (!known.loaded) return [h("div", { class: "skeleton", aria: { label: t("loading") } }, Array.from({ length: 5 }, () => h("i")))];
  if (channel.type === FORUM) return [h("p", { class: "empty-title" }, t("emptyForum"))];
  if (channel.type === DM) return [h("p", { class: "empty-title" }, t("emptyDm", { name: channelName(channel) }))];
  return [h("p", { class: "empty-title" }, t("emptyRoom")), h("p", {}, t("emptyRoomHint"))];
}

/** Draw every row of the current channel. */
export function drawLog() {
  const channel = store.channels.get(store.current);
  if (!channel) return;
  const messages = sorted(store.current);
  const rows = messages.flatMap((message, index) => [dayLine(message, messages[index - 1]), messageRow(message, messages[index - 1], page)]);
  fill($("log"), rows);
  $("older").hidden = !room(store.current).more;
  $("empty").hidden = messages.length > 0 && !failed;
  fill($("empty"), $("empty").hidden ? [] : emptyState(channel));
}

const rowOf = (id) => $("log").querySelector(`[data-id="${CSS.escape(id)}"]`);

/** Redraw one row where it stands (and the next, whose head may now be needed). */
function redraw(id) {
  const messages = sorted(store.current);
  const at = messages.findIndex((message) => message.id === id);
  for (const index of [at, at + 1]) {
    const message = messages[index];
    const old = message && index >= 0 && rowOf(message.id);
    if (!old) continue;
    const open = [...old.querySelectorAll(".spoiler")].map((element) => element.classList.contains("shown"));
    const fresh = messageRow(message, messages[index - 1], page);
    if (old.classList.contains("replaced")) markReplaced(fresh);
    fresh.querySelectorAll(".spoiler").forEach((element, place) => open[place] && element.click());
    old.replaceWith(fresh);
  }
}

/** Whether this webhook post stands in for a message of the same name that has just gone. */
function replaces(message) {
  if (!isWebhook(message)) return false;
  const now = Date.now();
  const at = recentlyGone.findIndex((gone) => gone.channel_id === message.channel_id && now - gone.at < REPLACED_WITHIN_MS && (gone.name === message.author.username || gone.avatar === message.author.avatar));
  if (at < 0) return false;
  recentlyGone.splice(at, 1);
  return true;
}

export function added(message) {
  const known = room(message.channel_id);
  if (!known.loaded && message.channel_id !== store.current) return;
  const last = sorted(message.channel_id).at(-1);
  known.messages.set(message.id, message);
  if (message.channel_id !== store.current) return;
  const follow = nearEnd();
  if (rowOf(message.id)) redraw(message.id);
  else if (sorted(message.channel_id).at(-1).id !== message.id) drawLog();
  else appendRow(message, last);
  $("empty").hidden = true;
  if (follow || message.author.id === store.me.user.id) toEnd();
  else $("to-newest").hidden = false;
}

function markReplaced(row) {
  row.classList.add("replaced");
  row.querySelector(".byline")?.append(h("span", { class: "replaced-note" }, t("masked")));
}

function appendRow(message, last) {
  const line = dayLine(message, last);
  const row = messageRow(message, last, page);
  if (replaces(message)) {
    markReplaced(row);
    $("announce").textContent = t("justMoved", { name: authorName(message) });
  }
  row.classList.add("arriving");
  $("log").append(...(line ? [line, row] : [row]));
}

/** Take the fields that an update carries; Discord may send only some. */
export function changed(message) {
  const known = room(message.channel_id).messages.get(message.id);
  if (!known) return;
  room(message.channel_id).messages.set(message.id, { ...known, ...message });
  if (message.channel_id !== store.current) return;
  const follow = nearEnd();
  redraw(message.id);
  if (follow) toEnd();
}

export function removed(channelId, id) {
  const known = room(channelId).messages.get(id);
  if (!known) return;
  recentlyGone.push({ channel_id: channelId, name: authorName(known), avatar: known.author.avatar, at: Date.now() });
  recentlyGone.splice(0, recentlyGone.length - 20);
  room(channelId).messages.delete(id);
  if (channelId !== store.current) return;
  const row = rowOf(id);
  if (!row) return;
  row.classList.add("leaving");
  row.removeAttribute("data-id");
  row.inert = true;
  setTimeout(() => takeOut(row), matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : LEAVE_MS);
}

/** Remove a row; the one below may need its head now, and a day's line with nothing under it goes too. */
function takeOut(row) {
  if (!row.isConnected) return;
  const follow = nearEnd();
  const above = row.previousElementSibling;
  const below = row.nextElementSibling;
  row.remove();
  if (below?.classList.contains("joined") && below.dataset.id) redraw(below.dataset.id);
  if (above?.classList.contains("day") && (!below || below.classList.contains("day"))) above.remove();
  if (!sorted(store.current).length) drawLog();
  if (follow) toEnd();
}

/** Count a reaction in or out without asking for the message again. */
export function reacted({ channel_id: channelId, message_id: id, user_id: userId, emoji }, on) {
  const message = room(channelId).messages.get(id);
  if (!message) return;
  const same = (one) => (emoji.id ? one.emoji.id === emoji.id : one.emoji.name === emoji.name);
  const list = (message.reactions ?? []).map((one) => ({ ...one, user_ids: [...(one.user_ids ?? [])] }));
  let found = list.find(same);
  if (!found && on) list.push((found = { emoji, count: 0, user_ids: [] }));
  if (!found || found.user_ids.includes(userId) === on) return;
  found.user_ids = on ? [...found.user_ids, userId] : found.user_ids.filter((one) => one !== userId);
  found.count = found.user_ids.length;
  changed({ ...message, reactions: list.filter((one) => one.count > 0) });
}

/** Scroll to a message that is shown and mark it for a moment. */
export function jump(id) {
  const row = rowOf(id);
  if (!row) return;
  row.scrollIntoView({ block: "center", behavior: "smooth" });
  row.classList.add("jumped");
  setTimeout(() => row.classList.remove("jumped"), 1800);
  row.focus({ preventScroll: true });
}

/** Set up scrolling and remember the page's own actions. */
export function startLog(host) {
  page = host;
  $("older").addEventListener("click", () => fetchMessages(store.current, true));
  $("to-newest").addEventListener("click", () => { toEnd(); $("to-newest").hidden = true; });
  scroll().addEventListener("scroll", () => nearEnd() && ($("to-newest").hidden = true), { passive: true });
  const keep = { end: true };
  scroll().addEventListener("scroll", () => (keep.end = nearEnd()), { passive: true });
  new ResizeObserver(() => keep.end && toEnd()).observe($("log"));
}

export const scrollToEnd = toEnd;
