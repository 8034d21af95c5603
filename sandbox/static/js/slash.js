/** Slash commands: the palette that opens on "/", and the form for a command's options with autocomplete. */

import * as actions from "./actions.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { channelName, nameOf, store } from "./store.js";
import { localised, t } from "./texts.js";

const SUB = 1, GROUP = 2, STRING = 3, INTEGER = 4, BOOLEAN = 5, USER = 6, CHANNEL = 7, ROLE = 8, MENTIONABLE = 9, NUMBER = 10, FILE = 11;
const MAX_SHOWN = 12;
const TYPING_PAUSE_MS = 180;

/** Flatten commands to what can be run: one entry for each leaf sub-command. */
export function entries() {
  const found = [];
  const walk = (command, node, names, labels) => {
    const children = (node.options ?? []).filter((option) => option.type === SUB || option.type === GROUP);
    if (!children.length) found.push({ command, path: names, label: `/${labels.join(" ")}`, plain: `/${[command.name, ...names].join(" ")}`, description: localised(node, "description"), options: node.options ?? [] });
    for (const child of children) walk(command, child, [...names, child.name], [...labels, localised(child, "name")]);
  };
  for (const command of store.commands.filter((one) => one.type === 1)) walk(command, command, [], [localised(command, "name")]);
  return found;
}

/** The list above the composer; `choose(entry)` when one is taken. Keys: arrows, Enter, Tab, Esc. */
export function palette(host, choose) {
  let shown = [];
  let at = 0;
  const draw = () => {
    const rows = shown.map((entry, index) => h("li", { id: `command-${index}`, role: "option", class: index === at ? "current" : "", aria: { selected: String(index === at) },
      onpointerdown: (event) => { event.preventDefault(); choose(entry); } }, h("strong", {}, entry.label), h("span", {}, entry.description)));
    const none = h("li", { class: "none", role: "presentation" }, store.commands.some((one) => one.type === 1) ? t("noCommands") : t("noAppCommands"));
    fill(host, h("div", { class: "palette-head" }, t("commands")), h("ul", { role: "listbox", id: "palette-list", aria: { label: t("commands") } }, rows.length ? rows : none));
    host.querySelector(".current")?.scrollIntoView({ block: "nearest" });
  };
  return {
    /** Filter by what has been typed after the slash; returns the id of the option that is current. */
    filter(typed) {
      const wanted = typed.toLowerCase();
      const rank = (entry) => Math.min(...[entry.label, entry.plain].map((name) => { const found = name.toLowerCase().indexOf(wanted); return found < 0 ? Infinity : found; }));
      shown = entries().map((entry) => [rank(entry), entry]).filter(([score]) => score < Infinity).sort((a, b) => a[0] - b[0]).slice(0, MAX_SHOWN).map(([, entry]) => entry);
      at = 0;
      host.hidden = false;
      draw();
      return shown.length ? "command-0" : null;
    },
    get open() { return !host.hidden; },
    move(step) { at = shown.length ? (at + step + shown.length) % shown.length : 0; draw(); return `command-${at}`; },
    take() { if (shown[at]) choose(shown[at]); return Boolean(shown[at]); },
    close() { host.hidden = true; fill(host); },
  };
}

function fixedChoices(option) {
  if (option.choices?.length) return option.choices.map((choice) => ({ value: choice.value, label: localised(choice, "name") }));
  if (option.type === BOOLEAN) return [{ value: true, label: t("yes") }, { value: false, label: t("no") }];
  const users = () => [...store.members.keys()].map((id) => ({ value: id, label: nameOf(id) }));
  const roles = () => [...store.roles.values()].map((role) => ({ value: role.id, label: role.name.startsWith("@") ? role.name : `@${role.name}` }));
  const channels = () => [...store.channels.values()].filter((one) => one.type !== 1 && (!option.channel_types?.length || option.channel_types.includes(one.type))).map((one) => ({ value: one.id, label: `#${channelName(one)}` }));
  return { [USER]: users, [ROLE]: roles, [CHANNEL]: channels, [MENTIONABLE]: () => [...users(), ...roles()] }[option.type]?.() ?? null;
}

function choiceControl(option, choices) {
  const node = h("select", { required: Boolean(option.required) }, h("option", { value: "" }, t("choose")), choices.map((choice, index) => h("option", { value: String(index) }, choice.label)));
  return { node, read: () => (node.value === "" ? undefined : choices[Number(node.value)].value) };
}

function typedControl(option) {
  const numeric = option.type === INTEGER || option.type === NUMBER;
  const node = h("input", { type: option.type === FILE ? "file" : numeric && !option.autocomplete ? "number" : "text", required: Boolean(option.required), autocomplete: "off",
    min: option.min_value, max: option.max_value, step: option.type === NUMBER ? "any" : undefined, minLength: option.min_length, maxLength: option.max_length ?? (option.type === STRING ? 6000 : undefined) });
  let picked = null;
  const read = () => {
    if (option.type === FILE) return node.files[0];
    if (node.value === "") return undefined;
    if (picked && picked.name === node.value) return picked.value;
    return numeric ? Number(node.value) : node.value;
  };
  return { node, read, pick: (choice) => { picked = choice; node.value = choice.name; } };
}

/** Hang an autocomplete list under a typed control; stale answers are dropped. */
function suggest(control, ask) {
  const list = h("ul", { class: "suggestions", role: "listbox", hidden: true });
  let turn = 0;
  let timer = 0;
  let at = -1;
  let shown = [];
  const hide = () => { list.hidden = true; at = -1; };
  const take = (choice) => { control.pick(choice); hide(); };
  const draw = () => fill(list, shown.length ? shown.map((choice, index) => h("li", { role: "option", class: index === at ? "current" : "", aria: { selected: String(index === at) }, onpointerdown: (event) => { event.preventDefault(); take(choice); } }, choice.name)) : h("li", { class: "none" }, t("noMatches")));
  const refresh = async () => {
    const mine = ++turn;
    const choices = await ask();
    if (mine !== turn || document.activeElement !== control.node) return;
    shown = choices;
    list.hidden = false;
    draw();
  };
  control.node.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(refresh, TYPING_PAUSE_MS); });
  control.node.addEventListener("focus", refresh);
  control.node.addEventListener("blur", () => { turn += 1; hide(); });
  control.node.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length) { event.preventDefault(); at = (at + step + shown.length) % shown.length; draw(); }
    else if (event.key === "Enter" && at >= 0) { event.preventDefault(); take(shown[at]); }
    else if (event.key === "Escape") { event.stopPropagation(); hide(); }
  });
  return list;
}

/** Open the form of one command in `host`; `done()` when it was run or cancelled. */
export function commandForm(host, entry, channelId, done) {
  const controls = new Map();
  const answers = () => {
    const files = [];
    const options = {};
    for (const [name, control] of controls) {
      const value = control.read();
      if (value instanceof File) { options[name] = { file: files.length }; files.push(value); }
      else if (value !== undefined) options[name] = value;
    }
    return { options, files };
  };
  const fields = h("div", { class: "command-fields" });
  const add = (option) => {
    const choices = option.autocomplete ? null : fixedChoices(option);
    const control = choices ? choiceControl(option, choices) : typedControl(option);
    controls.set(option.name, control);
    const list = option.autocomplete && suggest(control, () => actions.suggestions(channelId, entry.command.id, entry.path, answers().options, option.name));
    fields.append(h("label", { class: "field" }, h("span", {}, localised(option, "name"), h("small", {}, option.required ? t("required") : t("optional"))), h("small", { class: "field-help" }, localised(option, "description")), control.node, list));
    return control.node;
  };
  const optional = entry.options.filter((option) => !option.required);
  const more = h("div", { class: "command-more" });
  const drawMore = () => fill(more, optional.filter((option) => !controls.has(option.name)).map((option) => h("button", { type: "button", class: "button small secondary", title: localised(option, "description"), onclick: () => { add(option).focus(); drawMore(); } }, icon("plus"), localised(option, "name"))));
  entry.options.filter((option) => option.required).forEach(add);
  drawMore();
  const run = h("button", { type: "submit", class: "button primary" }, t("runCommand"));
  const form = h("form", { class: "command-form", aria: { label: entry.label } },
    h("div", { class: "command-title" }, h("strong", {}, entry.label), h("span", {}, entry.description), iconButton("close", t("cancel"), done)), fields, more, h("div", { class: "sheet-actions" }, run));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    run.disabled = true;
    const { options, files } = answers();
    const outcome = await actions.command(channelId, entry.command.id, { path: entry.path, options, files });
    if (outcome) done();
    else run.disabled = false;
  });
  form.addEventListener("keydown", (event) => event.key === "Escape" && done());
  fill(host, form);
  (fields.querySelector("input, select") ?? run).focus();
}

/** Tell when the composer's text is the beginning of a command. */
export const startsCommand = (text) => /^\/[^\n]{0,64}$/.test(text);
