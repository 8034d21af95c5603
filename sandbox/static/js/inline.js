/**
 * Inline Markdown as Discord reads it, to DOM nodes.
 *
 * Grammar source: Discord's "Markdown Text 101" and its message formatting reference. Nothing here builds markup from
 * strings; every piece of a message ends as a text node or as a property of an element made here.
 */

import { h } from "./dom.js";
import { stamp, t } from "./texts.js";

const MAX_DEPTH = 24;
const ESCAPABLE = /[^\p{L}\p{N}\s]/u;
const TOKEN = /<(?:(@[!&]?|#)(\d{1,20})|(a?):([\w~]{2,32}):(\d{1,20})|t:(-?\d{1,13})(?::([tTdDfFR]))?|\/([^:>]{1,100}):(\d{1,20})|(https?:\/\/[^\s<>]{1,2000}))>/y;
const LINK_TARGET = /\]\((?:<(https?:\/\/[^\s<>]{1,2000})>|(https?:\/\/[^\s()<>]{1,2000}))(?:\s"[^"]{0,200}")?\)/y;
const BARE_URL = /https?:\/\/[^\s<>]{1,2000}/y;
const WORD = /[\p{L}\p{N}_]/u;

/** Longest first, so that `**` is tried before `*`. */
const PAIRS = [
  ["||", spoiler],
  ["**", (inner) => h("strong", {}, inner)],
  ["__", (inner) => h("u", {}, inner)],
  ["~~", (inner) => h("s", {}, inner)],
  ["*", (inner) => h("em", {}, inner)],
  ["_", (inner) => h("em", {}, inner)],
];

function spoiler(inner) {
  const reveal = (event) => {
    if (element.classList.contains("shown")) return;
    event.preventDefault();
    event.stopPropagation();
    element.classList.add("shown");
    element.removeAttribute("role");
    element.removeAttribute("tabindex");
    element.removeAttribute("aria-label");
  };
  const onkeydown = (event) => (event.key === "Enter" || event.key === " ") && reveal(event);
  const element = h(
    "span",
    { class: "spoiler", role: "button", tabIndex: 0, aria: { label: t("spoiler") }, onclick: reveal, onkeydown },
    h("span", {}, inner),
  );
  return element;
}

function link(url, label) {
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, label);
}

function mention(sigil, id, people) {
  if (sigil === "#") {
    const name = people.channel(id);
    return h("a", { class: "mention", href: `#${id}`, data: { channel: id } }, `#${name ?? t("unknownChannel")}`);
  }
  const name = sigil === "@&" ? people.role(id) : people.user(id);
  return h("span", { class: "mention" }, `@${name ?? t(sigil === "@&" ? "unknownRole" : "unknownUser")}`);
}

function emoji(animated, name, id) {
  const image = h("img", { class: "emoji", src: `/cdn/emojis/${id}.${animated ? "gif" : "png"}?size=48`, alt: `:${name}:`, title: `:${name}:`, draggable: false });
  image.addEventListener("error", () => image.replaceWith(`:${name}:`), { once: true });
  return image;
}

function angled(match, people) {
  const [, sigil, id, animated, name, emojiId, seconds, style, command, , url] = match;
  if (sigil) return mention(sigil, id, people);
  if (name) return emoji(animated, name, emojiId);
  if (seconds) return h("time", { class: "stamp", title: stamp(Number(seconds), "F") }, stamp(Number(seconds), style));
  if (command) return h("span", { class: "mention" }, `/${command}`);
  return link(url, url);
}

/** Find where a pair closes: not empty, not escaped, not inside code, `_` only at a word's end. */
function closing(text, from, mark) {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") {
      const run = /`+/y;
      run.lastIndex = at;
      const ticks = run.exec(text)[0];
      const end = text.indexOf(ticks, at + ticks.length);
      at = end < 0 ? at + ticks.length - 1 : end + ticks.length - 1;
    } else if (text.startsWith(mark, at)) {
      if (mark.length === 2 && "*_".includes(mark[0]) && text[at + 2] === mark[0] && text[at + 3] !== mark[0]) {
        return at + 1; // of three marks the first closes what stands inside
      }
      if (mark.length === 1 && text[at + 1] === mark) {
        at += 1; // a double mark inside a single one belongs to a nested pair
        continue;
      }
      if (at === from) return -1;
      if (mark === "*" && /\s/.test(text[at - 1])) continue;
      if (mark === "_" && WORD.test(text[at + 1] ?? "")) continue;
      return at;
    }
  }
  return -1;
}

function pairAt(text, at, people, depth) {
  for (const [mark, build] of PAIRS) {
    if (!text.startsWith(mark, at)) continue;
    const from = at + mark.length;
    if (mark === "*" && /\s/.test(text[from] ?? " ")) continue;
    if (mark === "_" && WORD.test(text[at - 1] ?? "")) continue;
    const end = closing(text, from, mark);
    if (end > 0) return { node: build(inline(text.slice(from, end), people, depth + 1)), next: end + mark.length };
  }
  return null;
}

function codeAt(text, at) {
  const ticks = text.startsWith("``", at) ? "``" : "`";
  const end = text.indexOf(ticks, at + ticks.length);
  if (end <= at + ticks.length - 1 || end === at + ticks.length) return null;
  return { node: h("code", {}, text.slice(at + ticks.length, end)), next: end + ticks.length };
}

function maskedLinkAt(text, at, people, depth) {
  const close = text.indexOf("](", at);
  if (close < 0) return null;
  LINK_TARGET.lastIndex = close;
  const match = LINK_TARGET.exec(text);
  if (!match) return null;
  return { node: link(match[1] ?? match[2], inline(text.slice(at + 1, close), people, depth + 1)), next: LINK_TARGET.lastIndex };
}

function urlAt(text, at) {
  BARE_URL.lastIndex = at;
  const match = BARE_URL.exec(text);
  if (!match) return null;
  const url = match[0].replace(/[.,:;"'\]!?]+$|\|\|.*$/u, "");
  const trimmed = url.endsWith(")") && !url.includes("(") ? url.slice(0, -1) : url;
  return { node: link(trimmed, trimmed), next: at + trimmed.length };
}

function specialAt(text, at, people, depth) {
  const char = text[at];
  if (char === "`") return codeAt(text, at);
  if (char === "<") {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    return match && { node: angled(match, people), next: TOKEN.lastIndex };
  }
  if (char === "h") return urlAt(text, at);
  if (char === "@") {
    const word = ["@everyone", "@here"].find((name) => text.startsWith(name, at));
    return word ? { node: h("span", { class: "mention" }, word), next: at + word.length } : null;
  }
  if (depth > MAX_DEPTH) return null;
  if (char === "[") return maskedLinkAt(text, at, people, depth);
  return "|*_~".includes(char) ? pairAt(text, at, people, depth) : null;
}

/** Turn one run of text into nodes; `people` names users, roles and channels by id. */
export function inline(text, people, depth = 0) {
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    if (text[at] === "\\" && at + 1 < text.length && ESCAPABLE.test(text[at + 1])) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const found = "`<h@[|*_~".includes(text[at]) ? specialAt(text, at, people, depth) : null;
    if (!found) {
      plain += text[at];
      at += 1;
      continue;
    }
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(found.node);
    at = found.next;
  }
  if (plain) nodes.push(plain);
  return nodes;
}
