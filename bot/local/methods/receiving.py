"""How updates reach the bot (getUpdates, the webhook), its files, and its leaving the server."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.local import limits
from bot.local.errors import ApiError, bad_request, too_many_requests
from bot.local.methods.common import Call, Told
from bot.local.models import Json
from bot.local.updates import remember_allowed

SECRET = re.compile(r"[A-Za-z0-9_-]*")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS = frozenset({80, 88, 443, 8443})


async def get_updates(call: Call) -> list[Json]:
    """Wait up to `timeout` seconds for updates from `offset` on."""
    params = call.params
    return await call.state.updates.get(
        offset=params.integer("offset", 0, -(2**31), 2**62),
        limit=params.integer("limit", limits.POLL_LIMIT, 1, limits.POLL_LIMIT),
        seconds=params.integer("timeout", 0, 0, limits.POLL_SECONDS),
        allowed=_allowed(call),
    )


async def set_webhook(call: Call) -> Told:
    """Have updates sent to a URL; an empty one goes back to getUpdates."""
    url = call.params.text("url").strip()
    if not url:
        return await delete_webhook(call)
    certificate = call.params.files.get("certificate")
    hook: Json = {
        "url": _checked(url),
        "secret_token": _secret(call),
        "max_connections": call.params.integer("max_connections", limits.DEFAULT_CONNECTIONS, 1, limits.CONNECTIONS),
        "certificate": certificate.data.decode("ascii", "replace") if certificate is not None else "",
        "ip_address": call.params.text("ip_address"),
    }
    allowed = _allowed(call)
    with call.state.store.tx() as tx:
        changed = tx.meta("webhook") != hook
        tx.set_meta("webhook", hook)
        remember_allowed(tx, allowed)
        if changed:
            tx.set_meta("webhook_error", None)
        if call.params.flag("drop_pending_updates"):
            tx.keep_updates(0)
        tx.woke = True
    call.state.updates.end_poll()
    if changed:
        await call.state.webhook.changed()
    return Told(True, "Webhook was set" if changed else "Webhook is already set")


async def delete_webhook(call: Call) -> Told:
    """Go back to getUpdates."""
    with call.state.store.tx() as tx:
        had = tx.meta("webhook")
        tx.set_meta("webhook", None)
        tx.set_meta("webhook_error", None)
        if call.params.flag("drop_pending_updates"):
            tx.keep_updates(0)
    if had:
        await call.state.webhook.changed()
    return Told(True, "Webhook was deleted" if had else "Webhook is already deleted")


async def get_webhook_info(call: Call) -> Json:
    """`WebhookInfo`: where updates go, how many wait, and the last error."""
    with call.state.store.tx() as tx:
        tx.expire_updates(call.state.clock())
        waiting, allowed = tx.count_updates(), tx.meta("allowed_updates")
        hook, error = tx.meta("webhook"), tx.meta("webhook_error")
    info: Json = {
        "url": hook["url"] if hook else "",
        "has_custom_certificate": bool(hook and hook["certificate"]),
        "pending_update_count": waiting,
    }
    if hook:
        info["max_connections"] = hook["max_connections"]
        if hook["ip_address"]:
            info["ip_address"] = hook["ip_address"]
    if hook and error:
        info |= {"last_error_date": error["date"], "last_error_message": error["message"]}
    return info | ({"allowed_updates": allowed} if allowed else {})


async def get_file(call: Call) -> Json:
    """Where a file can be downloaded, as `File`."""
    if not call.params.text("file_id"):
        raise bad_request("file_id not specified")
    with call.state.store.tx() as tx:
        file = tx.file(file_id=call.params.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.data) > limits.DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": len(file.data),
        "file_path": file.path,
    }


async def log_out(call: Call) -> bool:
    """Leave this server; for ten minutes it answers no call any more."""
    call.state.log_out()
    call.state.updates.end_poll()
    return True


async def close(call: Call) -> bool:
    """Be ready to move to another server; refused in the first ten minutes after the start."""
    left = call.state.opened + limits.RESTART_SECONDS - call.state.clock()
    if left > 0:
        raise too_many_requests(int(left) + 1)
    return True


def check_logged_in(call: Call) -> None:
    """Raises 400 in the ten minutes after `logOut`."""
    since = call.state.logged_out
    if since is not None and call.state.clock() < since + limits.RESTART_SECONDS:
        raise ApiError(400, "Logged out")


def _allowed(call: Call) -> list[str] | None:
    """The kinds of update the call asks for; None if it says nothing, or nothing that can be read."""
    if not call.params.text("allowed_updates"):
        return None
    allowed = call.params.json("allowed_updates", "allowed updates")
    if not isinstance(allowed, list):
        raise bad_request("can't parse allowed updates JSON object")
    return [str(kind).lower() for kind in allowed]


def _secret(call: Call) -> str:
    secret = call.params.text("secret_token")
    if len(secret) > limits.SECRET_LENGTH:
        raise bad_request("secret token is too long")
    if not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    return secret


def _checked(url: str) -> str:
    """The URL with its scheme. Plain http and any port are for this machine only. Raises 400."""
    if "://" not in url:
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise bad_request("invalid webhook URL specified") from error
    if not host or parts.scheme not in ("http", "https"):
        raise bad_request("invalid webhook URL specified")
    near = host in LOOPBACK or "." not in host
    if parts.scheme != "https" and not near:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not near and (port or 443) not in PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    return url
