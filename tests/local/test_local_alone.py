"""The server on its own: its command, any token, several bots, files of earlier versions, and broken ones."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.local import LocalServer, State
from bot.local.client import Page, Person
from bot.local.pytest_plugin import RunningBotApi, bot_api
from bot.local.store import Store

__all__ = ["bot_api"]
ROOT = Path(__file__).parents[2]
FIRST, SECOND = "111:first-bot", "222:second-bot"


def command(*arguments: str) -> subprocess.Popen[str]:
    call = [sys.executable, "-m", "bot", "local", *arguments]
    return subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


async def test_every_token_is_a_bot_and_the_first_one_is_the_pages(tmp_path: Path) -> None:
    async with LocalServer(tmp_path / "local.db", any_token=True) as server, Page(server.api_url) as page:
        ada = await page.create("Ada")
        await ada.start()

        async def call(token: str, method: str, **values: Any) -> dict[str, Any]:
            answer: dict[str, Any] = (await page.http.post(f"/bot{token}/{method}", json=values)).json()
            return answer

        assert (await call(FIRST, "getMe"))["result"]["id"] == 111
        assert (await call(FIRST, "sendMessage", chat_id=ada.id, text="hello"))["ok"]
        assert (await call(SECOND, "getMe"))["result"]["username"] == "local_222_bot"
        assert (await call(SECOND, "sendMessage", chat_id=ada.id, text="x"))["description"].endswith("chat not found")
        body = {"first_name": "Noor"}
        noor = (await page.http.post("/local/chats?bot=222", json=body)).json()["id"]
        await page.http.post(f"/local/chats/{noor}/start?bot=222", json={})
        updates = (await call(SECOND, "getUpdates"))["result"]
        assert [one["message"]["from"]["first_name"] for one in updates] == ["Noor"]
        bots = (await page.http.get("/control/bots")).json()["bots"]
        assert [(one["id"], one["claimed"]) for one in bots] == [(111, True), (222, True)]
        assert (await page.http.get("/local/chats?bot=333")).json() == {"error": "bot_not_found"}
        for wrong in ("111", "x:y", "0111:first", "111:a b"):
            assert (await call(wrong, "getMe"))["description"] == "Unauthorized: invalid token specified"
    async with LocalServer(tmp_path / "local.db", any_token=True) as server, Page(server.api_url) as page:
        assert server.token == FIRST
        assert (await page.http.get(f"/bot{SECOND}/getMe")).json()["result"]["id"] == 222
        assert (await page.http.get("/local/chats?bot=222")).json()["chats"][0]["first_name"] == "Noor"


async def test_a_given_token_is_the_only_one() -> None:
    async with LocalServer(token=FIRST) as server, httpx.AsyncClient(base_url=server.api_url) as http:
        assert (await http.get(f"/bot{FIRST}/getMe")).status_code == 200
        assert (await http.get(f"/bot{SECOND}/getMe")).json()["description"] == "Unauthorized"


def test_the_command_serves_and_stops() -> None:
    with command("--port", "0", "--token", FIRST, "--username", "my_bot", "--name", "Mine", "--rates") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = re.search(r"http://127\.0\.0\.1:(\d+)/bot", line)
        assert port is not None
        me = httpx.get(f"http://127.0.0.1:{port[1]}/bot{FIRST}/getMe").json()["result"]
        assert (me["id"], me["username"], me["first_name"]) == (111, "my_bot", "Mine")
        assert httpx.get(f"http://127.0.0.1:{port[1]}/control/rates").json()["on"] is True
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--token", "no token"], "--token is a number, a colon and letters"),
        (["--port", "70000"], "a port is a number from 0 to 65535"),
        (["--username", "x y"], "a username has 5 to 32 letters, digits and underscores"),
        (["--port", "0", "--keep", "/"], "/ cannot be opened"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_line(arguments: list[str], line: str) -> None:
    with command(*arguments) as process:
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 2
        assert line in errors.splitlines()[-1]


OLD_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE chats (id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, language_code TEXT NOT NULL,
    started INTEGER NOT NULL, blocked INTEGER NOT NULL, menu_button TEXT, keyboard TEXT);
CREATE TABLE messages (chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL, body TEXT NOT NULL,
    edited INTEGER NOT NULL, reaction TEXT, PRIMARY KEY (chat_id, message_id));
CREATE TABLE updates (update_id INTEGER PRIMARY KEY, expires REAL NOT NULL, body TEXT NOT NULL);
CREATE TABLE callbacks (id TEXT PRIMARY KEY, chat_id INTEGER, message_id INTEGER, tapped REAL);
INSERT INTO meta VALUES ('last_chat', '100001'), ('last_message', '7'), ('token', '"111:first-bot"');
INSERT INTO chats VALUES (100001, 'Zoé', 'fr', 1, 0, NULL, '{"force_reply": true}');
"""


async def test_a_chat_of_the_first_version_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old = sqlite3.connect(path)
    old.executescript(OLD_SCHEMA)
    message = {"message_id": 7, "chat": {"id": 100001}, "from": {"id": 100001, "is_bot": False}, "date": 1, "text": "x"}
    old.execute("INSERT INTO messages VALUES (100001, 7, ?, 0, NULL)", (json.dumps(message),))
    old.commit()
    old.close()
    async with LocalServer(path) as server, Page(server.api_url) as page:
        assert server.token == FIRST
        seen = await Person(page.http, 100001).read()
        assert (seen["chat"]["first_name"], seen["chat"]["started"], seen["chat"]["keyboard"]) == (
            "Zoé",
            True,
            {"force_reply": True},
        )
        assert seen["messages"][0]["message"]["text"] == "x"
        sent = (await page.http.post(f"/bot{FIRST}/sendMessage", json={"chat_id": 100001, "text": "y"})).json()
        assert sent["result"]["message_id"] == 8
        assert (await page.create("New")).id == 100002


async def test_a_broken_file_is_refused_and_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(b"this is no database, whatever its name says" * 50)
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def watched(*arguments: Any, **more: Any) -> sqlite3.Connection:
        opened.append(connect(*arguments, **more))
        return opened[-1]

    monkeypatch.setattr("bot.local.store.sqlite3.connect", watched)
    with pytest.raises(sqlite3.DatabaseError):
        Store.open(path)
    with pytest.raises(sqlite3.DatabaseError):
        await State.open(path)
    assert len(opened) == 2
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


def test_the_fixture_serves_a_test_that_blocks(bot_api: RunningBotApi) -> None:
    assert httpx.get(f"{bot_api.base_url}{bot_api.token}/getMe").json()["result"]["is_bot"]

    async def talk() -> list[dict[str, Any]]:
        async with bot_api.page() as page, bot_api.control() as control:
            ada = await page.create("Ada")
            await ada.start()
            return await control.updates()

    assert asyncio.run(talk())[0]["message"]["text"] == "/start"
