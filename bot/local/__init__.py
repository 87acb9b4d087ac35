"""A Bot API server on loopback with a chat page, so that the bot runs without Telegram."""

from bot.local.app import create_app
from bot.local.errors import PortInUse
from bot.local.server import LocalServer
from bot.local.state import Flood, State

__all__ = ["Flood", "LocalServer", "PortInUse", "State", "create_app"]
