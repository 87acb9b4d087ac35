// A list of options above the input, steered from the input or from itself: commands, inline results.

import { byId } from "./dom.js";

export class Listbox {
  // `choose(index)` is called with the option that was chosen, `closed()` after Escape from the list itself.
  constructor(node, { choose, closed = () => {} }) {
    this.node = node;
    this.input = byId("input");
    this.choose = choose;
    this.closed = closed;
    this.chosen = 0;
    this.node.addEventListener("keydown", (event) => this.key(event));
    this.node.addEventListener("click", (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) this.choose(this.options.indexOf(option));
    });
  }

  get open() {
    return !this.node.hidden;
  }

  get options() {
    return [...this.node.querySelectorAll('[role="option"]')];
  }

  show(label, nodes) {
    this.node.setAttribute("aria-label", label);
    this.node.replaceChildren(...nodes);
    this.options.forEach((option, index) => (option.id = `${this.node.id}-${index}`));
    this.node.hidden = false;
    if (this.options.length) this.mark(0);
  }

  hide() {
    this.node.hidden = true;
    for (const node of [this.input, this.node]) node.removeAttribute("aria-activedescendant");
  }

  mark(index) {
    const options = this.options;
    if (!options.length) return;
    this.chosen = (index + options.length) % options.length;
    options.forEach((node, at) => node.setAttribute("aria-selected", String(at === this.chosen)));
    options[this.chosen].scrollIntoView({ block: "nearest" });
    for (const node of [this.input, this.node]) node.setAttribute("aria-activedescendant", options[this.chosen].id);
  }

  // Whether the key was for the list.
  key(event) {
    if (!this.open) return false;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) this.mark(this.chosen + steps[event.key]);
    else if (event.key === "Home" && event.target === this.node) this.mark(0);
    else if (event.key === "End" && event.target === this.node) this.mark(-1);
    else if (event.key === "Enter" && !event.shiftKey && this.options.length) this.choose(this.chosen);
    else if (event.key === "Escape") {
      const focused = document.activeElement === this.node;
      this.hide();
      if (focused) this.closed();
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
