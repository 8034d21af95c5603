/** One message as a row of the log. */

import * as actions from "./actions.js";
import { components } from "./components.js";
import { h, icon, iconButton } from "./dom.js";
import { excerpt, markdown } from "./markdown.js";
import { emojiMenu, menu } from "./menus.js";
import { attachments, embeds, reactions } from "./parts.js";
import { authorName, avatarUrl, canWrite, colourOf, COMPONENTS_V2, DM, EPHEMERAL, isThread, isWebhook, LOADING, may, messageAvatar, nameOf, people, PERMISSION, store } from "./store.js";
import { clock, dayName, fullTime, localised, t } from "./texts.js";

const GROUP_MS = 7 * 60_000;
const SYSTEM = { 6: "system_pin", 7: "system_join", 18: "system_thread" };
const ONLY_EMOJI = /^(?:\s|\p{Extended_Pictographic}|\uFE0F|\u200D|[\u{1F3FB}-\u{1F3FF}]){1,24}$/u;

const sentAt = (message) => new Date(message.timestamp);
const sameVoice = (a, b) => a.author.id === b.author.id && (a.webhook_id ?? null) === (b.webhook_id ?? null) && a.author.username === b.author.username;

/** Whether a message continues the one above it, so that its head can be left out. */
export function continues(message, previous) {
  return Boolean(previous) && sameVoice(message, previous) && !message.message_reference && !message.interaction_metadata && !SYSTEM[message.type] && !SYSTEM[previous.type]
    && (message.flags & EPHEMERAL) === (previous.flags & EPHEMERAL) && sentAt(message) - sentAt(previous) < GROUP_MS && sentAt(message).toDateString() === sentAt(previous).toDateString();
}

/** The line between two days. */
export function dayLine(message, previous) {
  if (previous && sentAt(previous).toDateString() === sentAt(message).toDateString()) return null;
  return h("li", { class: "day", role: "separator" }, h("span", {}, dayName(sentAt(message))));
}

function replyLine(message, page) {
  if (!message.message_reference || message.type !== 19) return null;
  const original = message.referenced_message;
  if (!original) return h("div", { class: "reply-line" }, icon("reply"), h("em", {}, t("deletedOriginal")));
  const text = excerpt(original.content, people) || (original.attachments?.length ? t("attachments") : "…");
  return h("button", { type: "button", class: "reply-line", title: t("replyJump"), onclick: () => page.jump(original.id) },
    icon("reply"), h("img", { src: messageAvatar(original), alt: "" }), h("strong", {}, authorName(original)), h("span", {}, text));
}

function usedLine(message) {
  const used = message.interaction_metadata;
  if (!used || used.type !== 2 || !used.name) return null;
  return h("div", { class: "reply-line" }, icon("apps"), h("span", {}, t("usedCommand", { name: nameOf(used.user.id) ?? used.user.username, command: used.name.includes(" ") || used.command_type > 1 ? used.name : `/${used.name}` })));
}

function byline(message) {
  const name = h("span", { class: "author" }, authorName(message));
  const colour = !isWebhook(message) && colourOf(message.author.id);
  if (colour) name.style.setProperty("--role", colour);
  const when = sentAt(message);
  return h("div", { class: "byline" }, name, (message.webhook_id || message.author.bot) && h("span", { class: "badge" }, t("app")),
    h("time", { dateTime: message.timestamp, title: fullTime(when) }, clock(when)), message.pinned && h("span", { class: "pinned" }, t("pinned")));
}

function content(message) {
  if (message.flags & LOADING) return h("div", { class: "content loading" }, h("i"), h("i"), h("i"), h("span", {}, t("thinking")));
  if (message.flags & COMPONENTS_V2) return null;
  const edited = message.edited_timestamp && h("small", { class: "edited", title: fullTime(new Date(message.edited_timestamp)) }, ` ${t("edited")}`);
  if (!message.content && !edited) return null;
  const nodes = markdown(message.content, people);
  const last = nodes.at(-1);
  if (edited && last?.classList?.contains("text")) last.append(edited);
  else if (edited) nodes.push(edited);
  return h("div", { class: `content${ONLY_EMOJI.test(message.content) ? " jumbo" : ""}` }, nodes);
}

function threadLink(message, page) {
  if (!message.thread) return null;
  return h("button", { type: "button", class: "thread-link", onclick: () => page.open(message.thread.id) }, icon("thread"), h("strong", {}, message.thread.name), h("span", {}, t("openThread")));
}

const mine = (message) => !isWebhook(message) && message.author.id === store.me.user.id;

/** What the speaker may do with a message, as menu items. */
function moreItems(message, page) {
  const channel = store.channels.get(message.channel_id);
  const apps = store.commands.filter((one) => one.type === 3);
  const canThread = channel && channel.type !== DM && !isThread(channel) && !message.thread && may(channel, PERMISSION.threads);
  return [
    canWrite(channel) && { label: t("reply"), icon: "reply", run: () => page.reply(message) },
    mine(message) && { label: t("edit"), icon: "edit", run: () => page.edit(message) },
    canThread && { label: t("newThread"), icon: "thread", run: () => page.thread(message) },
    { label: t("copyText"), icon: "file", run: () => actions.copy(message.content) },
    { label: t("copyId"), icon: "hash", run: () => actions.copy(message.id) },
    apps.length && { heading: t("appMenus") },
    ...apps.map((one) => ({ label: localised(one, "name"), icon: "apps", run: () => actions.command(message.channel_id, one.id, { target: message.id }) })),
    canDelete(message, channel) && { label: t("delete"), icon: "trash", danger: true, run: () => actions.remove(message) },
  ];
}

const canDelete = (message, channel) => mine(message) || (channel?.type !== DM && may(channel, PERMISSION.manageMessages));

export function openMore(anchor, message, page) {
  if (!(message.flags & EPHEMERAL)) menu(anchor, moreItems(message, page), t("more"));
}

function toolbar(message, page) {
  if (message.flags & EPHEMERAL) return null;
  const channel = store.channels.get(message.channel_id);
  const canReact = may(channel, PERMISSION.addReactions);
  return h("div", { class: "tools", role: "toolbar", aria: { label: t("more") } },
    canReact && iconButton("smile", t("react"), (event) => emojiMenu(event.currentTarget, (emoji) => actions.react(message, emoji))),
    canWrite(channel) && iconButton("reply", t("reply"), () => page.reply(message)),
    mine(message) && iconButton("edit", t("edit"), () => page.edit(message)),
    iconButton("more", t("more"), (event) => openMore(event.currentTarget, message, page)));
}

function privately(message) {
  if (!(message.flags & EPHEMERAL)) return null;
  return h("div", { class: "private" }, icon("eye"), h("span", {}, t("ephemeral")), h("button", { type: "button", class: "link", onclick: () => actions.dismiss(message) }, t("dismiss")));
}

function systemRow(message) {
  const text = t(SYSTEM[message.type], { name: authorName(message), content: message.content });
  return h("li", { role: "article", class: "message system", data: { id: message.id } }, icon(message.type === 18 ? "thread" : "open"), h("span", {}, text), h("time", { dateTime: message.timestamp }, clock(sentAt(message))));
}

/** Build the row of a message; `page` offers `jump`, `open`, `reply`, `edit` and `thread`. */
export function messageRow(message, previous, page) {
  if (SYSTEM[message.type]) return systemRow(message);
  const joined = continues(message, previous);
  const mentioned = message.mentions?.some((user) => user.id === store.me.user.id) || message.mention_everyone;
  const classes = ["message", joined ? "joined" : "start", message.flags & EPHEMERAL ? "ephemeral" : "", mentioned ? "mentioned" : ""];
  const when = sentAt(message);
  const gutter = joined
    ? h("time", { class: "gutter-time", dateTime: message.timestamp, title: fullTime(when) }, clock(when))
    : h("img", { class: "avatar", src: messageAvatar(message), alt: "", width: 40, height: 40, loading: "lazy" });
  if (!joined) gutter.addEventListener("error", () => (gutter.src = avatarUrl({ id: message.author.id })), { once: true });
  const toggle = (emoji, on) => actions.react(message, emoji, on);
  const more = (event) => emojiMenu(event.currentTarget, (emoji) => toggle(emoji, true));
  const body = h("div", { class: "body" },
    joined ? h("span", { class: "visually-hidden" }, authorName(message)) : byline(message),
    content(message), attachments(message.attachments), embeds(message.embeds),
    components(message.components, (part, values) => actions.component(message, part, values)),
    reactions(message, toggle, more), threadLink(message, page), privately(message));
  return h("li", { role: "article", class: classes.filter(Boolean).join(" "), data: { id: message.id }, tabIndex: -1,
    oncontextmenu: (event) => {
      if (event.target.closest("a, img") || String(getSelection())) return;
      event.preventDefault();
      openMore({ x: event.clientX, y: event.clientY }, message, page);
    } },
  usedLine(message) ?? replyLine(message, page), h("div", { class: "line" }, h("div", { class: "gutter" }, gutter), body), toolbar(message, page));
}
