// Pictures, albums, films, files, voice messages, places, contacts and dice as DOM.

import { fileUrl } from "./api.js";
import { avatar, h, icon } from "./dom.js";
import { sizeOf, t } from "./texts.js";

const [WIDEST, TALLEST, NARROWEST] = [420, 400, 120];

// What a message of this kind shows; null for a text.
export function media(message, kind, acts) {
  const make = { photo, video: film, animation: film, sticker, voice, audio, document: file, venue, location, contact, dice }[kind];
  return make ? make(message, acts) : null;
}

// Several messages sent as one: pictures in a grid, files one below the other.
export function album(unit, acts) {
  if (unit[0].message.document) return h("div", { class: "files" }, unit.map(({ message }) => file(message)));
  if (unit[0].message.audio) return h("div", { class: "files" }, unit.map(({ message }) => audio(message)));
  const pictures = unit.filter(({ message }) => message.photo).map(({ message }) => picture(message));
  const tiles = unit.map(({ message }) => {
    if (message.video) return film(message);
    const shown = picture(message);
    const open = () => acts.viewPhotos(pictures, pictures.findIndex((one) => one.src === shown.src));
    return h("button", { class: "picture", type: "button", onclick: unveil(open, message) }, image(shown));
  });
  return h("div", { class: "grid", role: "group", "aria-label": t("album", { count: unit.length }), dataset: { count: unit.length } }, tiles);
}

function picture(message) {
  const size = message.photo.at(-1);
  return { src: fileUrl(size), alt: message.caption ?? t("photo"), width: size.width, height: size.height };
}

const image = ({ src, alt, width, height }) => h("img", { src, alt, width, height });

function unveil(open, message) {
  let veiled = message.has_media_spoiler;
  return (event) => {
    if (!veiled) return open();
    veiled = false;
    event.currentTarget.classList.remove("veiled");
  };
}

function photo(message, acts) {
  const shown = picture(message);
  const scale = Math.min(WIDEST / shown.width, TALLEST / shown.height, 1);
  const veil = message.has_media_spoiler ? " veiled" : "";
  const open = unveil(() => acts.viewPhotos([shown], 0), message);
  const button = h("button", { class: `picture${veil}`, type: "button", onclick: open }, image(shown));
  button.style.width = `${Math.max(Math.round(shown.width * scale), NARROWEST)}px`;
  return button;
}

function film(message) {
  const { file_name: name, ...rest } = message.video ?? message.animation;
  const quiet = message.animation ? { loop: true, autoplay: true } : {};
  return h("video", { class: "film", src: fileUrl(rest), controls: true, preload: "metadata", "aria-label": name ?? t("video"), ...quiet });
}

function sticker(message) {
  const { width, height, emoji } = message.sticker;
  return h("img", { class: "sticker-image", src: fileUrl(message.sticker), alt: `${t("sticker")} ${emoji ?? ""}`, width, height });
}

function file(message) {
  const { file_name: name, file_size: size } = message.document;
  return h(
    "a",
    { class: "file", href: fileUrl(message.document), download: name, "aria-label": t("download", { name }) },
    h("span", { class: "round" }, icon("download")),
    h("span", { class: "file-names" }, h("b", { dir: "auto" }, name), h("small", {}, [suffix(name), sizeOf(size)].filter(Boolean).join(" · "))),
  );
}

const suffix = (name) => (/\.\w{1,5}$/.test(name) ? name.split(".").at(-1).toUpperCase() : "");

function audio(message) {
  const { title, performer, file_name: name } = message.audio;
  return player(message.audio, h("span", { class: "file-names" }, h("b", {}, title ?? name ?? t("audio")), h("small", {}, performer ?? "")));
}

function voice(message) {
  const data = message.voice;
  const bars = [...data.file_unique_id.repeat(3)].slice(0, 32).map((char) => h("i", { class: `bar-${char.charCodeAt(0) % 7}` }));
  return player(data, h("span", { class: "wave", "aria-hidden": "true" }, bars), h("span", { class: "hidden" }, `${t("voice")} `));
}

function player(data, ...middle) {
  const sound = h("audio", { src: fileUrl(data), preload: "none" });
  const button = h("button", { class: "round", type: "button", "aria-label": t("play") }, icon("play"));
  const seconds = `${Math.floor(data.duration / 60)}:${String(data.duration % 60).padStart(2, "0")}`;
  const show = (playing) => {
    button.replaceChildren(icon(playing ? "pause" : "play"));
    button.setAttribute("aria-label", t(playing ? "pause" : "play"));
  };
  button.addEventListener("click", () => (sound.paused ? sound.play() : sound.pause()));
  for (const [event, playing] of [["play", true], ["pause", false], ["ended", false]])
    sound.addEventListener(event, () => show(playing));
  return h("div", { class: "voice" }, button, middle, h("small", {}, seconds), sound);
}

const degrees = ({ latitude, longitude }) => `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`;

function location(message) {
  return card(icon("pin"), t("location"), degrees(message.location));
}

function venue(message) {
  return card(icon("pin"), message.venue.title, message.venue.address);
}

function contact(message) {
  const { first_name: first, last_name: last, phone_number: phone, user_id: id } = message.contact;
  return card(avatar(first, id ?? phone.length), [first, last].filter(Boolean).join(" "), phone);
}

function card(sign, title, below) {
  const round = sign.tagName === "svg" ? h("span", { class: "round" }, sign) : sign;
  return h("div", { class: "file" }, round, h("span", { class: "file-names" }, h("b", { dir: "auto" }, title), h("small", { dir: "auto" }, below)));
}

function dice(message) {
  const { emoji, value } = message.dice;
  return h("div", { class: "dice", role: "img", "aria-label": `${emoji} ${value}` }, emoji, h("small", {}, String(value)));
}
