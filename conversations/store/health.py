"""Whether the database works, and the two lines that an operator gets about it."""

import logging

READS, WRITES, CLAIMS = "reads", "writes", "claims"
"""What may fail by itself: on a full disk reads go on working, and claims have a connection of their own."""

log = logging.getLogger(__name__)


class Health:
    """Says once that the database fails, whatever of it does, and once that all of it works again.

    Before it has first worked nothing is said: such a start is refused, and that is said already. Nor is it where it is
    not ``tried_again``: whoever uses it hears of it then, and says so.
    """

    def __init__(self, *, tried_again: bool) -> None:
        self._tried_again = tried_again
        self._has_worked = False
        self._failing: set[str] = set()

    def works(self, *parts: str) -> None:
        """Notes what has just worked."""
        self._has_worked = True
        if self._failing:
            self._failing -= set(parts)
            if not self._failing:
                log.warning("the database works again")

    def fails(self, part: str, reason: str) -> None:
        """Notes what has just failed, and why, in one line."""
        if not self._has_worked or not self._tried_again:
            return
        if not self._failing:
            log.error("the database fails (%s); nothing is lost, and it is tried again until it works", reason)
        self._failing.add(part)
