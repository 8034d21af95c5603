/** The left column (channels, threads, conversations, who speaks) and the right one (members). */

import * as actions from "./actions.js";
import { $, fill, h, icon } from "./dom.js";
import { menu } from "./menus.js";
import { avatarUrl, CATEGORY, channelName, colourOf, DM, FORUM, isThread, nameOf, store, VOICE } from "./store.js";
import { localised, t } from "./texts.js";

const ADMINISTRATOR = 8n;

export function channelIcon(channel) {
  if (channel.type === DM) return "at";
  if (isThread(channel)) return "thread";
  if (channel.type === VOICE) return "voice";
  if (channel.type === FORUM) return "forum";
  return channel.private ? "lock" : "hash";
}

function channelButton(channel, page) {
  const current = channel.id === store.current;
  const unread = store.unread.has(channel.id);
  const other = channel.type === DM && channel.recipients.find((user) => user.id !== store.me.user.id);
  return h(
    "button",
    {
      type: "button", class: `channel${unread ? " unread" : ""}${isThread(channel) ? " thread" : ""}`, data: { channel: channel.id },
      aria: current ? { current: "page" } : {}, onclick: () => page.open(channel.id),
    },
    other ? h("img", { src: avatarUrl(other, store.members.get(other.id)), alt: "", width: 22, height: 22 }) : icon(channelIcon(channel)),
    h("span", { class: "channel-name" }, channelName(channel)),
    channel.thread_metadata?.archived && h("small", {}, t("archived")),
    unread && h("span", { class: "visually-hidden" }, t("unread")),
  );
}

const byPlace = (a, b) => (a.position ?? 0) - (b.position ?? 0) || (BigInt(a.id) < BigInt(b.id) ? -1 : 1);

function withThreads(channel, all, page) {
  const threads = all.filter((one) => isThread(one) && one.parent_id === channel.id).sort(byPlace);
  return [channelButton(channel, page), threads.length > 0 && h("div", { class: "threads", role: "group", aria: { label: t("threads") } }, threads.map((one) => channelButton(one, page)))];
}

function section(title, rows) {
  return rows.length ? h("section", {}, h("h3", {}, title), rows) : null;
}

/** Draw the channel list anew from the store. */
export function drawChannels(page) {
  const all = [...store.channels.values()];
  const plain = all.filter((one) => one.type !== DM && one.type !== CATEGORY && !isThread(one)).sort(byPlace);
  const categories = all.filter((one) => one.type === CATEGORY).sort(byPlace);
  const loose = plain.filter((one) => !categories.some((category) => category.id === one.parent_id));
  const dms = all.filter((one) => one.type === DM);
  fill(
    $("channel-list"),
    section(t("textChannels"), loose.map((one) => withThreads(one, all, page))),
    categories.map((category) => section(category.name, plain.filter((one) => one.parent_id === category.id).map((one) => withThreads(one, all, page)))),
    section(t("dms"), dms.map((one) => channelButton(one, page))),
  );
}

/** Draw who speaks, with the menu to change it. */
export function drawSpeaker(page) {
  const user = store.me.user;
  const names = h("span", { class: "speaker-names" }, h("small", {}, t("speakingAs")), h("strong", {}, nameOf(user.id)));
  const button = h("button", { type: "button", class: "speaker-button", title: t("changeSpeaker"), aria: { haspopup: "menu" }, onclick: () => speakerMenu(button, page) },
    h("img", { class: "avatar", src: avatarUrl(user, store.members.get(user.id)), alt: "", width: 36, height: 36 }), names, icon("people"));
  fill($("speaker"), button);
}

function speakerMenu(anchor, page) {
  const humans = [...store.members.values()].filter((member) => !member.user.bot);
  menu(anchor, [{ heading: t("speakAs") }, ...humans.map((member) => ({ label: nameOf(member.user.id), icon: member.user.id === store.me.user.id ? "check" : "people", run: () => page.speakAs(member.user.id) }))], t("changeSpeaker"));
}

function memberMenu(anchor, member, page) {
  const user = member.user;
  const self = user.id === store.me.user.id;
  const apps = store.commands.filter((one) => one.type === 2);
  menu(
    anchor,
    [
      !user.bot && !self && { label: t("speakAs"), icon: "people", run: () => page.speakAs(user.id) },
      !self && { label: t("sendDm"), icon: "at", run: () => page.dm(user.id) },
      { label: t("copyId"), icon: "hash", run: () => actions.copy(user.id) },
      apps.length && { heading: t("appMenus") },
      ...apps.map((one) => ({ label: localised(one, "name"), icon: "apps", run: () => actions.command(store.current, one.id, { target: user.id }) })),
    ],
    t("profile", { name: nameOf(user.id) }),
  );
}

function memberRow(member, page) {
  const user = member.user;
  const self = user.id === store.me.user.id;
  const name = h("span", { class: "member-name author" }, nameOf(user.id));
  const colour = colourOf(user.id);
  if (colour) name.style.setProperty("--role", colour);
  const roles = member.roles.map((id) => store.roles.get(id)).filter((role) => role && !role.managed).map((role) => role.name).join(", ");
  const row = h("button", { type: "button", class: `member${self ? " self" : ""}`, aria: { label: t("profile", { name: nameOf(user.id) }), haspopup: "menu" }, onclick: () => memberMenu(row, member, page) },
    h("img", { class: "avatar", src: avatarUrl(user, member), alt: "", width: 34, height: 34, loading: "lazy" }),
    h("span", { class: "member-names" }, h("span", {}, name, user.bot && h("span", { class: "badge" }, t("app")), self && h("span", { class: "badge you" }, t("you"))), roles && h("small", {}, roles)));
  const quick = !user.bot && !self && h("button", { type: "button", class: "button small primary speak", title: t("speakAs"), aria: { label: `${t("speakAs")}: ${nameOf(user.id)}` }, onclick: () => page.speakAs(user.id) }, t("speakShort"));
  if (store.bots.some((bot) => bot.user_id === user.id && !bot.connected)) row.classList.add("away");
  return h("li", {}, row, quick);
}

const strong = (member) => member.roles.some((id) => BigInt(store.roles.get(id)?.permissions ?? "0") & ADMINISTRATOR);

/** Draw the member list: people first (administrators on top), then apps. */
export function drawMembers(page) {
  const order = (a, b) => strong(b) - strong(a) || nameOf(a.user.id).localeCompare(nameOf(b.user.id), "ko");
  const humans = [...store.members.values()].filter((member) => !member.user.bot).sort(order);
  const bots = [...store.members.values()].filter((member) => member.user.bot).sort(order);
  const group = (title, list) => list.length > 0 && h("section", {}, h("h3", {}, title), h("ul", {}, list.map((member) => memberRow(member, page))));
  fill($("members"), group(t("online", { n: humans.length }), humans), group(t("apps", { n: bots.length }), bots));
}
