"""A database that was put back by hand is noticed, because Slack shows a card that it does not know."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.clock import Clock
from bot.comparison import Comparison
from bot.post import Post
from bot.sandbox import Sandbox
from bot.slack import SlackClient
from bot.transport import Transport
from handlers import stamps
from models.delivery import What
from models.record import Record
from models.store import Store
from models.tables import OUTBOX, RECORD
from tests.bot.stand_ins import Control
from tests.bot.test_outbox import House


class Stamped(House):
    """A house whose messages carry the mark of its record."""

    def post(self) -> Post:
        transport = Transport(self.clock, self.slack.api_url)
        record = Record(self.store)
        stamp = lambda sent: stamps.stamped(sent, record.epoch)  # noqa: E731
        return Post(SlackClient(self.slack.bot_token, self.slack.api_url, transport, self.patience, stamp))

    def comparison(self) -> Comparison:
        return Comparison(self.post(), self.store, Record(self.store), "C0ESCAL", self.clock.now)

    def epoch(self) -> str:
        return Record(self.store).epoch


@pytest.fixture
def house(slack: Sandbox, control: Control, tmp_path: Path) -> Iterator[Stamped]:
    """A record with one case in Slack, and a copy of it from then."""
    house = opened(slack, control, tmp_path / "csp.db")
    with house.working():
        house.raised()
        house.settle_down()
    house.store.dispose()
    shutil.copy(tmp_path / "csp.db", tmp_path / "copy.db")
    yield house
    house.store.dispose()


def opened(slack: Sandbox, control: Control, path: Path) -> Stamped:
    store = Store(f"sqlite:///{path}", patience=5.0)
    store.upgrade()
    return Stamped(slack, control, store, Clock(slack.clock_file))


def test_a_record_that_knows_all_that_slack_shows_stays_as_it_is(house: Stamped) -> None:
    before = house.epoch()

    house.comparison().tick()

    assert house.epoch() == before
    assert house.cards()[0]["metadata"]["event_payload"]["epoch"] == before


def test_a_backup_that_was_copied_into_place_gets_a_new_epoch_and_gives_no_number_again(
    house: Stamped, slack: Sandbox, control: Control, tmp_path: Path
) -> None:
    with house.working():
        house.raised()
        house.raised()
        house.settle_down()
    restored = opened(slack, control, tmp_path / "copy.db")
    before = restored.epoch()

    restored.comparison().tick()

    assert restored.epoch() != before
    restored.number = 3
    assert restored.raised().number == 4
    told = restored.store.read(lambda c: c.scalars(select(OUTBOX.c.what).where(OUTBOX.c.number.is_(None))).all())
    assert What.TROUBLE in told
    with restored.working():
        restored.settle_down()
    buttons = [one for block in restored.cards()[0]["blocks"] for one in block.get("elements", ()) if "value" in one]
    assert {stamps.STAMP.match(one["value"])[1] for one in buttons} == {restored.epoch()}  # type: ignore[index]
    assert any("older than what Slack shows" in one["text"] for one in control.messages("C0ONCALL"))
    restored.store.dispose()


def test_a_new_record_in_a_channel_with_cards_of_another_begins_after_their_numbers(
    house: Stamped, slack: Sandbox, control: Control, tmp_path: Path
) -> None:
    another = opened(slack, control, tmp_path / "another.db")
    before = another.epoch()

    another.comparison().tick()

    assert another.epoch() == before
    assert another.raised().number == 2
    another.store.dispose()


def test_a_copy_of_a_record_from_before_marks_is_noticed_as_well(
    house: Stamped, slack: Sandbox, control: Control, tmp_path: Path
) -> None:
    unmarked = House(slack, control, house.store, house.clock, number=5)
    with unmarked.working():
        unmarked.raised()
        house.settle_down()
    restored = opened(slack, control, tmp_path / "copy.db")
    restored.store.write(lambda c: c.execute(update(RECORD).values(takes_unmarked=True)))
    before = restored.epoch()

    restored.comparison().tick()

    assert restored.epoch() != before
    restored.store.dispose()


def test_while_slack_is_away_nothing_is_decided_and_the_next_tick_looks(house: Stamped, control: Control) -> None:
    control.post("fault", method="conversations.history", times=1, mode="http_500", accepted=False)
    comparison, before = house.comparison(), house.epoch()

    comparison.tick()
    comparison.tick()

    assert house.epoch() == before
    assert len(control.calls("conversations.history")) >= 2
