"""The rota most of these tests begin with, and how to say when."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BEIJING, LONDON = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London")
LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FILE = """
zone = "Asia/Shanghai"
rest_hours = 8
[[seat]]
name = "primary"
[[seat]]
name = "backup"
needs_role = false
[[member]]
name = "李娜"
slack = "U0LINA"
role = "admin_agent"
[[member]]
name = "王伟"
slack = "U0WANG"
role = "helpdesk_agent"
[[member]]
name = "Emma <Clarke>"
slack = "U0EMMA"
role = "admin_agent"
[[member]]
name = "张敏"
[[layer]]
name = "days"
seat = "primary"
members = ["王伟"]
starts = 2026-01-05
turn_hours = 24
from = 08:00:00
to = 20:00:00
[[layer]]
name = "nights"
seat = "primary"
members = ["Emma <Clarke>"]
starts = 2026-01-05
turn_hours = 24
from = 20:00:00
to = 08:00:00
[[layer]]
name = "backup"
seat = "backup"
members = ["李娜"]
starts = 2026-01-05
turn_hours = 168
"""
"""王伟 by day, Emma by night, 李娜 always behind them. 张敏 has no Slack account."""


def beijing(text: str) -> datetime:
    """An instant by the clock in Beijing: ``11-23 08:00``, ``2027-01-03 08:00``."""
    dated = text if text.count("-") > 1 else f"2026-{text}"
    return datetime.strptime(dated, "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING).astimezone(UTC)


def seconds(text: str) -> int:
    """The same as a form's field gives it."""
    return int(beijing(text).timestamp())
