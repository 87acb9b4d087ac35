// The list of chats: whom, the newest message, what is unread.

import { listChats } from "./api.js";
import { preview } from "./bubble.js";
import { avatar, byId, h, icon } from "./dom.js";
import { dayOf, languageName, t, timeOf } from "./texts.js";

export class Chats {
  constructor() {
    this.all = [];
    this.unread = new Map();
    this.bot = { id: 0, name: "", username: "" };
  }

  async read() {
    this.all = await listChats();
  }

  find(id) {
    return this.all.find((chat) => chat.id === id);
  }

  get people() {
    return this.all.filter((chat) => chat.type === "private");
  }

  show(openId) {
    const sorted = [...this.all].sort((a, b) => (b.last?.message.date ?? Infinity) - (a.last?.message.date ?? Infinity));
    byId("chats").replaceChildren(...sorted.map((chat) => this.entry(chat, chat.id === openId)));
    byId("nobody").hidden = this.all.length > 0;
    byId("none").hidden = this.all.length === 0;
  }

  entry(chat, here) {
    const count = this.unread.get(chat.id) ?? 0;
    const { last } = chat;
    const group = chat.type !== "private";
    const tag = group
      ? icon("people")
      : h("small", { title: languageName(chat.language_code) }, chat.language_code);
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
          h("b", { dir: "auto" }, chat.first_name, " ", tag),
          h("span", { class: "entry-last", dir: "auto" }, last ? this.author(last, group) : null, last ? preview(last.message, { bot: this.bot }) : t("nothing_yet")),
        ),
        h(
          "span",
          { class: "entry-side" },
          last ? h("time", {}, dayOf(last.message.date) === t("today") ? timeOf(last.message.date) : dayOf(last.message.date, true)) : null,
          count ? h("span", { class: "badge", "aria-label": t("unread", { count }) }, String(count)) : null,
        ),
      ),
    );
  }

  author({ mine, message }, group) {
    if (message.new_chat_members || message.left_chat_member || message.pinned_message) return null;
    if (!mine) return null;
    return h("em", {}, `${group ? message.from.first_name : t("you")}: `);
  }
}
