/** What the chosen member does, as calls to the control API; a refusal becomes a toast and `null`. */

import { call, Refused } from "./api.js";
import { showModal } from "./modal.js";
import { ask, toast } from "./menus.js";
import { store } from "./store.js";
import { t } from "./texts.js";

const me = () => store.me.user.id;
const path = (message) => `channels/${message.channel_id}/messages/${message.id}`;

const REASONS = { 10008: "noMessage", 40005: "tooLarge", 50001: "noAccess", 50006: "noContent", 50007: "dmsClosed", 50013: "noPermission", 160005: "locked" };

/** Say a refusal in the reader's words; codes that need no words of their own keep Discord's. */
function why(error) {
  if (!(error instanceof Refused)) return t("offline");
  return REASONS[error.code] ? t(REASONS[error.code]) : t("failedGeneric", { reason: error.message });
}

async function attempt(work) {
  try {
    return (await work()) ?? true;
  } catch (error) {
    toast(why(error), "bad");
    return null;
  }
}

export const send = (channelId, content, { replyTo = null, files = [] } = {}) =>
  attempt(() => call("POST", `channels/${channelId}/messages`, { as: me(), body: { content, reply_to: replyTo }, files }));

export const edit = (message, content) => attempt(() => call("PATCH", path(message), { as: me(), body: { content } }));

export async function remove(message) {
  if (!(await ask({ title: t("deleteSure"), action: t("delete"), danger: true }))) return;
  await attempt(() => call("DELETE", path(message), { as: me() }));
}

export const react = (message, emoji, on = true) =>
  attempt(() => call(on ? "PUT" : "DELETE", `${path(message)}/reactions/${encodeURIComponent(emoji)}`, { as: me() }));

export const dismiss = (message) => attempt(() => call("DELETE", `ephemeral/${message.id}`, { as: me() }));

export async function startThread(channelId, message) {
  const name = await ask({ title: t("newThread"), action: t("create"), input: { hint: t("threadNameHint"), max: 100, value: message.content.slice(0, 40) } });
  if (!name) return null;
  return attempt(() => call("POST", `channels/${channelId}/threads`, { as: me(), body: { name, message_id: message.id } }));
}

/** Ask for a title and a first message, and open a forum post with them. */
export async function newPost(forumId) {
  const body = await ask({ title: t("newPost"), action: t("create"), input: { hint: t("threadName"), max: 100 }, area: { hint: t("postText"), max: 2000 } });
  if (!body) return null;
  return attempt(() => call("POST", `channels/${forumId}/threads`, { as: me(), body }));
}

export const openDm = (userId) => attempt(() => call("POST", "dms", { as: me(), body: { recipient_id: userId } }));

export async function copy(text) {
  await navigator.clipboard.writeText(text).catch(() => {});
  toast(t("copied"));
}

/** Look at how the app answered and open its modal, or say why nothing will come. */
function concluded(outcome) {
  if (!outcome || outcome === true) return null;
  if (outcome.status === "no_bot") toast(t("failedNoBot"), "bad");
  else if (outcome.status === "timeout") toast(t("failedTimeout"), "bad");
  else if (outcome.modal) showModal(outcome.modal, (parts, files) => submitModal(outcome.id, parts, files));
  return outcome;
}

async function submitModal(id, components, files) {
  const outcome = await attempt(() => call("POST", "interactions/modal", { as: me(), body: { interaction_id: id, components }, files }));
  return concluded(outcome) !== null;
}

/** Press a button or choose in a select of a message. */
export const component = async (message, part, values = []) =>
  concluded(await attempt(() => call("POST", "interactions/component", { as: me(), body: { channel_id: message.channel_id, message_id: message.id, custom_id: part.custom_id, values } })));

/** Run a slash command (`path` names its sub-commands) or, with `target`, a context menu. */
export const command = async (channelId, commandId, { path: names = [], options = {}, target = null, files = [] } = {}) =>
  concluded(await attempt(() => call("POST", "interactions/command", { as: me(), body: { channel_id: channelId, command_id: commandId, path: names, options, target_id: target }, files })));

/** Ask the app for suggestions while an option is typed; silence on refusal, for the next key asks again. */
export async function suggestions(channelId, commandId, names, options, focused) {
  const body = { channel_id: channelId, command_id: commandId, path: names, options, focused };
  const outcome = await call("POST", "interactions/autocomplete", { as: me(), body }).catch(() => null);
  return outcome?.choices ?? [];
}
