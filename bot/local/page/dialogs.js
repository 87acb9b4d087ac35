// New chat, chat settings, pictures, choosing a chat, alert and short notices.

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

// The pictures of an album, one at a time and as large as fits.
export function pictures(all, first) {
  let at = first;
  const image = h("img", {});
  const count = h("p", { class: "viewer-text", "aria-live": "polite" });
  const show = (step) => {
    at = (at + step + all.length) % all.length;
    for (const name of ["src", "alt"]) image[name] = all[at][name];
    count.textContent = all.length > 1 ? `${at + 1} / ${all.length}` : "";
  };
  const button = (name, label, act, sign) => h("button", { class: `plain ${name}`, type: "button", "aria-label": t(label), onclick: act }, icon(sign));
  const close = button("close", "close", () => dialog.close(), "close");
  const steps = all.length > 1 ? [button("before", "before", () => show(-1), "back"), button("after", "after", () => show(1), "next")] : [];
  const dialog = open("viewer", h("div", {}, image, count, steps, close), { "aria-label": t("photo") });
  dialog.addEventListener("click", (event) => event.target.closest("button, img") || dialog.close());
  dialog.addEventListener("keydown", ({ key }) => {
    if (all.length > 1 && key === "ArrowLeft") show(-1);
    else if (all.length > 1 && key === "ArrowRight") show(1);
  });
  show(0);
}

// A person of their own, or a group of those who are there.
export function newChat(people, create) {
  const taken = people.map((person) => person.first_name);
  const free = suggestedNames().find((name) => !taken.includes(name)) ?? suggestedNames()[0];
  const name = nameField(free);
  const language = languageField(document.documentElement.lang);
  const title = nameField(t("group_name"));
  const boxes = people.map((person) => {
    const box = h("input", { type: "checkbox", value: person.id, checked: true });
    return h("label", { class: "check" }, box, h("span", { dir: "auto" }, person.first_name));
  });
  const forPerson = h("div", { class: "form" }, h("label", {}, t("name"), name), h("label", {}, t("language"), language));
  const forGroup = h("div", { class: "form", hidden: true }, h("label", {}, t("group_title"), title), h("div", { class: "label" }, t("members"), boxes));
  const tabs = ["person", "group"].map((kind) =>
    h("button", { type: "button", "aria-pressed": String(kind === "person"), onclick: () => choose(kind) }, icon(kind === "person" ? "person" : "people"), t(kind)),
  );
  let chosen = "person";
  const choose = (kind) => {
    chosen = kind;
    tabs.forEach((tab, at) => tab.setAttribute("aria-pressed", String((at === 0) === (kind === "person"))));
    forPerson.hidden = kind !== "person";
    forGroup.hidden = kind === "person";
    title.disabled = kind === "person";
    name.disabled = kind !== "person";
    (kind === "person" ? name : title).select();
  };
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", { id: "dialog-title" }, t("new_chat")),
    people.length ? h("div", { class: "tabs" }, tabs) : null,
    forPerson,
    forGroup,
    h(
      "div",
      { class: "buttons" },
      h("button", { class: "plain-text", type: "button", onclick: () => byId("dialog").close() }, t("cancel")),
      h("button", { class: "primary", type: "submit" }, t("create")),
    ),
  );
  form.addEventListener("submit", (event) => {
    const members = boxes.map((label) => label.firstChild).filter((box) => box.checked).map((box) => Number(box.value));
    if (chosen === "group" && !members.length) event.preventDefault();
    else create(chosen === "group" ? { type: "supergroup", title: title.value, members } : { first_name: name.value, language_code: language.value });
  });
  open("small", form, { "aria-labelledby": "dialog-title" });
  choose("person");
}

// `acts`: change(wish), deepLink(payload), member(status)
export function settings(chat, bot, acts) {
  const close = () => byId("dialog").close();
  const rest = chat.type === "private" ? ofPerson(chat, acts, close) : ofGroup(chat, bot, acts, close);
  const payload = h("input", { maxlength: "64", pattern: "[A-Za-z0-9_\\-]*", placeholder: t("deep_link_hint") });
  payload.spellcheck = false;
  payload.setAttribute("aria-label", t("deep_link"));
  const openLink = h("form", { class: "inline" }, payload, h("button", { class: "plain-text", type: "submit" }, t("open")));
  openLink.addEventListener("submit", (event) => {
    event.preventDefault();
    close();
    acts.deepLink(payload.value);
  });
  const content = h(
    "div",
    { class: "form" },
    h(
      "div",
      { class: "head" },
      h("h2", { id: "dialog-title" }, t("settings")),
      h("button", { class: "plain", type: "button", "aria-label": t("close"), onclick: close }, icon("close")),
    ),
    rest[0],
    h("div", { class: "label" }, t("deep_link"), openLink, h("small", {}, `https://t.me/${bot.username}?start=…`)),
    rest[1],
  );
  open("corner", content, { "aria-labelledby": "dialog-title" });
}

function ofPerson(chat, acts, close) {
  const name = nameField(chat.first_name);
  const language = languageField(chat.language_code);
  name.addEventListener("change", () => name.value.trim() && acts.change({ first_name: name.value }));
  language.addEventListener("change", () => acts.change({ language_code: language.value }));
  const block = () => {
    close();
    acts.change({ blocked: !chat.blocked });
  };
  const button = h("button", { class: chat.blocked ? "wide" : "wide danger", type: "button", onclick: block }, t(chat.blocked ? "unblock" : "block"));
  return [[h("label", {}, t("name"), name), h("label", {}, t("language"), language)], button];
}

function ofGroup(chat, bot, acts, close) {
  const title = nameField(chat.title);
  title.addEventListener("change", () => title.value.trim() && acts.change({ title: title.value }));
  const status = chat.members.find((member) => member.id === bot.id)?.status ?? "left";
  const options = ["member", "administrator", "left"].map((value) => h("option", { value, selected: value === status }, t(`bot_${value}`)));
  const select = h("select", {}, options);
  select.addEventListener("change", () => {
    close();
    acts.member(select.value);
  });
  return [h("label", {}, t("group_title"), title), h("label", {}, t("bot_in_group"), select)];
}

// Where an inline query is to be typed.
export function chooseChat(chats, choose) {
  const rows = chats.map((chat) => {
    const press = () => {
      byId("dialog").close();
      choose(chat.id);
    };
    return h("button", { class: "wide", type: "button", onclick: press }, chat.first_name);
  });
  open("small", h("div", { class: "form" }, h("h2", { id: "dialog-title" }, t("which_chat")), rows), { "aria-labelledby": "dialog-title" });
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
