"""The card of a holiday week: a story on the clock, and how it is drawn."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from handlers import ids
from handlers.blocks import holiday_review
from handlers.blocks.schedule import ViewContext
from handlers.i18n.words import Words
from handlers.notifications.message import Message, Sending
from models.oncall.availability import Availability
from models.oncall.holiday_review import HolidayReview
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.holiday_staffing import HolidayStaffing, OverLimit
from models.rules.rota.holidays import Festival, HolidayWeek
from models.rules.rota.rota import BEIJING, Rota
from models.store.database import Store
from tests.handlers import block_limits
from tests.handlers.notifications.test_reminders import DutyWithOutbox, texts
from tests.handlers.test_slack_limits import LANGUAGES, too_long
from tests.models.reminders.conftest import DAY, HOUR, hasty
from tests.models.reminders.test_holiday_review import PLAN, WEEK, ahead

BEGINS = datetime(2027, 2, 4, 16, tzinfo=UTC)
NOW = datetime(2026, 12, 7, 1, tzinfo=UTC)
THIS = HolidayWeek(Festival.SPRING_FESTIVAL, date(2027, 2, 5), date(2027, 2, 10), True)
LAST = HolidayWeek(Festival.SPRING_FESTIVAL, date(2026, 2, 15), date(2026, 2, 23), False)
LONG = "李娜 <!here> & *Li* " * 20
FULL = HolidayReview(
    WEEK, THIS,
    HolidayStaffing(
        [Gap("backup", BEGINS, BEGINS + 12 * HOUR, reason, (LONG,), ("azure",)) for reason in GapReason] * 9,
        [(BEGINS, BEGINS + HOUR)] * 40, [OverLimit(LONG, 84, 7)] * 40,
    ),
    LAST, [(LONG, 48.5)] * 40, [LONG] * 40,
)  # fmt: skip


@pytest.fixture
def stage(store: Store) -> DutyWithOutbox:
    """With a rota in which nobody's hours are too many."""
    made = DutyWithOutbox(hasty(store))
    made.rota(PLAN + "[policy]\nweek_hours = 168\n", ahead(500))
    return made


def cards(said: list[tuple[Delivery, Sending]]) -> list[Message]:
    return [message for _, message in said if isinstance(message, Message) and WEEK in str(message.blocks)]


def overs(stage: DutyWithOutbox) -> list[Message]:
    """What was put in place of cards."""
    week_messages = [
        entry for of, entry in stage.sent if of.what is MessageKind.REMINDER_REFRESH and of.subject == WEEK
    ]
    return [entry for entry in week_messages if isinstance(entry, Message)]


def test_a_week_is_rehearsed_and_its_card_shows_who_can_work_and_what_was_taken(stage: DutyWithOutbox) -> None:
    """Sixty days ahead with a thin shift; somebody offers; the shift is taken; then nothing has to be said again."""
    stage.leave("cid", BEGINS + DAY, BEGINS + 2 * DAY, ahead(70))
    (first,) = cards(stage.at(ahead(60)))
    Availability(stage.store).record(WEEK, "U0DAN", True, ahead(59), "click")
    (second,) = cards(stage.at(ahead(59)))
    stage.stand("dan", BEGINS + DAY, BEGINS + 2 * DAY, ahead(58), "backup")
    (third,) = cards(stage.at(ahead(58)))
    nothing = [cards(stage.at(ahead(days))) for days in (45, 30, 21)]

    texts_read = [block_limits.read(entry.blocks) for entry in (first, second, third)]
    assert "in 60 days" in first.text
    assert [ids.ROTA_TAKE_LISTED in str(entry.blocks) for entry in (first, second, third)] == [True, True, False]
    assert ["Nobody has volunteered yet" in entry for entry in texts_read] == [True, False, False]
    assert "Can work then: *dan*" in texts_read[1]
    assert "Every shift on these days is covered." in texts_read[2]
    assert second.update_ts == third.update_ts is not None
    assert first.update_ts is None
    assert nothing == [[], [], []]


def test_while_something_is_thin_it_comes_again_and_calls_the_leads_in_the_end(stage: DutyWithOutbox) -> None:
    stage.leave("cid", BEGINS + DAY, BEGINS + 2 * DAY, ahead(70))
    said = [cards(stage.at(ahead(days))) for days in (60, 45, 30, 21)]

    assert [len(entry) for entry in said] == [1, 1, 1, 1]
    assert ["<@U0LINA>" in str(entry[0].blocks) for entry in said] == [False, False, True, True]
    assert all("Late" not in block_limits.read(entry[0].blocks) for entry in said)


def test_what_was_missed_says_that_it_is_late(stage: DutyWithOutbox) -> None:
    stage.at(ahead(61))
    stage.now = ahead(44)
    stage.tick(ahead(44))

    assert any("Late" in text for text in texts(stage.deliver(), MessageKind.HOLIDAY_REVIEW))


def test_a_card_that_could_not_be_sent_before_the_week_begins_is_not_sent(stage: DutyWithOutbox) -> None:
    stage.leave("cid", BEGINS + DAY, BEGINS + 2 * DAY, ahead(70))
    stage.tick(ahead(21))
    stage.now = ahead(0)

    assert cards(stage.deliver()) == []


def test_who_worked_the_week_of_the_year_before_is_told_from_the_record(store: Store) -> None:
    stage = DutyWithOutbox(hasty(store))
    stage.rota(PLAN.replace("2026-11-01", "2026-01-05"), datetime(2026, 1, 1, tzinfo=UTC))

    (card,) = cards(stage.at(ahead(60)))

    card_text = block_limits.read(card.blocks)
    assert "Last time (2026" in card_text
    assert "cid" in card_text


def test_without_a_record_nothing_is_said_of_the_last_time(store: Store) -> None:
    young = DutyWithOutbox(hasty(store))
    young.rota(PLAN, ahead(70))

    (card,) = cards(young.at(ahead(60)))

    assert "Last time" not in block_limits.read(card.blocks)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_fits_and_what_people_typed_stays_text(language: str) -> None:
    words = Words.of(language)
    quiet = replace(FULL, staffing=HolidayStaffing(), worked=(), volunteers=())
    viewer = ViewContext(words, BEIJING, Rota(), NOW)
    for review in (FULL, quiet, replace(FULL, week=replace(THIS, festival=Festival.NATIONAL_DAY, provisional=False))):
        report = block_limits.message(holiday_review.card(review, viewer), holiday_review.title(review, viewer))
        assert report.pings == []
    for can in (True, False):
        block_limits.message(holiday_review.availability_answer(can, WEEK, words))
    assert too_long(iter([holiday_review.card(quiet, viewer)])) == set()


def test_provisional_days_say_so_and_official_ones_do_not() -> None:
    viewer = ViewContext(Words.of("zh_CN"), BEIJING, Rota(), NOW)
    official = replace(FULL, week=replace(THIS, provisional=False))

    assert "暂定" in block_limits.read(holiday_review.card(FULL, viewer))
    assert "暂定" not in block_limits.read(holiday_review.card(official, viewer))
    assert "春节假期：2月5日" in holiday_review.title(FULL, viewer)
    assert "还有 60 天" in holiday_review.title(FULL, viewer)


def test_times_are_those_of_the_rota_and_the_card_says_whose(stage: DutyWithOutbox) -> None:
    stage.leave("cid", BEGINS + 20 * HOUR, BEGINS + 40 * HOUR, ahead(70))

    (card,) = cards(stage.at(ahead(60)))

    assert "Fri 5 Feb 20:00–16:00 (20 h)" in block_limits.read(card.blocks)
    assert "Times: Asia/Shanghai (UTC+8)" in block_limits.read(card.blocks)


def test_an_older_card_leads_to_the_newer_one_and_has_no_button(stage: DutyWithOutbox) -> None:
    stage.leave("cid", BEGINS + DAY, BEGINS + 2 * DAY, ahead(70))
    (first,) = cards(stage.at(ahead(60)))
    (newer,) = cards(stage.at(ahead(45)))

    (older,) = overs(stage)
    assert ids.WEEK_CAN in str(newer.blocks)
    assert "|A newer card shows the current state.>" in str(older.blocks)
    assert ids.WEEK_CAN not in str(older.blocks)
    assert first.update_ts is newer.update_ts is None


def test_the_one_card_stays_what_it_is_while_no_other_is_posted(stage: DutyWithOutbox) -> None:
    for days in (60, 45, 30, 21):
        stage.at(ahead(days))

    assert overs(stage) == []


def test_once_the_days_begin_every_card_says_so_at_midnight_and_has_no_button(stage: DutyWithOutbox) -> None:
    stage.leave("cid", BEGINS + DAY, BEGINS + 2 * DAY, ahead(70))
    for days in (60, 45):
        stage.at(ahead(days))
    stage.sent.clear()
    stage.at(BEGINS)

    begun = overs(stage)
    assert len(begun) == len({entry.update_ts for entry in begun}) == 2
    assert all("These days have begun." in block_limits.read(entry.blocks) for entry in begun)
    assert not any(ids.WEEK_CAN in str(entry.blocks) for entry in begun)


def test_in_both_languages_the_other_volunteers_are_counted_in_the_language_of_the_line() -> None:
    viewer = ViewContext(Words.of("both"), BEIJING, Rota(), NOW)
    volunteers = tuple(f"person{number:02}" for number in range(holiday_review.PEOPLE_SHOWN + 2))

    said = block_limits.read(holiday_review.card(replace(FULL, volunteers=volunteers), viewer))

    lines = [line for line in said.splitlines() if "person00" in line]
    assert len(lines) == 2
    assert not [line for line in lines if "另有 2" in line and "2 more" in line]
