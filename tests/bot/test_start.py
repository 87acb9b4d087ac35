"""The adviser is made from the content's index; the encoder is loaded beside the first work, or when it is needed."""

import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from bot_helpers import Service, from_bot, seen, until

from bot.advisor import make_advisor
from bot.local import LocalServer
from bot.local.client import Person
from bot.settings import Settings
from conversations.messages import Incoming, Text
from conversations.session import Session
from knowledge.matching.encoder import Encoder, LateEncoder
from knowledge.reading import CAREER

SURE = "what does a CTO earn in Belgium?"


class Loading:
    """An encoder that takes as long to load as the test wants, and is not there then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.may_end = Event(), Event()
        monkeypatch.setattr("bot.advisor.find_encoder", lambda: LateEncoder(self._load))

    def _load(self) -> Encoder:
        self.begun.set()
        assert self.may_end.wait(10)
        raise OSError("nothing is there")


def test_a_sure_answer_needs_no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    loading = Loading(monkeypatch)
    advisor, _ = make_advisor(Settings())
    turn = advisor.respond(Session(), Incoming(event=Text(text=SURE), language_code="en"), datetime.now(UTC))
    assert turn.replies[0].entries
    assert not loading.begun.is_set()


async def test_what_comes_while_the_encoder_is_loaded_is_taken_in_and_answered_then(
    monkeypatch: pytest.MonkeyPatch, service: Service, server: LocalServer, ada: Person
) -> None:
    loading = Loading(monkeypatch)
    advisor, _ = make_advisor(Settings())
    try:
        async with service.on(server.api_url, server.token, advisor=advisor):
            await ada.send(SURE)
            await until(lambda: service.rows("SELECT 1 FROM inbox WHERE state = 'waiting'"))
            await until(loading.begun.is_set)
            assert from_bot((await ada.read())["messages"]) == []
            loading.may_end.set()
            assert await seen(ada, len)
    finally:
        loading.may_end.set()


def test_phrasings_that_are_newer_than_the_index_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = tmp_path / CAREER.name
    shutil.copytree(CAREER, content)
    file = content / "en" / "pay.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("\n  ask:\n", "\n  ask:\n    - one more way to ask for it\n", 1), "utf-8")
    with caplog.at_level(logging.WARNING):
        make_advisor(Settings(content=content))
    assert "phrasings have changed since the index was made" in caplog.text
