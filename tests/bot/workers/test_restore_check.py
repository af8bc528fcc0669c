"""A database that was put back by hand is noticed, because Slack shows a card that it does not know."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.clock import Clock
from bot.http_client.transport import Transport
from bot.sandbox import Sandbox
from bot.slack.client import SlackClient
from bot.slack.messages import SlackMessages
from bot.workers.restore_check import RestoreCheck
from handlers import epoch_stamps
from models.reminders.engine import record_tick
from models.restore import epoch_renewal
from models.restore.missing_cases import SUBJECT
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch
from models.store.oncall_tables import DOWNTIME
from models.store.tables import OUTBOX, RECORD
from tests.bot.stubs import Control
from tests.bot.workers.test_outbox import OutboxSetup


class Stamped(OutboxSetup):
    """An outbox whose messages carry the epoch of its database."""

    def post(self) -> SlackMessages:
        transport = Transport(self.clock, self.slack.api_url)
        record = StoreEpoch(self.store)
        stamp = lambda sent: epoch_stamps.stamp(sent, record.epoch)  # noqa: E731
        return SlackMessages(SlackClient(self.slack.bot_token, self.slack.api_url, transport, self.patience, stamp))

    def comparison(self) -> RestoreCheck:
        return RestoreCheck(self.post(), self.store, StoreEpoch(self.store), "C0ESCAL", self.clock.now)

    def epoch(self) -> str:
        return StoreEpoch(self.store).epoch


@pytest.fixture
def services(slack: Sandbox, control: Control, tmp_path: Path) -> Iterator[Stamped]:
    """A record with one case in Slack, and a copy of it from then."""
    services = opened(slack, control, tmp_path / "csp.db")
    with services.working():
        services.raised()
        services.settle_down()
    services.store.dispose()
    shutil.copy(tmp_path / "csp.db", tmp_path / "copy.db")
    yield services
    services.store.dispose()


def opened(slack: Sandbox, control: Control, path: Path) -> Stamped:
    store = Store(f"sqlite:///{path}", timeout=5.0)
    store.upgrade()
    return Stamped(slack, control, store, Clock(slack.clock_file))


def test_a_record_that_knows_all_that_slack_shows_stays_as_it_is(services: Stamped) -> None:
    before = services.epoch()

    services.comparison().tick()

    assert services.epoch() == before
    assert services.cards()[0]["metadata"]["event_payload"]["epoch"] == before


def test_a_backup_that_was_copied_into_place_gets_a_new_epoch_and_gives_no_number_again(
    services: Stamped, slack: Sandbox, control: Control, tmp_path: Path
) -> None:
    with services.working():
        services.raised()
        services.raised()
        services.settle_down()
    restored = opened(slack, control, tmp_path / "copy.db")
    before = restored.epoch()

    restored.comparison().tick()

    assert restored.epoch() != before
    restored.number = 3
    assert restored.raised().number == 4
    told = restored.store.read(lambda c: c.scalars(select(OUTBOX.c.what).where(OUTBOX.c.number.is_(None))).all())
    assert MessageKind.TROUBLE in told
    with restored.working():
        restored.settle_down()
    buttons = [one for block in restored.cards()[0]["blocks"] for one in block.get("elements", ()) if "value" in one]
    assert {epoch_stamps.STAMP.match(button["value"])[1] for button in buttons} == {restored.epoch()}  # type: ignore[index]
    assert any("older than what Slack shows" in message["text"] for message in control.messages("C0ONCALL"))
    restored.store.dispose()


def test_a_message_whose_row_was_deleted_with_age_is_no_sign_of_an_older_record(services: Stamped) -> None:
    before = services.epoch()
    services.post().post("0f8fad5b-d9cb-469f-a165-70867728950e", "C0ESCAL", "a list", [], None)

    def a_month_later() -> datetime:
        return services.clock.now() + timedelta(days=31)

    RestoreCheck(services.post(), services.store, StoreEpoch(services.store), "C0ESCAL", a_month_later).tick()
    after_a_month = services.epoch()
    services.comparison().tick()

    assert after_a_month == before
    assert services.epoch() != before


def test_a_new_record_in_a_channel_with_cards_of_another_begins_after_their_numbers(
    services: Stamped, slack: Sandbox, control: Control, tmp_path: Path
) -> None:
    another = opened(slack, control, tmp_path / "another.db")
    before = another.epoch()

    another.comparison().tick()

    assert another.epoch() == before
    assert another.raised().number == 2
    another.store.dispose()


def test_a_copy_of_a_record_from_before_marks_is_noticed_as_well(
    services: Stamped, slack: Sandbox, control: Control, tmp_path: Path
) -> None:
    unmarked = OutboxSetup(slack, control, services.store, services.clock, number=5)
    with unmarked.working():
        unmarked.raised()
        services.settle_down()
    restored = opened(slack, control, tmp_path / "copy.db")
    restored.store.write(lambda c: c.execute(update(RECORD).values(takes_unmarked=True)))
    before = restored.epoch()

    restored.comparison().tick()

    assert restored.epoch() != before
    restored.store.dispose()


def test_it_is_told_once_in_both_channels_and_in_the_thread_which_case_is_missing(
    services: Stamped, slack: Sandbox, control: Control, tmp_path: Path
) -> None:
    with services.working():
        services.raised()
        services.settle_down()
    lost = next(card for card in services.cards() if "CSP-2" in card["text"])
    restored = opened(slack, control, tmp_path / "copy.db")

    for _ in range(2):
        restored.comparison().tick()
        with restored.working():
            restored.settle_down()

    told = [message for message in control.messages("C0ONCALL") if "CSP-2" in message["text"]]
    assert len(told) == 1
    assert "CSP-1" not in told[0]["text"]
    channel = [one for one in restored.cards() if "No longer on record" in one["text"]]
    assert [one["text"].splitlines()[-1] for one in channel] == ["CSP-2"]
    thread = [message for message in control.messages() if message.get("thread_ts") == lost["ts"] != message["ts"]]
    assert len([one for one in thread if "CSP-2 is no longer on record" in one["text"]]) == 1
    assert all(one.card in {None, 1, 2} for one in restored.post().newest("C0ESCAL") or ())
    restored.store.dispose()


def test_a_case_of_an_earlier_epoch_is_missed_and_one_of_another_record_is_not(
    services: Stamped, slack: Sandbox, control: Control, tmp_path: Path
) -> None:
    """As after a restore over a database that could not be read: the epoch was renewed, and nobody knew of a loss."""
    with services.working():
        services.raised()
        services.settle_down()
    another = opened(slack, control, tmp_path / "another.db")
    another.comparison().tick()
    another.number = 5
    another.raised()
    with another.working():
        another.settle_down()
    another.store.dispose()
    restored = opened(slack, control, tmp_path / "copy.db")
    restored.store.write(lambda c: epoch_renewal.renew(c, restored.clock.now()))
    before = restored.epoch()

    restored.comparison().tick()

    assert restored.epoch() == before
    notes = restored.store.read(lambda c: c.scalars(select(OUTBOX.c.note).where(OUTBOX.c.subject == SUBJECT)).all())
    assert [note.split()[2:] for note in notes] == [["oncall", "2"], ["escalations", "2"], notes[2].split()[2:]]
    assert notes[2].endswith(" 2")
    restored.store.dispose()


def test_the_time_since_the_copy_is_not_called_downtime(
    services: Stamped, slack: Sandbox, control: Control, tmp_path: Path
) -> None:
    with services.working():
        services.raised()
        services.settle_down()
    restored = opened(slack, control, tmp_path / "copy.db")
    now = restored.clock.now()
    restored.store.write(lambda c: record_tick(c, now - timedelta(hours=2), None))

    restored.comparison().tick()

    restored.store.write(lambda c: record_tick(c, restored.clock.now(), None))
    assert not restored.store.read(lambda c: c.execute(select(DOWNTIME)).all())
    restored.store.dispose()


def test_while_slack_is_away_nothing_is_decided_and_the_next_tick_looks(services: Stamped, control: Control) -> None:
    control.post("fault", method="conversations.history", times=1, mode="http_500", accepted=False)
    comparison, before = services.comparison(), services.epoch()

    comparison.tick()
    comparison.tick()

    assert services.epoch() == before
    assert len(control.calls("conversations.history")) >= 2
