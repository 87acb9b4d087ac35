"""The adviser, made once; a local server; the bot beside it; a person in a chat."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from bot_helpers import Relay, Service, Terminal
from databases import Base, Postgres, PostgresqlBase, SqliteBase, postgres_server
from proof import Say
from telegram import Bot

from bot.advisor import make_advisor
from bot.local import LocalServer
from bot.local.client import Page, Person
from bot.settings import Settings
from bot.telegram.client import make_bot
from bot.telegram.hook import Hook, secret_of
from conversations.advisor import Advisor
from knowledge.content import Knowledge


@pytest.fixture(scope="session")
def adviser() -> tuple[Advisor, Knowledge]:
    return make_advisor(Settings())


@pytest.fixture(scope="session", autouse=True)
def no_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spares each client the reading of certificates: nothing here speaks TLS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("certificates")))
        patch.delenv("SSL_CERT_FILE", raising=False)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, started where a test first needs it."""
    with postgres_server() as server:
        yield server


@pytest.fixture
async def shared(postgres: Postgres) -> AsyncIterator[PostgresqlBase]:
    """A PostgreSQL database with our tables."""
    base = await postgres.base()
    yield base
    await postgres.back(base)


@pytest.fixture(params=["sqlite", "postgresql"])
async def base(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Base]:
    """A database with our tables, one of each kind."""
    if request.param == "sqlite":
        yield SqliteBase(tmp_path / "bot.sqlite3")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    base = await postgres.base()
    yield base
    await postgres.back(base)


@pytest.fixture
def hook(server: LocalServer) -> Hook:
    """A free port for the bot's webhook."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Hook(f"http://127.0.0.1:{port}/updates", "127.0.0.1", port, secret_of(server.token))


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "data")


@pytest.fixture
def service(tmp_path: Path, adviser: tuple[Advisor, Knowledge]) -> Service:
    """The bot, not yet running."""
    return Service(*adviser, tmp_path / "bot.sqlite3")


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer(username="cap_cto_bot", first_name="Cap CTO") as running:
        yield running


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the first wait between two attempts short."""
    monkeypatch.setattr("bot.telegram.patience.FIRST", 0.1)


@pytest.fixture
async def relay(server: LocalServer) -> AsyncIterator[Relay]:
    async with Relay(server) as running:
        yield running


@pytest.fixture
async def page(server: LocalServer) -> AsyncIterator[Page]:
    async with Page(server.api_url) as client:
        yield client


@pytest.fixture
async def ada(page: Page) -> Person:
    """Ada, whose chat is empty."""
    return await page.create("Ada", "en")


@pytest.fixture
async def client(server: LocalServer) -> AsyncIterator[Bot]:
    """The bot's client alone, without the bot."""
    async with make_bot(server.api_url, server.token) as client:
        yield client


@pytest.fixture
async def bot(service: Service, server: LocalServer) -> AsyncIterator[Bot]:
    """The running bot."""
    async with service.on(server.api_url, server.token) as running:
        yield running


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    """What a command run in this process adds to logging goes with its test; else it would format others' records."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Tells the tester, in spite of pytest."""

    def tell(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", flush=True)

    return tell
