"""The interface under /control, for tests: the clock, faults, rates, the bot's settings, and what was called.

All bodies are JSON, and refusals as under /local. `?bot=` chooses a bot; without it the first one is meant.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from bot.local.bots import Bots
from bot.local.errors import PageError
from bot.local.faults import CALL_KINDS, UPDATE_KINDS, Fault
from bot.local.models import BotSettings, Json
from bot.local.rates import Bursts, Flood, Rates
from bot.local.routing import body_of, endpoint
from bot.local.state import State

FOLLOW_SECONDS = 5.0
"""How long an answer is held back for a call to end."""


def control_routes(bots: Bots) -> list[BaseRoute]:
    """The routes of the control interface."""

    async def list_bots(state: State, request: Request) -> Json:
        """Who the bots are, the first one first."""
        return {"bots": [one.bot.user() | {"claimed": one.claimed} for one in bots.all()]}

    acts = [
        ("GET", "/control/bots", list_bots),
        ("GET", "/control/settings", show_settings),
        ("PATCH", "/control/settings", change_settings),
        ("GET", "/control/clock", show_clock),
        ("POST", "/control/clock", move_clock),
        ("GET", "/control/faults", list_faults),
        ("POST", "/control/faults", add_fault),
        ("DELETE", "/control/faults", clear_faults),
        ("DELETE", "/control/faults/{number:int}", remove_fault),
        ("GET", "/control/rates", show_rates),
        ("PUT", "/control/rates", set_rates),
        ("GET", "/control/calls", list_calls),
        ("DELETE", "/control/calls", clear_calls),
        ("GET", "/control/updates", show_updates),
    ]
    return [Route(path, endpoint(bots, act), methods=[method]) for method, path, act in acts]


async def show_settings(state: State, request: Request) -> Json:
    """What the bot's owner decided."""
    return asdict(state.settings)


async def change_settings(state: State, request: Request) -> Json:
    """Decide anew: can_join_groups, can_read_all_group_messages, supports_inline_queries, inline_feedback."""
    wish = await body_of(request)
    names = {one.name for one in fields(BotSettings)}
    if not wish.keys() <= names or not all(isinstance(value, bool) for value in wish.values()):
        raise PageError(400, "bad_request")
    state.change_settings(BotSettings(**(asdict(state.settings) | wish)))
    return asdict(state.settings)


async def show_clock(state: State, request: Request) -> Json:
    """The time, and by how much it was moved (seconds)."""
    return {"now": state.clock(), "moved": state.clock.moved}


async def move_clock(state: State, request: Request) -> Json:
    """Move the clock forward by `seconds`."""
    state.clock.advance(_seconds((await body_of(request)).get("seconds")))
    return await show_clock(state, request)


async def list_faults(state: State, request: Request) -> Json:
    """The faults that are not over."""
    return {"faults": state.faults.view()}


async def add_fault(state: State, request: Request) -> Json:
    """Set a fault; returns it with its id."""
    body = await body_of(request)
    if not body.keys() <= {"kind", "methods", "count", "skip", "seconds", "code", "when"}:
        raise PageError(400, "bad_request")
    kind, methods, count = body.get("kind"), body.get("methods", []), body.get("count", 1)
    if kind not in CALL_KINDS | UPDATE_KINDS or body.get("when", "before") not in ("before", "after"):
        raise PageError(400, "bad_request")
    if not isinstance(methods, list) or not all(isinstance(name, str) for name in methods):
        raise PageError(400, "bad_request")
    if count is not None:
        _whole(count, 1, 10**9)
    _whole(body.get("skip", 0), 0, 10**9)
    _whole(body.get("code", 500), 400, 599)
    _seconds(body.get("seconds", 1.0))
    return state.faults.add(Fault(**body)).view()


async def clear_faults(state: State, request: Request) -> Json:
    """Take all faults away."""
    state.faults.clear()
    return await list_faults(state, request)


async def remove_fault(state: State, request: Request) -> Json:
    """Take one fault away."""
    if not state.faults.remove(request.path_params["number"]):
        raise PageError(404, "fault_not_found")
    return await list_faults(state, request)


async def show_rates(state: State, request: Request) -> Json:
    """How fast the bot may send; {"on": false} if as fast as it likes."""
    if isinstance(state.flood, Rates):
        return {"on": True} | state.flood.view()
    return {"on": state.flood is not None}


async def set_rates(state: State, request: Request) -> Json:
    """Switch the rates on or off (`on`), and change them (`chat`, `group`, `total`)."""
    body = await body_of(request)
    if not body.keys() <= {"on", "chat", "group", "total"} or not isinstance(body.get("on", True), bool):
        raise PageError(400, "bad_request")
    rates = Rates()
    for name in ("chat", "group", "total"):
        given = body.get(name, {})
        limit: Bursts | Flood = getattr(rates, name)
        known = ("burst" if isinstance(limit, Bursts) else "messages", "seconds")
        if not isinstance(given, dict) or not given.keys() <= set(known):
            raise PageError(400, "bad_request")
        if known[0] in given:
            setattr(limit, known[0], _whole(given[known[0]], 1, 10**9))
        if "seconds" in given:
            limit.seconds = _seconds(given["seconds"])
    state.flood = rates if body.get("on", True) else None
    return await show_rates(state, request)


async def list_calls(state: State, request: Request) -> Json:
    """The calls the bot made: `?method=` only those of a method, `?after=` only those with a higher number.

    `?seen=` follows them instead: those that ended since the answer with this `seen`, as soon as there is one.
    """
    query, transcript = request.query_params, state.transcript
    if "seen" in query:
        calls = await transcript.follow(_digits(query["seen"]), FOLLOW_SECONDS)
    else:
        calls = transcript.read(query.get("method", ""), _digits(query.get("after", "0")))
    return {"calls": calls, "seen": transcript.ended}


async def clear_calls(state: State, request: Request) -> Json:
    """Forget the calls."""
    state.transcript.clear()
    return {"calls": []}


async def show_updates(state: State, request: Request) -> Json:
    """The updates that wait for the bot, the delayed ones included; reading them here does not confirm them."""
    with state.store.tx() as tx:
        tx.expire_updates(state.clock())
        return {"updates": tx.updates(1000, float("inf"))}


def _digits(raw: str) -> int:
    if not (raw.isascii() and raw.isdigit()):
        raise PageError(400, "bad_request")
    return int(raw)


def _seconds(raw: Any) -> float:
    if not isinstance(raw, int | float) or isinstance(raw, bool) or not 0 <= raw <= 10**9:
        raise PageError(400, "bad_request")
    return float(raw)


def _whole(raw: Any, low: int, high: int) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or not low <= raw <= high:
        raise PageError(400, "bad_request")
    return raw
