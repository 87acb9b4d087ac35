// New chat, chat settings, picture, alert and short notices.

import { byId, h, icon } from "./dom.js";
import { languageChoices, suggestedNames, t } from "./texts.js";

let noticeTimer = 0;

export function notice(text) {
  const place = byId("notice");
  place.replaceChildren(h("span", { dir: "auto" }, text));
  place.classList.add("shown");
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => place.classList.remove("shown"), Math.max(3000, text.length * 70));
}

export function alert(text) {
  const ok = h("button", { class: "primary", type: "submit" }, t("ok"));
  const words = h("p", { id: "alert-text", dir: "auto" }, text);
  const form = h("form", { method: "dialog" }, words, h("div", { class: "buttons" }, ok));
  open("alert", form, { role: "alertdialog", "aria-labelledby": "alert-text" });
}

export function picture(source, alt) {
  const close = h("button", { class: "plain", type: "submit", "aria-label": t("close") }, icon("close"));
  const form = h("form", { method: "dialog" }, h("img", { src: source, alt }), close);
  const dialog = open("viewer", form, { "aria-label": t("photo") });
  dialog.addEventListener("click", (event) => event.target.closest("button") || dialog.close());
}

export function newChat(taken, create) {
  const free = suggestedNames().find((name) => !taken.includes(name)) ?? suggestedNames()[0];
  const name = nameField(free);
  const language = languageField(document.documentElement.lang);
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", { id: "dialog-title" }, t("new_chat")),
    h("label", {}, t("name"), name),
    h("label", {}, t("language"), language),
    h(
      "div",
      { class: "buttons" },
      h("button", { class: "plain-text", type: "button", onclick: () => byId("dialog").close() }, t("cancel")),
      h("button", { class: "primary", type: "submit" }, t("create")),
    ),
  );
  form.addEventListener("submit", () => create(name.value, language.value));
  open("small", form, { "aria-labelledby": "dialog-title" });
  name.select();
}

// `acts`: change(wish), deepLink(payload)
export function settings(chat, acts) {
  const close = () => byId("dialog").close();
  const name = nameField(chat.first_name);
  const language = languageField(chat.language_code);
  const payload = h("input", { maxlength: "64", pattern: "[A-Za-z0-9_\\-]*", placeholder: t("deep_link_hint") });
  payload.spellcheck = false;
  name.addEventListener("change", () => name.value.trim() && acts.change({ first_name: name.value }));
  language.addEventListener("change", () => acts.change({ language_code: language.value }));
  const openLink = h("form", { class: "inline" }, payload, h("button", { class: "plain-text", type: "submit" }, t("open")));
  openLink.addEventListener("submit", (event) => {
    event.preventDefault();
    close();
    acts.deepLink(payload.value);
  });
  payload.setAttribute("aria-label", t("deep_link"));
  const block = () => {
    close();
    acts.change({ blocked: !chat.blocked });
  };
  const content = h(
    "div",
    { class: "form" },
    h(
      "div",
      { class: "head" },
      h("h2", { id: "dialog-title" }, t("settings")),
      h("button", { class: "plain", type: "button", "aria-label": t("close"), onclick: close }, icon("close")),
    ),
    h("label", {}, t("name"), name),
    h("label", {}, t("language"), language),
    h("div", { class: "label" }, t("deep_link"), openLink),
    h("button", { class: chat.blocked ? "wide" : "wide danger", type: "button", onclick: block }, t(chat.blocked ? "unblock" : "block")),
  );
  open("corner", content, { "aria-labelledby": "dialog-title" });
}

function nameField(value) {
  return h("input", { value, maxlength: "64", required: true, autocomplete: "off" });
}

function languageField(current) {
  const options = languageChoices(current).map(([value, label]) =>
    h("option", { value, selected: value === current }, label),
  );
  return h("select", {}, options);
}

function open(kind, content, attributes) {
  byId("dialog").close();
  const dialog = h("dialog", { id: "dialog", class: kind, ...attributes }, content);
  byId("dialog").replaceWith(dialog);
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && kind !== "alert" && dialog.close());
  dialog.showModal();
  return dialog;
}
