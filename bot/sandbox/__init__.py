"""A local Slack, as strict as the real one: to try the bot without a workspace, and for its tests."""

from bot.sandbox.options import SandboxOptions
from bot.sandbox.sandbox import Sandbox

__all__ = ["Sandbox", "SandboxOptions"]
