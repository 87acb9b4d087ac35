// A poll or quiz: options to choose while it is open and not answered, else the result.

import { h, icon } from "./dom.js";
import { formatted } from "./format.js";
import { countOf, t } from "./texts.js";

// What is ticked but not yet sent, by message: it outlives a redrawing of the chat.
const picked = new Map();

// `votes` are the numbers of the options this person chose; `acts.vote(messageId, options)` votes.
export function poll(message, votes, acts) {
  const { poll: data } = message;
  const done = data.is_closed || votes.length > 0;
  const title = `poll-${message.message_id}`;
  return h(
    "div",
    { class: "poll", role: "group", "aria-labelledby": title },
    h("b", { class: "question", id: title, dir: "auto" }, formatted(data.question, data.question_entities, acts, "")),
    h("small", { class: "poll-kind" }, kind(data)),
    done ? data.options.map((option, index) => result(data, option, index, votes, acts)) : choices(message, acts),
    done && data.explanation
      ? h("div", { class: "explanation", dir: "auto" }, icon("bulb"), h("span", {}, formatted(data.explanation, data.explanation_entities, acts, "")))
      : null,
    h(
      "div",
      { class: "poll-foot" },
      h("small", {}, countOf("votes", data.total_voter_count)),
      votes.length > 0 && data.allows_revoting && !data.is_closed
        ? h("button", { class: "inline-link", type: "button", onclick: () => acts.vote(message.message_id, []) }, t("retract"))
        : null,
    ),
  );
}

function kind(data) {
  if (data.is_closed) return t("poll_closed");
  if (data.type === "quiz") return t(data.is_anonymous ? "quiz_anonymous" : "quiz");
  return t(data.is_anonymous ? "poll_anonymous" : "poll");
}

function choices(message, acts) {
  const { poll: data } = message;
  const several = data.allows_multiple_answers;
  const place = `${message.chat.id}:${message.message_id}`;
  const chosen = picked.get(place) ?? new Set();
  picked.set(place, chosen);
  const vote = () => {
    picked.delete(place);
    acts.vote(message.message_id, [...chosen].sort((a, b) => a - b));
  };
  const send = h(
    "button",
    { class: "poll-send plain-text", type: "button", disabled: chosen.size === 0, onclick: vote },
    t("vote"),
  );
  const press = (event, index) => {
    if (!several) {
      event.currentTarget.setAttribute("aria-busy", "true");
      acts.vote(message.message_id, [index]);
      return;
    }
    if (!chosen.delete(index)) chosen.add(index);
    event.currentTarget.setAttribute("aria-checked", String(chosen.has(index)));
    send.disabled = chosen.size === 0;
  };
  const options = data.options.map((option, index) =>
    h(
      "button",
      {
        class: "option",
        type: "button",
        ...(several ? { role: "checkbox", "aria-checked": String(chosen.has(index)) } : {}),
        onclick: (event) => press(event, index),
      },
      h("span", { class: several ? "tick square" : "tick" }, icon("check")),
      h("span", { dir: "auto" }, formatted(option.text, option.text_entities, acts, "")),
    ),
  );
  return [...options, several ? send : null].filter(Boolean);
}

function result(data, option, index, votes, acts) {
  const share = data.total_voter_count ? Math.round((100 * option.voter_count) / data.total_voter_count) : 0;
  const right = data.type === "quiz" && data.correct_option_ids?.includes(index);
  const mine = votes.includes(index);
  const wrong = data.type === "quiz" && mine && !right;
  const sign = wrong ? icon("close") : mine || right ? icon("check") : null;
  const bar = h("span", { class: "share" });
  bar.style.setProperty("--share", `${share}%`);
  return h(
    "div",
    { class: `option result${wrong ? " wrong" : right ? " right" : ""}${mine ? " chosen" : ""}` },
    h("b", { class: "percent" }, `${share}%`),
    h("span", { dir: "auto" }, formatted(option.text, option.text_entities, acts, "")),
    sign ? h("span", { class: "tick" }, sign, mine ? h("span", { class: "hidden" }, t("your_vote")) : null) : null,
    bar,
  );
}
