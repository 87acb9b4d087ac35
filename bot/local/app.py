"""The web application: the Bot API, the page's interface, the control interface and the page itself."""

from __future__ import annotations

import json
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.local.api import Answer, refused, run
from bot.local.bots import Bots
from bot.local.control import control_routes
from bot.local.errors import ApiError
from bot.local.guard import Guard
from bot.local.params import read_params
from bot.local.people import people_routes
from bot.local.wire import drop

PAGE = Path(__file__).parent / "page"
NO_CACHE = {"cache-control": "no-cache"}


def create_app(bots: Bots) -> Starlette:
    """The application serving `bots`; the caller opens and closes them."""

    async def call_method(request: Request) -> Response:
        try:
            state = await bots.find(request.path_params["token"])
            params = await read_params(request)
        except ApiError as error:
            return _response(refused(error))
        except ClientDisconnect:  # gone before it had said all: nobody is there to answer
            return Response(status_code=400)
        answer = await run(state, request.path_params["method"], params)
        if answer.drop:
            return await drop(request)
        return _response(answer)

    async def download(request: Request) -> Response:
        try:
            state = await bots.find(request.path_params["token"])
        except ApiError as error:
            return _response(refused(error))
        with state.store.tx() as tx:
            file = tx.file(path=request.path_params["path"])
        if file is None:
            return _response(refused(ApiError(404, "Not Found")))
        headers = {"content-disposition": "attachment"}
        return Response(file.data, media_type="application/octet-stream", headers=headers)

    async def not_found(request: Request) -> Response:
        return _response(refused(ApiError(404, "Not Found")))

    async def page(request: Request) -> Response:
        return FileResponse(PAGE / "index.html", headers=NO_CACHE)

    return Starlette(
        routes=[
            Route("/bot{token}/{method}", call_method, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", download),
            Route("/", page),
            Mount("/page", StaticFiles(directory=PAGE)),
            *people_routes(bots),
            *control_routes(bots),
            Route("/{path:path}", not_found, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(Guard)],
    )


def _response(answer: Answer) -> Response:
    headers = {}
    if "retry_after" in answer.body.get("parameters", {}):
        headers["retry-after"] = str(answer.body["parameters"]["retry_after"])
    body = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    return Response(body, answer.status, headers, "application/json")
