/** What the page knows of the world, as the chosen member sees it. */

export const DM = 1;
export const VOICE = 2;
export const CATEGORY = 4;
export const FORUM = 15;
export const THREADS = [10, 11, 12];
export const EPHEMERAL = 1 << 6;
export const LOADING = 1 << 7;
export const COMPONENTS_V2 = 1 << 15;

export const PERMISSION = { addReactions: 1n << 6n, send: 1n << 11n, manageMessages: 1n << 13n, attach: 1n << 15n, threads: 1n << 35n, sendInThreads: 1n << 38n };

export const store = {
  me: null,
  guild: null,
  guilds: [],
  members: new Map(),
  roles: new Map(),
  channels: new Map(),
  commands: [],
  bots: [],
  current: null,
  rooms: new Map(),
  unread: new Set(),
  online: true,
};

/** Take a world answer of the control API. */
export function takeWorld(world) {
  store.me = world.me;
  store.guild = world.guild;
  store.guilds = world.guilds;
  store.members = new Map(world.members.map((member) => [member.user.id, member]));
  store.roles = new Map(world.guild.roles.map((role) => [role.id, role]));
  store.channels = new Map(world.channels.map((channel) => [channel.id, channel]));
  store.bots = world.bots;
}

const byId = (a, b) => (a.id.length - b.id.length || (a.id < b.id ? -1 : 1));

/** The messages of one channel that have been fetched, oldest first. */
export function room(channelId) {
  let found = store.rooms.get(channelId);
  if (!found) store.rooms.set(channelId, (found = { messages: new Map(), more: false, loaded: false }));
  return found;
}

export const sorted = (channelId) => [...room(channelId).messages.values()].sort(byId);

export const isThread = (channel) => THREADS.includes(channel?.type);

/** Whether the speaker has a permission bit in a channel. */
export function may(channel, bit) {
  return channel?.type === DM || (BigInt(channel?.permissions ?? "0") & bit) !== 0n;
}

export function canWrite(channel) {
  if (!channel || channel.type === CATEGORY || channel.type === FORUM) return false;
  if (channel.type === DM) return true;
  return may(channel, isThread(channel) ? PERMISSION.sendInThreads : PERMISSION.send);
}

/** The name a user goes by here: nickname, display name, account name. */
export function nameOf(userId) {
  const member = store.members.get(userId);
  return member ? member.nick || member.user.global_name || member.user.username : undefined;
}

/** Whether a message came by an incoming webhook; answers to interactions name their application as the webhook. */
export const isWebhook = (message) => Boolean(message.webhook_id) && message.webhook_id !== message.application_id;

export const botConnected = () => store.bots.some((bot) => bot.connected);

export function authorName(message) {
  if (isWebhook(message)) return message.author.username;
  return nameOf(message.author.id) ?? message.author.global_name ?? message.author.username;
}

/** The colour of a member's highest coloured role, or undefined. */
export function colourOf(userId) {
  const roles = (store.members.get(userId)?.roles ?? []).map((id) => store.roles.get(id)).filter((role) => role?.color);
  const top = roles.sort((a, b) => b.position - a.position)[0];
  return top && `#${top.color.toString(16).padStart(6, "0")}`;
}

/** Where a picture of this user (or webhook author) is. */
export function avatarUrl(user, member) {
  if (member?.avatar && store.guild) return `/cdn/guilds/${store.guild.id}/users/${user.id}/avatars/${member.avatar}.png?size=64`;
  if (user.avatar) return `/cdn/avatars/${user.id}/${user.avatar}.png?size=64`;
  return `/cdn/embed/avatars/${Number((BigInt(user.id) >> 22n) % 6n)}.png`;
}

export const messageAvatar = (message) => avatarUrl(message.author, isWebhook(message) ? undefined : store.members.get(message.author.id));

/** Files come with absolute addresses; on our own host only the path counts, so that localhost works like 127.0.0.1. */
export function ownPath(url) {
  const parsed = new URL(url, document.baseURI);
  return parsed.port === location.port && ["127.0.0.1", "localhost", "[::1]"].includes(parsed.hostname) ? parsed.pathname + parsed.search : url;
}

/** Names for the Markdown renderer. */
export const people = {
  user: (id) => nameOf(id),
  role: (id) => store.roles.get(id)?.name,
  channel: (id) => store.channels.get(id)?.name,
};

/** What a direct conversation is called for the speaker. */
export function channelName(channel) {
  if (channel?.type !== DM) return channel?.name ?? "";
  const other = channel.recipients?.find((user) => user.id !== store.me.user.id);
  return other ? nameOf(other.id) ?? other.global_name ?? other.username : "";
}
