"""The settings, all from the environment. A wrong value is one line that names it."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.telegram.hook import Hook, secret_of
from bot.telegram.rates import PER_CHAT, PER_SECOND
from knowledge.reading import CAREER

APP = "cap-cto"
TELEGRAM = "https://api.telegram.org"

DATABASE, LOCAL_DATABASE = "cap-cto.sqlite3", "local-bot.sqlite3"
"""The SQLite files of the bot on Telegram and of the one in the local chat."""


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not a web address; write it like https://api.telegram.org or http://127.0.0.1:8081")
    return value.rstrip("/")


def _web_address_or_none(value: str) -> str:
    return _web_address(value) if value else value


def _place(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) <= 65535:
        raise ValueError("not a host and a port; write it like 0.0.0.0:8080")
    return value


class SettingsError(Exception):
    """A setting is wrong; the message is one line."""


class Settings(BaseSettings):
    """Every setting with its default; the environment variable is the alias, or ``CAP_CTO_`` and the name."""

    model_config = SettingsConfigDict(env_prefix="CAP_CTO_", env_ignore_empty=True, frozen=True, populate_by_name=True)

    token: SecretStr | None = Field(default=None, validation_alias="TELEGRAM_BOT_TOKEN")
    """The bot's token from @BotFather; without it the local chat runs."""
    api_url: Annotated[str, AfterValidator(_web_address)] = Field(TELEGRAM, validation_alias="TELEGRAM_API_URL")
    """The Bot API server."""
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    """The database; an SQLite file in the data folder where nothing is given."""
    data: Path = Field(default_factory=lambda: user_data_path(APP))
    """The folder of the SQLite files."""
    key: SecretStr | None = None
    """The key with which what is personal is sealed; several, the present one first, while it is changed."""
    key_file: Path | None = None
    """A file with the key, outside the data folder."""
    content: Path = CAREER
    """The career's content folder."""
    contact: str = ""
    """Who answers for the bot, named in /privacy: a mail address, for instance."""
    webhook_url: Annotated[str, AfterValidator(_web_address_or_none)] = ""
    """Where Telegram brings updates with `run --webhook`: the bot's address from outside."""
    webhook_listen: Annotated[str, AfterValidator(_place)] = "127.0.0.1:8080"
    """Where this process listens for them: host and port."""
    webhook_secret: SecretStr | None = None
    """What proves that it is Telegram; derived from the token where nothing is given."""
    rate: float = Field(default=PER_SECOND, gt=0)
    """Messages a second in all that this process sends at most."""
    chat_rate: float = Field(default=PER_CHAT, gt=0)
    """Messages a second to one chat."""
    drain: float = Field(default=10.0, ge=0)
    """Seconds for which work under way is finished when the bot is stopped."""
    local_port: int = Field(default=8765, ge=0, le=65535)
    """The port of the local chat; 0 takes a free one."""
    open_browser: bool = True
    """Whether the local chat opens in the browser where there is a desktop."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.key is not None and self.key_file is not None:
            raise ValueError("CAP_CTO_KEY and CAP_CTO_KEY_FILE are both set; set one of them")
        if self.webhook_secret and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", self.webhook_secret.get_secret_value()):
            raise ValueError("CAP_CTO_WEBHOOK_SECRET: not 16 to 256 letters, digits, _ and -")
        if self.api_url == TELEGRAM and self.webhook_url.startswith("http:"):
            raise ValueError("CAP_CTO_WEBHOOK_URL: Telegram brings updates to https addresses only")
        return self

    def hook(self) -> Hook:
        """The webhook. SettingsError where there is none."""
        if not self.webhook_url:
            raise SettingsError("CAP_CTO_WEBHOOK_URL is not set; it is where Telegram finds this bot, with https")
        assert self.token is not None
        host, _, port = self.webhook_listen.rpartition(":")
        secret = self.webhook_secret or SecretStr(secret_of(self.token.get_secret_value()))
        return Hook(self.webhook_url, host.strip("[]"), int(port), secret.get_secret_value())

    def database(self, name: str = DATABASE) -> str:
        """The database's address: the one that is set, or an SQLite file of this name in the data folder."""
        if self.database_url:
            return self.database_url
        from sqlalchemy import URL

        return URL.create("sqlite+aiosqlite", database=str(self.data / name)).render_as_string()


def load() -> Settings:
    """The settings from the environment. SettingsError where one is wrong."""
    try:
        settings = Settings()
    except ValidationError as error:
        fault = error.errors()[0]
        if not fault["loc"]:
            raise SettingsError(fault["msg"].removeprefix("Value error, ")) from None
        name = str(fault["loc"][0])
        name = name if name.isupper() else f"CAP_CTO_{name.upper()}"
        raise SettingsError(f"{name}: {fault['msg'].removeprefix('Value error, ')}") from None
    token = settings.token.get_secret_value().strip() if settings.token else ""
    return settings.model_copy(update={"token": SecretStr(token) if token else None})
