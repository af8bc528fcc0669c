"""How often an address may be used, and how long a text may be."""

from datetime import UTC, datetime, timedelta

import pytest

from models.rules.outbox.settlement import LONGEST_WAIT
from models.rules.reach.channels import CHANNELS, MOST_BYTES, Channel, cut_to_bytes, find_wait

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def ago(*seconds: float) -> list[datetime]:
    return [NOW - timedelta(seconds=each) for each in seconds]


def test_a_phone_rings_once_a_minute() -> None:
    limits = CHANNELS[Channel.HOOK].limits

    assert find_wait([], limits, NOW) == timedelta()
    assert find_wait(ago(20), limits, NOW) == timedelta(seconds=41)
    assert find_wait(ago(62), limits, NOW) == timedelta()


def test_a_phone_rings_five_times_an_hour_and_the_question_comes_again_after_ten_minutes() -> None:
    rings = ago(70, 140, 210, 280, 350)

    assert find_wait(rings, CHANNELS[Channel.HOOK].limits, NOW) == LONGEST_WAIT
    assert find_wait(ago(*(3500 + n for n in range(0, 500, 100))), CHANNELS[Channel.HOOK].limits, NOW) == timedelta()


@pytest.mark.parametrize(
    ("channel", "most"), [(Channel.WECOM_APP, 30), (Channel.WECOM_BOT, 20), (Channel.DINGTALK_BOT, 20)]
)
def test_the_next_use_beyond_a_limit_of_a_minute_waits(channel: Channel, most: int) -> None:
    limits = CHANNELS[channel].limits

    assert find_wait(ago(*range(most - 1)), limits, NOW) == timedelta()
    assert find_wait(ago(*range(most)), limits, NOW) > timedelta()


def test_a_text_is_cut_to_bytes_between_two_characters() -> None:
    cut = cut_to_bytes("呈报" * 600)

    assert len(cut.encode()) <= MOST_BYTES
    assert cut.endswith("…")
    assert cut_to_bytes("short") == "short"
