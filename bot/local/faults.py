"""Faults on demand: what can go wrong between a bot and Telegram, each limited by method and count."""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass, field

from bot.local.errors import ApiError, forbidden, too_many_requests
from bot.local.models import Json

CALL_KINDS = frozenset({"latency", "error", "drop"})
UPDATE_KINDS = frozenset({"duplicate_update", "delay_update"})
TEXTS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
BLOCKED = "bot was blocked by the user"


@dataclass
class Fault:
    """One fault.

    `kind` is latency, error or drop for calls, duplicate_update or delay_update for updates. It strikes the
    `methods` named (for updates: the kinds of update), or all if there are none; the first `skip` of these pass,
    and after `count` strikes it is over (None: never). `seconds` is the delay of latency and delay_update, and
    what a 429 asks to wait. `code` is the HTTP status of an error. `when` says whether a drop or an error comes
    before the call has taken effect or after.
    """

    kind: str
    methods: list[str] = field(default_factory=list)
    count: int | None = 1
    skip: int = 0
    seconds: float = 1.0
    code: int = 500
    when: str = "before"
    id: int = 0
    struck: int = 0

    def refusal(self) -> ApiError:
        """The answer of an error."""
        if self.code == 429:
            return too_many_requests(max(1, round(self.seconds)))
        if self.code == 403:
            return forbidden(BLOCKED)
        return ApiError(self.code, TEXTS.get(self.code, "Internal Server Error"))

    def view(self) -> Json:
        """The fault as the control interface shows it."""
        return asdict(self)


class Faults:
    """The faults that are set, in their order."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Set a fault; it gets its id."""
        fault.id = next(self._numbers)
        self._faults.append(fault)
        return fault

    def remove(self, number: int) -> bool:
        """Take a fault away; False if there is none with this id."""
        before = len(self._faults)
        self._faults = [fault for fault in self._faults if fault.id != number]
        return len(self._faults) < before

    def clear(self) -> None:
        """Take all faults away."""
        self._faults = []

    def view(self) -> list[Json]:
        """All faults that are not over."""
        return [fault.view() for fault in self._faults]

    def strike(self, kinds: frozenset[str], name: str) -> list[Fault]:
        """Count a call of this method (or an update of this kind), and return the faults that strike it."""
        hit = []
        for fault in [*self._faults]:
            if fault.kind not in kinds or (fault.methods and name.lower() not in map(str.lower, fault.methods)):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.struck += 1
            if fault.count is not None and fault.struck >= fault.count:
                self._faults.remove(fault)
            hit.append(fault)
        return hit
