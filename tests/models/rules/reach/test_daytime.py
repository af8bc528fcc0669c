"""A page of what begins many hours ahead waits for the day of its person; what is due soon does not."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.rules.reach.daytime import find_hour

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NIGHT = datetime(2026, 11, 29, 17, 55, tzinfo=UTC)  # 01:55 in Shanghai, 18:55 in Berlin


@pytest.mark.parametrize(
    ("zone", "at", "hours", "waits"),
    [
        (SHANGHAI, NIGHT, 18, timedelta(hours=6, minutes=5)),
        (BERLIN, NIGHT, 18, timedelta()),
        (SHANGHAI, NIGHT, 9, timedelta()),  # three hours after the morning
        (SHANGHAI, NIGHT + timedelta(hours=7), 18, timedelta()),
        (SHANGHAI, NIGHT - timedelta(hours=3), 24, timedelta(hours=9, minutes=5)),  # 22:55 the evening before
    ],
)
def test_the_morning_of_the_person_is_waited_for_unless_it_is_soon(
    zone: ZoneInfo, at: datetime, hours: int, waits: timedelta
) -> None:
    assert find_hour(at, at + timedelta(hours=hours), zone) - at == waits
