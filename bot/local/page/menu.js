// Menus that open at a place: of a message, and what can be attached. Steered by arrows, closed by Escape.

import { h, icon } from "./dom.js";

let open = null; // { node, opener } of the open menu

export function closeMenu(refocus = false) {
  if (!open) return;
  const { node, opener } = open;
  open = null;
  node.remove();
  opener?.setAttribute("aria-expanded", "false");
  if (refocus) opener?.focus();
}

// `entries` are { icon, text, act, danger }; `quick` are { text, label, act, pressed } in a row above them.
export function openMenu(place, entries, { label, quick = [], opener = null, above = false } = {}) {
  closeMenu();
  const choose = (act) => () => {
    closeMenu(true);
    act();
  };
  const row = quick.length
    ? h(
        "div",
        { class: "quick", role: "group" },
        quick.map(({ text, label: name, act, pressed }) =>
          h("button", { type: "button", role: "menuitem", tabindex: "-1", "aria-label": name, class: pressed ? "pressed" : null, onclick: choose(act) }, text),
        ),
      )
    : null;
  const node = h(
    "div",
    { class: "menu", role: "menu", "aria-label": label },
    row,
    entries.map(({ icon: sign, text, act, danger }) =>
      h("button", { type: "button", role: "menuitem", tabindex: "-1", class: danger ? "danger" : null, onclick: choose(act) }, icon(sign), text),
    ),
  );
  document.body.append(node);
  const { width, height } = node.getBoundingClientRect();
  const top = above ? place.y - height : place.y;
  node.style.left = `${Math.max(8, Math.min(place.x, innerWidth - width - 8))}px`;
  node.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
  node.addEventListener("keydown", (event) => steer(event, node));
  open = { node, opener };
  opener?.setAttribute("aria-expanded", "true");
  node.querySelector("button").focus();
}

function steer(event, node) {
  const options = [...node.querySelectorAll("button")];
  const at = options.indexOf(document.activeElement);
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  if (event.key in steps) options[(at + steps[event.key] + options.length) % options.length].focus();
  else if (event.key === "Home") options[0].focus();
  else if (event.key === "End") options.at(-1).focus();
  else if (event.key === "Escape") closeMenu(true);
  else if (event.key === "Tab") return closeMenu(true);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("pointerdown", (event) => open && !open.node.contains(event.target) && closeMenu());
window.addEventListener("resize", () => closeMenu());
