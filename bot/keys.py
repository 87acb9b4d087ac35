"""Where the key comes from: the settings, a file, or for SQLite one that is made at the first start."""

import logging
import os
from pathlib import Path

from platformdirs import user_config_path

from bot.settings import APP, Settings, SettingsError
from conversations.store.backup import is_sealed
from conversations.store.engines import file_of
from conversations.store.sealing import KeyFault, Keyring, keyring, new_key

log = logging.getLogger(__name__)


def keyring_of(settings: Settings, address: str, *, make: bool = True) -> Keyring:
    """The keys for the database at this address. SettingsError where there are none, or none that can be used.

    ``make`` allows to make one for an SQLite database that has none yet.
    """
    if settings.key is not None:
        return _read(settings.key.get_secret_value(), "CAP_CTO_KEY")
    if settings.key_file is not None:
        return _from_file(settings.key_file, settings.data)
    if not address.startswith("sqlite"):
        raise SettingsError(
            "CAP_CTO_KEY: a key is needed for this database; `python -m bot key` makes one, keep it apart from the data"
        )
    own = own_key_file()
    if not own.exists():
        file = file_of(address)
        if file is not None and is_sealed(file):
            raise SettingsError(
                f"{own}: the key of {file} is missing; put it back, or set CAP_CTO_KEY (without it the data is lost)"
            )
        if not make:
            raise SettingsError(f"{own}: there is no key yet; the bot makes one when it first starts")
        _outside(own, settings.data)
        _make(own)
    return _from_file(own, settings.data)


def own_key_file() -> Path:
    """The file for a key where no other is set: beside the user's configuration, not in the folder of the data."""
    folder = user_config_path(APP)
    return folder.with_name(f"{folder.name}.key")


def _from_file(file: Path, data: Path) -> Keyring:
    _outside(file, data)
    try:
        return _read(file.read_text("ascii"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "not a key"
        raise SettingsError(f"CAP_CTO_KEY_FILE: {file} cannot be read: {said}") from None


def _read(written: str, where: str) -> Keyring:
    try:
        return keyring(written)
    except KeyFault as fault:
        raise SettingsError(f"{where}: {fault}") from None


def _outside(file: Path, data: Path) -> None:
    if file.resolve().is_relative_to(data.resolve()):
        raise SettingsError(
            f"CAP_CTO_KEY_FILE: {file} lies in the data folder; keep the key apart, or whoever has one has both"
        )


def _make(file: Path) -> None:
    """Makes a key, for its owner's eyes only."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return  # another start was quicker
    except OSError as error:
        raise SettingsError(f"{file}: the key cannot be kept there ({error.strerror}); set CAP_CTO_KEY") from None
    with os.fdopen(number, "w", encoding="ascii") as out:
        out.write(f"{new_key()}\n")
        out.flush()
        os.fsync(out.fileno())
    log.warning("a new key is in %s; what is stored can be read with it alone, so keep a copy", file)
