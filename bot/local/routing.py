"""What the interfaces of the page and of tests share: JSON in, JSON out, refusals as short codes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.local.bots import Bots
from bot.local.errors import PageError
from bot.local.models import Json
from bot.local.state import State

Act = Callable[[State, Request], Awaitable[Response | Json]]
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(bots: Bots, act: Act) -> Endpoint:
    """An endpoint that runs `act` for the bot that `?bot=` names, the first one if it names none."""

    async def answer(request: Request) -> Response:
        try:
            made = await act(_chosen(bots, request), request)
        except PageError as error:
            return JSONResponse({"error": error.code}, error.status)
        return made if isinstance(made, Response) else JSONResponse(made)

    return answer


def _chosen(bots: Bots, request: Request) -> State:
    wanted = request.query_params.get("bot", "")
    if not wanted:
        return bots.first
    state = bots.by_id(int(wanted)) if wanted.isascii() and wanted.isdigit() else None
    if state is None:
        raise PageError(404, "bot_not_found")
    return state


async def body_of(request: Request) -> Json:
    """The JSON object in the body; {} for none. Raises 400."""
    try:
        value = json.loads(await request.body() or b"{}")
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise PageError(400, "bad_request") from error
    if not isinstance(value, dict):
        raise PageError(400, "bad_request")
    return value
