"""Every refusal of the table in docs/local-bot-api.md: the request is made, the answer compared, the table checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.local.methods import METHODS, SIGNATURES
from bot.local.pytest_plugin import RunningBotApi

from .world import World

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs" / "local-bot-api.md"
ROWS: list[dict[str, Any]] = yaml.safe_load((HERE / "refusals.yaml").read_text("utf-8"))
WITHOUT_REFUSALS = {"getMe", "getWebhookInfo", "deleteWebhook", "logOut", "close"}
"""They take nothing that could be wrong; how they refuse by state is in the tests of their own."""
OPTIONAL_HERE = {
    ("answerCallbackQuery", "callback_query_id"),
    ("answerInlineQuery", "inline_query_id"),
    ("answerInlineQuery", "results"),
    ("setMessageReaction", "message_id"),
    ("setMyCommands", "commands"),
    ("setWebhook", "url"),
}


def spread(value: Any) -> Any:
    """The value with each {repeat: [what, times]} written out; a list in it is repeated as a list."""
    if isinstance(value, dict) and value.keys() == {"repeat"}:
        what, times = value["repeat"]
        return what * times
    if isinstance(value, dict):
        return {key: spread(one) for key, one in value.items()}
    return [spread(one) for one in value] if isinstance(value, list) else value


def named(row: dict[str, Any]) -> str:
    return f"{row['method']}-{row['answer'][:60]}"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    api = RunningBotApi()
    api.start()
    made = World(api)
    made.build()
    yield made
    api.stop()


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_it_refuses(world: World, row: dict[str, Any]) -> None:
    values = world.filled(spread(row["values"]))
    method = row["method"]
    if method.startswith("upload "):
        answer = world.upload(method.removeprefix("upload "), values, "photo", b"no picture")
    else:
        answer = world.call(method, values)
    code, _, text = row["answer"].partition(" ")
    assert answer == {"ok": False, "error_code": int(code), "description": text}


def cell(text: str) -> str:
    """Text that a Markdown table can hold."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("_", "\\_").replace("*", "\\*")


def rendered() -> list[str]:
    """The table as the documentation has to show it."""
    lines = []
    for row in ROWS:
        own = "ours" if row.get("own") else "Telegram's"
        method = row["method"].removeprefix("upload ")
        lines.append(f"| {method} | {cell(row['answer'])} | {own} | {cell(row['rule'])} | {row['section']} |")
    return lines


def section(name: str) -> list[str]:
    """The rows of a table of the documentation, between its two marks."""
    text = DOCS.read_text("utf-8")
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- end of {name} -->", text, re.DOTALL)
    assert found, f"docs/local-bot-api.md has no table {name}"
    return [line for line in found[1].splitlines() if line.startswith("| ")][2:]


def test_the_documentation_shows_every_refusal() -> None:
    assert section("refusals") == rendered()


def test_the_documentation_shows_every_method() -> None:
    shown = [line.split("|")[1].strip() for line in section("methods")]
    assert shown == list(METHODS)


def test_every_method_is_one_of_the_bot_api_and_has_a_refusal() -> None:
    assert {name.lower() for name in METHODS} <= SIGNATURES.keys()
    assert all(SIGNATURES[name.lower()].name == name for name in METHODS)
    refused = {row["method"].removeprefix("upload ") for row in ROWS}
    assert set(METHODS) - refused == WITHOUT_REFUSALS
    sent = {(row["method"], name) for row in ROWS for name in row["values"]}
    for method, name in sent:
        signature = SIGNATURES.get(method.removeprefix("upload ").lower())
        assert signature is None or name in signature.required | signature.optional


def test_what_a_method_needs_is_asked_for(world: World) -> None:
    """A call that lacks everything is refused by every method that needs something."""
    for name in METHODS:
        needed = {need for need in SIGNATURES[name.lower()].required if (name, need) not in OPTIONAL_HERE}
        if needed:
            answer = world.call(name, {})
            assert answer["error_code"] == 400, f"{name} asks for nothing"
