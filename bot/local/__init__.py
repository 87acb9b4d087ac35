"""A Bot API server on loopback with a chat page, so that the bot runs without Telegram."""

from bot.local.app import create_app
from bot.local.errors import PortInUse
from bot.local.rates import Flood, Rates
from bot.local.server import LocalServer
from bot.local.state import State

__all__ = ["Flood", "LocalServer", "PortInUse", "Rates", "State", "create_app"]
