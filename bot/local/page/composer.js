// Where the person writes: text, commands, inline queries, attachments, replying, editing, suggested answers, Start.

import { upload } from "./api.js";
import { preview } from "./bubble.js";
import { byId, h, icon } from "./dom.js";
import { Inline } from "./inline.js";
import { Listbox } from "./listbox.js";
import { openMenu } from "./menu.js";
import { t } from "./texts.js";

const TALLEST = 180;

export class Composer {
  // `acts`: send(content), save(item, text), start(), unblock(), lastOwnText(), place(), deepLink(payload), notice(key)
  constructor(acts) {
    this.acts = acts;
    this.form = byId("composer");
    this.input = byId("input");
    this.editing = null; // the item being changed
    this.answering = null; // the item being replied to
    this.commands = [];
    this.matches = [];
    this.list = new Listbox(byId("commands"), { choose: (index) => this.command(index), closed: () => byId("menu").focus() });
    this.inline = new Inline({
      place: () => acts.place(),
      chosen: () => this.clear(),
      deepLink: (payload) => {
        this.clear();
        acts.deepLink(payload);
      },
      failed: () => acts.notice("failed"),
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("paste", (event) => this.attachFiles(event, event.clipboardData.files));
    byId("menu").addEventListener("click", () => this.pressMenu());
    byId("attach").addEventListener("click", () => this.openAttach());
    byId("stop-editing").addEventListener("click", () => this.stop());
    byId("start").addEventListener("click", () => acts.start());
    byId("unblock").addEventListener("click", () => acts.unblock());
    byId("file").addEventListener("change", (event) => this.attachFiles(event, event.target.files));
    const middle = byId("scroller");
    middle.addEventListener("dragover", (event) => event.preventDefault());
    middle.addEventListener("drop", (event) => this.attachFiles(event, event.dataTransfer.files));
    document.addEventListener("pointerdown", (event) => {
      if (!byId("commands").contains(event.target) && !byId("menu").contains(event.target)) this.hideCommands();
    });
  }

  // Texts and state for this chat; `waiting` is a start parameter not yet sent, or null.
  show(chat, bot, empty, waiting) {
    this.commands = bot.commands;
    this.inline.bot = bot;
    if (chat.blocked) this.stop(false);
    const starting = !chat.blocked && chat.type === "private" && (empty || waiting !== null);
    byId("start").hidden = !starting;
    byId("unblock").hidden = !chat.blocked;
    this.form.hidden = starting || chat.blocked;
    this.app = bot.menu_button.type === "web_app" ? bot.menu_button : null;
    byId("menu").hidden = this.commands.length === 0 && !this.app;
    byId("menu-text").textContent = this.app?.text ?? t("menu");
    byId("menu").setAttribute("aria-label", this.app?.text ?? t("commands"));
    this.suggest(chat.blocked ? null : chat.keyboard);
    this.input.placeholder = chat.keyboard?.input_field_placeholder || t("write");
    if (this.list.open) this.listCommands();
  }

  label() {
    const labels = { send: "send", attach: "attach", "stop-editing": "cancel" };
    for (const [id, key] of Object.entries(labels)) byId(id).setAttribute("aria-label", t(key));
    byId("start").textContent = t("start");
    byId("unblock").textContent = t("unblock");
    this.input.setAttribute("aria-label", t("write"));
    byId("suggestions").setAttribute("aria-label", t("keyboard"));
  }

  focus() {
    const target = [this.input, byId("start"), byId("unblock")].find((one) => one.offsetParent !== null);
    target?.focus();
  }

  clear() {
    this.input.value = "";
    this.stop(false);
    this.changed();
  }

  // Put a text into the input, for instance the start of an inline query.
  write(text) {
    this.input.value = text;
    this.changed();
    this.focus();
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text || this.inline.words(this.input.value) !== null) return;
    const { editing, answering } = this;
    const reply = answering ? { reply_to: answering.message.message_id } : {};
    const done = editing ? await this.acts.save(editing, text) : await this.acts.send({ text, ...reply });
    if (done) this.clear();
  }

  changed() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, TALLEST)}px`;
    this.form.classList.toggle("empty", !this.input.value.trim());
    if (/^\/\w*$/.test(this.input.value) && !this.editing) this.listCommands(this.input.value.slice(1));
    else this.hideCommands();
    this.inline.typed(this.editing ? "" : this.input.value);
  }

  key(event) {
    if (event.isComposing) return;
    if (this.inline.list.key(event)) return;
    if (event.key === "Tab" && this.list.open && !event.shiftKey) {
      event.preventDefault();
      this.write(`/${this.matches[this.list.chosen].command} `);
    } else if (this.list.key(event)) {
      return;
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && (this.editing || this.answering)) {
      event.preventDefault();
      this.stop();
    } else if (event.key === "ArrowUp" && !this.input.value) {
      const item = this.acts.lastOwnText();
      if (item) {
        event.preventDefault();
        this.edit(item);
      }
    }
  }

  // The bar above the input: editing one's own message, or answering one.

  edit(item) {
    this.stop(false);
    this.editing = item;
    this.input.value = item.message.text;
    this.bar("edit", item.message.text);
    byId("send").setAttribute("aria-label", t("save"));
    byId("send").replaceChildren(icon("check"));
    this.changed();
    this.input.setSelectionRange(this.input.value.length, this.input.value.length);
  }

  reply(item, name) {
    this.stop(false);
    this.answering = item;
    this.bar("reply", preview(item.message), name);
  }

  bar(sign, text, name) {
    byId("editing").hidden = false;
    byId("editing-icon").replaceChildren(icon(sign === "edit" ? "pencil" : "reply"));
    byId("editing-title").textContent = sign === "edit" ? t("edit") : t("replying", { name });
    byId("editing-text").textContent = text;
    this.input.focus();
  }

  stop(focus = true) {
    if (this.editing) {
      this.input.value = "";
      byId("send").setAttribute("aria-label", t("send"));
      byId("send").replaceChildren(icon("send"));
    }
    if (this.editing || this.answering) {
      byId("editing").hidden = true;
      this.editing = this.answering = null;
      this.changed();
    }
    if (focus) this.input.focus();
  }

  // The bot's commands.

  pressMenu() {
    if (this.app) this.acts.notice("not_here");
    else if (this.list.open) this.hideCommands();
    else {
      this.listCommands();
      byId("commands").focus();
    }
  }

  listCommands(prefix = "") {
    this.matches = this.commands.filter(({ command }) => command.startsWith(prefix.toLowerCase()));
    if (this.matches.length === 0) {
      this.hideCommands();
      return;
    }
    const rows = this.matches.map(({ command, description }) =>
      h("div", { role: "option" }, h("b", {}, `/${command}`), h("span", { dir: "auto" }, description)),
    );
    this.list.show(t("commands"), rows);
    byId("menu").setAttribute("aria-expanded", "true");
  }

  hideCommands() {
    this.list.hide();
    byId("menu").setAttribute("aria-expanded", "false");
  }

  async command(index) {
    const { command } = this.matches[index];
    this.hideCommands();
    if (await this.acts.send({ text: `/${command}` })) this.clear();
    this.focus();
  }

  // Attachments: stand-ins to try quickly, or the person's own file.

  openAttach() {
    const { left, top } = byId("attach").getBoundingClientRect();
    const standIns = ["photo", "sticker", "voice"].map((kind) => ({ icon: kind, text: t(kind), act: () => this.attach({ kind }) }));
    const others = [
      { icon: "document", text: t("own_file"), act: () => byId("file").click() },
      { icon: "location", text: t("location"), act: () => this.attach(PLACE) },
      { icon: "contact", text: t("contact"), act: () => this.attach({ contact: this.acts.contact() }) },
    ];
    openMenu({ x: left - 150, y: top - 8 }, [...standIns, ...others], { label: t("attach"), opener: byId("attach"), above: true });
  }

  async attach(content) {
    const reply = this.answering ? { reply_to: this.answering.message.message_id } : {};
    if (await this.acts.send({ ...content, ...reply })) this.stop(false);
    this.focus();
  }

  async attachFiles(event, files) {
    if (!files?.length) return;
    event.preventDefault();
    for (const file of [...files]) await this.attach(await upload(file, /^image\/(png|jpeg|webp)$/.test(file.type)));
    byId("file").value = "";
  }

  // A reply keyboard of the bot: buttons that write their text, or give what they ask for.

  suggest(keyboard) {
    const rows = keyboard?.keyboard ?? [];
    byId("suggestions").hidden = rows.length === 0;
    byId("suggestions").classList.toggle("tall", rows.length > 0 && !keyboard.resize_keyboard);
    byId("suggestions").replaceChildren(
      ...rows.map((row) =>
        h(
          "div",
          { class: "keys" },
          row.map((button) =>
            h("button", { class: `key ${button.style ?? ""}`.trim(), type: "button", dir: "auto", onclick: () => this.press(button) }, button.text),
          ),
        ),
      ),
    );
  }

  press(button) {
    if (button.request_location) this.acts.send(PLACE);
    else if (button.request_contact) this.acts.send({ contact: this.acts.contact() });
    else if (["web_app", "request_users", "request_chat", "request_poll"].some((name) => button[name])) this.acts.notice("not_here");
    else this.acts.send({ text: button.text });
  }
}

const PLACE = { location: { latitude: 50.8467, longitude: 4.3525 } };
