"""No token in any line that is written, whatever goes wrong."""

from __future__ import annotations

import io
import logging
import subprocess
import sys

import pytest
from bot_helpers import ROOT, Relay, Terminal, begun, told
from hypothesis import given
from hypothesis import strategies as st

from bot.local import LocalServer
from bot.local.client import Person
from bot.logs import Redacting, redact

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
SECRETS = st.text(alphabet=LETTERS, min_size=30, max_size=45)
NUMBERS = st.integers(min_value=1000, max_value=10**13).map(str)
TOKEN = "1234567890:AAHtestsecretTESTSECRETtestsecret_-12"
SECRET = TOKEN.partition(":")[2]


@given(before=st.text(), number=NUMBERS, colon=st.sampled_from([":", "%3A", "%3a"]), secret=SECRETS, after=st.text())
def test_a_token_is_taken_out_wherever_it_stands(before: str, number: str, colon: str, secret: str, after: str) -> None:
    redacted = redact(f"{before}{number}{colon}{secret}{after}")
    assert secret not in redacted or secret in before + after
    assert "[token]" in redacted


@given(number=NUMBERS, secret=SECRETS, count=st.integers(min_value=1, max_value=4))
def test_every_token_is_taken_out_and_the_rest_stays(number: str, secret: str, count: int) -> None:
    line = f"POST https://api.telegram.org/bot{number}:{secret}/getMe failed, "
    assert redact(line * count) == "POST https://api.telegram.org/bot[token]/getMe failed, " * count


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-22 12:34:56,789 INFO bot.running: serving @cap_cto_bot on Telegram",
        "port 8765 is in use; set CAP_CTO_LOCAL_PORT to another one",
        "The chat is open at http://127.0.0.1:8765/ (Ctrl+C stops it).",
        "cto/en/pay.yaml:1234: entries > salary.belgium: Field required",
        "update 700000001 failed (attempt 1 of 3)",
        "sqlite+aiosqlite:////var/lib/cap-cto/cap-cto.sqlite3",
        "€ 96.000 – € 150.000: 12:30:45",
        "",
    ],
)
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert redact(line) == line


def test_a_traceback_tells_where_and_what_kind_but_not_the_errors_words() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Redacting("%(message)s"))
    log = logging.Logger("alone")
    log.addHandler(handler)
    try:
        try:
            raise ValueError(f"inner {TOKEN}")
        except ValueError as error:
            raise RuntimeError(f"outer {TOKEN}") from error
    except RuntimeError:
        log.exception("at %s", {"url": f"https://api.telegram.org/bot{TOKEN}/getMe"}, stack_info=True)
    written = stream.getvalue()
    assert "inner [token]" not in written  # what an error says may quote a person; the code's own lines may be shown
    assert "outer [token]" not in written
    assert "ValueError" in written
    assert "RuntimeError" in written
    assert "test_logs.py" in written
    assert "bot[token]/getMe" in written
    assert SECRET not in written


@pytest.mark.parametrize(
    ("failing", "told"),
    [
        ("raise RuntimeError(words)", "RuntimeError"),
        ("import warnings; warnings.warn(words)", ""),
        ("import threading; threading.Thread(target=lambda: int(words)).start()", "ValueError"),
        (
            "import asyncio\nasync def f(): asyncio.create_task(g()); await asyncio.sleep(0)\n"
            "async def g(): raise RuntimeError(words)\nasyncio.run(f())",
            "Task exception was never retrieved",
        ),
        ("class C:\n    def __del__(self): raise RuntimeError(words)\nC()", "RuntimeError"),
    ],
    ids=["error", "warning", "thread", "task", "finalizer"],
)
def test_what_nobody_catches_is_told_by_kind_and_place_and_not_in_its_words(failing: str, told: str) -> None:
    code = f"import sys\nfrom bot import logs\nlogs.configure('debug')\nwords = sys.argv[1]\n{failing}\n"
    words = f"Xylophon-Geheimnis {TOKEN}"
    done = subprocess.run([sys.executable, "-c", code, words], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == (1 if failing.startswith("raise") else 0)
    for secret in ("Xylophon", SECRET):
        assert secret not in done.stdout + done.stderr
    assert told in done.stderr
    assert ('File "<string>", line ' in done.stderr) == bool(told)


async def test_a_running_bot_in_trouble_writes_no_token_and_no_message(
    terminal: Terminal, server: LocalServer, relay: Relay, ada: Person
) -> None:
    settings = {"TELEGRAM_BOT_TOKEN": server.token, "TELEGRAM_API_URL": relay.api_url, "CAP_CTO_LOG_LEVEL": "debug"}
    words = "Xylophon-Geheimnis"
    odd = f'{{"ok": true, "result": [{{"update_id": 1, "message": {{"text": "{words}"}}}}]}}'
    async with await terminal.start("run", **settings) as process:
        await begun(ada)
        relay.answer("sendMessage", 400, f'{{"ok": false, "error_code": 400, "description": "Bad {server.token}"}}')
        relay.answer("getUpdates", 409, '{"ok": false, "error_code": 409, "description": "Conflict: other"}')
        relay.drop("sendMessage")
        relay.drop("deleteMessage")
        await ada.send("2")
        await told(ada, f"/privacy {words}")
        relay.answer("getUpdates", 200, odd)
        relay.answer("getUpdates", 200, odd)
        await told(ada, words)
        relay.answer("getUpdates", 200, odd[:-2])
        await told(ada, words)
        relay.answer("getUpdates", 401, '{"ok": false, "error_code": 401, "description": "Unauthorized"}')
        await ada.send("3")
        assert await process.ended() == 2
    for said in ("cannot be reached", "another program polls", "is dropped: Bad [token]", "update 1 cannot be read"):
        assert said in process.stderr
    assert process.stderr.splitlines()[-1] == "cap-cto: Telegram no longer knows this token"
    assert server.token not in process.stderr
    assert server.token.partition(":")[2] not in process.stderr
    assert words not in process.stderr
