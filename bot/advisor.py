"""Makes the adviser from the content folder and its index."""

import logging
from pathlib import Path

from bot.lasting import lasting
from bot.settings import Settings
from conversations.advisor import Advisor
from knowledge.checks import broken
from knowledge.content import Knowledge
from knowledge.matching.encoder import find_encoder
from knowledge.phrasings import topics_of
from knowledge.reading import ContentError, Problem, read
from knowledge.understanding import INDEX, Understanding, index_of, train

log = logging.getLogger(__name__)


def make_advisor(settings: Settings) -> tuple[Advisor, Knowledge]:
    """The adviser, not yet prepared, and its knowledge. ContentError where the content cannot be used."""
    with lasting():
        return _make_advisor(settings)


def _make_advisor(settings: Settings) -> tuple[Advisor, Knowledge]:
    knowledge, folder = read(settings.content)
    problems = broken(knowledge, folder)
    if problems:
        raise ContentError(problems)
    index = index_of(settings.content)
    if index is None or not set(index.topics) <= topics_of(knowledge):
        raise ContentError([Problem(INDEX, 1, "missing or of other content; `python -m bot index` makes it")])
    understanding = Understanding(knowledge, index, find_encoder())
    if not understanding.is_current:
        log.warning("phrasings have changed since the index was made; `python -m bot index` learns the new ones")
    return Advisor(knowledge, understanding, contact=settings.contact), knowledge


def make_index(content: Path) -> str:
    """Learns from the content's phrasings and writes the index; what was learned, in one line."""
    knowledge, folder = read(content)
    problems = broken(knowledge, folder)
    if problems:
        raise ContentError(problems)
    index = train(knowledge)
    data = index.dump()
    path = content / INDEX
    path.with_suffix(".new").write_bytes(data)
    path.with_suffix(".new").replace(path)
    return f"{path.name}: {len(index.row_topic)} phrasings, {len(index.topics)} topics, {len(data) / 1e6:.1f} MB"
