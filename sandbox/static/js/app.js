/** Starts the page and joins its parts: who speaks, which channel is open, what the live socket tells. */

import * as actions from "./actions.js";
import { call, live } from "./api.js";
import { acceptDrops, compose, forget, refreshComposer, startEditing, startReply } from "./composer.js";
import { $, fill, h, icon } from "./dom.js";
import { added, changed, drawLog, fetchMessages, jump, reacted, removed, scrollToEnd, startLog } from "./log.js";
import { closeMenu, toast } from "./menus.js";
import { channelIcon, drawChannels, drawMembers, drawSpeaker } from "./sidebar.js";
import { botConnected, CATEGORY, channelName, DM, FORUM, nameOf, store, takeWorld } from "./store.js";
import { applyLanguage, language, t } from "./texts.js";

const REFRESH_MS = 120;
let socket = null;
let refreshTimer = 0;

const page = {
  open: openChannel,
  jump,
  reply: startReply,
  edit: startEditing,
  thread: (message) => actions.startThread(message.channel_id, message).then(openThread),
  newPost: (forum) => actions.newPost(forum.id).then(openThread),
  sent: scrollToEnd,
  speakAs,
  async dm(userId) {
    const channel = await actions.openDm(userId);
    if (!channel) return;
    await refresh();
    openChannel(channel.id);
  },
};

async function openThread(thread) {
  if (!thread?.id) return;
  await refresh();
  openChannel(thread.id);
}

const remembered = (key) => new URLSearchParams(location.search).get(key) ?? sessionStorage.getItem(`sandbox-${key}`) ?? undefined;
const remember = (key, value) => sessionStorage.setItem(`sandbox-${key}`, value);

async function loadWorld(as = store.me?.user.id ?? remembered("as"), guild = store.guild?.id ?? remembered("guild")) {
  const world = await call("GET", "world", { as, query: { guild } }).catch((error) => {
    if (![400, 403, 404].includes(error.status)) throw error;
    return call("GET", "world"); // the remembered member is of another run of the sandbox
  });
  takeWorld(world);
  remember("as", store.me.user.id);
  remember("guild", store.guild.id);
}

/** The commands that are offered differ by channel and by who speaks. */
async function loadCommands() {
  const channelId = store.current;
  const commands = await call("GET", `channels/${channelId}/commands`, { as: store.me.user.id }).catch(() => []);
  if (channelId === store.current) store.commands = commands;
}

/** Draw all that hangs on the world, not the messages. */
function drawFrame() {
  document.title = `${store.guild.name} · ${t("title")}`;
  $("guild-name").textContent = store.guild.name;
  $("guild-choice").hidden = store.guilds.length < 2;
  fill($("guild-choice"), store.guilds.map((guild) => h("option", { value: guild.id, selected: guild.id === store.guild.id }, guild.name)));
  drawChannels(page);
  drawMembers(page);
  drawSpeaker(page);
  drawHead();
  drawBanner();
}

function drawHead() {
  const channel = store.channels.get(store.current);
  fill($("room-icon"), channel ? icon(channelIcon(channel)) : []);
  $("room-name").textContent = channelName(channel);
  $("room-topic").textContent = channel?.topic ?? "";
}

function drawBanner() {
  const banner = $("banner");
  const text = !store.online ? t("offline") : botConnected() ? "" : t("botAway");
  banner.hidden = !text;
  banner.className = `banner ${store.online ? "" : "offline"}`;
  if (banner.textContent !== text) banner.textContent = text;
}

async function refresh() {
  await loadWorld();
  if (!store.channels.has(store.current)) return openChannel(firstChannel());
  drawFrame();
  refreshComposer();
  return undefined;
}

/** Several world events often come together; one look at the world serves them all. */
function refreshSoon() {
  clearTimeout(refreshTimer);
  refreshTimer = setTimeout(() => refresh().catch(() => {}), REFRESH_MS);
}

function firstChannel() {
  const wanted = remembered("channel");
  if (store.channels.has(wanted)) return wanted;
  const order = [...store.channels.values()].filter((channel) => ![CATEGORY, DM, FORUM].includes(channel.type)).sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  return order[0]?.id ?? [...store.channels.keys()][0];
}

async function openChannel(id) {
  const channel = store.channels.get(id);
  if (!channel) return;
  const moved = store.current !== id;
  store.current = id;
  store.unread.delete(id);
  remember("channel", id);
  showDrawer(null);
  drawFrame();
  if (moved) $("to-newest").hidden = true;
  compose(id, page);
  drawLog();
  await Promise.all([fetchMessages(id), loadCommands()]);
  if (moved && !matchMedia("(pointer: coarse)").matches) $("entry")?.focus();
}

/** Where a link leads inside this page: a channel mention's channel, or a jump link's channel and message. */
function placeOf(link) {
  if (link?.dataset.channel) return [link.dataset.channel];
  const found = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/\d+\/(\d+)(?:\/(\d+))?$/.exec(link?.href ?? "");
  return found && store.channels.has(found[1]) ? found.slice(1) : [];
}

async function speakAs(userId) {
  if (userId === store.me.user.id) return;
  store.rooms.clear();
  store.unread.clear();
  await loadWorld(userId);
  connect();
  toast(t("nowSpeaking", { name: nameOf(userId) }));
  await openChannel(store.channels.has(store.current) ? store.current : firstChannel());
}

const HANDLERS = {
  MESSAGE_CREATE(message) {
    added(message);
    if (message.channel_id !== store.current && message.author.id !== store.me.user.id) {
      store.unread.add(message.channel_id);
      if (store.channels.has(message.channel_id)) drawChannels(page);
      else refreshSoon();
    }
  },
  MESSAGE_UPDATE: changed,
  MESSAGE_DELETE({ channel_id: channelId, id }) {
    removed(channelId, id);
    forget(id);
  },
  MESSAGE_DELETE_BULK: ({ channel_id: channelId, ids }) => ids.forEach((id) => HANDLERS.MESSAGE_DELETE({ channel_id: channelId, id })),
  MESSAGE_REACTION_ADD: (data) => reacted(data, true),
  MESSAGE_REACTION_REMOVE: (data) => reacted(data, false),
  MESSAGE_REACTION_REMOVE_ALL: ({ channel_id, message_id }) => changed({ channel_id, id: message_id, reactions: [] }),
  BOTS(bots) {
    store.bots = bots;
    drawBanner();
    drawMembers(page);
  },
  COMMANDS: () => loadCommands(),
  RESYNC: () => resync(),
};
const WORLD_EVENTS = /^(GUILD|CHANNEL|THREAD|MESSAGE_REACTION_REMOVE_EMOJI)/;

function connect() {
  socket?.close();
  let wasDown = false;
  socket = live(store.me.user.id, {
    onEvent: ({ t: name, d: data }) => {
      if (HANDLERS[name]) HANDLERS[name](data);
      else if (WORLD_EVENTS.test(name)) refreshSoon();
    },
    onUp() {
      store.online = true;
      drawBanner();
      if (wasDown) resync().then(() => toast(t("restored")));
      wasDown = false;
    },
    onDown() {
      wasDown = true;
      store.online = false;
      drawBanner();
    },
  });
}

/** Read everything again: after a lost connection, or when this page was too slow for the stream. */
async function resync() {
  store.rooms.clear();
  await refresh();
  if (store.current) await fetchMessages(store.current);
}

function showDrawer(which) {
  for (const [name, button] of [["sidebar", "open-sidebar"], ["members", "open-members"]]) {
    const open = name === which;
    $(name).classList.toggle("open", open);
    $(button).setAttribute("aria-expanded", String(open));
  }
  $("scrim").hidden = !which;
  if (which) $(which).querySelector("button, select")?.focus({ preventScroll: true });
}

function wire() {
  $("open-sidebar").append(icon("menu"));
  $("open-members").append(icon("people"));
  $("open-sidebar").addEventListener("click", () => showDrawer("sidebar"));
  $("open-members").addEventListener("click", () => {
    if (matchMedia("(min-width: 1080px)").matches) $("app").classList.toggle("no-members");
    else showDrawer($("members").classList.contains("open") ? null : "members");
  });
  $("scrim").addEventListener("click", () => showDrawer(null));
  document.addEventListener("keydown", (event) => event.key === "Escape" && !$("scrim").hidden && showDrawer(null));
  $("language").addEventListener("click", () => setLanguage(language() === "ko" ? "en" : "ko"));
  $("guild-choice").addEventListener("change", async () => {
    await loadWorld(store.me.user.id, $("guild-choice").value);
    openChannel(firstChannel());
  });
  $("log").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const [channel, message] = placeOf(link);
    if (!channel) return;
    event.preventDefault();
    openChannel(channel).then(() => message && jump(message));
  });
  acceptDrops($("scroll"));
  startLog(page);
}

function setLanguage(next) {
  closeMenu(false);
  applyLanguage(next);
  $("language").textContent = t("language");
  $("language").lang = next === "ko" ? "en" : "ko";
  if (!store.me) return;
  drawFrame();
  compose(store.current, page);
  drawLog();
}

async function start() {
  wire();
  setLanguage(language());
  try {
    await loadWorld();
  } catch {
    store.online = false;
    drawBanner();
    setTimeout(() => location.reload(), 2500);
    return;
  }
  connect();
  await openChannel(firstChannel());
  $("app").setAttribute("aria-busy", "false");
}

start();
