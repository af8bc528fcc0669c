"""How often the channels beside Slack may be used, as their vendors publish it, and the counting of uses."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
TOGETHER = 1.0
"""Two calls to a number within so many seconds are both blocked."""


@dataclass(frozen=True)
class UsageLimit:
    """So many uses in any stretch of so many seconds; ``counts_refused``: a use that was refused counts too."""

    windows: Sequence[tuple[int, float]]
    counts_refused: bool = False


WECOM_APP = UsageLimit(((30, MINUTE), (1000, HOUR)))
"""https://developer.work.weixin.qq.com/document/path/90312, for one member."""
ROBOT = UsageLimit(((20, MINUTE),))
"""A group robot of WeCom (document/path/91770) or DingTalk (document/robots/custom-robot-access)."""
FEISHU = UsageLimit(((100, MINUTE), (5, 1.0)))
"""https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot."""
FEISHU_APP = UsageLimit(((1000, MINUTE), (50, 1.0)))
"""Each method of https://open.feishu.cn/document/server-docs/im-v1, for one app."""
FEISHU_PERSON = UsageLimit(((5, 1.0),))
"""Messages of an app of Feishu to one person."""
CALLS = UsageLimit(((1, MINUTE), (5, HOUR), (20, DAY)), counts_refused=True)
"""Aliyun's voice service, for one called number."""


@dataclass
class UsageCounter:
    """Counts the uses of each sender."""

    uses: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def is_over(self, sender: str, limit: UsageLimit, now: float) -> bool:
        """Count one use, and return whether it is over the limit."""
        uses = self.uses[sender]
        while uses and uses[0] <= now - max(per for _, per in limit.windows):
            uses.popleft()
        is_over = any(sum(at > now - per for at in uses) >= most for most, per in limit.windows)
        if not is_over or limit.counts_refused:
            uses.append(now)
        return is_over

    def last_use(self, sender: str) -> float | None:
        """Return when a sender was used last; None when it never was."""
        uses = self.uses.get(sender)
        return uses[-1] if uses else None
