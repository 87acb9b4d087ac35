"""The web application: the Bot API, the page's interface and the page itself."""

from __future__ import annotations

import hmac
import logging
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.local.control import control_routes
from bot.local.errors import ApiError
from bot.local.guard import Guard
from bot.local.methods import find_method
from bot.local.methods.common import Call
from bot.local.models import Json
from bot.local.params import read_params
from bot.local.state import State

PAGE = Path(__file__).parent / "page"
NO_CACHE = {"cache-control": "no-cache"}
log = logging.getLogger(__name__)


def create_app(state: State) -> Starlette:
    """The application serving `state`; the caller opens and closes the state."""

    def known(token: str) -> bool:
        return hmac.compare_digest(token.encode(), state.bot.token.encode())

    async def call_method(request: Request) -> Response:
        try:
            if not known(request.path_params["token"]):
                raise ApiError(401, "Unauthorized")
            method = find_method(request.path_params["method"])
            result = await method(Call(state, await read_params(request)))
        except ApiError as error:
            return _refused(error)
        except Exception:
            log.exception("the local server failed in %s", request.path_params["method"])
            return _refused(ApiError(500, "Internal Server Error"))
        return JSONResponse({"ok": True, "result": result})

    async def download(request: Request) -> Response:
        if not known(request.path_params["token"]):
            return _refused(ApiError(401, "Unauthorized"))
        async with state.store.tx() as tx:
            file = await tx.file(path=request.path_params["path"])
        if file is None:
            return _refused(ApiError(404, "Not Found"))
        headers = {"content-disposition": "attachment"}
        return Response(file.data, media_type="application/octet-stream", headers=headers)

    async def not_found(request: Request) -> Response:
        return _refused(ApiError(404, "Not Found"))

    async def page(request: Request) -> Response:
        return FileResponse(PAGE / "index.html", headers=NO_CACHE)

    return Starlette(
        routes=[
            Route("/", page),
            Mount("/page", StaticFiles(directory=PAGE)),
            *control_routes(state),
            Route("/file/bot{token}/{path:path}", download),
            Route("/bot{token}/{method}", call_method, methods=["GET", "POST"]),
            Route("/{path:path}", not_found, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(Guard)],
    )


def _refused(error: ApiError) -> Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    headers = {}
    if error.retry_after is not None:
        body["parameters"] = {"retry_after": error.retry_after}
        headers["retry-after"] = str(error.retry_after)
    return JSONResponse(body, error.code, headers)
