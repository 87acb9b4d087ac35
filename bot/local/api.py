"""Runs one call of the Bot API: faults, the method, the refusal, and the record of it all."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass

from bot.local.errors import ApiError
from bot.local.faults import CALL_KINDS, Fault
from bot.local.methods import SIGNATURES, find_method
from bot.local.methods.common import Call, Told
from bot.local.methods.receiving import check_logged_in
from bot.local.models import Json
from bot.local.params import Params
from bot.local.state import State
from bot.local.transcript import Entry

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What goes back: an HTTP status with a body, or nothing at all if the connection is to be dropped."""

    status: int
    body: Json
    drop: bool = False


async def run(state: State, name: str, params: Params, *, via: str = "http") -> Answer:
    """Call the method of this name as the bot of `state`. Refusals are answers, never exceptions."""
    number, begun, clock = state.transcript.next(), state.clock(), time.monotonic()
    faults = state.faults.strike(CALL_KINDS, name)
    for fault in faults:
        if fault.kind == "latency":
            await asyncio.sleep(fault.seconds)
    answer = _faulty(faults, "before")
    if answer is None:
        done = await _attempt(state, name, params)
        answer = _faulty(faults, "after") or done
    signature = SIGNATURES.get(name.lower())
    known = signature.required | signature.optional if signature is not None else frozenset(params.values)
    entry = Entry(
        number=number,
        time=begun,
        seconds=round(time.monotonic() - clock, 6),
        method=signature.name if signature is not None else name,
        params=dict(params.values),
        files=sorted(params.files),
        unknown=sorted(params.values.keys() - known),
        answer=answer.body,
        faults=[fault.kind for fault in faults],
        via=via,
    )
    state.transcript.add(entry)
    return answer


async def _attempt(state: State, name: str, params: Params) -> Answer:
    try:
        method = find_method(name)
        call = Call(state, params)
        check_logged_in(call)
        result = await method(call)
        if isinstance(result, Told):
            return Answer(200, {"ok": True, "result": result.result, "description": result.description})
        return Answer(200, {"ok": True, "result": result})
    except ApiError as error:
        return refused(error)
    except Exception:
        log.exception("the local server failed in %s", name)
        return refused(ApiError(500, "Internal Server Error"))


def _faulty(faults: list[Fault], when: str) -> Answer | None:
    for fault in faults:
        if fault.when == when and fault.kind == "drop":
            return Answer(0, {}, drop=True)
        if fault.when == when and fault.kind == "error":
            return refused(fault.refusal())
    return None


def refused(error: ApiError) -> Answer:
    """The answer for a refusal."""
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return Answer(error.code, body)


def serve_webhook_answers(state: State) -> None:
    """Let the bot call methods in its answers to the webhook."""

    async def execute(name: str, values: dict[str, str]) -> None:
        await run(state, name, Params(values), via="webhook")

    state.webhook.execute = execute
