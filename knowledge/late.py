"""What takes long to load: loaded once, beside other work or when it is first needed."""

import logging
from collections.abc import Callable
from threading import Lock, Thread
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Late(Generic[T]):
    """Something that is loaded late. ``what`` it is, and what is done ``without`` it, is logged where it cannot be."""

    def __init__(self, load: Callable[[], T], what: str, without: str) -> None:
        self._load, self._what, self._without = load, what, without
        self._lock = Lock()
        self._is_tried = False
        self._loaded: T | None = None

    def begin(self) -> None:
        """Begins to load it on a thread of its own."""
        Thread(target=self.get, name=self._what).start()

    def get(self) -> T | None:
        """What was loaded, waited for where it is not there yet; None where it cannot be loaded."""
        with self._lock:
            if not self._is_tried:
                self._is_tried = True
                try:
                    self._loaded = self._load()
                except Exception as error:
                    reason = f"{type(error).__name__}: {error}"
                    log.error("%s cannot be loaded, so %s (%s)", self._what, self._without, reason)
            return self._loaded
