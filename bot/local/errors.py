"""Refusals of the local server, with the codes and texts of the real Bot API."""

from __future__ import annotations


class ApiError(Exception):
    """A refusal on the bot side: `code` is the HTTP status, `description` the API's own text.

    `parameters` are what a program can act on: `retry_after` (seconds) or `migrate_to_chat_id`.
    """

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class PageError(Exception):
    """A refusal on the page side: an HTTP `status` and a short machine-readable `code`, no sentence."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class PortInUse(Exception):
    """Raised by `LocalServer.start` when another program listens on the wanted port."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is in use")
        self.port = port


def bad_request(text: str) -> ApiError:
    """A 400 refusal; `text` is what follows "Bad Request: "."""
    return ApiError(400, f"Bad Request: {text}")


def forbidden(text: str) -> ApiError:
    """A 403 refusal; `text` is what follows "Forbidden: "."""
    return ApiError(403, f"Forbidden: {text}")


def conflict(text: str) -> ApiError:
    """A 409 refusal; `text` is what follows "Conflict: "."""
    return ApiError(409, f"Conflict: {text}")


def too_many_requests(seconds: int) -> ApiError:
    """A 429 refusal that asks to wait `seconds`."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def not_emulated(what: str) -> ApiError:
    """A 501 refusal, which Telegram never gives: `what` exists there, but not here."""
    return ApiError(501, f"Not Implemented: {what} is not emulated by the local server")
