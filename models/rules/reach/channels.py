"""The channels beside Slack: what an address of each must name, and how often it may be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from models.rules.outbox.settlement import LONGEST_WAIT

MOST_BYTES = 2048
"""The longest text of a page in UTF-8: the limit of WeCom, the shortest of all channels."""
MARGIN = timedelta(seconds=1)
"""How much longer than a window of a limit is counted: a vendor's clock and ours differ."""
FEW, KEPT = 20, 0.4
"""Uses in an hour or a day that are few enough to be spread; and which part of them is kept for new cases."""
_SECOND, _MINUTE, _HOUR, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Channel(StrEnum):
    """The channels. The values are written in files and stored."""

    WECOM_APP = "wecom_app"  # a message of a self-built app to one member
    WECOM_BOT = "wecom_bot"  # a robot in a group
    DINGTALK_BOT = "dingtalk_bot"
    FEISHU_BOT = "feishu_bot"  # Feishu and Lark
    FEISHU_APP = "feishu_app"  # a message of a self-built app to one person; it can ring their phone
    EMAIL = "email"
    HOOK = "hook"  # a signed request to a gateway of phone calls or short messages, or to anything else
    APPRISE = "apprise"  # every service that the package apprise knows


GROUPS = frozenset({Channel.WECOM_BOT, Channel.DINGTALK_BOT, Channel.FEISHU_BOT})
"""The channels that a group reads: a link to act as one person never goes there."""

RINGING = frozenset({Channel.HOOK, Channel.FEISHU_APP})
"""The channels that ring for a loud page only."""


@dataclass(frozen=True)
class RateLimit:
    """So many pages in any stretch of this length."""

    count: int
    per: timedelta


@dataclass(frozen=True)
class ChannelDescription:
    """What an address of a channel names.

    ``sender`` are the fields of the sender that the vendor limits, ``secret`` those that are never shown.
    """

    needs: tuple[str, ...]
    may_have: tuple[str, ...]
    secret: tuple[str, ...]
    sender: tuple[str, ...]
    limits: tuple[RateLimit, ...]
    addresses: tuple[str, ...] = ("url",)
    """The fields that hold an address to call: https, or this machine."""
    app: tuple[str, ...] = ()
    """The fields of the app through which its pages go, where the vendor limits the app too (:data:`APP_LIMITS`)."""


CHANNELS: Mapping[Channel, ChannelDescription] = {
    # https://developer.work.weixin.qq.com/document/path/90312: what is over the limit of a member is dropped silently.
    Channel.WECOM_APP: ChannelDescription(
        ("corp_id", "agent_id", "secret", "to"), ("url",), ("secret",), ("corp_id", "agent_id", "to"),
        (RateLimit(30, _MINUTE), RateLimit(1000, _HOUR)),
    ),
    # https://developer.work.weixin.qq.com/document/path/91770
    Channel.WECOM_BOT: ChannelDescription(("url",), ("mobile",), ("url",), ("url",), (RateLimit(20, _MINUTE),)),
    # https://open.dingtalk.com/document/robots/custom-robot-access: above it the robot is mute for ten minutes.
    Channel.DINGTALK_BOT: ChannelDescription(
        ("url",), ("secret", "keyword", "mobile"), ("url", "secret"), ("url",), (RateLimit(20, _MINUTE),)
    ),
    # https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
    Channel.FEISHU_BOT: ChannelDescription(
        ("url",), ("secret", "keyword", "to"), ("url", "secret"), ("url",),
        (RateLimit(100, _MINUTE), RateLimit(5, _SECOND)),
    ),
    # https://open.feishu.cn/document/server-docs/im-v1/message/create: 5 a second for one person, and APP_LIMITS.
    Channel.FEISHU_APP: ChannelDescription(
        ("app_id", "secret", "to"), ("url", "urgent"), ("secret",), ("app_id", "to"),
        (RateLimit(5, _SECOND),), app=("app_id",),
    ),
    Channel.EMAIL: ChannelDescription(
        ("server", "sender", "to"), ("user", "password", "tls"), ("password",), ("server", "sender"),
        (RateLimit(60, _MINUTE),), (),
    ),
    # A phone rings at most so often: the limits of Aliyun's voice service for one number, where failures count too.
    Channel.HOOK: ChannelDescription(
        ("url", "secret"), ("to",), ("url", "secret"), ("url", "to"),
        (RateLimit(1, _MINUTE), RateLimit(5, _HOUR), RateLimit(20, _DAY)),
    ),
    Channel.APPRISE: ChannelDescription(("url",), (), ("url",), ("url",), (RateLimit(20, _MINUTE),), ()),
}  # fmt: skip
"""Every channel."""


APP_LIMITS = (RateLimit(1000, _MINUTE), RateLimit(50, _SECOND))
"""How often an app of Feishu or Lark may write, to all people together."""
AT_ONCE = 16
"""So many pages of an app may go out at the same moment; then they keep :data:`APP_INTERVAL`."""
APP_INTERVAL = max((limit.per + MARGIN) / (limit.count - AT_ONCE) for limit in APP_LIMITS)
"""The time between two pages of an app on average, by which it keeps all its limits."""

RATES: Mapping[str, timedelta] = {"per_minute": _MINUTE, "per_hour": _HOUR, "per_day": _DAY}
"""The keys by which a file says how often a gateway may be used, instead of the limits of its channel."""


def list_limits(limits: Sequence[RateLimit], *, keeps_free: bool) -> list[RateLimit]:
    """Return how often an address is used at most: what is rare is spread, so that what comes later still rings.

    Of ``n`` uses in an hour or a day, ``k`` may fall into (k/n)³ of it: the first two follow each other quickly, the
    last ones come late. What ``keeps_free`` leaves :data:`KEPT` of them to new cases.
    """
    kept = [limit if not keeps_free or not _is_rare(limit) else _keep_free(limit) for limit in limits]
    return [*kept, *(part for limit in kept if _is_rare(limit) for part in _spread(limit))]


def _is_rare(limit: RateLimit) -> bool:
    return limit.count <= FEW and limit.per >= _HOUR


def _keep_free(limit: RateLimit) -> RateLimit:
    return replace(limit, count=limit.count - int(limit.count * KEPT))


def _spread(limit: RateLimit) -> list[RateLimit]:
    return [RateLimit(count, limit.per * (count / limit.count) ** 3) for count in range(1, limit.count)]


def find_wait(used: Sequence[datetime], limits: Sequence[RateLimit], now: datetime) -> timedelta:
    """Return how long an address must wait that was used at these instants; zero when it is free.

    A wait is at most :data:`models.rules.outbox.settlement.LONGEST_WAIT`; then the question is asked again.
    """
    waits = [timedelta()]
    for limit in limits:
        window = limit.per + MARGIN
        inside = sorted(at for at in used if now - window < at <= now)
        if len(inside) >= limit.count:
            waits.append(inside[-limit.count] + window - now)
    return min(max(waits), LONGEST_WAIT)


def longest_window(limits: Sequence[RateLimit]) -> timedelta:
    """Return how far back the uses of an address count."""
    return max(limit.per for limit in limits) + MARGIN


def cut_to_bytes(text: str, most: int = MOST_BYTES) -> str:
    """Return a text of at most so many bytes in UTF-8; a character is never cut in two."""
    encoded = text.encode()
    return text if len(encoded) <= most else encoded[: most - 3].decode(errors="ignore") + "…"
