"""What is expensive to make is made once: the content, and the adviser that knows it."""

import os

import pytest
from hypothesis import settings

from conversations.advisor import Advisor
from knowledge.content import Knowledge
from knowledge.matching.encoder import find_encoder
from knowledge.matching.index import Index
from knowledge.reading import CAREER, Folder, read
from knowledge.understanding import Understanding, index_of

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: a test of the bot waits for half of its time."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)


@pytest.fixture(scope="session")
def shipped() -> tuple[Knowledge, Folder]:
    """The content as it is shipped, with its folder."""
    return read()


@pytest.fixture(scope="session")
def knowledge(shipped: tuple[Knowledge, Folder]) -> Knowledge:
    return shipped[0]


@pytest.fixture(scope="session")
def folder(shipped: tuple[Knowledge, Folder]) -> Folder:
    return shipped[1]


@pytest.fixture(scope="session")
def index() -> Index:
    """The index as it is shipped."""
    shipped = index_of(CAREER)
    assert shipped, "the index is missing; `python -m bot index` makes it"
    return shipped


@pytest.fixture(scope="session")
def understanding(knowledge: Knowledge, index: Index) -> Understanding:
    """As it is installed, with the encoder."""
    encoder = find_encoder()
    assert encoder, "the semantic extra is missing; `make install` brings it"
    return Understanding(knowledge, index, encoder)


@pytest.fixture(scope="session")
def advisor(knowledge: Knowledge, understanding: Understanding) -> Advisor:
    return Advisor(knowledge, understanding, contact="adviser@example.org")
