"""The parameters of one Bot API call, however they were sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.local import limits
from bot.local.errors import ApiError, bad_request


@dataclass(frozen=True)
class Upload:
    """A file in a multipart body."""

    name: str
    mime: str
    data: bytes = field(repr=False)


@dataclass
class Params:
    """Named values, all as text the way the real server takes them, and uploaded files."""

    values: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The value as sent; "" if it is missing."""
        return self.values.get(name, "")

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number, moved into `low`..`high`; `default` if it is missing or no number."""
        try:
            number = int(self.text(name))
        except ValueError:
            return default
        return max(low, min(high, number))

    def flag(self, name: str) -> bool:
        """Whether the value is true, yes or 1."""
        return self.text(name).lower() in ("true", "yes", "1")

    def json(self, name: str, what: str) -> Any:
        """The value read as JSON; None if it is missing. `what` names it in the refusal."""
        raw = self.text(name)
        if not raw:
            return None
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise bad_request(f"can't parse {what} JSON object") from error
        _check_unicode(json.dumps(value, ensure_ascii=False))
        return value

    def object(self, name: str, what: str) -> dict[str, Any] | None:
        """A JSON object; None if it is missing."""
        value = self.json(name, what)
        if value is not None and not isinstance(value, dict):
            raise bad_request(f"object expected as {what}")
        return value


async def read_params(request: Request) -> Params:
    """Read query string and body (form, multipart or JSON). Raises `ApiError` if they cannot be read."""
    params = Params(dict(request.query_params.items()))
    if request.method == "POST":
        await _read_body(request, params)
    for value in params.values.values():
        _check_unicode(value)
    return params


async def _read_body(request: Request, params: Params) -> None:
    if int(request.headers.get("content-length") or 0) > limits.UPLOAD_BYTES + 1024 * 1024:
        raise ApiError(413, "Request Entity Too Large")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        params.values |= _from_json(await request.body())
    elif kind == "application/x-www-form-urlencoded":
        # One call of the standard library, many times faster than reading the form as a stream.
        try:
            params.values |= dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, errors="strict"))
        except ValueError as error:
            raise bad_request("strings must be encoded in UTF-8") from error
    elif kind == "multipart/form-data":
        try:
            form = await request.form(max_part_size=4 * 1024 * 1024)
        except HTTPException as error:
            raise bad_request("can't parse the request body") from error
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                data = await value.read()
                if len(data) > limits.UPLOAD_BYTES:
                    raise ApiError(413, "Request Entity Too Large")
                params.files[name] = Upload(value.filename or name, value.content_type or "", data)
            else:
                params.values[name] = value
        await form.close()


def _check_unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error


def _from_json(body: bytes) -> dict[str, str]:
    if not body:
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise bad_request("can't parse request JSON object") from error
    if not isinstance(value, dict):
        raise bad_request("can't parse request JSON object")
    return {name: _as_text(one) for name, one in value.items() if one is not None}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
