// Where the person writes: text, commands, attachments, editing, suggested answers, Start.

import { byId, h, icon } from "./dom.js";
import { t } from "./texts.js";

const TALLEST = 180;

export class Composer {
  // `acts`: send(text), save(item, text), standin(kind), start(), unblock(), lastOwnText()
  constructor(acts) {
    this.acts = acts;
    this.form = byId("composer");
    this.input = byId("input");
    this.popup = byId("commands");
    this.attachMenu = byId("attach-menu");
    this.commands = [];
    this.editing = null;
    this.chosen = 0;
    this.matches = [];
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    byId("menu").addEventListener("click", () => this.toggleCommands());
    this.popup.addEventListener("keydown", (event) => this.popupKey(event));
    byId("attach").addEventListener("click", () => this.toggleAttach());
    byId("stop-editing").addEventListener("click", () => this.stopEditing());
    byId("start").addEventListener("click", () => acts.start());
    byId("unblock").addEventListener("click", () => acts.unblock());
    this.attachMenu.addEventListener("keydown", (event) => this.attachKey(event));
    document.addEventListener("pointerdown", (event) => {
      if (!this.popup.contains(event.target) && !byId("menu").contains(event.target)) this.hideCommands();
      if (!event.target.closest(".attach-place")) this.hideAttach();
    });
  }

  // Texts and state for this chat; `waiting` is a start parameter not yet sent, or null.
  show(chat, bot, empty, waiting) {
    this.commands = bot.commands;
    if (chat.blocked) this.stopEditing(false);
    const starting = !chat.blocked && (empty || waiting !== null);
    byId("start").hidden = !starting;
    byId("unblock").hidden = !chat.blocked;
    this.form.hidden = starting || chat.blocked;
    byId("menu").hidden = this.commands.length === 0;
    this.suggest(chat.blocked ? null : chat.keyboard);
    this.input.placeholder = chat.keyboard?.input_field_placeholder ?? t("write");
    if (!this.popup.hidden) this.listCommands();
  }

  label() {
    const labels = { send: "send", attach: "attach", menu: "commands", "stop-editing": "cancel" };
    for (const [id, key] of Object.entries(labels)) byId(id).setAttribute("aria-label", t(key));
    byId("menu-text").textContent = t("menu");
    byId("start").textContent = t("start");
    byId("unblock").textContent = t("unblock");
    byId("editing-title").textContent = t("edit");
    this.input.setAttribute("aria-label", t("write"));
    this.popup.setAttribute("aria-label", t("commands"));
    byId("suggestions").setAttribute("aria-label", t("keyboard"));
    this.attachMenu.replaceChildren(
      ...["photo", "sticker", "voice"].map((kind) =>
        h(
          "button",
          { type: "button", role: "menuitem", tabindex: "-1", onclick: () => this.attach(kind) },
          icon(kind),
          t(kind),
        ),
      ),
    );
  }

  focus() {
    const target = [this.input, byId("start"), byId("unblock")].find((one) => one.offsetParent !== null);
    target?.focus();
  }

  clear() {
    this.input.value = "";
    this.stopEditing(false);
    this.changed();
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text) return;
    const item = this.editing;
    const done = item ? await this.acts.save(item, text) : await this.acts.send(text);
    if (done) this.clear();
  }

  changed() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, TALLEST)}px`;
    this.form.classList.toggle("empty", !this.input.value.trim());
    if (/^\/\w*$/.test(this.input.value) && !this.editing) this.listCommands(this.input.value.slice(1));
    else this.hideCommands();
  }

  key(event) {
    if (event.isComposing) return;
    if (!this.popup.hidden && this.popupKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.editing) {
      event.preventDefault();
      this.stopEditing();
    } else if (event.key === "ArrowUp" && !this.input.value) {
      const item = this.acts.lastOwnText();
      if (item) {
        event.preventDefault();
        this.edit(item);
      }
    }
  }

  edit(item) {
    this.editing = item;
    this.input.value = item.message.text;
    byId("editing").hidden = false;
    byId("editing-text").textContent = item.message.text;
    byId("send").setAttribute("aria-label", t("save"));
    byId("send").replaceChildren(icon("check"));
    this.changed();
    this.input.focus();
    this.input.setSelectionRange(this.input.value.length, this.input.value.length);
  }

  stopEditing(focus = true) {
    if (!this.editing) return;
    this.editing = null;
    byId("editing").hidden = true;
    byId("send").setAttribute("aria-label", t("send"));
    byId("send").replaceChildren(icon("send"));
    this.input.value = "";
    this.changed();
    if (focus) this.input.focus();
  }

  // The list of commands: a listbox steered from the input or from the Menu button.

  toggleCommands() {
    if (!this.popup.hidden) {
      this.hideCommands();
      return;
    }
    this.listCommands();
    this.popup.focus();
  }

  listCommands(prefix = "") {
    this.matches = this.commands.filter(({ command }) => command.startsWith(prefix.toLowerCase()));
    if (this.matches.length === 0) {
      this.hideCommands();
      return;
    }
    this.popup.replaceChildren(
      ...this.matches.map(({ command, description }, index) =>
        h(
          "div",
          { role: "option", id: `command-${index}`, onclick: () => this.choose(index) },
          h("b", {}, `/${command}`),
          h("span", { dir: "auto" }, description),
        ),
      ),
    );
    this.popup.hidden = false;
    byId("menu").setAttribute("aria-expanded", "true");
    this.mark(0);
  }

  hideCommands() {
    this.popup.hidden = true;
    byId("menu").setAttribute("aria-expanded", "false");
    for (const node of [this.input, this.popup]) node.removeAttribute("aria-activedescendant");
  }

  closeCommands() {
    const focused = document.activeElement === this.popup;
    this.hideCommands();
    if (focused) byId("menu").focus();
  }

  mark(index) {
    this.chosen = (index + this.matches.length) % this.matches.length;
    [...this.popup.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === this.chosen)));
    this.popup.children[this.chosen].scrollIntoView({ block: "nearest" });
    for (const node of [this.input, this.popup]) node.setAttribute("aria-activedescendant", `command-${this.chosen}`);
  }

  popupKey(event) {
    if (this.popup.hidden) return false;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) this.mark(this.chosen + steps[event.key]);
    else if (event.key === "Home") this.mark(0);
    else if (event.key === "End") this.mark(-1);
    else if (event.key === "Enter" && !event.shiftKey) this.choose(this.chosen);
    else if (event.key === "Tab" && event.target === this.input) this.complete();
    else if (event.key === "Escape") this.closeCommands();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  complete() {
    this.input.value = `/${this.matches[this.chosen].command} `;
    this.hideCommands();
    this.changed();
  }

  async choose(index) {
    const { command } = this.matches[index];
    this.hideCommands();
    if (await this.acts.send(`/${command}`)) this.clear();
    this.focus();
  }

  // The attach menu.

  toggleAttach() {
    this.attachMenu.hidden = !this.attachMenu.hidden;
    byId("attach").setAttribute("aria-expanded", String(!this.attachMenu.hidden));
    if (!this.attachMenu.hidden) this.attachMenu.children[0].focus();
  }

  hideAttach() {
    this.attachMenu.hidden = true;
    byId("attach").setAttribute("aria-expanded", "false");
  }

  attachKey(event) {
    const options = [...this.attachMenu.children];
    const at = options.indexOf(document.activeElement);
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) options[(at + steps[event.key] + options.length) % options.length].focus();
    else if (event.key === "Escape") {
      this.hideAttach();
      byId("attach").focus();
    } else if (event.key === "Tab") {
      this.hideAttach();
      return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async attach(kind) {
    this.hideAttach();
    await this.acts.standin(kind);
    this.focus();
  }

  // A reply keyboard of the bot: buttons that write their text.

  suggest(keyboard) {
    const rows = keyboard?.keyboard ?? [];
    byId("suggestions").hidden = rows.length === 0;
    byId("suggestions").replaceChildren(
      ...rows.map((row) =>
        h(
          "div",
          { class: "keys" },
          row.map(({ text }) =>
            h("button", { class: "key", type: "button", dir: "auto", onclick: () => this.acts.send(text) }, text),
          ),
        ),
      ),
    );
  }
}
