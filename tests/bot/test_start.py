"""The adviser is made from the content's index; the encoder is loaded beside the first work, or when it is needed."""

import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from bot.advisor import make_advisor
from bot.settings import Settings
from conversations.messages import Incoming, Text
from conversations.session import Session
from knowledge.matching.encoder import Encoder, LateEncoder
from knowledge.reading import CAREER

SURE = "what does a CTO earn in Belgium?"


@pytest.mark.parametrize("ahead", [False, True])
def test_the_encoder_is_loaded_ahead_or_when_it_is_needed(monkeypatch: pytest.MonkeyPatch, ahead: bool) -> None:
    begun, may_end = Event(), Event()

    def load() -> Encoder:
        begun.set()
        assert may_end.wait(10)
        raise OSError("nothing is there")

    monkeypatch.setattr("bot.advisor.find_encoder", lambda: LateEncoder(load))
    try:
        advisor, _ = make_advisor(Settings(), ahead=ahead)
        turn = advisor.respond(Session(), Incoming(event=Text(text=SURE), language_code="en"), datetime.now(UTC))
        assert turn.replies[0].entries, "an answer, while the encoder is not there"
        assert begun.wait(5 if ahead else 0) == ahead
    finally:
        may_end.set()


def test_phrasings_that_are_newer_than_the_index_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = tmp_path / CAREER.name
    shutil.copytree(CAREER, content)
    file = content / "en" / "pay.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("\n  ask:\n", "\n  ask:\n    - one more way to ask for it\n", 1), "utf-8")
    with caplog.at_level(logging.WARNING):
        make_advisor(Settings(content=content))
    assert "phrasings have changed since the index was made" in caplog.text
