// The list of messages of the open chat: order, days, groups, scrolling, and focus kept through edits.

import { bubble } from "./bubble.js";
import { byId, h } from "./dom.js";
import { dayOf } from "./texts.js";

const NEAR = 80;
const TOGETHER_SECONDS = 300;

export class Log {
  constructor(acts) {
    this.acts = acts;
    this.scroller = byId("scroller");
    this.list = byId("log");
    this.dots = byId("dots");
    this.items = [];
    this.bot = { name: "", username: "" };
    this.newest = byId("newest");
    this.scroller.addEventListener("scroll", () => this.showNewest());
    this.newest.addEventListener("click", () => this.toBottom(true));
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.scroller);
    this.list.addEventListener("load", () => this.stuck && this.toBottom(), true);
    this.stuck = true;
  }

  // Show a whole chat; `quietly` keeps what is unchanged, so that a reconnection does not read all aloud.
  show(items, bot, quietly = false) {
    const same = quietly && JSON.stringify(items) === JSON.stringify(this.items) && bot.name === this.bot.name;
    this.bot = bot;
    if (same) return;
    const known = new Map(this.items.map((item) => [item.message.message_id, JSON.stringify(item)]));
    const wanted = new Set(items.map((item) => item.message.message_id));
    if (quietly && this.items.every((item, index) => items[index]?.message.message_id >= item.message.message_id)) {
      for (const id of known.keys()) if (!wanted.has(id)) this.remove(id);
      for (const item of items) {
        const before = known.get(item.message.message_id);
        if (before === undefined) this.add(item);
        else if (before !== JSON.stringify(item)) this.replace(item);
      }
      return;
    }
    this.items = [...items];
    this.list.setAttribute("aria-live", "off");
    this.list.replaceChildren(...items.map((item) => bubble(item, this.acts, this.bot)));
    this.arrange();
    this.toBottom();
    requestAnimationFrame(() => requestAnimationFrame(() => this.list.setAttribute("aria-live", "polite")));
  }

  add(item) {
    if (this.items.some((one) => one.message.message_id === item.message.message_id)) return;
    this.items.push(item);
    const node = bubble(item, this.acts, this.bot);
    node.classList.add("new");
    this.list.append(node);
    this.arrange();
    if (this.stuck || item.mine) this.toBottom();
    else this.showNewest(true);
  }

  replace(item) {
    const index = this.items.findIndex((one) => one.message.message_id === item.message.message_id);
    if (index < 0) return;
    this.items[index] = item;
    const old = this.node(item.message.message_id);
    const node = bubble(item, this.acts, this.bot);
    const place = focusedKey(old);
    old.replaceWith(node);
    this.arrange();
    if (place) refocus(node, place);
    if (this.stuck) this.toBottom();
  }

  remove(id) {
    const node = this.node(id);
    this.items = this.items.filter((one) => one.message.message_id !== id);
    if (!node) return;
    const focused = node.contains(document.activeElement);
    node.remove();
    this.arrange();
    if (focused) this.acts.focusInput();
  }

  node(id) {
    return this.list.querySelector(`[data-id="${Number(id)}"]`);
  }

  lastOwnText() {
    return this.items.findLast((item) => item.mine && item.message.text);
  }

  typing(on) {
    this.dots.hidden = !on;
    if (on && this.stuck) this.toBottom();
  }

  // Days between messages, and messages of one side close together.
  arrange() {
    for (const day of this.list.querySelectorAll(".day")) day.remove();
    this.items.forEach((item, index) => {
      const before = this.items[index - 1];
      const after = this.items[index + 1];
      const node = this.node(item.message.message_id);
      const day = dayOf(item.message.date);
      const newDay = !before || dayOf(before.message.date) !== day;
      if (newDay) node.before(h("div", { class: "day" }, h("span", {}, day)));
      node.classList.toggle("follows", !newDay && together(before, item));
      node.classList.toggle("last", !after || dayOf(after.message.date) !== day || !together(item, after));
    });
  }

  toBottom(smoothly = false) {
    this.stuck = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smoothly && !calm ? "smooth" : "instant" });
    this.newest.hidden = true;
    this.newest.classList.remove("fresh");
  }

  showNewest(fresh = false) {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.stuck = scrollHeight - scrollTop - clientHeight < NEAR;
    this.newest.hidden = this.stuck;
    if (this.stuck) this.newest.classList.remove("fresh");
    else if (fresh === true) this.newest.classList.add("fresh");
  }
}

function together(one, other) {
  return one.mine === other.mine && other.message.date - one.message.date < TOGETHER_SECONDS;
}

function focusedKey(node) {
  const focused = document.activeElement;
  if (!node.contains(focused)) return null;
  const rows = [...node.querySelectorAll(".keys")];
  const row = rows.findIndex((one) => one.contains(focused));
  return { row, column: row < 0 ? -1 : [...rows[row].children].indexOf(focused) };
}

function refocus(node, { row, column }) {
  const rows = [...node.querySelectorAll(".keys")];
  const target = rows[row]?.children[column] ?? node.querySelector(".key") ?? node;
  target.focus({ preventScroll: true });
}
