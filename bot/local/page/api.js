// Talks to the server: one call for each act, and the stream of changes.

async function call(method, path, body) {
  const options = { method, headers: { accept: "application/json" } };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(`/local${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? String(response.status));
  return answer;
}

export const listChats = async () => (await call("GET", "/chats")).chats;
export const createChat = (firstName, language) =>
  call("POST", "/chats", { first_name: firstName, language_code: language });
export const readChat = (id) => call("GET", `/chats/${id}`);
export const changeChat = (id, wish) => call("PATCH", `/chats/${id}`, wish);
export const sendText = (id, text) => call("POST", `/chats/${id}/messages`, { text });
export const sendStandin = (id, kind) => call("POST", `/chats/${id}/messages`, { kind });
export const editText = (id, messageId, text) => call("PATCH", `/chats/${id}/messages/${messageId}`, { text });
export const tap = async (id, messageId, data) =>
  (await call("POST", `/chats/${id}/taps`, { message_id: messageId, data })).query_id;
export const start = (id, payload = "") => call("POST", `/chats/${id}/start`, { payload });
export const fileUrl = (file) => `/local/files/${encodeURIComponent(file.file_unique_id)}`;

// Calls onEvent for each change, onState(true or false) when the connection comes or goes.
export function listen(onEvent, onState) {
  let source = null;
  const open = () => {
    source = new EventSource("/local/events");
    source.onopen = () => onState(true);
    source.onmessage = (event) => onEvent(JSON.parse(event.data));
    source.onerror = () => {
      onState(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 1500);
    };
  };
  open();
}
