// The chat page: the list of chats, the open chat, and the changes that come from the server.

import * as api from "./api.js";
import { preview } from "./bubble.js";
import { Composer } from "./composer.js";
import * as dialogs from "./dialogs.js";
import { avatar, byId, h, icon } from "./dom.js";
import { Log } from "./log.js";
import { dayOf, languageName, loadTexts, t, timeOf, useLanguage } from "./texts.js";

const TYPING_MS = 5500;
const TAP_MS = 15_000;

let chats = [];
let open = null; // { chat, bot, messages } of the open chat
let waiting = null; // a start parameter that waits for the Start button
let typingTimer = 0;
const unread = new Map();
const taps = new Map(); // callback query id -> its button
const answered = new Set();
let turns = 0; // how often a chat was opened
let changes = 0; // messages that came, changed or went since the page was opened

const attempt = async (act) => {
  try {
    return await act();
  } catch {
    dialogs.notice(t("failed"));
    return null;
  }
};

const acts = {
  command: (text) => send(text),
  deepLink: (payload) => deepLink(payload),
  edit: (item) => composer.edit(item),
  viewPhoto: dialogs.picture,
  notHere: () => dialogs.notice(t("not_here")),
  focusInput: () => composer.focus(),
  copy: async (text) => {
    await navigator.clipboard.writeText(text);
    dialogs.notice(t("copied"));
  },
  tap: async (messageId, data, button) => {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    const query = await attempt(() => api.tap(open.chat.id, messageId, data));
    if (query === null || answered.has(query)) button.removeAttribute("aria-busy");
    else {
      taps.set(query, button);
      setTimeout(() => endTap(query), TAP_MS);
    }
  },
};

const log = new Log(acts);
const composer = new Composer({
  send: (text) => send(text),
  save: async (item, text) =>
    (await attempt(() => api.editText(open.chat.id, item.message.message_id, text))) !== null,
  standin: (kind) => attempt(() => api.sendStandin(open.chat.id, kind)),
  start: () => start(),
  unblock: () => change({ blocked: false }),
  lastOwnText: () => log.lastOwnText(),
});

const send = async (text) => (await attempt(() => api.sendText(open.chat.id, text))) !== null;

async function start() {
  const payload = waiting ?? "";
  waiting = null;
  await attempt(() => api.start(open.chat.id, payload));
  await refresh();
  composer.focus();
}

function deepLink(payload) {
  waiting = payload;
  showOpen();
  byId("start").focus();
}

async function change(wish) {
  await attempt(() => api.changeChat(open.chat.id, wish));
  await refresh();
}

function endTap(query) {
  taps.get(query)?.removeAttribute("aria-busy");
  taps.delete(query);
}

// The list of chats.

function showList() {
  const sorted = [...chats].sort((a, b) => (b.last?.message.date ?? Infinity) - (a.last?.message.date ?? Infinity));
  byId("chats").replaceChildren(...sorted.map(entry));
  byId("nobody").hidden = chats.length > 0;
  byId("none").hidden = chats.length === 0;
}

function entry(chat) {
  const count = unread.get(chat.id) ?? 0;
  const last = chat.last;
  const text = last ? preview(last.message) : t("nothing_yet");
  const here = open?.chat.id === chat.id;
  return h(
    "li",
    {},
    h(
      "a",
      { href: `#${chat.id}`, class: "entry", "aria-current": here ? "true" : null },
      avatar(chat.first_name, chat.id),
      h(
        "span",
        { class: "entry-text" },
        h("b", { dir: "auto" }, chat.first_name, " ", h("small", { title: languageName(chat.language_code) }, chat.language_code)),
        h("span", { class: "entry-last", dir: "auto" }, last?.mine ? h("em", {}, `${t("you")}: `) : null, text),
      ),
      h(
        "span",
        { class: "entry-side" },
        last ? h("time", {}, dayOf(last.message.date) === t("today") ? timeOf(last.message.date) : dayOf(last.message.date)) : null,
        count ? h("span", { class: "badge", "aria-label": t("unread", { count }) }, String(count)) : null,
      ),
    ),
  );
}

async function readList() {
  chats = await api.listChats();
  showList();
}

// The open chat.

async function openChat(id) {
  const turn = (turns += 1);
  const known = id !== null && chats.some((chat) => chat.id === id);
  document.body.dataset.view = known ? "chat" : "list";
  byId("conversation").classList.toggle("none", !known);
  showTyping(false);
  composer.clear();
  if (!known) {
    open = null;
    showList();
    return;
  }
  const fresh = await read(id, () => turn === turns);
  if (fresh === null) return;
  unread.delete(id);
  open = fresh;
  showOpen();
  showList();
  if (!matchMedia("(pointer: coarse)").matches) composer.focus();
}

function showOpen(quietly = false) {
  const { chat, bot, messages } = open;
  useLanguage(chat.language_code);
  label();
  const empty = messages.length === 0 && !chat.started;
  const bare = { name: bot.name, username: bot.username };
  log.show(messages, bare, quietly);
  composer.show(chat, bot, empty, waiting);
  byId("title").textContent = bot.name;
  byId("conversation-avatar").replaceChildren(avatar(bot.name, 3));
  if (!byId("subtitle").classList.contains("typing")) subtitle();
  byId("welcome").hidden = messages.length > 0;
  byId("welcome-title").textContent = bot.name;
  byId("welcome-text").textContent = bot.description || bot.short_description;
  byId("log").lang = chat.language_code;
  document.title = bot.name;
}

// Reads a chat as it is now; null once it is no longer wanted.
async function read(id, wanted) {
  for (;;) {
    const before = changes;
    const fresh = await api.readChat(id);
    if (!wanted()) return null;
    if (before === changes) return fresh; // else a change came meanwhile and this may be older
  }
}

async function refresh() {
  await readList();
  if (!open) return;
  const id = open.chat.id;
  const fresh = await read(id, () => open?.chat.id === id);
  if (fresh === null) return;
  const translated = fresh.chat.language_code !== open.chat.language_code;
  open = fresh;
  showOpen(!translated);
  if (translated) showList();
}

function label() {
  byId("chats-title").textContent = t("chats");
  byId("nobody-text").textContent = t("no_chats");
  byId("none-text").textContent = t("choose_chat");
  byId("offline-text").textContent = t("offline");
  for (const [id, key] of [["back", "back"], ["settings", "settings"], ["newest", "newest"], ["add", "new_chat"]]) {
    byId(id).setAttribute("aria-label", t(key));
    byId(id).title = t(key);
  }
  byId("add-first").textContent = t("new_chat");
  byId("log").setAttribute("aria-label", t("log"));
  composer.label();
}

function subtitle() {
  const line = byId("subtitle");
  const typing = line.classList.contains("typing");
  if (open) line.textContent = typing ? t("typing") : t("writing_as", { name: open.chat.first_name });
}

function showTyping(on) {
  clearTimeout(typingTimer);
  log.typing(on);
  byId("subtitle").classList.toggle("typing", on);
  subtitle();
  if (on) typingTimer = setTimeout(() => showTyping(false), TYPING_MS);
}

// Changes from the server.

const events = {
  message({ chat_id: id, item }) {
    changes += 1;
    const chat = chats.find((one) => one.id === id);
    if (chat) chat.last = item;
    if (open?.chat.id === id) {
      if (!item.mine) showTyping(false);
      open.messages.push(item);
      log.add(item);
      byId("welcome").hidden = true;
    } else if (!item.mine) unread.set(id, (unread.get(id) ?? 0) + 1);
    showList();
  },
  edited({ chat_id: id, item }) {
    changes += 1;
    const number = item.message.message_id;
    const chat = chats.find((one) => one.id === id);
    if (chat?.last?.message.message_id === number) chat.last = item;
    if (open?.chat.id === id) {
      open.messages = open.messages.map((one) => (one.message.message_id === number ? item : one));
      log.replace(item);
    }
    showList();
  },
  deleted({ chat_id: id, message_id: number }) {
    changes += 1;
    if (open?.chat.id === id) {
      open.messages = open.messages.filter((one) => one.message.message_id !== number);
      log.remove(number);
    }
    readList();
  },
  typing({ chat_id: id, action }) {
    if (open?.chat.id === id) showTyping(action !== "cancel");
  },
  answer({ chat_id: id, query_id: query, text, show_alert: strong, url }) {
    answered.add(query);
    endTap(query);
    if (open?.chat.id !== id) return;
    if (url) window.open(url, "_blank", "noopener");
    if (text) (strong ? dialogs.alert : dialogs.notice)(text);
  },
  chat: () => refresh(),
  bot: () => refresh(),
};

let connected = null;

function connection(there) {
  byId("offline").hidden = there;
  if (there && connected !== true) attempt(refresh);
  connected = there;
}

function addChat() {
  dialogs.newChat(
    chats.map((chat) => chat.first_name),
    (name, language) =>
      attempt(async () => {
        const chat = await api.createChat(name, language);
        await readList();
        location.hash = chat.id;
      }),
  );
}

function chatInAddress() {
  const number = Number(location.hash.slice(1));
  return Number.isInteger(number) && number > 0 ? number : null;
}

async function boot() {
  await loadTexts();
  for (const [id, name] of Object.entries({ back: "back", add: "plus", settings: "more", newest: "down", send: "send", attach: "clip", "stop-editing": "close" }))
    byId(id).replaceChildren(icon(name));
  byId("menu").prepend(icon("menu"));
  label();
  waiting = new URLSearchParams(location.search).get("start");
  if (location.search) history.replaceState(null, "", location.pathname + location.hash);
  byId("add").addEventListener("click", addChat);
  byId("add-first").addEventListener("click", addChat);
  byId("back").addEventListener("click", () => (location.hash = ""));
  byId("settings").addEventListener("click", () => dialogs.settings(open.chat, { change, deepLink }));
  window.addEventListener("hashchange", () => attempt(() => openChat(chatInAddress())));
  await readList();
  const wide = matchMedia("(min-width: 701px)").matches;
  const first = byId("chats").querySelector("a")?.hash.slice(1);
  if (chatInAddress() === null && first && (wide || chats.length === 1)) history.replaceState(null, "", `#${first}`);
  await openChat(chatInAddress());
  api.listen((event) => events[event.type]?.(event), connection);
  document.body.classList.add("ready");
  if (chats.length === 0) addChat();
}

boot();
