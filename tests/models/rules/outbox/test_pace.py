"""How fast messages may follow each other."""

from datetime import timedelta

from models.rules.outbox.pace import interval


def test_channels_are_posted_to_once_a_second_and_cards_redrawn_fifty_times_a_minute() -> None:
    assert interval("post:C0ESCAL") >= timedelta(seconds=1)
    assert interval("update") * 50 >= timedelta(minutes=1)
