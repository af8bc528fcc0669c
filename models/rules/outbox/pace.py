"""The pace of messages: the scopes that share a rate limit, and the time between two messages of one scope."""

from datetime import timedelta

EVERYTHING = "workspace"
"""The scope that pauses all others."""
PAGES = "pages"
"""The scope that would pause all other ways than Slack. What stops Slack never stops them."""
WEBHOOK = "webhook"
"""The scope of all moves for the webhook. They wait together while its receiver is away."""
FILES, OPENING = "files", "open"
"""The scopes of uploads and of opening direct messages. A limit on them holds back no other post."""
LOOKING = "look"
"""The scope of all looks for messages. Slack limits each method separately, so posting goes on while looks wait."""
UPDATE = "update"
"""The scope of all messages that replace another: Slack counts changed messages for the whole workspace."""
_INTERVALS = {UPDATE: 1.5, "call": 0.5, WEBHOOK: 0.02}
"""Seconds between two messages of a scope; one second for other scopes."""
BURST = 10
"""How many redrawings after a press may be sent at once, ahead of the pace. Other redrawings keep the pace."""


def interval(scope: str) -> timedelta:
    """Return the time between two messages of one scope: about one post a second in each channel.

    Slack accepts 50 updates a minute from the whole workspace (tier 3): 40 at this pace, and :data:`BURST` ahead of it.
    Calls may come at twice the pace of other posts, because Slack accepts short bursts (four posts and one more
    each second). Further calls to the same person are joined in the next message.
    """
    return timedelta(seconds=_INTERVALS.get(scope.partition(":")[0], 1.0))


def allowed_lead(scope: str) -> timedelta:
    """Return how far ahead of its pace a scope may be used by messages that somebody waits for."""
    return BURST * interval(scope) if scope == UPDATE else timedelta()
