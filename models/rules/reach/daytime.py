"""When a page may wake its person: what begins many hours ahead waits for the day. Pure rules."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_BEGINS, DAY_ENDS = time(8), time(22)
"""The daytime of a person, in their own zone."""
LONGEST_NIGHT = timedelta(hours=11)
"""How long a page may wait for the morning: from :data:`DAY_ENDS` on, and an hour more where clocks change."""
WAITS_FOR_MORNING = "daytime"
"""What is noted as the last error of a page that waits for the morning. The value is stored."""
SOON = timedelta(hours=4)
"""What begins sooner after the morning than this is told at night. From four hours ahead a gap calls the leads."""


def find_hour(at: datetime, begins: datetime, zone: ZoneInfo) -> datetime:
    """Return when to tell a person of what begins at an instant: now, or in the morning of their zone (UTC in, out).

    Now by day, and where the morning would leave less than :data:`SOON`.
    """
    local = at.astimezone(zone)
    if DAY_BEGINS <= local.time() < DAY_ENDS:
        return at
    morning_day = local.date() if local.time() < DAY_BEGINS else local.date() + timedelta(days=1)
    morning = datetime.combine(morning_day, DAY_BEGINS, zone).astimezone(at.tzinfo)
    return morning if begins - morning >= SOON else at
