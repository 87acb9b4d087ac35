"""Sealing: what is personal is encrypted before it is stored, and a chat is known there by a keyed hash alone."""

import base64
import binascii
import os
import re
from collections.abc import Sequence
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
MARK_BYTES = 16

VERSION = b"\x01"
NAME_BYTES, NONCE_BYTES, CHAT_BYTES = 4, 12, 8
HEAD_BYTES = len(VERSION) + NAME_BYTES

Place = str | int | bytes
"""One part of where a sealed value stands: its table and column, then what tells the row."""


class KeyFault(Exception):
    """A key cannot be used; the message says why in one line, without the key."""


class Unreadable(Exception):
    """A sealed value cannot be opened: it was changed, or moved from another place."""


class UnknownKey(Unreadable):
    """A sealed value was sealed with a key that is not at hand."""


class Key:
    """One secret of 32 bytes and what is derived from it. Shows nothing of itself when printed."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise KeyFault(f"a key has {KEY_BYTES} bytes, not {len(secret)}")
        self.name = _derived(secret, b"name", NAME_BYTES)
        self.cipher = AESGCMSIV(_derived(secret, b"seal", KEY_BYTES))
        self._marking = _derived(secret, b"mark", KEY_BYTES)

    def __repr__(self) -> str:
        return f"<key {self.name.hex()}>"

    def mark(self, chat_id: int) -> bytes:
        """What stands for a chat in the tables, 16 bytes."""
        return blake2b(_of_chat(chat_id), key=self._marking, digest_size=MARK_BYTES).digest()


class Keyring:
    """The keys: the first one seals, all of them open."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = {key.name: key for key in keys}
        self.current = keys[0]

    def __repr__(self) -> str:
        return f"<keyring {', '.join(name.hex() for name in self.keys)}>"

    def mark(self, chat_id: int) -> bytes:
        """What stands for a chat in the rows that are written now."""
        return self.current.mark(chat_id)

    def marks(self, chat_id: int) -> list[bytes]:
        """All that may stand for a chat, the present one first."""
        return [key.mark(chat_id) for key in self.keys.values()]

    def seal(self, chat_id: int, text: str, *place: Place) -> bytes:
        """Seals a text of a chat for one place, with the first key."""
        nonce = os.urandom(NONCE_BYTES)
        key = self.current
        sealed = key.cipher.encrypt(nonce, _of_chat(chat_id) + text.encode(), _binding(place))
        return VERSION + key.name + nonce + sealed

    def open(self, sealed: bytes, *place: Place) -> tuple[int, str]:
        """The chat and the text that were sealed for this place. Unreadable where that cannot be told."""
        head, nonce, body = sealed[:HEAD_BYTES], sealed[HEAD_BYTES : HEAD_BYTES + NONCE_BYTES], sealed[HEAD_BYTES:]
        if not head.startswith(VERSION) or len(body) < NONCE_BYTES:
            raise Unreadable("not a sealed value")
        key = self.keys.get(head[len(VERSION) :])
        if key is None:
            raise UnknownKey(f"sealed with key {head[len(VERSION) :].hex()}, which is not given")
        try:
            plain = key.cipher.decrypt(nonce, body[NONCE_BYTES:], _binding(place))
        except InvalidTag:
            raise Unreadable("changed, or of another place") from None
        return int.from_bytes(plain[:CHAT_BYTES], signed=True), plain[CHAT_BYTES:].decode()


def new_key() -> str:
    """A new key by chance, as it is written in settings: 43 letters, digits, ``-`` and ``_``, and ``=``."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def keyring(written: str) -> Keyring:
    """The keys as they are written: base64, the present one first, with commas, spaces or line ends between them."""
    parts = [part for part in re.split(r"[\s,]+", written) if part]
    if not parts:
        raise KeyFault("holds no key; `python -m bot key` makes one")
    try:
        return Keyring(
            [Key(base64.b64decode(part.replace("-", "+").replace("_", "/"), validate=True)) for part in parts]
        )
    except (binascii.Error, ValueError, KeyFault):
        raise KeyFault(f"not a key of {KEY_BYTES} bytes in base64; `python -m bot key` makes one") from None


def _derived(secret: bytes, purpose: bytes, size: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=size, salt=None, info=b"cap-cto " + purpose).derive(secret)


def _of_chat(chat_id: int) -> bytes:
    return chat_id.to_bytes(CHAT_BYTES, signed=True)


def _binding(place: tuple[Place, ...]) -> bytes:
    """The place as bytes; two different places never give the same."""
    return repr(place).encode()
