// Inline mode: what is typed after the bot's name is sent to it, and its results are listed to choose from.

import * as api from "./api.js";
import { byId, h, icon } from "./dom.js";
import { Listbox } from "./listbox.js";
import { t } from "./texts.js";

const PAUSE_MS = 250;

export class Inline {
  // `acts`: place(), chosen(), deepLink(payload), failed()
  constructor(acts) {
    this.acts = acts;
    this.bot = null;
    this.timer = 0;
    this.query = null; // id of the query whose answer is awaited or shown
    this.asked = null; // what was asked, to ask no more than once
    this.results = [];
    this.offset = "";
    this.list = new Listbox(byId("results"), { choose: (index) => this.choose(index), closed: () => byId("input").focus() });
    byId("results").addEventListener("scroll", () => this.more());
  }

  // What to ask the bot if this is typed, or null.
  words(text) {
    if (!this.bot?.inline) return null;
    const [name, ...rest] = text.split(" ");
    return rest.length && name.toLowerCase() === `@${this.bot.username.toLowerCase()}` ? rest.join(" ").trimStart() : null;
  }

  // The input has changed.
  typed(text) {
    const words = this.words(text);
    clearTimeout(this.timer);
    byId("composer").classList.toggle("inline-mode", words !== null);
    if (words === null) {
      this.stop();
      return;
    }
    if (words !== this.asked) this.timer = setTimeout(() => this.ask(words, ""), PAUSE_MS);
  }

  stop() {
    clearTimeout(this.timer);
    this.query = this.asked = null;
    this.list.hide();
    byId("composer").classList.remove("inline-mode", "asking");
  }

  async ask(words, offset) {
    this.asked = words;
    byId("composer").classList.add("asking");
    try {
      this.query = await api.askInline(this.acts.place(), words, offset);
      const { answer } = await api.readInline(this.query); // it may have come before its number was known
      if (answer) this.answered({ query_id: this.query, ...answer });
    } catch {
      this.stop();
      this.acts.failed();
    }
  }

  // The bot answered some inline query.
  answered({ query_id: query, results, next_offset: offset, button }) {
    if (query !== this.query || this.asked === null) return;
    byId("composer").classList.remove("asking");
    const going = this.offset !== "" && this.list.open && this.continued;
    this.results = [...(going ? this.results : []), ...results.map((result) => ({ query, result }))];
    this.offset = offset;
    this.continued = false;
    const at = going ? this.list.chosen : 0;
    const rows = this.results.map(({ result }) => row(result));
    const nothing = rows.length || button ? [] : [h("p", { class: "nothing" }, t("no_results"))];
    this.list.show(t("results"), [this.button(button), ...rows, ...nothing].filter(Boolean));
    if (at) this.list.mark(at);
  }

  button(button) {
    if (!button) return null;
    const press = () => button.start_parameter !== undefined && this.acts.deepLink(button.start_parameter);
    return h("button", { class: "inline-button", type: "button", onclick: press }, button.text);
  }

  more() {
    const { scrollTop, scrollHeight, clientHeight } = byId("results");
    if (!this.offset || this.continued || scrollHeight - scrollTop - clientHeight > 60) return;
    this.continued = true;
    this.ask(this.asked, this.offset);
  }

  async choose(index) {
    const { query, result } = this.results[index];
    try {
      await api.chooseInline(query, result.id);
    } catch {
      this.acts.failed();
      return;
    }
    this.stop();
    this.acts.chosen();
  }
}

function row({ type, title, description }) {
  const sign = type === "article" ? h("span", {}, [...(title ?? "?")][0].toUpperCase()) : icon(["photo", "document", "sticker", "voice", "location", "contact"].includes(type) ? type : "document");
  return h(
    "div",
    { role: "option", class: "result-row" },
    h("span", { class: "thumb", "aria-hidden": "true" }, sign),
    h("span", { class: "file-names" }, h("b", { dir: "auto" }, title ?? t(type === "photo" ? "photo" : "document")), h("small", { dir: "auto" }, description ?? "")),
  );
}
