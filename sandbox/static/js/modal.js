/** Modals that an app answers with: text inputs, selects, boxes, files and plain text, labelled or in rows. */

import { h } from "./dom.js";
import { choicesOf, SELECTS } from "./components.js";
import { markdown } from "./markdown.js";
import { sheet } from "./menus.js";
import { people } from "./store.js";
import { t } from "./texts.js";

const ROW = 1, TEXT_INPUT = 4, TEXT = 10, LABEL = 18, UPLOAD = 19, RADIO = 21, BOXES = 22, BOX = 23;
const PARAGRAPH = 2;

/** Each field draws `node` and reads `value()`, the component that the submit carries (files come in `files()`). */
function field(part) {
  if (part.type === TEXT_INPUT) return textInput(part);
  if (SELECTS.includes(part.type)) return list(part, (part.max_values ?? 1) > 1);
  if (part.type === UPLOAD) return upload(part);
  if (part.type === BOX) return singleBox(part);
  if (part.type === RADIO || part.type === BOXES) return boxes(part);
  return null;
}

function textInput(part) {
  const many = part.style === PARAGRAPH;
  const node = h(many ? "textarea" : "input", {
    type: many ? undefined : "text", rows: many ? 4 : undefined, value: part.value ?? "", placeholder: part.placeholder ?? "",
    required: part.required !== false, minLength: part.min_length ?? undefined, maxLength: part.max_length ?? 4000,
  });
  return { node, value: () => ({ type: TEXT_INPUT, id: part.id, custom_id: part.custom_id, value: node.value }) };
}

function list(part, several) {
  const node = h("select", { multiple: several, size: several ? 5 : undefined, required: part.required !== false });
  if (!several) node.append(h("option", { value: "" }, part.placeholder || t("choose")));
  for (const choice of choicesOf(part)) node.append(h("option", { value: choice.value, selected: Boolean(choice.chosen) }, choice.label));
  const values = () => [...node.selectedOptions].map((option) => option.value).filter(Boolean);
  return { node, value: () => ({ type: part.type, id: part.id, custom_id: part.custom_id, values: values() }) };
}

function upload(part) {
  const node = h("input", { type: "file", multiple: (part.max_values ?? 1) > 1, required: part.required !== false });
  return { node, files: () => [...node.files], value: () => ({ type: UPLOAD, id: part.id, custom_id: part.custom_id, values: [] }) };
}

function singleBox(part) {
  const node = h("input", { type: "checkbox", checked: Boolean(part.default) });
  return { node, value: () => ({ type: BOX, id: part.id, custom_id: part.custom_id, value: node.checked }) };
}

function boxes(part) {
  const kind = part.type === RADIO ? "radio" : "checkbox";
  const inputs = part.options.map((option) => h("input", { type: kind, name: part.custom_id, value: option.value, checked: Boolean(option.default), required: kind === "radio" && part.required !== false }));
  const node = h("div", { class: "boxes" }, part.options.map((option, index) => h("label", {}, inputs[index], option.label)));
  const picked = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const answer = () => (part.type === RADIO ? { value: picked()[0] ?? null } : { values: picked() });
  return { node, value: () => ({ type: part.type, id: part.id, custom_id: part.custom_id, ...answer() }) };
}

function entry(part) {
  if (part.type === TEXT) return { node: h("div", { class: "content" }, markdown(part.content, people)), value: () => null };
  if (part.type === ROW) {
    const inner = part.components.map(field).filter(Boolean);
    const label = part.components[0]?.label;
    return { node: h("label", { class: "field" }, h("span", {}, label), inner.map((one) => one.node)), value: () => ({ type: ROW, components: inner.map((one) => one.value()) }) };
  }
  if (part.type !== LABEL) return null;
  const inner = field(part.component);
  if (!inner) return null;
  const grouped = [RADIO, BOXES].includes(part.component.type);
  const node = h(grouped ? "fieldset" : "label", { class: "field" }, h(grouped ? "legend" : "span", {}, part.label), part.description && h("small", {}, part.description), inner.node);
  return { node, files: inner.files, value: () => ({ type: LABEL, id: part.id, component: inner.value() }) };
}

/** Show a modal; `submit(components, files)` is called once and the dialog closes when it succeeds. */
export function showModal(data, submit) {
  const entries = data.components.map(entry).filter(Boolean);
  const send = h("button", { type: "submit", class: "button primary" }, t("submit"));
  const form = h(
    "form",
    { class: "sheet modal" },
    h("h3", {}, data.title),
    entries.map((one) => one.node),
    h("div", { class: "sheet-actions" }, h("button", { type: "button", class: "button secondary", onclick: () => dialog.close() }, t("cancel")), send),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    const done = await submit(entries.map((one) => one.value()).filter(Boolean), entries.flatMap((one) => one.files?.() ?? []));
    if (done) dialog.close();
    else send.disabled = false;
  });
  const dialog = sheet(data.title, form);
}
