// Talks to the server: one call for each act, and the stream of changes.

// Where a server has several bots, the page's address says which one is shown.
export const chosenBot = Number(new URLSearchParams(location.search).get("bot")) || null;
const ofBot = (path) => (chosenBot ? `${path}${path.includes("?") ? "&" : "?"}bot=${chosenBot}` : path);

async function call(method, path, body) {
  const options = { method, headers: { accept: "application/json" } };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path === BOTS ? path : ofBot(path), options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? String(response.status));
  return answer;
}

const BOTS = "/control/bots";

const chat = (id, rest = "") => `/local/chats/${id}${rest}`;
// An act names its place: { id } of the chat and, in a group, { who } acts.
const act = (place, rest, body) => call("POST", chat(place.id, rest), { ...(place.who ? { from: place.who } : {}), ...body });

export const listBots = async () => (await call("GET", BOTS)).bots;
export const listChats = async () => (await call("GET", "/local/chats")).chats;
export const createChat = (wish) => call("POST", "/local/chats", wish);
export const readChat = (place) => call("GET", chat(place.id, place.who ? `?from=${place.who}` : ""));
export const changeChat = (id, wish) => call("PATCH", chat(id), wish);
export const setMember = (id, user, status) => call("PUT", chat(id, `/members/${user}`), { status });
export const send = (place, content) => act(place, "/messages", content);
export const editText = (place, messageId, text) => call("PATCH", chat(place.id, `/messages/${messageId}`), { text });
export const remove = (place, messageId) => call("DELETE", chat(place.id, `/messages/${messageId}`));
export const tap = async (place, messageId, data) =>
  (await act(place, "/taps", { message_id: messageId, data })).query_id;
export const start = (place, payload = "") => act(place, "/start", { payload });
export const react = (place, messageId, emoji) => act(place, "/reactions", { message_id: messageId, emoji });
export const vote = (place, messageId, options) => act(place, "/votes", { message_id: messageId, option_ids: options });
export const askInline = async (place, query, offset = "") => (await act(place, "/inline", { query, offset })).query_id;
export const readInline = (query) => call("GET", `/local/inline/${query}`);
export const chooseInline = (query, result) => call("POST", `/local/inline/${query}/choice`, { result_id: result });
export const fileUrl = (file) => ofBot(`/local/files/${encodeURIComponent(file.file_unique_id)}`);

export const readCalls = async (after) => (await call("GET", `/control/calls?after=${after}`)).calls;
export const clearCalls = () => call("DELETE", "/control/calls");
export const readFaults = async () => (await call("GET", "/control/faults")).faults;
export const addFault = (fault) => call("POST", "/control/faults", fault);
export const removeFault = (id) => call("DELETE", `/control/faults/${id}`);
export const readClock = () => call("GET", "/control/clock");
export const moveClock = (seconds) => call("POST", "/control/clock", { seconds });

// A file the person chose, as what `send` takes.
export async function upload(file, asPhoto) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 32_768) binary += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return { kind: asPhoto ? "photo" : "document", name: file.name, data: btoa(binary) };
}

// Calls onEvent for each change, onState(true or false) when the connection comes or goes.
export function listen(onEvent, onState) {
  let source = null;
  const open = () => {
    source = new EventSource(ofBot("/local/events"));
    source.onopen = () => onState(true);
    source.onmessage = (event) => onEvent(JSON.parse(event.data));
    source.onerror = () => {
      onState(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 1500);
    };
  };
  open();
}
