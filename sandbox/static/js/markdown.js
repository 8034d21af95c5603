/** Block Markdown as Discord reads it: fences, quotes, headings, subtext, lists; the rest goes to `inline`. */

import { h } from "./dom.js";
import { inline } from "./inline.js";

const FENCE = /```(?:([\w+#.-]{1,20})\n)?([\s\S]*?[^`])```(?!`)/g;
const HEADING = /^(#{1,3})\s+(\S.*)$/;
const SUBTEXT = /^-#\s+(\S.*)$/;
const BULLET = /^( *)[-*]\s+(\S.*)$/;
const NUMBER = /^( *)(\d{1,9})\.\s+(\S.*)$/;

function fence(match) {
  return h("pre", {}, h("code", match[1] ? { data: { language: match[1] } } : {}, match[2].replace(/^\n|\n$/g, "")));
}

function paragraph(lines, people) {
  return inline(lines.join("\n"), people);
}

/** Take the lines of one list; returns the element and how many lines it used. */
function list(lines, from, people) {
  const ordered = NUMBER.test(lines[from]);
  const items = [];
  let at = from;
  for (; at < lines.length; at += 1) {
    const match = ordered ? NUMBER.exec(lines[at]) : BULLET.exec(lines[at]);
    if (!match) break;
    const item = h("li", {}, inline(match.at(-1), people));
    if (match[1].length >= 2) item.className = "nested";
    items.push(item);
  }
  const props = ordered ? { start: Number(NUMBER.exec(lines[from])[2]) } : {};
  return { node: h(ordered ? "ol" : "ul", props, items), next: at };
}

function quoted(lines, from) {
  if (lines[from].startsWith(">>> ")) return { inner: [lines[from].slice(4), ...lines.slice(from + 1)], next: lines.length };
  let at = from;
  while (at < lines.length && lines[at].startsWith("> ")) at += 1;
  return { inner: lines.slice(from, at).map((line) => line.slice(2)), next: at };
}

function lineBlock(line, people) {
  const heading = HEADING.exec(line);
  if (heading) return h("div", { class: `heading level-${heading[1].length}`, role: "heading", aria: { level: heading[1].length + 2 } }, inline(heading[2], people));
  const subtext = SUBTEXT.exec(line);
  return subtext && h("small", { class: "subtext" }, inline(subtext[1], people));
}

function blocks(text, people, inQuote) {
  const lines = text.split("\n");
  const nodes = [];
  let plain = [];
  const flush = () => {
    if (plain.length) nodes.push(h("span", { class: "text" }, paragraph(plain, people)));
    plain = [];
  };
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (!inQuote && (line.startsWith("> ") || line.startsWith(">>> "))) {
      flush();
      const { inner, next } = quoted(lines, at);
      nodes.push(h("blockquote", {}, blocks(inner.join("\n"), people, true)));
      at = next;
      continue;
    }
    if (BULLET.test(line) || NUMBER.test(line)) {
      flush();
      const { node, next } = list(lines, at, people);
      nodes.push(node);
      at = next;
      continue;
    }
    const block = lineBlock(line, people);
    if (block) {
      flush();
      nodes.push(block);
    } else plain.push(line);
    at += 1;
  }
  flush();
  return nodes;
}

/** Turn a whole message's content into nodes. */
export function markdown(text, people) {
  const nodes = [];
  let last = 0;
  for (const match of text.matchAll(FENCE)) {
    const before = text.slice(last, match.index).replace(/\n$/, "");
    if (before) nodes.push(...blocks(before, people, false));
    nodes.push(fence(match));
    last = match.index + match[0].length;
  }
  const rest = last ? text.slice(last).replace(/^\n/, "") : text;
  if (rest) nodes.push(...blocks(rest, people, false));
  return nodes;
}

const EXCERPT_LENGTH = 160;

/** Write a content as one plain line, for a reply's preview: no marks, spoilers covered. */
export function excerpt(text, people) {
  const holder = h("div", {}, markdown(text.slice(0, 2 * EXCERPT_LENGTH), people));
  for (const element of holder.querySelectorAll(".spoiler")) element.replaceWith("▇▇");
  for (const element of holder.querySelectorAll("img")) element.replaceWith(element.alt);
  return [...holder.childNodes].map((node) => node.textContent).join(" ").replace(/\s+/g, " ").slice(0, EXCERPT_LENGTH);
}
