/** The composer: text, files, replies, edits, and the way into slash commands. */

import * as actions from "./actions.js";
import { $, fill, h, icon, iconButton } from "./dom.js";
import { toast } from "./menus.js";
import { commandForm, palette, startsCommand } from "./slash.js";
import { authorName, canWrite, channelName, DM, FORUM, isWebhook, may, PERMISSION, sorted, store, VOICE } from "./store.js";
import { fileSize, t } from "./texts.js";

const MAX_CHARACTERS = 2000;
const WARN_AT = 200;
const MAX_FILES = 10;

const drafts = new Map();
let state = { channel: null, reply: null, editing: null, files: [] };
let commands = null;
let page = null;
let drawn = "";

const entry = () => $("entry");
const channel = () => store.channels.get(state.channel);

function hint(room) {
  if (!room) return "";
  if (room.type === FORUM) return t("hintForum");
  if (!canWrite(room)) return t("hintReadOnly");
  if (room.type === VOICE) return t("hintVoice");
  return room.type === DM ? t("hintDm", { name: channelName(room) }) : t("hintRoom", { name: channelName(room) });
}

function contextBar() {
  if (state.editing) return bar("edit", t("editing"), stopEditing);
  if (state.reply) return bar("reply", t("replyingTo", { name: authorName(state.reply) }), () => { state.reply = null; draw(); });
  return null;
}

function bar(name, text, cancel) {
  return h("div", { class: "context-bar" }, icon(name), h("span", {}, text), iconButton("close", t("cancel"), cancel));
}

function fileChips() {
  if (!state.files.length) return null;
  return h("ul", { class: "file-chips" }, state.files.map((file, index) => h("li", {}, icon("file"), h("span", {}, file.name), h("small", {}, fileSize(file.size)),
    iconButton("close", t("removeFile", { name: file.name }), () => { state.files.splice(index, 1); draw(); }))));
}

/** Take files from the button, the clipboard or a drop, up to Discord's ten. */
function addFiles(list) {
  state.files.push(...list);
  if (state.files.length > MAX_FILES) {
    state.files.length = MAX_FILES;
    toast(t("tooMany"), "bad");
  }
  draw();
}

function grow() {
  const field = entry();
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, innerHeight * 0.4)}px`;
  const left = MAX_CHARACTERS - [...field.value].length;
  $("count").textContent = left <= WARN_AT ? String(left) : "";
  $("count").classList.toggle("over", left < 0);
  $("send").disabled = left < 0 || (!field.value.trim() && !state.files.length);
}

function onInput() {
  const field = entry();
  if (!state.editing) drafts.set(state.channel, field.value);
  if (startsCommand(field.value) && !state.editing) setActive(commands.filter(field.value));
  else closePalette();
  grow();
}

function setActive(id) {
  entry().setAttribute("aria-expanded", "true");
  if (id) entry().setAttribute("aria-activedescendant", id);
  else entry().removeAttribute("aria-activedescendant");
}

function closePalette() {
  commands.close();
  entry().setAttribute("aria-expanded", "false");
  entry().removeAttribute("aria-activedescendant");
}

function paletteKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) setActive(commands.move(step));
  else if (event.key === "Escape") closePalette();
  else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) {
    if (!commands.take()) return false;
  } else return false;
  event.preventDefault();
  return true;
}

/** Enter sends, unless a syllable is still being composed (Hangul input must not send half a word). */
function onKey(event) {
  if (event.isComposing || event.keyCode === 229) return;
  if (commands.open && paletteKey(event)) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    submit();
  } else if (event.key === "Escape") {
    if (state.editing) stopEditing();
    else if (state.reply) { state.reply = null; draw(); }
  } else if (event.key === "ArrowUp" && !entry().value && !state.editing) {
    const last = sorted(state.channel).filter((message) => message.author.id === store.me.user.id && !isWebhook(message) && !(message.flags & 64)).at(-1);
    if (last) { event.preventDefault(); startEditing(last); }
  }
}

async function submit() {
  const text = entry().value;
  if ($("send").disabled) return;
  if (state.editing) {
    const done = await actions.edit(state.editing, text);
    if (done) stopEditing();
    return;
  }
  const { channel: channelId, reply, files } = state;
  entry().value = "";
  drafts.delete(channelId);
  Object.assign(state, { reply: null, files: [] });
  draw();
  const sent = await actions.send(channelId, text, { replyTo: reply?.id, files });
  if (sent) return page.sent();
  if (state.channel === channelId && !entry().value) {
    Object.assign(state, { reply, files });
    drafts.set(channelId, text);
    draw();
  }
}

export function startEditing(message) {
  Object.assign(state, { editing: message, reply: null });
  draw();
  entry().value = message.content;
  grow();
  entry().focus();
}

export function startReply(message) {
  Object.assign(state, { reply: message, editing: null });
  draw();
  entry().focus();
}

/** Leave reply or edit when their message has gone. */
export function forget(messageId) {
  if (state.reply?.id === messageId) { state.reply = null; draw(); }
  if (state.editing?.id === messageId) stopEditing();
}

function stopEditing() {
  state.editing = null;
  draw();
  entry().focus();
}

function choose(found) {
  entry().value = "";
  drafts.delete(state.channel);
  closePalette();
  commandForm($("composer"), found, state.channel, () => { draw(); entry().focus(); });
}

function input(room) {
  const field = h("textarea", { id: "entry", rows: 1, placeholder: hint(room), disabled: !canWrite(room), value: drafts.get(state.channel) ?? "", autocomplete: "off",
    role: "combobox", aria: { label: t("composer"), autocomplete: "list", expanded: "false", controls: "palette", haspopup: "listbox" },
    oninput: onInput, onkeydown: onKey, onpaste: (event) => event.clipboardData.files.length && addFiles(event.clipboardData.files) });
  return field;
}

function draw() {
  const room = channel();
  drawn = looks();
  const had = document.activeElement?.id === "entry";
  const picker = h("input", { type: "file", multiple: true, hidden: true, id: "upload", onchange: () => { addFiles(picker.files); picker.value = ""; } });
  const upload = canWrite(room) && !state.editing && (room.type === DM || may(room, PERMISSION.attach)) ? [picker, iconButton("plus", t("attach"), () => picker.click())] : null;
  const list = h("div", { id: "palette", class: "palette", hidden: true });
  const send = h("button", { type: "button", id: "send", class: "send", title: t(state.editing ? "save" : "send"), aria: { label: t(state.editing ? "save" : "send") }, onclick: submit }, icon(state.editing ? "check" : "send"));
  fill($("composer"), list, contextBar(), fileChips(), h("div", { class: "entry-row" }, upload, input(room), h("span", { id: "count", class: "count", aria: { live: "polite" } }), send));
  commands = palette(list, choose);
  if (room?.type === FORUM) fill($("composer"), h("div", { class: "entry-row forum" }, h("span", {}, t("hintForum")), h("button", { type: "button", class: "button primary", onclick: () => page.newPost(room) }, t("newPost"))), h("textarea", { id: "entry", hidden: true }), h("span", { id: "count", hidden: true }), h("button", { id: "send", hidden: true }));
  else grow();
  if (had && !matchMedia("(pointer: coarse)").matches) entry().focus();
}

/** Set the composer on a channel (drafts are kept per channel); `host` offers `sent` and `newPost`. */
export function compose(channelId, host) {
  page = host;
  if (state.channel !== channelId) state = { channel: channelId, reply: null, editing: null, files: [] };
  draw();
}

/** What the composer's looks depend on beside its own state. */
const looks = () => JSON.stringify([state.channel, hint(channel()), canWrite(channel()), may(channel(), PERMISSION.attach)]);

/** Draw anew only if the world changed what may be done here: a redraw would break a syllable or a form half filled. */
export function refreshComposer() {
  if (looks() !== drawn) draw();
}

/** Let files be dropped anywhere on `element`. */
export function acceptDrops(element) {
  element.addEventListener("dragover", (event) => {
    event.preventDefault();
    element.classList.add("dropping");
  });
  element.addEventListener("dragleave", (event) => !element.contains(event.relatedTarget) && element.classList.remove("dropping"));
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    element.classList.remove("dropping");
    if (event.dataTransfer.files.length && canWrite(channel())) addFiles(event.dataTransfer.files);
  });
}
