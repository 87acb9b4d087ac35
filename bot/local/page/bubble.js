// One message, or one album, as DOM: author, what it answers, content, reactions, time, keyboard.

import { h, icon } from "./dom.js";
import { formatted, link } from "./format.js";
import { album, media } from "./media.js";
import { poll } from "./poll.js";
import { t, timeOf } from "./texts.js";

const KINDS = ["sticker", "dice", "photo", "video", "animation", "poll", "voice", "audio", "document", "venue", "location", "contact"];
const FRAMELESS = new Set(["sticker", "dice"]);
const PICTURES = new Set(["photo", "video", "animation"]);

export const kindOf = (message) => KINDS.find((kind) => message[kind]) ?? "text";

// `unit` holds the items of one album, else one item. `context` is { bot, me, group, votes }, `acts` what one can do.
export function bubble(unit, acts, context) {
  const item = unit[0];
  const { message } = item;
  const told = service(message, context);
  if (told) return h("div", { class: "service", dataset: { id: message.message_id } }, h("span", { dir: "auto" }, told));
  const mine = message.from.id === context.me;
  const kind = kindOf(message);
  const captioned = unit.find((one) => one.message.text ?? one.message.caption)?.message;
  const text = captioned && (captioned.text ?? captioned.caption);
  const body = text
    ? h("div", { class: "text", dir: "auto" }, formatted(text, captioned.entities ?? captioned.caption_entities, acts, context.bot.username))
    : null;
  const shown = content(unit, kind, acts, context);
  const parts = message.show_caption_above_media ? [body, shown] : [shown, body];
  const looks = [FRAMELESS.has(kind) ? "sticker" : PICTURES.has(kind) ? "photo" : "words", text ? "" : "no-text"];
  if (unit.length > 1) looks.push("album");
  const head = [author(message, mine, context), via(message), forwarded(message), reply(message, acts, context)];
  return h(
    "div",
    {
      class: `message ${mine ? "mine" : "theirs"} ${looks.join(" ")}${head.some(Boolean) ? " headed" : ""}`,
      dataset: { id: message.message_id },
      tabindex: "-1",
      oncontextmenu: (event) => {
        if (event.target.closest("a, video, audio")) return;
        event.preventDefault();
        acts.menu(item, { x: event.clientX, y: event.clientY });
      },
    },
    h("span", { class: "hidden" }, `${mine ? t("you") : nameOf(message.from, context)}: `),
    h(
      "div",
      { class: "row" },
      h("div", { class: "bubble" }, head, parts, reactions(item, acts, context), meta(item)),
      more(item, acts),
    ),
    keyboard(message, acts, context.bot),
  );
}

// A short text for the list of chats and for quotes.
export function preview(message, context) {
  const told = context && service(message, context);
  if (told) return told;
  const kind = kindOf(message);
  const text = message.text ?? message.caption ?? message.poll?.question;
  if (kind === "dice") return message.dice.emoji;
  if (kind === "sticker" && message.sticker.emoji) return `${message.sticker.emoji} ${t("sticker")}`;
  return text ?? (kind === "document" ? message.document.file_name : kind === "text" ? t("message") : t(kind));
}

export const nameOf = (user, context) => (user.is_bot && user.id === context.bot.id ? context.bot.name : user.first_name);

function content(unit, kind, acts, context) {
  const { message } = unit[0];
  if (unit.length > 1) return album(unit, acts);
  if (kind === "poll") return poll(message, context.votes[message.message_id] ?? [], acts);
  return media(message, kind, acts);
}

// What happened rather than what was said; null for an ordinary message.
function service(message, context) {
  const who = nameOf(message.from, context);
  const names = (users) => users.map((user) => nameOf(user, context)).join(", ");
  if (message.new_chat_members) {
    const came = message.new_chat_members;
    if (came.length === 1 && came[0].id === message.from.id) return t("joined", { who });
    return t("added", { who, whom: names(came) });
  }
  if (message.left_chat_member) {
    const left = message.left_chat_member;
    return left.id === message.from.id ? t("left", { who }) : t("removed", { who, whom: nameOf(left, context) });
  }
  if (message.pinned_message) return t("pinned", { who, what: preview(message.pinned_message, context) });
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return t("upgraded");
  if (message.new_chat_title) return t("renamed", { who, what: message.new_chat_title });
  return null;
}

function author(message, mine, context) {
  if (!context.group || mine) return null;
  return h("b", { class: `author ink-${Math.abs(message.from.id) % 6}`, "aria-hidden": "true", dir: "auto" }, nameOf(message.from, context));
}

function via(message) {
  return message.via_bot ? h("span", { class: "via" }, t("via", { name: `@${message.via_bot.username}` })) : null;
}

function forwarded(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const from = origin.sender_user?.first_name ?? origin.sender_user_name ?? origin.chat?.title ?? origin.sender_chat?.title ?? "";
  return h("span", { class: "via", dir: "auto" }, icon("forward"), t("forwarded", { name: from }));
}

function reply(message, acts, context) {
  const quoted = message.reply_to_message;
  if (!quoted) return null;
  const name = quoted.from.id === context.me ? t("you") : nameOf(quoted.from, context);
  return h(
    "button",
    { class: "quote", type: "button", onclick: () => acts.goTo(quoted.message_id) },
    h("span", { class: "hidden" }, `${t("reply_to")} `),
    h("b", {}, name),
    h("span", { dir: "auto" }, message.quote?.text ?? preview(quoted, context)),
  );
}

function meta({ message, edited }) {
  return h(
    "span",
    { class: "meta" },
    edited ? h("span", { class: "edited" }, t("edited")) : null,
    h("time", { datetime: new Date(message.date * 1000).toISOString() }, timeOf(message.date)),
  );
}

function more(item, acts) {
  const open = (event) => {
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    acts.menu(item, { x: left, y: bottom + 4 }, event.currentTarget);
  };
  const label = { "aria-label": t("message_menu"), title: t("message_menu"), "aria-haspopup": "menu" };
  return h("button", { class: "tools", type: "button", ...label, onclick: open }, icon("more"));
}

// Reactions of the bot and of people: each emoji once, with how many; one's own can be taken away.
function reactions(item, acts, context) {
  const counts = new Map();
  for (const emoji of [item.reaction, ...Object.values(item.reactions ?? {})])
    if (emoji) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  if (counts.size === 0) return null;
  const own = item.reactions?.[context.me];
  return h(
    "div",
    { class: "reactions" },
    [...counts].map(([emoji, count]) =>
      h(
        "button",
        {
          class: "reaction",
          type: "button",
          "aria-pressed": String(emoji === own),
          "aria-label": `${t("reaction")} ${emoji} ${count}`,
          onclick: () => acts.react(item, emoji === own ? null : emoji),
        },
        emoji,
        count > 1 ? h("small", {}, String(count)) : null,
      ),
    ),
  );
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
  const here = button.switch_inline_query_current_chat;
  const elsewhere = button.switch_inline_query ?? button.switch_inline_query_chosen_chat?.query;
  const sign = button.copy_text ? "copy" : here !== undefined || elsewhere !== undefined ? "inline" : null;
  const press = (event) => {
    if (button.callback_data) acts.tap(message.message_id, button.callback_data, event.currentTarget);
    else if (button.copy_text) acts.copy(button.copy_text.text);
    else if (here !== undefined) acts.typeInline(here);
    else if (elsewhere !== undefined) acts.typeInlineElsewhere(elsewhere);
    else acts.notHere();
  };
  return h("button", { ...props, type: "button", onclick: press }, label, sign ? icon(sign) : null);
}
