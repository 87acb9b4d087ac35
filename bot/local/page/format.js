// Turns text with message entities (UTF-16 offsets, as in JavaScript strings) into DOM nodes.

import { h, icon } from "./dom.js";
import { t } from "./texts.js";

const TAGS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  blockquote: "blockquote",
};

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

// `acts` has command(text) and deepLink(payload); `bot` is the bot's username.
export function formatted(text, entities, acts, bot) {
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return range(text, 0, text.length, sorted, acts, bot);
}

function range(text, from, to, entities, acts, bot) {
  const nodes = [];
  let at = from;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset < at || end <= entity.offset) {
      index += 1;
      continue;
    }
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
    const inner = [];
    index += 1;
    while (index < entities.length && entities[index].offset < end) inner.push(entities[index++]);
    const children = range(text, entity.offset, end, inner, acts, bot);
    nodes.push(wrapped(entity, text.slice(entity.offset, end), children, acts, bot));
    at = BLOCKS.has(entity.type) && text[end] === "\n" && end < to ? end + 1 : end;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

function wrapped(entity, part, children, acts, bot) {
  if (entity.type in TAGS) return h(TAGS[entity.type], {}, children);
  if (entity.type === "pre") return code(part, children, entity.language, acts);
  if (entity.type === "expandable_blockquote") return expandable(part, children);
  if (entity.type === "spoiler") return spoiler(children);
  if (entity.type === "bot_command") {
    return h("button", { class: "inline-link", type: "button", onclick: () => acts.command(part) }, children);
  }
  if (entity.type === "email") return h("a", { href: `mailto:${part}` }, children);
  if (entity.type === "text_link") return link(entity.url, children, acts, bot);
  if (entity.type === "url") return link(/^[a-z]+:/i.test(part) ? part : `http://${part}`, children, acts, bot);
  return h("span", { class: `entity-${entity.type}` }, children);
}

// A block of code with its language and a button to copy it.
function code(part, children, language, acts) {
  const copy = { class: "copy-code", type: "button", "aria-label": t("copy"), title: t("copy"), onclick: () => acts.copy(part) };
  return h("div", { class: "code" }, h("div", { class: "code-head" }, h("small", {}, language ?? ""), h("button", copy, icon("copy"))), h("pre", {}, children));
}

// A long quote shows its first lines until it is pressed.
function expandable(part, children) {
  const node = h("blockquote", { class: "expandable" }, h("div", {}, children));
  if (part.split("\n").length <= 3 && part.length <= 150) return node;
  const button = h("button", { class: "expand", type: "button", "aria-expanded": "false", "aria-label": t("expand") }, icon("down"));
  button.addEventListener("click", () => {
    const open = node.classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-label", t(open ? "collapse" : "expand"));
  });
  node.append(button);
  node.classList.add("long");
  return node;
}

function spoiler(children) {
  const show = () => {
    node.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  const keys = (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      show();
    }
  };
  const props = { class: "spoiler", role: "button", tabindex: "0", "aria-label": t("reveal") };
  const node = h("span", { ...props, onclick: show, onkeydown: keys }, children);
  return node;
}

// A link to this bot's own chat opens here; other web links open in a new tab; anything else stays text.
export function link(url, children, acts, bot, props = {}) {
  let parsed;
  try {
    parsed = new URL(url);
  } catch {
    return h("span", props, children);
  }
  const payload = deepLink(parsed, bot);
  if (payload !== null) {
    const open = (event) => {
      event.preventDefault();
      acts.deepLink(payload);
    };
    return h("a", { ...props, href: parsed.href, onclick: open }, children);
  }
  if (!["http:", "https:", "mailto:", "tg:"].includes(parsed.protocol)) return h("span", props, children);
  return h("a", { ...props, href: parsed.href, target: "_blank", rel: "noopener noreferrer" }, children);
}

function deepLink(url, bot) {
  const own = bot.toLowerCase();
  const web = ["t.me", "telegram.me"].includes(url.hostname) && url.pathname.toLowerCase() === `/${own}`;
  const native = url.protocol === "tg:" && url.searchParams.get("domain")?.toLowerCase() === own;
  return web || native ? (url.searchParams.get("start") ?? "") : null;
}
