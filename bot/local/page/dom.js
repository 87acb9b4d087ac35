// Builds DOM nodes. Data only ever becomes text nodes or checked attributes, never markup.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  back: "M15 5l-7 7 7 7",
  plus: "M12 5v14M5 12h14",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  send: "M4 12l16-8-6 16-3-6.5L4 12z",
  check: "M5 12.5l4.5 4.5L19 7.5",
  clip: "M20 11.5l-8 8a5 5 0 01-7-7l8.5-8.5a3.4 3.4 0 014.8 4.8L9.8 17.3a1.7 1.7 0 01-2.4-2.4l7.6-7.6",
  menu: "M5 7h14M5 12h14M5 17h9",
  close: "M6 6l12 12M18 6L6 18",
  down: "M12 5v14M6 13l6 6 6-6",
  pencil: "M5 19l1-4L16 5l3 3L9 18l-4 1z",
  photo: "M4 6h16v12H4zM4 15l4.5-4.5L13 15l3-3 4 4M15.5 9.5v.01",
  sticker: "M5 5h14v9l-5 5H5zM19 14h-5v5M9 9.5v.01M14 9.5v.01M9 12.5c1 1.6 4 1.6 5 0",
  voice: "M12 4a3 3 0 013 3v4a3 3 0 01-6 0V7a3 3 0 013-3zM6 11a6 6 0 0012 0M12 17v3",
  document: "M7 4h7l4 4v12H7zM14 4v4h4",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  link: "M9 15L19 5M12 5h7v7M17 14v5H5V7h5",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  forward: "M14 6l6 6-6 6M20 12H10a6 6 0 00-6 6",
  reply: "M10 6l-6 6 6 6M4 12h10a6 6 0 016 6",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  pin: "M12 21s7-6 7-11a7 7 0 00-14 0c0 5 7 11 7 11zM12 10.5v.01",
  bulb: "M9.5 18h5M10.5 21h3M12 3a6 6 0 00-3.6 10.8c.7.6 1.1 1.3 1.1 2.2h5c0-.9.4-1.6 1.1-2.2A6 6 0 0012 3z",
  inline: "M16 8a5.2 5.2 0 100 8M16 8v6a2.2 2.2 0 004.4 0V12a8.4 8.4 0 10-3.4 6.8",
  code: "M9 8l-5 4 5 4M15 8l5 4-5 4",
  people: "M9 11a3.2 3.2 0 100-6.4A3.2 3.2 0 009 11zM3 19c.4-3.4 2.8-5 6-5s5.6 1.6 6 5M16 5a3 3 0 010 5.8M18 14.4c1.9.7 2.8 2.3 3 4.6",
  person: "M12 11.5a3.6 3.6 0 100-7.2 3.6 3.6 0 000 7.2zM5 20c.5-4 3.2-6 7-6s6.5 2 7 6",
  block: "M12 20a8 8 0 100-16 8 8 0 000 16zM6.5 6.5l11 11",
  location: "M12 21s7-6 7-11a7 7 0 00-14 0c0 5 7 11 7 11zM12 10.5v.01",
  contact: "M5 4h14v16H5zM12 11.5a2 2 0 100-4 2 2 0 000 4zM8.5 16c.5-2 1.8-2.8 3.5-2.8s3 .8 3.5 2.8",
  next: "M9 5l7 7-7 7",
  copy: "M9 9h10v11H9zM6 15H5V4h10v2",
};

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (value === true) node.setAttribute(name, "");
    else node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function avatar(name, seed) {
  const letter = [...name.trim()][0] ?? "?";
  return h("span", { class: `avatar tint-${Math.abs(seed) % 6}`, "aria-hidden": "true" }, letter.toUpperCase());
}

export const byId = (id) => document.getElementById(id);
