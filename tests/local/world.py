"""A server with everything in it that a refusal can be about."""

from __future__ import annotations

import http.client
import json
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from bot.local.pytest_plugin import RunningBotApi

PHOTO = files("bot.local").joinpath("standins", "photo.jpg").read_bytes()
Json = dict[str, Any]


class World:
    """Calls the API of a running server, acts as its people, and knows the ids of all there is.

    `ids` has chats (ada, quiet, met, blocker, group, supergroup, left, kicked), messages (own, theirs, photo, quiz,
    closed, dice, old, service, forwarded) and queries (tap, stale_tap, query, answered, stale_query).
    """

    def __init__(self, api: RunningBotApi) -> None:
        self.token = api.token
        self._http = http.client.HTTPConnection(urlsplit(api.url).netloc, timeout=20)
        self.ids: dict[str, Any] = {}

    def request(self, verb: str, path: str, body: bytes | None = None, kind: str = "application/json") -> Json:
        """One request; returns the answer's JSON."""
        self._http.request(verb, path, body, {"content-type": kind})
        answer: Json = json.loads(self._http.getresponse().read())
        return answer

    def act(self, path: str, body: Json | None = None, verb: str = "POST") -> Json:
        """One act of a person, or of the control interface."""
        return self.request(verb, path, json.dumps(body or {}).encode())

    def call(self, method: str, values: Json) -> Json:
        """One call of the bot, as JSON."""
        return self.request("POST", f"/bot{self.token}/{method}", json.dumps(values).encode())

    def upload(self, method: str, values: Json, field: str, data: bytes) -> Json:
        """One call of the bot with a file, as multipart."""
        edge = "edge-of-the-parts"
        parts = [
            f'--{edge}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in values.items()
        ]
        head = f'--{edge}\r\ncontent-disposition: form-data; name="{field}"; filename="file"\r\n\r\n'
        body = b"".join([*parts, head.encode(), data, f"\r\n--{edge}--\r\n".encode()])
        return self.request("POST", f"/bot{self.token}/{method}", body, f"multipart/form-data; boundary={edge}")

    def build(self) -> None:
        """Make everything; the clock then stands three days after the old message."""
        for name in ("ada", "quiet", "met", "blocker", "stranger"):
            self.ids[name] = self.act("/local/chats", {"first_name": name.capitalize()})["id"]
        self.act(f"/local/chats/{self.ids['ada']}/start")
        self.act(f"/local/chats/{self.ids['blocker']}/start")
        self.act(f"/local/chats/{self.ids['blocker']}", {"blocked": True}, "PATCH")
        for name, kind in {
            "group": "group",
            "supergroup": "supergroup",
            "left": "group",
            "kicked": "supergroup",
        }.items():
            members = [self.ids["ada"], self.ids["met"]]
            group = self.act("/local/chats", {"type": kind, "title": name, "members": members})
            self.ids[name] = group["id"]
        bot_id = int(self.token.partition(":")[0])
        for name in ("left", "kicked"):
            self.act(f"/local/chats/{self.ids[name]}/members/{bot_id}", {"status": name}, "PUT")
        self.act(f"/local/chats/{self.ids['supergroup']}/members/{bot_id}", {"status": "administrator"}, "PUT")
        self.ids["bot"] = bot_id
        self._write()

    def _write(self) -> None:
        ada, keys = self.ids["ada"], {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}

        def sent(method: str, **values: Any) -> int:
            return int(self.call(method, {"chat_id": ada, **values})["result"]["message_id"])

        self.ids["old"] = sent("sendMessage", text="old")
        button = sent("sendMessage", text="old", reply_markup=keys)
        self.ids["stale_tap"] = self.act(f"/local/chats/{ada}/taps", {"message_id": button, "data": "go"})["query_id"]
        self.ids["stale_query"] = self.act(f"/local/chats/{ada}/inline", {"query": "x"})["query_id"]
        self.act("/control/clock", {"seconds": 3 * 86_400})
        self.ids["own"] = sent("sendMessage", text="same", reply_markup=keys)
        self.ids["theirs"] = self.act(f"/local/chats/{ada}/messages", {"text": "mine"})["message"]["message_id"]
        photo = self.upload("sendPhoto", {"chat_id": ada}, "photo", PHOTO)["result"]
        self.ids["photo"], self.ids["photo_id"] = photo["message_id"], photo["photo"][0]["file_id"]
        self.ids["dice"] = sent("sendDice")
        self.ids["closed"] = sent("sendPoll", question="?", options=["a", "b"], is_closed=True)
        self.ids["forwarded"] = sent("forwardMessage", from_chat_id=ada, message_id=self.ids["theirs"])
        self.call("pinChatMessage", {"chat_id": ada, "message_id": self.ids["own"]})
        self.ids["service"] = self.ids["forwarded"] + 1
        self.ids["protected"] = sent("sendMessage", text="x", protect_content=True)
        said = {"text": "in the group", "from": ada}
        for name in ("group", "supergroup"):
            path = f"/local/chats/{self.ids[name]}/messages"
            self.ids[f"{name}_theirs"] = self.act(path, said)["message"]["message_id"]
        tap = {"message_id": self.ids["own"], "data": "go"}
        self.ids["tap"] = self.act(f"/local/chats/{ada}/taps", tap)["query_id"]
        self.ids["query"] = self.act(f"/local/chats/{ada}/inline", {"query": "x"})["query_id"]
        self.ids["answered"] = self.act(f"/local/chats/{ada}/inline", {"query": "x"})["query_id"]
        self.call("answerInlineQuery", {"inline_query_id": self.ids["answered"], "results": []})

    def filled(self, value: Any) -> Any:
        """The value with "@name@" replaced by the id of that name, in whatever it holds."""
        if isinstance(value, str) and value.startswith("@") and value.endswith("@"):
            return self.ids[value[1:-1]]
        if isinstance(value, dict):
            return {key: self.filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        return value
