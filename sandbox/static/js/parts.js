/** The parts of a message under its text: files, embeds, reactions. */

import { h, icon } from "./dom.js";
import { markdown } from "./markdown.js";
import { ownPath, people, store } from "./store.js";
import { clock, dayName, fileSize, t } from "./texts.js";

const PICTURE = /^image\/(png|jpeg|gif|webp|avif|svg\+xml)$/;

/** Show a message's files: pictures in place (spoilers covered), the rest as cards. */
export function attachments(list) {
  if (!list?.length) return null;
  return h("div", { class: "files" }, list.map((file) => (PICTURE.test(file.content_type ?? "") ? picture(file) : card(file))));
}

function picture(file) {
  const image = h("img", {
    src: ownPath(file.url), alt: file.description || t("imageAlt", { name: file.filename }), loading: "lazy",
    width: file.width ?? undefined, height: file.height ?? undefined,
  });
  const anchor = h("a", { class: "picture", href: ownPath(file.url), target: "_blank", rel: "noopener", title: file.filename }, image);
  image.addEventListener("error", () => anchor.replaceWith(card(file)), { once: true });
  if (!file.filename.startsWith("SPOILER_")) return anchor;
  const cover = h("button", { type: "button", class: "picture-cover", aria: { label: t("spoiler") } }, t("spoiler"));
  const wrap = h("div", { class: "picture-wrap covered" }, anchor, cover);
  cover.addEventListener("click", () => {
    wrap.classList.remove("covered");
    cover.remove();
  });
  return wrap;
}

function card(file) {
  return h(
    "a",
    { class: "file", href: ownPath(file.url), target: "_blank", rel: "noopener", download: file.filename, aria: { label: t("attachment", { name: file.filename }) } },
    icon("file"),
    h("span", { class: "file-name" }, file.filename),
    h("span", { class: "file-size" }, fileSize(file.size)),
  );
}

const safeLink = (url) => (/^https?:\/\//.test(url ?? "") ? url : null);

function linked(text, url, cls) {
  const address = safeLink(url);
  return h("div", { class: cls }, address ? h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, text) : text);
}

/** Show rich embeds; pictures only from this server, others as links, for the page loads nothing from elsewhere. */
export function embeds(list) {
  return (list ?? []).map((embed) => {
    const box = h(
      "article",
      { class: "embed" },
      embed.author?.name && linked(embed.author.name, embed.author.url, "embed-author"),
      embed.title && linked(embed.title, embed.url, "embed-title"),
      embed.description && h("div", { class: "embed-text" }, markdown(embed.description, people)),
      embed.fields?.length > 0 && h("dl", { class: "embed-fields" }, embed.fields.map((field) =>
        h("div", { class: field.inline ? "inline" : "" }, h("dt", {}, markdown(field.name, people)), h("dd", {}, markdown(field.value, people))))),
      embed.image?.url && embedImage(embed.image),
      (embed.footer?.text || embed.timestamp) && h("footer", {}, footer(embed)),
    );
    if (typeof embed.color === "number") box.style.setProperty("--embed", `#${embed.color.toString(16).padStart(6, "0")}`);
    return box;
  });
}

function embedImage(image) {
  const address = ownPath(image.url);
  if (address.startsWith("/")) return h("img", { class: "embed-image", src: address, alt: "", loading: "lazy" });
  return safeLink(image.url) && linked(t("image"), image.url, "embed-link");
}

function footer(embed) {
  const date = embed.timestamp && new Date(embed.timestamp);
  return [embed.footer?.text, date && `${dayName(date)} ${clock(date)}`].filter(Boolean).join(" · ");
}

/** The key of an emoji in addresses: the character, or `name:id` for a custom one. */
export const emojiKey = (emoji) => (emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name);

/** Show reactions as toggles; `toggle(emojiKey, on)` sets or clears the speaker's own. */
export function reactions(message, toggle, more) {
  if (!message.reactions?.length) return null;
  const chips = message.reactions.map((reaction) => {
    const mine = (reaction.user_ids ?? []).includes(store.me.user.id);
    const names = (reaction.user_ids ?? []).map((id) => people.user(id)).filter(Boolean).join(", ");
    return h(
      "button",
      {
        type: "button", class: `chip${mine ? " mine" : ""}`, title: names,
        aria: { pressed: String(mine), label: t("reactionOf", { emoji: reaction.emoji.name, n: reaction.count }) },
        onclick: () => toggle(emojiKey(reaction.emoji), !mine),
      },
      h("span", { class: "chip-emoji" }, reaction.emoji.id ? `:${reaction.emoji.name}:` : reaction.emoji.name),
      h("span", { class: "chip-count" }, String(reaction.count)),
    );
  });
  chips.push(h("button", { type: "button", class: "chip add", aria: { label: t("addReaction") }, title: t("addReaction"), onclick: more }, icon("smile")));
  return h("div", { class: "chips" }, chips);
}
