// The list of messages of the open chat: order, days, groups, albums, scrolling, and focus kept through edits.

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
    this.shown = []; // { key, unit, node }: a unit is one message or one album
    this.context = { bot: { name: "", username: "" }, me: 0, group: false, votes: {} };
    this.half = null; // the node of a draft
    this.newest = byId("newest");
    this.scroller.addEventListener("scroll", () => this.showNewest());
    this.newest.addEventListener("click", () => this.toBottom(true));
    this.height = 0;
    new ResizeObserver(() => {
      this.height = this.scroller.clientHeight;
      if (this.stuck) this.toBottom();
    }).observe(this.scroller);
    this.list.addEventListener("load", () => this.stuck && this.toBottom(), true);
    this.stuck = true;
  }

  // Show a whole chat; `quietly` keeps what is unchanged, so that a reconnection does not read all aloud.
  show(items, context, quietly = false) {
    const same = quietly && sameView(context, this.context);
    const older = this.context.votes;
    this.context = context;
    this.items = [...items];
    if (same) {
      this.render({ revoted: (id) => JSON.stringify(older[id]) !== JSON.stringify(context.votes[id]) });
      return;
    }
    this.list.setAttribute("aria-live", "off");
    this.list.replaceChildren();
    this.shown = [];
    this.render();
    this.toBottom();
    requestAnimationFrame(() => requestAnimationFrame(() => this.list.setAttribute("aria-live", "polite")));
  }

  add(item) {
    if (this.items.some((one) => idOf(one) === idOf(item))) return;
    this.items.push(item);
    const wasStuck = this.stuck;
    this.render({ fresh: true });
    if (wasStuck || item.message.from.id === this.context.me) this.toBottom();
    else this.showNewest(true);
  }

  replace(item) {
    const index = this.items.findIndex((one) => idOf(one) === idOf(item));
    if (index < 0) return;
    this.items[index] = item;
    const wasStuck = this.stuck;
    this.render();
    if (wasStuck) this.toBottom();
  }

  remove(id) {
    this.items = this.items.filter((one) => idOf(one) !== id);
    this.render();
  }

  vote(id, options) {
    this.context.votes[id] = options;
    this.render({ revoted: (one) => one === id });
  }

  // Brings the nodes in line with the items; a node whose messages are unchanged stays.
  render({ fresh = false, revoted = () => false } = {}) {
    const old = new Map(this.shown.map((one) => [one.key, one]));
    let lost = false;
    this.shown = unitsOf(this.items).map((unit) => {
      const key = idOf(unit[0]);
      const before = old.get(key);
      old.delete(key);
      if (before && !unit.some((item) => revoted(idOf(item))) && sameUnit(before.unit, unit)) return { ...before, unit };
      const node = bubble(unit, this.acts, this.context);
      if (before) {
        const place = focusedKey(before.node);
        before.node.replaceWith(node);
        if (place) refocus(node, place);
      } else if (fresh) node.classList.add("new");
      return { key, unit, node };
    });
    for (const { node } of old.values()) {
      lost ||= node.contains(document.activeElement);
      node.remove();
    }
    this.arrange();
    if (lost) this.acts.focusInput();
  }

  // Puts nodes in order, days between them, and messages of one side close together.
  arrange() {
    for (const day of this.list.querySelectorAll(".day")) day.remove();
    let last = null;
    this.shown.forEach(({ unit: [item], node }, index) => {
      const before = this.shown[index - 1]?.unit[0];
      const after = this.shown[index + 1]?.unit[0];
      const day = dayOf(item.message.date);
      if (!node.isConnected || node.previousElementSibling !== last) last ? last.after(node) : this.list.prepend(node);
      const newDay = !before || dayOf(before.message.date) !== day;
      if (newDay) node.before(h("div", { class: "day" }, h("span", {}, day)));
      node.classList.toggle("follows", !newDay && together(before, item));
      node.classList.toggle("last", !after || dayOf(after.message.date) !== day || !together(item, after));
      last = node;
    });
  }

  node(id) {
    return this.shown.find(({ unit }) => unit.some((item) => idOf(item) === id))?.node;
  }

  goTo(id) {
    const node = this.node(id);
    if (!node) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    node.scrollIntoView({ block: "center", behavior: calm ? "instant" : "smooth" });
    node.classList.remove("found");
    requestAnimationFrame(() => node.classList.add("found"));
    node.focus({ preventScroll: true });
  }

  lastOwnText() {
    return this.items.findLast(({ message }) => message.from.id === this.context.me && message.text && !message.via_bot);
  }

  typing(on) {
    this.dots.hidden = !on;
    if (on && this.stuck) this.toBottom();
  }

  // What the bot is about to say, as it grows; null once it is said.
  draft(message) {
    this.half?.remove();
    this.half = message && bubble([{ message }], this.acts, this.context);
    if (!this.half) return;
    this.half.classList.add("draft");
    this.dots.before(this.half);
    if (this.stuck) this.toBottom();
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
    if (clientHeight !== this.height) return; // resized, not scrolled: the observer is about to follow
    this.stuck = scrollHeight - scrollTop - clientHeight < NEAR;
    this.newest.hidden = this.stuck;
    if (this.stuck) this.newest.classList.remove("fresh");
    else if (fresh === true) this.newest.classList.add("fresh");
  }
}

const idOf = (item) => item.message.message_id;

function unitsOf(items) {
  const units = [];
  for (const item of items) {
    const album = item.message.media_group_id;
    if (album && units.at(-1)?.[0].message.media_group_id === album) units.at(-1).push(item);
    else units.push([item]);
  }
  return units;
}

function sameUnit(one, other) {
  return one.length === other.length && one.every((item, at) => item === other[at] || JSON.stringify(item) === JSON.stringify(other[at]));
}

function sameView({ votes: _, ...one }, { votes: __, ...other }) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function together(one, other) {
  return one.message.from.id === other.message.from.id && other.message.date - one.message.date < TOGETHER_SECONDS;
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
