// One message as DOM: text, picture, file, keyboard, time.

import { fileUrl } from "./api.js";
import { h, icon } from "./dom.js";
import { formatted, link } from "./format.js";
import { sizeOf, t, timeOf } from "./texts.js";

const [WIDEST, TALLEST, NARROWEST] = [420, 400, 120];

// `acts` are what a message can do (see chat.js); `bot` is { name, username }.
export function bubble(item, acts, bot) {
  const { message, mine } = item;
  const media = mediaOf(message, acts);
  const text = message.text ?? message.caption;
  const entities = message.entities ?? message.caption_entities;
  const body = text
    ? h("div", { class: "text", dir: "auto" }, formatted(text, entities, acts, bot.username))
    : null;
  const parts = message.show_caption_above_media ? [body, media] : [media, body];
  const kind = message.sticker ? "sticker" : message.photo ? "photo" : "words";
  return h(
    "div",
    {
      class: `message ${mine ? "mine" : "theirs"} ${kind}${text ? "" : " no-text"}`,
      dataset: { id: message.message_id },
      tabindex: "-1",
    },
    h("span", { class: "hidden" }, `${mine ? t("you") : bot.name}: `),
    h("div", { class: "row" }, h("div", { class: "bubble" }, reply(message, bot), parts, meta(item)), pencil(item, acts)),
    item.reaction ? h("span", { class: "reaction", role: "img", "aria-label": `${t("reaction")} ${item.reaction}` }, item.reaction) : null,
    keyboard(message, acts, bot),
  );
}

// A short text for the list of chats and for quotes.
export function preview(message) {
  const label = message.photo ? "photo" : message.sticker ? "sticker" : message.voice ? "voice" : "document";
  return message.text ?? message.caption ?? (message.sticker?.emoji ? `${message.sticker.emoji} ${t(label)}` : t(label));
}

function meta({ message, edited }) {
  return h(
    "span",
    { class: "meta" },
    edited ? h("span", { class: "edited" }, t("edited")) : null,
    h("time", { datetime: new Date(message.date * 1000).toISOString() }, timeOf(message.date)),
  );
}

function reply(message, bot) {
  const quoted = message.reply_to_message;
  if (!quoted) return null;
  const author = quoted.from.is_bot ? bot.name : t("you");
  return h(
    "div",
    { class: "quote" },
    h("span", { class: "hidden" }, `${t("reply_to")} `),
    h("b", {}, author),
    h("span", { dir: "auto" }, preview(quoted)),
  );
}

function pencil(item, acts) {
  if (!item.mine || !item.message.text) return null;
  const props = { class: "pencil", type: "button", "aria-label": t("edit"), title: t("edit") };
  return h("button", { ...props, onclick: () => acts.edit(item) }, icon("pencil"));
}

function mediaOf(message, acts) {
  if (message.photo) {
    const size = message.photo.at(-1);
    const alt = message.caption ?? t("photo");
    const image = h("img", { src: fileUrl(size), alt, width: size.width, height: size.height });
    const scale = Math.min(WIDEST / size.width, TALLEST / size.height, 1);
    const veil = message.has_media_spoiler ? " veiled" : "";
    const open = (event) => {
      const button = event.currentTarget;
      if (button.classList.contains("veiled")) button.classList.remove("veiled");
      else acts.viewPhoto(image.src, alt);
    };
    const button = h("button", { class: `picture${veil}`, type: "button", onclick: open }, image);
    button.style.width = `${Math.max(Math.round(size.width * scale), NARROWEST)}px`;
    return button;
  }
  if (message.sticker) {
    const { width, height, emoji } = message.sticker;
    const alt = `${t("sticker")} ${emoji ?? ""}`;
    return h("img", { class: "sticker-image", src: fileUrl(message.sticker), alt, width, height });
  }
  if (message.voice) return voice(message.voice);
  if (message.document) {
    const { file_name: name, file_size: size } = message.document;
    return h(
      "a",
      { class: "file", href: fileUrl(message.document), download: name },
      h("span", { class: "round" }, icon("document")),
      h("span", {}, h("b", {}, name), h("small", {}, sizeOf(size))),
    );
  }
  return null;
}

function voice(data) {
  const audio = h("audio", { src: fileUrl(data), preload: "none" });
  const button = h("button", { class: "round", type: "button", "aria-label": t("play") }, icon("play"));
  const seconds = `0:${String(data.duration).padStart(2, "0")}`;
  const bars = [...data.file_unique_id.repeat(3)].slice(0, 32).map((char) =>
    h("i", { class: `bar-${char.charCodeAt(0) % 7}` }),
  );
  const show = (playing) => {
    button.replaceChildren(icon(playing ? "pause" : "play"));
    button.setAttribute("aria-label", t(playing ? "pause" : "play"));
  };
  button.addEventListener("click", () => (audio.paused ? audio.play() : audio.pause()));
  for (const [event, playing] of [["play", true], ["pause", false], ["ended", false]])
    audio.addEventListener(event, () => show(playing));
  const wave = h("span", { class: "wave", "aria-hidden": "true" }, bars);
  return h("div", { class: "voice" }, button, wave, h("small", {}, h("span", { class: "hidden" }, `${t("voice")} `), seconds), audio);
}

function keyboard(message, acts, bot) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return h(
    "div",
    { class: "keyboard" },
    rows.map((row) => h("div", { class: "keys" }, row.map((button) => key(button, message, acts, bot)))),
  );
}

function key(button, message, acts, bot) {
  const props = { class: `key ${button.style ?? ""}`.trim(), dir: "auto" };
  const label = h("span", {}, button.text);
  if (button.url) return link(button.url, [label, icon("link")], acts, bot.username, props);
  const press = (event) => {
    if (button.callback_data) acts.tap(message.message_id, button.callback_data, event.currentTarget);
    else if (button.copy_text) acts.copy(button.copy_text.text);
    else acts.notHere();
  };
  return h("button", { ...props, type: "button", onclick: press }, label, button.copy_text ? icon("copy") : null);
}
