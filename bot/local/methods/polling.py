"""getUpdates, the webhook methods as far as polling needs them, and getFile."""

from __future__ import annotations

from bot.local import limits
from bot.local.errors import bad_request
from bot.local.methods.common import Call
from bot.local.models import Json


async def get_updates(call: Call) -> list[Json]:
    """Wait up to `timeout` seconds for updates from `offset` on."""
    params = call.params
    allowed = params.json("allowed_updates", "allowed updates")
    if allowed is not None and not isinstance(allowed, list):
        raise bad_request("can't parse allowed updates JSON object")
    return await call.state.updates.get(
        offset=params.integer("offset", 0, -(2**31), 2**62),
        limit=params.integer("limit", limits.POLL_LIMIT, 1, limits.POLL_LIMIT),
        seconds=params.integer("timeout", 0, 0, limits.POLL_SECONDS),
        allowed=None if allowed is None else [str(kind) for kind in allowed],
    )


async def delete_webhook(call: Call) -> bool:
    """There is never a webhook; only `drop_pending_updates` has an effect."""
    if call.params.flag("drop_pending_updates"):
        async with call.state.store.tx() as tx:
            await tx.keep_updates(0)
    return True


async def get_webhook_info(call: Call) -> Json:
    """`WebhookInfo` of a bot that polls."""
    async with call.state.store.tx() as tx:
        await tx.expire_updates(call.state.clock())
        waiting = await tx.count_updates()
        allowed = await tx.meta("allowed_updates")
    info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": waiting}
    return info | ({"allowed_updates": allowed} if allowed else {})


async def get_file(call: Call) -> Json:
    """Where a file can be downloaded, as `File`."""
    async with call.state.store.tx() as tx:
        file = await tx.file(file_id=call.params.text("file_id")) if call.params.text("file_id") else None
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
