// The chat page: puts its parts together, opens chats, and carries changes from the server to them.

import * as api from "./api.js";
import { nameOf } from "./bubble.js";
import { Chats } from "./chats.js";
import { Composer } from "./composer.js";
import * as dialogs from "./dialogs.js";
import { avatar, byId, h, icon } from "./dom.js";
import { Log } from "./log.js";
import { openMenu } from "./menu.js";
import { Panel } from "./panel.js";
import { countOf, loadTexts, t, useLanguage } from "./texts.js";

const TYPING_MS = 5500;
const TAP_MS = 15_000;
const DRAFT_MS = 30_000;
const QUICK = ["👍", "❤", "🔥", "😁", "🤔", "👎"];
const ACTIONS = { photo: "sends_photo", video: "sends_video", document: "sends_file", voice: "records_voice", audio: "sends_file" };

let open = null; // { chat, bot, messages, votes } of the open chat
let waiting = null; // a start parameter that waits for the Start button
let typingTimer = 0;
let draftTimer = 0;
const speakers = new Map(); // group id -> the person who acts there
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

// Who acts in the open chat: the person it is with, or the one chosen in a group.
const me = () => (open.chat.type === "private" ? open.chat.id : speakers.get(open.chat.id));
const place = () => ({ id: open.chat.id, who: open.chat.type === "private" ? null : me() });
const send = async (content) => (await attempt(() => api.send(place(), content))) !== null;
const done = async (act) => (await attempt(act)) !== null;
const context = () => ({
  bot: { id: open.bot.id, name: open.bot.name, username: open.bot.username },
  me: me(),
  group: open.chat.type !== "private",
  votes: open.votes,
});

const acts = {
  command: (text) => send({ text }),
  deepLink: (payload) => deepLink(payload),
  viewPhotos: dialogs.pictures,
  notHere: () => dialogs.notice(t("not_here")),
  focusInput: () => composer.focus(),
  goTo: (id) => log.goTo(id),
  react: (item, emoji) => attempt(() => api.react(place(), item.message.message_id, emoji)),
  typeInline: (query) => composer.write(`@${open.bot.username} ${query}`),
  typeInlineElsewhere: (query) =>
    dialogs.chooseChat(chats.all, async (id) => {
      if (id !== open.chat.id) {
        history.pushState(null, "", `#${id}`);
        await openChat(id);
      }
      acts.typeInline(query);
    }),
  copy: async (text) => {
    await navigator.clipboard.writeText(text);
    dialogs.notice(t("copied"));
  },
  vote: async (id, options) => {
    if (await done(() => api.vote(place(), id, options))) log.vote(id, options);
    else await refresh();
  },
  tap: async (messageId, data, button) => {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    const query = await attempt(() => api.tap(place(), messageId, data));
    if (query === null || answered.has(query)) button.removeAttribute("aria-busy");
    else {
      taps.set(query, button);
      setTimeout(() => endTap(query), TAP_MS);
    }
  },
  menu: (item, where, opener = null) => {
    const { message } = item;
    const own = item.reactions?.[me()];
    const text = message.text ?? message.caption;
    const quick = QUICK.map((emoji) => ({
      text: emoji,
      label: t("react_with", { emoji }),
      pressed: emoji === own,
      act: () => acts.react(item, emoji === own ? null : emoji),
    }));
    const name = message.from.id === me() ? t("you") : nameOf(message.from, context());
    const entries = [
      { icon: "reply", text: t("reply"), act: () => composer.reply(item, name) },
      text && { icon: "copy", text: t("copy"), act: () => acts.copy(text) },
      message.from.id === me() && message.text && !message.via_bot && { icon: "pencil", text: t("edit"), act: () => composer.edit(item) },
      { icon: "trash", text: t("delete"), danger: true, act: () => attempt(() => api.remove(place(), message.message_id)) },
    ].filter(Boolean);
    openMenu(where, entries, { label: t("message_menu"), quick, opener });
  },
};

const chats = new Chats();
const log = new Log(acts);
const composer = new Composer({
  send,
  place,
  save: (item, text) => done(() => api.editText(place(), item.message.message_id, text)),
  start: () => start(),
  unblock: () => change({ blocked: false }),
  lastOwnText: () => log.lastOwnText(),
  contact: () => ({ phone_number: "+32 470 00 00 00", first_name: chats.find(me())?.first_name ?? "", user_id: me() }),
  deepLink: (payload) => deepLink(payload),
  notice: (key) => dialogs.notice(t(key)),
});
const panel = new Panel({ chat: () => open?.chat ?? null, block: (blocked) => change({ blocked }) });

async function start() {
  const payload = waiting ?? "";
  waiting = null;
  await attempt(() => api.start(place(), payload));
  await refresh();
  composer.focus();
}

function deepLink(payload) {
  if (open.chat.type !== "private") {
    attempt(() => api.start(place(), payload));
    return;
  }
  waiting = payload;
  showOpen(true);
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

// The open chat.

async function readList() {
  await chats.read();
  chats.show(open?.chat.id);
}

async function openChat(id) {
  const turn = (turns += 1);
  if (id !== null && !chats.find(id)) await chats.read(); // it may be newer than the list
  const known = id !== null && Boolean(chats.find(id));
  document.body.dataset.view = known ? "chat" : "list";
  byId("conversation").classList.toggle("none", !known);
  showTyping(false);
  showDraft(null);
  composer.clear();
  if (!known) {
    open = null;
    chats.show(null);
    return;
  }
  const fresh = await read(id, () => turn === turns);
  if (fresh === null) return;
  chats.unread.delete(id);
  open = fresh;
  showOpen();
  chats.show(id);
  if (!matchMedia("(pointer: coarse)").matches) composer.focus();
}

function showOpen(quietly = false) {
  const { chat, bot, messages } = open;
  const group = chat.type !== "private";
  const speaker = group ? chats.find(me()) : chat;
  chats.bot = bot;
  useLanguage(speaker?.language_code ?? "en");
  label();
  const empty = messages.length === 0 && !chat.started;
  log.show(messages, context(), quietly);
  composer.show(chat, bot, empty, waiting);
  byId("title").textContent = group ? chat.title : bot.name;
  byId("conversation-avatar").replaceChildren(group ? avatar(chat.title, chat.id) : avatar(bot.name, 3));
  showSpeakers();
  if (!byId("subtitle").classList.contains("typing")) subtitle();
  byId("welcome").hidden = messages.length > 0 || group;
  byId("welcome-title").textContent = bot.name;
  byId("welcome-text").textContent = bot.description || bot.short_description;
  byId("log").lang = document.documentElement.lang;
  document.title = group ? chat.title : bot.name;
}

// In a group: who writes.
function showSpeakers() {
  const people = open.chat.members.filter((member) => !member.is_bot && member.status !== "left" && member.status !== "kicked");
  const select = byId("speaker");
  select.hidden = open.chat.type === "private";
  select.replaceChildren(...people.map(({ id, first_name: name }) => h("option", { value: id, selected: id === me() }, name)));
}

// Reads a chat as it is now; null once it is no longer wanted.
async function read(id, wanted) {
  for (;;) {
    const before = changes;
    const known = chats.find(id);
    if (known.type !== "private" && !speakers.has(id)) speakers.set(id, known.members.find((member) => !member.is_bot).id);
    const fresh = await api.readChat({ id, who: speakers.get(id) ?? id });
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
  const language = document.documentElement.lang;
  open = fresh;
  useLanguage((open.chat.type === "private" ? open.chat : chats.find(me()))?.language_code ?? "en");
  showOpen(document.documentElement.lang === language);
  if (document.documentElement.lang !== language) chats.show(id);
}

function label() {
  const texts = { "chats-title": "chats", "nobody-text": "no_chats", "none-text": "choose_chat", "offline-text": "offline", "add-first": "new_chat" };
  for (const [id, key] of Object.entries(texts)) byId(id).textContent = t(key);
  for (const [id, key] of [["back", "back"], ["settings", "settings"], ["newest", "newest"], ["add", "new_chat"], ["speaker", "write_as"], ["bots", "bot"]]) {
    byId(id).setAttribute("aria-label", t(key));
    byId(id).title = t(key);
  }
  byId("log").setAttribute("aria-label", t("log"));
  composer.label();
  panel.label();
}

function subtitle() {
  const line = byId("subtitle");
  if (!open || line.classList.contains("typing")) return;
  const { chat } = open;
  const people = chat.members.filter((member) => !["left", "kicked"].includes(member.status)).length;
  line.textContent = chat.type === "private" ? t("writing_as", { name: chat.first_name }) : countOf("members_count", people);
}

function showTyping(on, words = "") {
  clearTimeout(typingTimer);
  log.typing(on);
  byId("subtitle").classList.toggle("typing", on);
  if (on) byId("subtitle").textContent = words;
  subtitle();
  if (on) typingTimer = setTimeout(() => showTyping(false), TYPING_MS);
}

function showDraft(words) {
  clearTimeout(draftTimer);
  const from = open && { id: open.bot.id, is_bot: true, first_name: open.bot.name };
  log.draft(words && { message_id: 0, from, date: Date.now() / 1000, ...words });
  if (words) draftTimer = setTimeout(() => showDraft(null), DRAFT_MS);
}

// Changes from the server.

const events = {
  message({ chat_id: id, item }) {
    changes += 1;
    const chat = chats.find(id);
    if (chat) chat.last = item;
    if (open?.chat.id === id) {
      if (item.message.from.id === open.bot.id) {
        showTyping(false);
        showDraft(null);
      }
      open.messages.push(item);
      log.add(item);
      byId("welcome").hidden = true;
    } else if (!item.mine) chats.unread.set(id, (chats.unread.get(id) ?? 0) + 1);
    chats.show(open?.chat.id);
  },
  edited({ chat_id: id, item }) {
    changes += 1;
    const number = item.message.message_id;
    const chat = chats.find(id);
    if (chat?.last?.message.message_id === number) chat.last = item;
    if (open?.chat.id === id) {
      open.messages = open.messages.map((one) => (one.message.message_id === number ? item : one));
      log.replace(item);
    }
    chats.show(open?.chat.id);
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
    if (open?.chat.id !== id) return;
    showTyping(action !== "cancel", t(ACTIONS[action.split("_").slice(1).join("_")] ?? "typing"));
  },
  draft({ chat_id: id, text, entities }) {
    if (open?.chat.id !== id) return;
    showTyping(!text, t("typing"));
    showDraft(text ? { text, entities } : null);
  },
  answer({ chat_id: id, query_id: query, text, show_alert: strong, url }) {
    answered.add(query);
    endTap(query);
    if (open?.chat.id !== id) return;
    const payload = url && new URL(url).searchParams.get("start");
    if (url) deepLink(payload ?? "");
    if (text) (strong ? dialogs.alert : dialogs.notice)(text);
  },
  inline_answer: (event) => composer.inline.answered(event),
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
  dialogs.newChat(chats.people, (wish) =>
    attempt(async () => {
      const chat = await api.createChat(wish);
      await readList();
      location.hash = chat.id;
    }),
  );
}

function showSettings() {
  dialogs.settings(open.chat, open.bot, {
    change,
    deepLink,
    member: (status) => attempt(() => api.setMember(open.chat.id, open.bot.id, status)),
  });
}

// A choice of bots, where the server has several; each has chats of its own.
async function showBots() {
  const bots = await api.listBots();
  if (api.chosenBot && !bots.some(({ id }) => id === api.chosenBot)) location.replace("/");
  const current = api.chosenBot ?? bots[0].id;
  byId("bots").hidden = bots.length < 2;
  byId("bots").replaceChildren(...bots.map(({ id, first_name: name }) => h("option", { value: id, selected: id === current }, `${name} · ${id}`)));
}

function chatInAddress() {
  const number = Number(location.hash.slice(1));
  return Number.isInteger(number) && number !== 0 ? number : null;
}

async function boot() {
  await loadTexts();
  const icons = { back: "back", add: "plus", settings: "more", newest: "down", send: "send", attach: "clip", "stop-editing": "close", "panel-button": "code" };
  for (const [id, name] of Object.entries(icons)) byId(id).replaceChildren(icon(name));
  byId("menu").prepend(icon("menu"));
  label();
  const asked = new URLSearchParams(location.search);
  waiting = asked.get("start");
  const kept = api.chosenBot ? `?bot=${api.chosenBot}` : "";
  if (location.search !== kept) history.replaceState(null, "", location.pathname + kept + location.hash);
  byId("add").addEventListener("click", addChat);
  byId("add-first").addEventListener("click", addChat);
  byId("back").addEventListener("click", () => (location.hash = ""));
  byId("settings").addEventListener("click", showSettings);
  byId("bots").addEventListener("change", (event) => location.assign(`/?bot=${event.target.value}`));
  byId("speaker").addEventListener("change", (event) => {
    speakers.set(open.chat.id, Number(event.target.value));
    attempt(refresh);
  });
  window.addEventListener("hashchange", () => attempt(() => openChat(chatInAddress())));
  await showBots();
  await readList();
  const wide = matchMedia("(min-width: 701px)").matches;
  const first = byId("chats").querySelector("a")?.hash.slice(1);
  if (chatInAddress() === null && first && (wide || chats.all.length === 1)) history.replaceState(null, "", `#${first}`);
  await openChat(chatInAddress());
  api.listen((event) => events[event.type]?.(event), connection);
  if (asked.get("panel") === "1") panel.toggle(true);
  document.body.classList.add("ready");
  if (chats.all.length === 0) addChat();
}

boot();
