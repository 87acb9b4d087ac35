// The developer panel: the bot's calls as they come, faults to switch on, and the clock.

import * as api from "./api.js";
import { byId, h, icon } from "./dom.js";
import { notice } from "./dialogs.js";
import { millis, spanOf, t } from "./texts.js";

const EVERY_MS = 700;
const MOST = 500;
const POLLING = "getUpdates";
const SENDING = ["sendMessage", "sendPhoto", "sendDocument", "sendMediaGroup", "sendPoll", "sendChatAction", "editMessageText",
  "editMessageCaption", "editMessageMedia", "editMessageReplyMarkup", "deleteMessage", "setMessageReaction", "answerCallbackQuery", "answerInlineQuery"];
const FAULTS = {
  latency: { kind: "latency", seconds: 1.5 },
  too_many: { kind: "error", code: 429, seconds: 3 },
  broken: { kind: "error", code: 500 },
};
const STEPS = [60, 3600, 86_400, 259_200];

export class Panel {
  // `acts`: chat() is the open chat or null, block(wanted) blocks or unblocks the bot there
  constructor(acts) {
    this.acts = acts;
    this.calls = [];
    this.last = 0;
    this.timer = 0;
    this.node = byId("panel");
    byId("panel-button").addEventListener("click", () => this.toggle());
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(false));
  }

  get open() {
    return !this.node.hidden;
  }

  toggle(open = !this.open) {
    this.node.hidden = !open;
    document.body.classList.toggle("with-panel", open);
    byId("panel-button").setAttribute("aria-pressed", String(open));
    clearTimeout(this.timer);
    if (!open) {
      byId("panel-button").focus();
      return;
    }
    this.build();
    this.refresh();
    this.node.querySelector(".close").focus();
  }

  label() {
    byId("panel-button").setAttribute("aria-label", t("panel"));
    byId("panel-button").title = t("panel");
    if (this.open) this.build();
  }

  build() {
    const kept = { words: this.filter?.value ?? "", polls: this.polls?.checked ?? false };
    this.filter = h("input", { type: "search", placeholder: t("filter"), "aria-label": t("filter"), value: kept.words, oninput: () => this.list() });
    this.polls = h("input", { type: "checkbox", checked: kept.polls, onchange: () => this.list() });
    this.rows = h("ol", { class: "calls", role: "list", "aria-label": t("calls") });
    this.switches = h("div", { class: "switches" });
    this.time = h("div", { class: "clock" });
    const plain = (name, label, act, sign) => h("button", { class: `plain ${name}`, type: "button", "aria-label": t(label), title: t(label), onclick: act }, icon(sign));
    this.node.setAttribute("aria-label", t("panel"));
    this.node.replaceChildren(
      h("header", { class: "bar" }, h("h2", {}, t("panel")), plain("close", "close", () => this.toggle(false), "close")),
      h("details", { class: "part", open: true }, h("summary", {}, t("trouble")), this.switches, this.time),
      h(
        "div",
        { class: "calls-head" },
        this.filter,
        plain("", "copy_calls", () => this.copy(this.found()), "copy"),
        plain("", "clear_calls", () => this.clear(), "trash"),
        h("label", { class: "check" }, this.polls, h("span", {}, t("show_polls"))),
      ),
      this.rows,
    );
    this.list();
    this.showFaults();
    this.showClock();
  }

  // The calls.

  async refresh() {
    try {
      const calls = await api.readCalls(this.last);
      if (calls.length) {
        this.last = calls.at(-1).number;
        this.calls = [...this.calls, ...calls].slice(-MOST);
        this.list();
      }
      await this.showFaults();
    } catch {
      // The page itself says when the server is away.
    }
    if (this.open) this.timer = setTimeout(() => this.refresh(), EVERY_MS);
  }

  found() {
    const words = this.filter.value.trim().toLowerCase();
    return this.calls.filter(
      (call) =>
        (this.polls.checked || call.method !== POLLING) &&
        (!words || JSON.stringify([call.method, call.params, call.answer]).toLowerCase().includes(words)),
    );
  }

  list() {
    const wanted = this.found().reverse();
    const known = new Map([...this.rows.querySelectorAll("li")].map((row) => [Number(row.dataset.number), row]));
    this.rows.replaceChildren(...wanted.map((call) => known.get(call.number) ?? this.row(call)));
    if (!wanted.length) this.rows.replaceChildren(h("li", { class: "nothing" }, t("no_calls")));
  }

  row(call) {
    const { ok, error_code: code } = call.answer;
    const state = ok ? "OK" : call.faults.includes("drop") ? "—" : String(code ?? "");
    const body = h("div", { class: "call-body" });
    const row = h(
      "details",
      {},
      h(
        "summary",
        {},
        h("span", { class: `status ${ok ? "good" : "bad"}` }, state),
        h("code", {}, call.method),
        call.faults.length ? h("span", { class: "struck", title: call.faults.join(", ") }, "⚡") : null,
        h("small", {}, millis(call.seconds)),
      ),
      body,
    );
    // Built when opened: most calls are never looked at.
    row.addEventListener("toggle", () => {
      if (!row.open || body.childElementCount) return;
      body.append(
        h("div", { class: "call-head" }, h("b", {}, t("parameters")), h("button", { class: "plain", type: "button", "aria-label": t("copy"), title: t("copy"), onclick: () => this.copy([call]) }, icon("copy"))),
        parameters(call),
        call.unknown.length ? h("p", { class: "unknown" }, t("unknown_parameters", { names: call.unknown.join(", ") })) : "",
        h("b", {}, t("answer")),
        h("pre", { tabindex: "0", "aria-label": t("answer") }, JSON.stringify(call.answer, null, 2)),
      );
    });
    return h("li", { dataset: { number: call.number } }, row);
  }

  async clear() {
    this.calls = [];
    this.list();
    await api.clearCalls();
  }

  async copy(calls) {
    await navigator.clipboard.writeText(JSON.stringify(calls.length === 1 ? calls[0] : calls, null, 2));
    notice(t("copied"));
  }

  // Faults and the clock.

  async showFaults() {
    this.faults = await api.readFaults();
    const chat = this.acts.chat();
    const wanted = [
      ...Object.keys(FAULTS).map((name) => ({ name, on: Boolean(this.fault(name)), set: (on) => this.setFault(name, on) })),
      ...(chat?.type === "private" ? [{ name: "blocked", on: chat.blocked, set: (on) => this.acts.block(on) }] : []),
    ];
    const signature = JSON.stringify([wanted.map(({ name, on }) => [name, on]), document.documentElement.lang]);
    if (this.switches.dataset.shown === signature && this.switches.childElementCount) return;
    const focused = document.activeElement?.dataset?.name;
    this.switches.dataset.shown = signature;
    this.switches.replaceChildren(
      ...wanted.map(({ name, on, set }) => {
        const box = h("input", { type: "checkbox", role: "switch", checked: on, dataset: { name }, onchange: () => set(box.checked) });
        return h("label", { class: "switch" }, h("span", {}, h("b", {}, t(`fault_${name}`)), h("small", {}, t(`fault_${name}_hint`))), box);
      }),
    );
    if (focused) this.switches.querySelector(`[data-name="${focused}"]`)?.focus();
  }

  fault(name) {
    const { kind, code } = FAULTS[name];
    return this.faults.find((fault) => fault.kind === kind && (code === undefined || fault.code === code) && fault.count === null);
  }

  async setFault(name, on) {
    const set = this.fault(name);
    if (on && !set) await api.addFault({ ...FAULTS[name], count: null, methods: SENDING });
    else if (!on && set) await api.removeFault(set.id);
    await this.showFaults();
  }

  async showClock(clock) {
    const { moved } = clock ?? (await api.readClock());
    const steps = STEPS.map((seconds) =>
      h("button", { class: "step", type: "button", onclick: async () => this.showClock(await api.moveClock(seconds)) }, `+ ${spanOf(seconds)}`),
    );
    const words = moved > 0 ? t("clock_moved", { span: spanOf(Math.round(moved)) }) : t("clock_now");
    const focused = [...this.time.querySelectorAll("button")].indexOf(document.activeElement);
    this.time.replaceChildren(h("p", { role: "status" }, h("b", {}, t("clock")), h("small", {}, words)), h("div", { class: "steps" }, steps));
    if (focused >= 0) steps[focused].focus();
  }
}

function parameters(call) {
  const values = { ...call.params, ...Object.fromEntries(call.files.map((name) => [name, t("uploaded")])) };
  const rows = Object.entries(values).map(([name, value]) => [h("dt", {}, name), h("dd", {}, pretty(value))]);
  return rows.length ? h("dl", {}, rows.flat()) : h("p", { class: "none" }, t("no_parameters"));
}

function pretty(value) {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}
