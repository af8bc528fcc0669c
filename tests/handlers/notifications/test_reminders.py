"""What is said of the duty unasked: drawn when it is sent, true then, valid for Slack, to whom it concerns."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.elements import elements
from handlers import ids
from handlers.notifications.context import RenderContext
from handlers.notifications.message import Message, NotReady, Sending, TopicUpdate, UserGroupUpdate
from models.customers.importer import import_customers
from models.escalations.articles import Articles
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.oncall.override_rows import save as save_overrides
from models.outbox.queue import Outbox
from models.rules.customers.csv_columns import read_sheet
from models.rules.escalations.articles import ArticleText
from models.rules.escalations.escalation import Move
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.people import Person
from models.rules.rota.on_call import ShiftEvent, ShiftEventKind, Slot
from models.rules.rota.overrides import Override, OverrideKind
from models.store.database import Store
from tests.handlers import block_limits
from tests.handlers.harness import SETTINGS
from tests.handlers.rendering import render, render_context_on
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE, Duty, hasty
from tests.models.samples import EMMA, LI, NOW, customer_request, step
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

NIGHT = BOBS + 4 * DAY
ANNS = BOBS + DAY
TEAM_SETTINGS = replace(SETTINGS, language="en", leads=frozenset({"U0LINA"}), oncall_usergroup="S0ONCALL")
DOWN = frozenset({MessageKind.CARD, MessageKind.LINE, MessageKind.RECEIPT})


class DutyWithOutbox(Duty):
    """A duty whose outbox is carried out by a Slack that takes everything."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.outbox, self.commands = Outbox(store), EscalationCommands(store)
        self.now = NOW
        self.sent: list[tuple[Delivery, Sending]] = []
        self.settings = TEAM_SETTINGS
        self.strangers: set[str] = set()

    def render_context(self) -> RenderContext:
        return replace(
            render_context_on(self.store, self.settings, self.now),
            now=lambda: self.now,
            is_unknown=lambda user: user in self.strangers,
        )

    def deliver(self) -> list[tuple[Delivery, Sending]]:
        """Draw and send all that waits, and give back what was said."""
        said = []
        render_context, clock = self.render_context(), self.now
        for _ in range(3000):
            clock += timedelta(seconds=2)
            delivery = self.outbox.claim(clock, "w")
            if delivery is None:
                if not any(n for state, n in self.outbox.counts().items() if state != "dead"):
                    break
                continue
            answer, drawn = self._drawn(delivery, render_context)
            self.outbox.settle(delivery, answer, clock)
            if drawn is not None:
                said.append((delivery, drawn))
        self.sent += said
        return said

    def _drawn(self, delivery: Delivery, render_context: RenderContext) -> tuple[SendOutcome, Sending | None]:
        if delivery.what in DOWN:
            return SendOutcome(SendResult.SENT, delivery.channel or "D1", f"{delivery.position}.0001"), None
        try:
            drawn = render(delivery, render_context)
        except NotReady:
            return SendOutcome(SendResult.NOT_YET), None
        if drawn is None:
            return SendOutcome(SendResult.SUPERSEDED), None
        if isinstance(drawn, Message):
            block_limits.message(drawn.blocks, drawn.text)
        return SendOutcome(SendResult.SENT, delivery.channel or f"D{delivery.user}", f"{delivery.position}.0001"), drawn

    def at(self, now: datetime) -> list[tuple[Delivery, Sending]]:
        """One tick, and all that it owes said at once."""
        self.now = now
        self.tick(now)
        return self.deliver()

    def until(self, start: datetime, end: datetime) -> Iterator[tuple[Delivery, Sending]]:
        """Whenever something is due."""
        while start < end:
            self.now = start
            following = self.tick(start).next_due
            yield from self.deliver()
            start = min(following or end, start + HOUR, end)


@pytest.fixture
def stage(store: Store) -> DutyWithOutbox:
    made = DutyWithOutbox(hasty(store))
    made.rota()
    return made


def texts(said: list[tuple[Delivery, Sending]], what: MessageKind | None = None) -> list[str]:
    """What was said, as a person reads it."""
    return [
        f"{message.text}\n{block_limits.read(message.blocks)}"
        for delivery, message in said
        if isinstance(message, Message) and what in {None, delivery.what}
    ]


def test_a_gap_has_a_card_with_two_buttons_and_its_reminders_stand_in_its_thread(stage: DutyWithOutbox) -> None:
    stage.confirmed(BOBS, 4)
    stage.backup_confirmed()
    stage.at(NOW)
    stage.leave("bob", NIGHT, NIGHT + DAY)
    said = [*stage.at(NOW + MINUTE), *stage.until(NOW + 2 * MINUTE, NIGHT - 3 * HOUR)]

    cards = [(delivery, drawn) for delivery, drawn in said if delivery.what is MessageKind.GAP]
    threads = {drawn.thread_ts for delivery, drawn in said if isinstance(drawn, Message) and delivery.lane == "gap:1"}
    (card,) = texts(cards)
    assert "Take it" in card
    assert "Take part of it" in card
    assert threads == {None, f"{cards[0][0].position}.0001"}


def test_who_could_take_a_gap_is_told_privately_and_leads_are_called_late(stage: DutyWithOutbox) -> None:
    stage.confirmed(BOBS, 4)
    stage.backup_confirmed()
    stage.leave("bob", NIGHT, NIGHT + DAY)
    said = list(stage.until(NOW, NIGHT + MINUTE))

    private = {d.user for d, _ in said if d.subject == "gap:1" and d.user}
    public = texts([entry for entry in said if not entry[0].user and entry[0].subject == "gap:1"], MessageKind.REMINDER)
    assert private == {"U0ANN", "U0DAN"}
    assert "<@U0LINA>" not in public[0]
    assert "<@U0LINA>" in public[-2]
    assert "<!subteam^S0ONCALL>" in public[-1]


def test_a_closed_gap_says_who_closed_it_on_its_card_too(stage: DutyWithOutbox) -> None:
    stage.leave("bob", NIGHT, NIGHT + DAY)
    stage.at(NOW)
    stage.stand("dan", NIGHT, NIGHT + DAY, NOW + HOUR)
    said = stage.at(NOW + HOUR)

    line, card = [(d, m) for d, m in said if d.subject == "gap:1"]
    assert "Closed by <@U0LINA>." in texts([line])[0]
    assert isinstance(card[1], Message)
    assert card[1].update_ts
    assert "closed" in texts([card])[0]
    assert "Take it" not in texts([card])[0]


@pytest.mark.parametrize(
    ("language", "said", "state"),
    [
        ("en", "<@U0LINA> recorded it as an accepted gap.\nReason: ", "⚪ accepted gap"),
        ("zh_CN", "<@U0LINA> 已登记为计划内缺口。\n原因：", "⚪ 计划内缺口"),
    ],
)
def test_a_gap_that_is_declared_intended_is_not_called_closed(
    stage: DutyWithOutbox, language: str, said: str, state: str
) -> None:
    stage.settings = replace(TEAM_SETTINGS, language=language)
    stage.leave("bob", NIGHT, NIGHT + DAY)
    stage.at(NOW)
    stage.changed(OverrideKind.ACCEPT_GAP, NIGHT, NIGHT + DAY, NOW + HOUR, why="office <!here>\nis shut")

    line, card = [(d, m) for d, m in stage.at(NOW + HOUR) if d.subject == "gap:1"]

    assert f"{said}office &lt;!here&gt; is shut" in texts([line])[0]
    assert isinstance(card[1], Message)
    assert card[1].update_ts
    assert state in texts([card])[0]
    assert "office" in block_limits.read(card[1].blocks)
    assert [
        word for word in ("✅", "closed", "Closed", "已补上", "Take it") if word in "".join(texts([line, card]))
    ] == []


def test_a_gap_that_a_new_file_declares_intended_is_not_called_closed_either(stage: DutyWithOutbox) -> None:
    stage.leave("bob", NIGHT, NIGHT + DAY)
    stage.at(NOW)
    times = 'from = 2026-11-26T08:00:00\nto = 2026-11-27T08:00:00\nreason = "office is shut"\n'
    stage.rota(f"{DAILY_TURNS_WITH_BACKUP}\n[[intended_gap]]\n{times}", NOW + HOUR)

    line, card = [(d, m) for d, m in stage.at(NOW + HOUR) if d.subject == "gap:1"]

    assert "⚪" in texts([line])[0]
    assert "It is an accepted gap.\nReason: office is shut" in texts([line])[0]
    assert "⚪ accepted gap" in texts([card])[0]
    assert "closed" not in "".join(texts([line, card]))


def test_who_stands_in_after_a_gap_was_intended_closes_nothing_of_it(stage: DutyWithOutbox) -> None:
    stage.leave("bob", NIGHT, NIGHT + DAY)
    stage.at(NOW)
    stage.changed(OverrideKind.ACCEPT_GAP, NIGHT, NIGHT + DAY, NOW + HOUR, why="office is shut")
    stage.now = NOW + HOUR
    stage.tick(stage.now)
    stage.stand("dan", NIGHT, NIGHT + DAY, NOW + 2 * HOUR)

    (line, _) = [
        entry
        for entry in stage.at(NOW + 2 * HOUR)
        if entry[0].subject == "gap:1" and entry[0].what is not MessageKind.GAP
    ]

    assert "recorded it as an accepted gap.\nReason: office is shut" in texts([line])[0]


def test_among_gaps_far_ahead_the_intended_ones_are_counted_apart(stage: DutyWithOutbox) -> None:
    far = NIGHT + 30 * DAY
    stage.leave("bob", far, far + HOUR, NOW - HOUR)
    stage.leave("bob", far + 4 * DAY, far + 4 * DAY + HOUR, NOW - HOUR)
    stage.tick(NOW)
    times = 'from = 2026-12-26T08:00:00\nto = 2026-12-26T09:00:00\nreason = "office is shut"\n'
    others = DAILY_TURNS_WITH_BACKUP.replace('"ann", "bob"', '"ann", "dan"')
    stage.rota(f"{others}\n[[intended_gap]]\n{times}", NOW + HOUR)

    said = "".join(texts([entry for entry in stage.at(NOW + HOUR) if entry[0].what is MessageKind.GAPS]))

    assert "✅ 1 gap is closed." in said
    assert "⚪ 1 gap is accepted." in said


def test_of_a_gap_far_ahead_that_somebody_closed_only_their_change_is_told(stage: DutyWithOutbox) -> None:
    far = NIGHT + 30 * DAY
    stage.leave("bob", far, far + HOUR)
    stage.at(NOW)
    stage.stand("dan", far, far + HOUR, NOW + HOUR)

    assert texts([entry for entry in stage.at(NOW + HOUR) if entry[0].what is MessageKind.GAPS]) == []


def test_who_is_called_for_a_shift_nobody_confirmed_is_told_what_to_do_next(stage: DutyWithOutbox) -> None:
    """The backup gets ready, a lead may put somebody else there, and whoever stays on is addressed as such."""
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    stage.stand("bob", ANNS - HOUR, ANNS, seat="backup")
    said = [entry for entry in stage.until(ANNS - 20 * MINUTE, ANNS) if ANNS.isoformat() in (entry[0].subject or "")]
    asks = [
        entry for entry in said if entry[0].what is MessageKind.REMINDER and "Not confirmed yet" in texts([entry])[0]
    ]
    lead, backup = (next(ask for ask in asks if ask[0].user == user) for user in ("U0LINA", "U0BOB"))

    asked = "Not confirmed yet. Please call <@U0ANN>"
    assert (
        f"{asked}, or assign someone else.\n<@U0BOB> remains on call until the shift is taken over." in texts([lead])[0]
    )
    assert set(offers(lead[1])) == {"Assign someone else"}
    assert f"{asked}, and be ready.\nYou remain on call until the shift is taken over." in texts([backup])[0]


def test_a_reminder_of_a_confirmed_shift_says_when_it_begins(stage: DutyWithOutbox) -> None:
    stage.press(ShiftEventKind.CONFIRM, "ann", ANNS, NOW - DAY)
    about = (entry for entry in stage.at(ANNS - 10 * MINUTE) if ANNS.isoformat() in str(entry[0].subject))
    said = texts([next(about)])[0]

    assert "Your shift begins in 10 min, at 08:00. You have confirmed it." in said


def test_what_is_to_be_pressed_at_the_change_names_its_time_and_after_it_asks_at_once(stage: DutyWithOutbox) -> None:
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    said = [texts([entry])[0] for entry in stage.at(ANNS - 10 * MINUTE) if entry[0].user == "U0ANN"]
    late = [texts([entry])[0] for entry in stage.until(ANNS, ANNS + 11 * MINUTE) if entry[0].user == "U0ANN"]

    assert any("At 08:00 press “I take over”." in entry for entry in said)
    assert not any("At 08:00 press" in entry for entry in late)
    assert any("Please press “I take over”." in entry for entry in late)


def test_after_hours_the_words_rise(stage: DutyWithOutbox) -> None:
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    said = [*stage.until(ANNS - 20 * MINUTE, ANNS + 10 * HOUR + MINUTE)]
    leads = [entry for entry in said if entry[0].what is MessageKind.REMINDER and entry[0].user == "U0LINA"]
    asked = [texts([lead])[0] for lead in leads if str(lead[0].subject).startswith("handover:")]

    assert not any("For " in entry for entry in asked[:2])
    assert "🚨" in asked[-1]
    assert "For 10 hours nobody has taken over." in asked[-1]


def test_an_alarm_of_a_shift_that_is_over_has_no_button_left(stage: DutyWithOutbox) -> None:
    said = [
        entry for entry in stage.until(ANNS - 40 * MINUTE, ANNS + MINUTE) if BOBS.isoformat() in str(entry[0].subject)
    ]
    shown = {message.update_ts or f"{delivery.position}.0001": message for delivery, message in said
             if isinstance(message, Message)}  # fmt: skip

    assert [ts for ts, message in shown.items() if list(elements(message.blocks))] == []
    assert any("This shift is over or cancelled." in message.text for message in shown.values())


def test_that_nobody_follows_is_said_with_two_ways_out(stage: DutyWithOutbox) -> None:
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    stage.leave("ann", ANNS, ANNS + HOUR)
    said = [entry for entry in stage.until(ANNS - 20 * MINUTE, ANNS) if entry[0].reminder.step == "alone"]
    stage.press(ShiftEventKind.CANNOT_STAY, "bob", BOBS, ANNS - 5 * MINUTE)
    others = {d.user or d.channel: (d, m) for d, m in stage.at(ANNS - 5 * MINUTE) if d.reminder.step == "cannot_stay"}

    (asked,) = said
    assert "The shift ends at 08:00, and nobody follows until 09:00.\nCan you stay on?" in texts([asked])[0]
    assert offers(asked[1]) == ["Stay on until …", "Assign someone else"]
    assert "<@U0BOB> can’t stay on. Please find somebody." in texts([others["U0LINA"]])[0]
    assert offers(others["U0LINA"][1]) == ["Assign someone else"]
    assert offers(others["C0ONCALL"][1]) == ["Take it"]


@pytest.mark.parametrize(
    ("language", "follows", "intended"),
    [
        ("en", "{who} is on call from 08:00.", "Nobody needs to follow."),
        ("zh_CN", "08:00 起由 {who} 值班。", "无需有人接班。"),
    ],
)
@pytest.mark.parametrize("taker", ["dan", "bob", ""])
def test_that_nobody_follows_folds_when_somebody_does(
    stage: DutyWithOutbox, taker: str, language: str, follows: str, intended: str
) -> None:
    stage.settings = replace(TEAM_SETTINGS, language=language)
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    stage.leave("ann", ANNS, ANNS + HOUR)
    asked = [d for d, _ in stage.until(ANNS - 20 * MINUTE, ANNS - 5 * MINUTE) if d.reminder.step == "alone"]
    stage.press(ShiftEventKind.CANNOT_STAY, "bob", BOBS, ANNS - 5 * MINUTE)
    asked += [d for d, _ in stage.at(ANNS - 5 * MINUTE) if d.reminder.step == "cannot_stay"]
    if taker:
        stage.stand(taker, ANNS, ANNS + HOUR, ANNS - 4 * MINUTE)
    else:
        stage.changed(OverrideKind.ACCEPT_GAP, ANNS, ANNS + HOUR, ANNS - 4 * MINUTE, why="closed")
    said = stage.at(ANNS - 4 * MINUTE)

    folded = [(d, m) for d, m in said if d.lane.endswith("/followed") and isinstance(m, Message)]
    assert {m.update_ts for _, m in folded} == {f"{entry.position}.0001" for entry in asked}
    assert len(folded) == 3
    channel = next(entry for entry in folded if entry[0].channel)
    assert (follows.format(who=f"<@U0{taker.upper()}>") if taker else intended) in texts([channel])[0]
    assert [offer for _, message in folded for offer in offers(message)] == []
    assert [d for d, _ in stage.at(ANNS - 3 * MINUTE) if d.lane.endswith("/followed")] == []


def test_that_nobody_follows_keeps_its_buttons_while_nobody_does_and_loses_them_when_it_is_over(
    stage: DutyWithOutbox,
) -> None:
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    stage.leave("ann", ANNS, ANNS + 4 * HOUR)
    said = [*stage.until(ANNS - 20 * MINUTE, ANNS + 30 * MINUTE)]
    (asked,) = [d for d, _ in said if d.reminder.step == "alone"]
    later = [*stage.until(ANNS + 30 * MINUTE, ANNS + 3 * HOUR)]

    def redrawn_messages(line: list[tuple[Delivery, Sending]]) -> list[Message]:
        return [m for _, m in line if isinstance(m, Message) and m.update_ts == f"{asked.position}.0001"]

    assert redrawn_messages(said) == []
    assert [offers(entry) for entry in redrawn_messages(later)] == [[]]
    assert "This shift is over" in redrawn_messages(later)[0].text


TWO_SEATS = DAILY_TURNS_WITH_BACKUP.replace('members = ["cid"]', 'members = ["cid", "dan"]')
"""At 08:00 both seats change."""
CROSSED = DAILY_TURNS_WITH_BACKUP.replace('members = ["cid"]', 'members = ["bob", "ann"]')
"""At 08:00 primary and backup change places."""


def posted_to(said: list[tuple[Delivery, Sending]], user: str) -> list[tuple[Delivery, Sending]]:
    """The direct messages to somebody, without redrawings."""
    return [(d, m) for d, m in said if d.user == user and isinstance(m, Message) and not m.update_ts]


def test_a_change_of_all_seats_at_once_is_one_message_for_a_lead(stage: DutyWithOutbox) -> None:
    stage.rota(TWO_SEATS, NOW - 20 * DAY)
    said = list(stage.until(ANNS - 20 * MINUTE, ANNS))
    about = [entry for entry in posted_to(said, "U0LINA") if ANNS.isoformat() in str(entry[0].subject)]

    ((_, message),) = about
    assert "<@U0ANN>" in texts(about)[0]
    assert "<@U0CID>" in texts(about)[0]
    assert offers(message) == ["Assign someone else", "Assign someone else"]


def test_a_message_about_both_seats_shows_each_confirmation_also_of_shifts_planned_a_moment_before(
    store: Store,
) -> None:
    stage = DutyWithOutbox(hasty(store))
    stage.rota(TWO_SEATS, ANNS + 3 * MINUTE)
    (asked,) = posted_to(stage.at(ANNS + 3 * MINUTE), "U0CID")
    assert "Nobody has confirmed this shift. Please call" in texts([asked])[0]

    stage.press(ShiftEventKind.CONFIRM, "ann", ANNS, ANNS + 5 * MINUTE)
    (redrawn,) = (entry for entry in stage.at(ANNS + 5 * MINUTE) if entry[0].user == "U0CID")
    assert "Nobody has confirmed" not in texts([redrawn])[0]
    assert "I'm on call" in texts([redrawn])[0]


def test_it_is_one_message_for_who_leaves_one_seat_for_another_and_each_press_shows_in_it(
    stage: DutyWithOutbox,
) -> None:
    stage.rota(CROSSED, NOW - 20 * DAY)
    for place, who in (("primary", "bob"), ("backup", "ann")):
        press = ShiftEvent(0, NOW, f"U0{who.upper()}", ShiftEventKind.CONFIRM, Slot(place), BOBS, who)
        stage.confirmations.record(press, replace(LI, id=press.by), f"{place} {who}")
    said = list(stage.until(ANNS - 20 * MINUTE, ANNS + MINUTE))
    shown: dict[str, Message] = {}
    for delivery, message in said:
        if delivery.user == "U0BOB" and isinstance(message, Message) and ANNS.isoformat() in str(delivery.subject):
            shown[message.update_ts or f"{delivery.position}.0001"] = message
    asked = sorted(label for message in shown.values() for label in offers(message))

    assert asked == ["Add to the note", "I hand over", "I take over"]

    stage.press(ShiftEventKind.HAND_OVER, "bob", ANNS, ANNS + MINUTE)
    stage.press(ShiftEventKind.TAKE_OVER, "ann", ANNS, ANNS + MINUTE)
    for delivery, message in stage.at(ANNS + 2 * MINUTE):
        if delivery.user == "U0BOB" and isinstance(message, Message) and message.update_ts:
            shown[message.update_ts] = message

    assert [label for message in shown.values() for label in offers(message)] == ["I take over"]


def test_on_fridays_each_gets_one_list_of_the_week_ahead_with_one_button(stage: DutyWithOutbox) -> None:
    """At 09:00 in Shanghai; bob has confirmed all of his shifts of that week, ann the first of her three."""
    friday = datetime(2026, 11, 27, 1, tzinfo=UTC)
    for who, n in (("bob", 8), ("ann", 9), ("bob", 10), ("bob", 12), ("bob", 14)):
        stage.press(ShiftEventKind.CONFIRM, who, BOBS + n * DAY, NOW)
    stage.at(friday - MINUTE)
    said = [entry for entry in stage.at(friday) if entry[0].what is MessageKind.WEEK]
    again = [entry for entry in stage.at(friday + MINUTE) if entry[0].what is MessageKind.WEEK]

    assert again == []
    assert [delivery.user for delivery, _ in said] == ["U0ANN"]
    listed = block_limits.read(said[0][1].blocks) if isinstance(said[0][1], Message) else ""
    assert [line for line in listed.splitlines() if line[:1] in "✅○"] == [
        "✅ Tue 1 Dec 08:00 – Wed 2 Dec 08:00 · primary", "○ Thu 3 Dec 08:00 – Fri 4 Dec 08:00 · primary",
        "○ Sat 5 Dec 08:00 – Sun 6 Dec 08:00 · primary",
    ]  # fmt: skip
    assert offers(said[0][1]) == ["Confirm all"]


def test_who_took_a_gap_is_told_so_as_you_where_they_were_asked(stage: DutyWithOutbox) -> None:
    stage.leave("bob", BOBS + 2 * DAY, BOBS + 3 * DAY, NOW - HOUR)
    stage.at(NOW)
    taken = Override(0, NOW, "U0DAN", OverrideKind.OVERRIDE, BOBS + 2 * DAY, BOBS + 3 * DAY, "dan", "primary")
    stage.store.write(lambda c: save_overrides(c, [taken], "U0DAN", NOW + HOUR, "taken"))
    ends = {
        d.user: texts([(d, m)])[0] for d, m in stage.at(NOW + HOUR) if d.what is MessageKind.REMINDER_REFRESH and d.user
    }

    assert "You closed it." in ends["U0DAN"]
    assert "Closed by <@U0DAN>." in ends["U0ANN"]


def test_a_newer_reminder_takes_the_buttons_of_those_before_it(stage: DutyWithOutbox) -> None:
    """From a day before to half an hour after, ann never presses; what she has to press stands once."""
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    said = [entry for entry in stage.until(ANNS - DAY, ANNS + 31 * MINUTE) if isinstance(entry[1], Message)]
    shown: dict[str, Message] = {}
    for delivery, message in said:
        assert isinstance(message, Message)
        if delivery.user in {"U0ANN", "U0BOB"} and ANNS.isoformat() in (delivery.subject or ""):
            shown[message.update_ts or f"{delivery.position}.0001"] = message

    by_button = {
        name: [ts for ts, m in shown.items() if name in {entry["action_id"] for _, entry in elements(m.blocks)}]
        for name in (ids.ROTA_CONFIRM, ids.ROTA_TAKE_OVER, ids.ROTA_HAND_OVER)
    }
    assert {name: len(places) for name, places in by_button.items()} == {
        ids.ROTA_CONFIRM: 0, ids.ROTA_TAKE_OVER: 1, ids.ROTA_HAND_OVER: 1,
    }  # fmt: skip
    folded = [m for m in shown.values() if m.text.startswith("⤵️ A newer reminder is below: ")]
    assert {m.text.partition(": ")[2] for m in folded} == {
        "Mon 23 Nov 08:00 – Tue 24 Nov 08:00 · primary · ann", "08:00 · primary · bob → ann",
    }  # fmt: skip
    assert len(folded) == len(shown) - 2 >= 6


def test_from_a_day_before_to_half_an_hour_after_a_change_nobody_is_written_to_more_than_needed(
    stage: DutyWithOutbox,
) -> None:
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    stage.at(ANNS - DAY)
    stage.press(ShiftEventKind.CONFIRM, "ann", ANNS, ANNS - 20 * HOUR)
    said = list(stage.until(ANNS - 20 * HOUR, ANNS))
    stage.press(ShiftEventKind.HAND_OVER, "bob", ANNS, ANNS - MINUTE)
    stage.press(ShiftEventKind.TAKE_OVER, "ann", ANNS, ANNS - MINUTE)
    said += stage.until(ANNS, ANNS + 31 * MINUTE)
    posted = [
        (d.user, round((d.created_at - ANNS) / MINUTE))
        for d, m in said
        if d.user and isinstance(m, Message) and not m.update_ts and ANNS.isoformat() in (d.subject or "")
    ]

    assert posted == [("U0BOB", -15), ("U0ANN", -10)]


def test_a_nag_whose_reason_is_gone_is_not_said(stage: DutyWithOutbox) -> None:
    stage.leave("bob", NIGHT, NIGHT + DAY)
    stage.at(NOW)
    stage.now = NIGHT - 71 * HOUR
    stage.tick(stage.now)
    stage.stand("dan", NIGHT, NIGHT + DAY, stage.now)
    stage.tick(stage.now)

    said = stage.deliver()

    assert [d.reminder.step for d, _ in said if d.what is MessageKind.REMINDER and d.subject == "gap:1"] == ["ended"]


def test_after_a_day_without_network_one_reminder_speaks_for_all_and_says_since_when(stage: DutyWithOutbox) -> None:
    stage.confirmed(BOBS, 4)
    stage.leave("bob", NIGHT, NIGHT + DAY)
    stage.at(NIGHT - HOUR)
    stage.ticks(NIGHT - HOUR, NIGHT + 20 * HOUR)
    stage.now = NIGHT + 20 * HOUR

    said = [entry for entry in stage.deliver() if entry[0].what is MessageKind.REMINDER and entry[0].subject == "gap:1"]

    assert len([entry for entry in said if entry[0].channel]) == 1
    assert "Late: due" in texts(said)[-1]


def test_what_was_missed_while_the_bot_was_down_is_said_once_with_the_reason(stage: DutyWithOutbox) -> None:
    stage.leave("bob", NIGHT, NIGHT + DAY)
    stage.at(NIGHT - 5 * HOUR)
    said = [entry for entry in stage.at(NIGHT + HOUR) if entry[0].subject == "gap:1" and entry[0].channel]

    reminder_entries = [entry for entry in said if entry[0].what is MessageKind.REMINDER]
    assert len(reminder_entries) == 1
    assert "the bot was down" in texts(reminder_entries)[0]


def test_a_shifts_person_is_reminded_with_a_button_until_they_confirm(stage: DutyWithOutbox) -> None:
    stage.confirmed(BOBS, 1)
    said = list(stage.until(NOW, ANNS - 5 * MINUTE))
    ours = [(d, m) for d, m in said if d.user == "U0ANN" and d.what is MessageKind.SHIFT]

    assert all("I'm on call" in text for text in texts(ours)[-1:])

    stage.press(ShiftEventKind.CONFIRM, "ann", ANNS, ANNS - 5 * MINUTE)
    after = stage.at(ANNS + MINUTE)
    assert [d.reminder.key for d, _ in after if d.what is MessageKind.REMINDER and "ann" in (d.subject or "")] == []


def test_an_unconfirmed_shift_calls_backup_then_leads_then_the_channel(stage: DutyWithOutbox) -> None:
    said = list(stage.until(NOW, ANNS + 20 * MINUTE))
    reminder_entries = [(d, m) for d, m in said if d.what is MessageKind.REMINDER and "ann" in (d.subject or "")]

    first = next(d.user for d, _ in reminder_entries if d.user != "U0ANN")
    order = list(dict.fromkeys(d.user or d.channel for d, _ in reminder_entries))
    assert first == "U0CID"
    assert order.index("U0CID") < order.index("U0LINA") < order.index(TEAM_SETTINGS.oncall_channel)


def test_a_handover_has_a_card_nags_both_and_moves_the_cases_when_both_have_pressed(stage: DutyWithOutbox) -> None:
    raised = stage.commands.raise_escalation(customer_request(), "C0ESCAL", EMMA, NOW, "v")
    bob = replace(EMMA, id="U0BOB")
    stage.commands.move(raised.number, step(Move.ACKNOWLEDGE, bob, NOW), "k")
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    stage.press(ShiftEventKind.CONFIRM, "ann", ANNS, ANNS - HOUR)

    said = list(stage.until(ANNS - HOUR, ANNS + 45 * MINUTE))
    (card,) = texts([entry for entry in said if entry[0].what is MessageKind.HANDOVER])
    nagged = {
        d.user
        for d, _ in said
        if d.what is MessageKind.REMINDER and (d.subject or "").startswith("handover:") and d.user
    }
    assert "I hand over" in card
    assert raised.name in card
    assert {"U0ANN", "U0BOB"} <= nagged

    stage.press(ShiftEventKind.HAND_OVER, "bob", ANNS, ANNS + 46 * MINUTE)
    stage.press(ShiftEventKind.TAKE_OVER, "ann", ANNS, ANNS + 47 * MINUTE)
    after = stage.at(ANNS + 48 * MINUTE)
    moved = EscalationQueries(stage.store).escalation(raised.number)
    assert moved is not None
    assert moved.owner == "U0ANN"
    assert MessageKind.HANDOVER_REFRESH in {d.what for d, _ in after}
    assert any("primary: <@U0ANN>" in text for text in texts(after, MessageKind.ON_NOW))


def test_before_the_change_the_card_says_who_takes_over_when_once_both_have_pressed(stage: DutyWithOutbox) -> None:
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    list(stage.until(ANNS - HOUR, ANNS - 10 * MINUTE))
    stage.press(ShiftEventKind.HAND_OVER, "bob", ANNS, ANNS - 9 * MINUTE)
    stage.at(ANNS - 8 * MINUTE)
    stage.press(ShiftEventKind.TAKE_OVER, "ann", ANNS, ANNS - 5 * MINUTE)
    (card,) = texts(stage.at(ANNS - 4 * MINUTE), MessageKind.HANDOVER_REFRESH)

    assert "Taken over: ✅ 07:55" in card
    assert "takes over at 08:00. Until then" in card
    (card,) = texts(stage.at(ANNS), MessageKind.HANDOVER_REFRESH)
    assert "Until then" not in card


def test_who_is_due_and_has_not_taken_over_yet_is_next_and_not_the_one_after(stage: DutyWithOutbox) -> None:
    """At 08:00 both seats change; only the backup's announcement comes, for bob stays on."""
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    stage.at(NOW)
    stage.stand("dan", ANNS, ANNS + 12 * HOUR, seat="backup")
    list(stage.until(NOW + MINUTE, ANNS))
    (line,) = texts(stage.at(ANNS + MINUTE), MessageKind.ON_NOW)

    assert "primary: <@U0BOB> · Next: <@U0ANN> due since 08:00, has not taken over yet" in line
    assert "backup: <@U0DAN> · Next: <@U0CID> 20:00" in line


def test_a_gap_that_comes_next_is_told_as_nobody_and_not_as_who_comes_after_it(stage: DutyWithOutbox) -> None:
    stage.leave("ann", ANNS, ANNS + 12 * HOUR)
    (line,) = texts(stage.at(NOW), MessageKind.ON_NOW)

    assert "primary: <@U0BOB> · Next: *🕳️ nobody from Mon 23 Nov 08:00*" in line


def buttons(said: list[tuple[Delivery, Sending]], user: str) -> list[set[str]]:
    """The buttons of each private message to somebody."""
    blocks = [m.blocks for d, m in said if d.user == user and isinstance(m, Message) and not m.update_ts]
    return [{entry["action_id"] for _, entry in elements(block)} for block in blocks]


def test_at_a_change_each_of_the_two_has_only_the_button_that_is_theirs(stage: DutyWithOutbox) -> None:
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    said = list(stage.until(ANNS - 14 * MINUTE, ANNS + 25 * MINUTE))
    ours = [entry for entry in said if ANNS.isoformat() in (entry[0].subject or "")]

    assert set.union(*buttons(ours, "U0BOB")) == {ids.ROTA_HAND_OVER, ids.ROTA_NOTE}
    assert set.union(*buttons(ours, "U0ANN")) == {ids.ROTA_TAKE_OVER}
    assert "I'm on call" not in "".join(texts([our for our in ours if our[0].user in {"U0ANN", "U0BOB"}]))
    assert "remains on call" in texts([our for our in ours if our[0].user == "U0CID"])[0]


def test_who_has_pressed_is_told_to_reach_the_other_and_has_nothing_left_to_press(stage: DutyWithOutbox) -> None:
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    stage.at(ANNS - MINUTE)
    stage.press(ShiftEventKind.TAKE_OVER, "ann", ANNS, ANNS - MINUTE)
    said = [
        entry for entry in stage.until(ANNS, ANNS + 45 * MINUTE) if (entry[0].subject or "").startswith("handover:")
    ]

    assert (
        "You have taken over. <@U0BOB> remains on call"
        in texts([entry for entry in said if entry[0].user == "U0ANN"])[0]
    )
    assert set.union(*buttons(said, "U0ANN")) == set()
    assert set.union(*buttons(said, "U0LINA")) == {ids.ROTA_HAND_OVER}  # a lead may, for who fell ill
    assert (
        "please call <@U0BOB>. <@U0BOB> remains on call."
        in texts([entry for entry in said if entry[0].channel], MessageKind.REMINDER)[0]
    )


def test_what_is_over_says_so_in_the_place_of_its_buttons(stage: DutyWithOutbox) -> None:
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    stage.at(ANNS + 11 * MINUTE)
    stage.press(ShiftEventKind.HAND_OVER, "bob", ANNS, ANNS + 11 * MINUTE)
    stage.press(ShiftEventKind.TAKE_OVER, "ann", ANNS, ANNS + 12 * MINUTE)
    after = [(d, m) for d, m in stage.at(ANNS + 13 * MINUTE) if d.what is MessageKind.REMINDER_REFRESH]
    said = [(d, m) for d, m in after if (d.subject or "").startswith("handover:")]

    assert {d.user for d, _ in said} == {"U0ANN", "U0BOB", "U0LINA", None}
    places = {d.user: f"D{d.user}" if d.user else d.channel for d, _ in said}
    assert all(isinstance(m, Message) and m.update_ts and m.channel == places[d.user] for d, m in said)
    assert buttons([(d, replace(m, update_ts=None)) for d, m in said if isinstance(m, Message)], "") == []
    assert all("✅ *Handover*" in text for text in texts(said))
    ends = {d.user: texts([(d, m)])[0].splitlines()[2] for d, m in said}
    assert ends["U0ANN"].startswith("You have been on call since 08:12.")
    assert ends["U0BOB"].startswith("<@U0ANN> has been on call since 08:12.")


def test_who_is_called_for_a_watch_that_has_begun_can_step_in_and_later_reads_that_it_was_confirmed(
    stage: DutyWithOutbox,
) -> None:
    said = list(stage.until(ANNS - 11 * MINUTE, ANNS + 2 * MINUTE))
    reminder_entries = [
        entry
        for entry in said
        if entry[0].what is MessageKind.REMINDER and ANNS.isoformat() in (entry[0].subject or "")
    ]
    assert buttons(reminder_entries, "U0CID") == [set(), set(), {ids.ROTA_STEP_IN}]
    assert "Step in" in texts([nag for nag in reminder_entries if nag[0].channel])[0]

    stage.press(ShiftEventKind.CONFIRM, "ann", ANNS, ANNS + 3 * MINUTE)
    after = [(d, m) for d, m in stage.at(ANNS + 4 * MINUTE) if d.what is MessageKind.REMINDER_REFRESH]
    assert {d.user or d.channel for d, _ in after} == {"U0ANN", "U0CID", "U0LINA", "C0ONCALL"}
    assert all("onfirmed" in text and "Step in" not in text for text in texts(after))


def test_times_are_the_rotas_in_a_channel_and_the_readers_in_private_and_always_named(stage: DutyWithOutbox) -> None:
    stage.commands.remember((Person(id="U0DAN", team_id="T", name="Dan", locale="en-GB", tz="Europe/London"), NOW))
    stage.leave("bob", NIGHT, NIGHT + DAY)
    said = stage.at(NIGHT - HOUR)

    (card,) = texts(said, MessageKind.GAP)
    (private,) = texts([entry for entry in said if entry[0].user == "U0DAN"])
    assert "Thu 26 Nov 08:00 – Fri 27 Nov 08:00" in card
    assert card.count("Asia/Shanghai (UTC+8)") == 1
    assert "Thu 26 Nov 00:00–24:00" in private
    assert private.count("Europe/London (UTC+0)") == 1
    assert not any("<!date" in text for text in texts(said))


def test_in_both_languages_facts_are_said_once_and_sentences_have_a_line_each(stage: DutyWithOutbox) -> None:
    stage.settings = replace(TEAM_SETTINGS, language="both")
    said = list(stage.until(ANNS - 11 * MINUTE, ANNS + 2 * MINUTE))
    reminder_entries = [
        (d, m)
        for d, m in said
        if d.what is MessageKind.REMINDER and d.channel and ANNS.isoformat() in (d.subject or "")
    ]
    nag = texts(reminder_entries)[0]

    assert nag.splitlines()[:3] == [
        "🚨 *11-23 周一 Mon 08:00 – 11-24 周二 Tue 08:00* · 主值班 primary · <@U0ANN>",
        "此班次已开始，仍未确认。请联系 <@U0ANN>，或在此顶班。",
        "Nobody has confirmed this shift. Please call <@U0ANN>, or step in here.",
    ]


def test_that_nobody_confirmed_a_shift_for_hours_is_said_once(stage: DutyWithOutbox) -> None:
    said = list(stage.until(ANNS - 11 * MINUTE, ANNS + 3 * HOUR))
    reminder_entries = [
        (d, m)
        for d, m in said
        if d.what is MessageKind.REMINDER and d.channel and ANNS.isoformat() in (d.subject or "")
    ]
    late = [text for text in texts(reminder_entries) if "For 2 hours nobody has confirmed this shift." in text]

    assert late
    assert all("Please call <@U0ANN>, or step in here." in text for text in late)
    assert not any("Nobody has confirmed this shift." in text for text in late)


def test_whom_slack_does_not_know_is_named_and_left_out_of_the_group(stage: DutyWithOutbox) -> None:
    stage.strangers = {"U0BOB"}
    said = stage.at(NOW)

    (group,) = [m for _, m in said if isinstance(m, UserGroupUpdate)]
    assert group.users == ("U0CID",)
    assert "Slack knows nobody by `U0BOB`. Correct it in the rota: bob" in texts(said, MessageKind.ON_NOW)[0]


def test_topic_and_group_follow_who_is_on_and_keep_peoples_own_words(stage: DutyWithOutbox) -> None:
    said = stage.at(NOW)
    (topic,) = [m for _, m in said if isinstance(m, TopicUpdate)]
    (group,) = [m for _, m in said if isinstance(m, UserGroupUpdate)]

    once = topic.compose("Ask here first")
    assert once == "Ask here first ⟦On call: bob, cid⟧"
    assert topic.compose(once) == once
    assert topic.compose("") == "⟦On call: bob, cid⟧"
    assert len(topic.compose("x" * 250)) <= 250
    assert set(group.users) == {"U0BOB", "U0CID"}


def test_when_nobody_is_on_it_is_said_aloud_and_the_group_reaches_the_leads(stage: DutyWithOutbox) -> None:
    stage.at(NOW)
    for who in ("bob", "cid"):
        stage.leave(who, NOW + HOUR, NOW + 3 * HOUR, NOW + MINUTE)
    said = stage.at(NOW + HOUR)

    (aloud,) = texts(said, MessageKind.ON_NOW)
    (group,) = [m for _, m in said if isinstance(m, UserGroupUpdate)]
    assert "nobody is on call" in aloud
    assert group.users == ("U0LINA",)


def test_an_escalation_nobody_takes_calls_who_is_on_then_more_until_somebody_does(stage: DutyWithOutbox) -> None:
    raised = stage.commands.raise_escalation(customer_request(), "C0ESCAL", EMMA, NOW, "v")
    said = list(stage.until(NOW, NOW + 2 * HOUR))
    reminder_entries = [(d, m) for d, m in said if d.number == raised.number and d.what is MessageKind.REMINDER]
    called = list(dict.fromkeys(d.user for d, _ in reminder_entries if d.user))
    assert called[:3] == ["U0BOB", "U0CID", "U0LINA"]
    assert (
        len([d for d, m in reminder_entries if d.channel == "C0ESCAL" and isinstance(m, Message) and m.thread_ts]) >= 3
    )

    stage.commands.move(raised.number, step(Move.RECORD, EMMA, NOW + 2 * HOUR), "k")
    after = list(stage.until(NOW + 2 * HOUR, NOW + 5 * HOUR))
    assert [d for d, _ in after if d.number == raised.number and d.what is MessageKind.REMINDER] == []


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "👀 {card} · Contoso Café &amp; Co · Acknowledged by Emma · as of <"),
        ("zh_CN", "👀 {card} · Contoso Café &amp; Co · Emma 已认领 · 截至<"),
    ],
)
def test_once_somebody_took_a_case_its_reminders_say_so_and_have_no_buttons(
    stage: DutyWithOutbox, language: str, line: str
) -> None:
    stage.settings = replace(TEAM_SETTINGS, language=language)
    locale = {"en": "en-GB", "zh_CN": "zh-CN"}[language]
    for person, name in {EMMA.id: "Emma", "U0BOB": "Bob", "U0CID": "Cid", "U0LINA": "Lina"}.items():
        stage.commands.remember((Person(id=person, team_id="T", name=name, locale=locale, tz="Asia/Shanghai"), NOW))
    case = stage.commands.raise_escalation(
        customer_request(customer_name="Contoso Café & Co"), "C0ESCAL", EMMA, NOW, "v"
    )
    reminder_entries = [
        entry
        for entry in stage.until(NOW, NOW + 3 * HOUR)
        if entry[0].what is MessageKind.REMINDER and entry[0].number == case.number
    ]
    asked = {f"{d.position}.0001": d for d, _ in reminder_entries if d.lane != case.name}
    assert {"C0ONCALL", "U0BOB", "U0LINA"} <= {d.user or d.channel for d in asked.values()}

    stage.commands.move(case.number, step(Move.ACKNOWLEDGE, EMMA, NOW + 3 * HOUR), "k")
    after = [(d, m) for d, m in stage.at(NOW + 3 * HOUR) if d.what is MessageKind.REMINDER_REFRESH]
    redrawn = [m for d, m in after if d.subject == f"escalation:{case.number}" and isinstance(m, Message)]
    place = EscalationQueries(stage.store).card_place(case.number)
    assert place is not None
    card = f"*<https://csp.slack.com/archives/{place.channel}/p{place.ts.replace('.', '')}|{case.name}>*"

    newest = {d.channel or f"D{d.user}": ts for ts, d in asked.items()}
    assert {m.channel: m.update_ts for m in redrawn} == newest
    assert len(redrawn) == len(newest) < len(asked)
    (shown,) = {block["text"]["text"] for m in redrawn for block in m.blocks}
    assert shown.startswith(line.format(card=card))
    assert shown.count("<!date^") == 1
    assert {block["type"] for m in redrawn for block in m.blocks} == {"section"}


def offers(message: Sending) -> list[str]:
    """The buttons of a message."""
    assert isinstance(message, Message)
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [button["text"]["text"] for row in rows for button in row]


def test_each_reminder_of_an_escalation_says_all_to_act_on_it_wherever_it_is_read(stage: DutyWithOutbox) -> None:
    case = stage.commands.raise_escalation(customer_request(), "C0ESCAL", EMMA, NOW, "v")
    said = list(stage.until(NOW, NOW + 5 * HOUR))
    reminder_entries = [(d, m) for d, m in said if d.number == case.number and d.what is MessageKind.REMINDER]
    threads = [nag for nag in reminder_entries if nag[0].lane == case.name]
    elsewhere = [nag for nag in reminder_entries if nag[0].lane != case.name]
    shown = texts(elsewhere)

    assert {d.channel for d, _ in elsewhere} == {None, TEAM_SETTINGS.oncall_channel}
    for part in (
        case.name,
        case.customer_name,
        case.title,
        "Severity: B (high)",
        "for acknowledgement",
        "Next action: ",
    ):
        assert [text for text in shown if part not in text.replace(": \n", ": ")] == []
    assert all("https://csp.slack.com/archives/C0ESCAL/p" in str(m) for _, m in elsewhere)
    assert {tuple(offers(message)) for _, message in elsewhere} == {("Acknowledge",)}
    assert {tuple(offers(message)) for _, message in threads} == {()}  # its card stands above
    assert any("Not yet acknowledged by bob. Please acknowledge it." in text for text in texts(threads))
    assert any("Not yet acknowledged by bob. You are asked now" in text for text in shown)


def test_a_silent_case_offers_snoozing_to_its_owner_and_leads_and_a_note_to_everybody(stage: DutyWithOutbox) -> None:
    case = stage.commands.raise_escalation(customer_request(), "C0ESCAL", EMMA, NOW, "v")
    stage.commands.move(case.number, step(Move.ACKNOWLEDGE, EMMA, NOW), "k")
    said = list(stage.until(NOW, NOW + 9 * HOUR))
    reminder_entries = [(d, m) for d, m in said if d.number == case.number and d.what is MessageKind.REMINDER]
    private = {(d.user, *offers(m)) for d, m in reminder_entries if d.user}
    shared = {tuple(offers(m)) for d, m in reminder_entries if d.channel == TEAM_SETTINGS.oncall_channel}

    waited = ("Request number", "Add a note")
    assert private == {
        (EMMA.id, *waited, "Snooze"), ("U0BOB", *waited), ("U0CID", *waited), ("U0LINA", *waited, "Snooze"),
    }  # fmt: skip
    assert shared == {(*waited, "Snooze")}
    assert (
        "you · submit it and record the number" in texts([nag for nag in reminder_entries if nag[0].user == EMMA.id])[0]
    )


def test_when_a_snooze_is_over_its_card_is_drawn_anew_once(stage: DutyWithOutbox) -> None:
    case = stage.commands.raise_escalation(customer_request(severity="C"), "C0ESCAL", EMMA, NOW, "v")
    stage.commands.move(case.number, step(Move.ACKNOWLEDGE, EMMA, NOW), "k")
    stage.commands.move(case.number, step(Move.SNOOZE, EMMA, NOW, until=NOW + HOUR), "s")
    stage.at(NOW)
    for _ in range(2):
        stage.tick(NOW + HOUR)
        stage.replica().tick(NOW + HOUR)
    stage.ticks(NOW + HOUR, NOW + 3 * HOUR)

    drawn = stage.said(f"escalation:{case.number}", [MessageKind.REFRESH])
    assert [(entry.to, entry.at) for entry in drawn] == [("C0ESCAL", NOW + HOUR)]
    assert stage.said(f"escalation:{case.number}", [MessageKind.REMINDER]) == []  # it has still time


def test_a_snooze_that_was_moved_or_ended_redraws_nothing_at_its_old_end(stage: DutyWithOutbox) -> None:
    case = stage.commands.raise_escalation(customer_request(severity="C"), "C0ESCAL", EMMA, NOW, "v")
    stage.commands.move(case.number, step(Move.ACKNOWLEDGE, EMMA, NOW), "k")
    stage.commands.move(case.number, step(Move.SNOOZE, EMMA, NOW, until=NOW + HOUR), "s")
    stage.tick(NOW)
    stage.commands.move(case.number, step(Move.SNOOZE, EMMA, NOW + MINUTE, until=NOW + 3 * HOUR), "s2")
    stage.ticks(NOW + MINUTE, NOW + 2 * HOUR)
    moved = stage.said(f"escalation:{case.number}", [MessageKind.REFRESH])
    stage.commands.move(case.number, step(Move.WAKE, EMMA, NOW + 2 * HOUR), "w")
    stage.ticks(NOW + 2 * HOUR, NOW + 5 * HOUR)

    assert moved == []
    assert stage.said(f"escalation:{case.number}", [MessageKind.REFRESH]) == []


def test_the_digest_says_what_is_open_and_when_nothing_is(stage: DutyWithOutbox) -> None:
    stage.at(NOW)
    nothing = stage.at(NOW + DAY)
    stage.commands.raise_escalation(customer_request(title="First"), "C0ESCAL", EMMA, NOW + DAY, "v")
    something = stage.at(NOW + 2 * DAY)

    assert "No escalations are open" in texts(nothing, MessageKind.DIGEST)[0]
    assert "First" in texts(something, MessageKind.DIGEST)[0]


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "18 pages of 21Vianet were not read for 180 days"), ("zh_CN", "世纪互联有 18 个网页已超过 180 天未查阅")],
)
def test_mondays_digest_tells_which_pages_were_not_read_for_half_a_year(
    stage: DutyWithOutbox, language: str, says: str
) -> None:
    stage.settings = replace(TEAM_SETTINGS, language=language)
    soon, monday = (
        datetime(*day, 9, tzinfo=TEAM_SETTINGS.timezone).astimezone(UTC) for day in ((2026, 11, 30), (2027, 5, 31))
    )
    stage.at(NOW)

    said = [texts(stage.at(at), MessageKind.DIGEST)[0] for at in (soon, monday, monday + DAY)]

    assert [says in text for text in said] == [False, True, False]


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "1 customer must be informed of our support"), ("zh_CN", "有 1 个客户需要告知支持方式")],
)
def test_mondays_digest_tells_how_many_customers_must_be_informed(
    stage: DutyWithOutbox, language: str, says: str
) -> None:
    stage.settings = replace(TEAM_SETTINGS, language=language)
    import_customers(stage.store, read_sheet(b"Contoso\n").lines, NOW)
    monday = datetime(2026, 11, 30, 9, tzinfo=TEAM_SETTINGS.timezone).astimezone(UTC)
    stage.at(NOW)

    said = [texts(stage.at(at), MessageKind.DIGEST)[0] for at in (monday, monday + DAY)]

    assert [says in text for text in said] == [True, False]


def test_in_both_languages_each_line_counts_the_other_customers_in_its_own(stage: DutyWithOutbox) -> None:
    stage.settings = replace(TEAM_SETTINGS, language="both")
    names = "\n".join(f"Customer {number:02}" for number in range(7))
    import_customers(stage.store, read_sheet(names.encode()).lines, NOW)
    monday = datetime(2026, 11, 30, 9, tzinfo=TEAM_SETTINGS.timezone).astimezone(UTC)
    stage.at(NOW)

    said = texts(stage.at(monday), MessageKind.DIGEST)[0]

    assert "另有 2 个。" in said
    assert ", 2 more. " in said


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "1 article was not confirmed for 180 days"), ("zh_CN", "有 1 条知识条目已超过 180 天未确认")],
)
def test_mondays_digest_tells_how_many_articles_nobody_confirmed(
    stage: DutyWithOutbox, language: str, says: str
) -> None:
    stage.settings = replace(TEAM_SETTINGS, language=language)
    articles, monday = Articles(stage.store), datetime(2026, 11, 30, 9, tzinfo=TEAM_SETTINGS.timezone).astimezone(UTC)
    articles.write(ArticleText("Mail", "", "", "Wait"), EMMA, monday - 180 * DAY, "old")
    articles.write(ArticleText("Mail", "", "", "Wait"), EMMA, monday - 179 * DAY, "new")
    stage.at(NOW)

    said = [texts(stage.at(at), MessageKind.DIGEST)[0] for at in (monday, monday + DAY)]

    assert [says in text for text in said] == [True, False]


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "The service reports of November 2026 are ready"), ("zh_CN", "2026年11月 的服务月报已可查看")],
)
def test_the_digest_of_the_first_workday_of_a_month_names_the_reports(
    stage: DutyWithOutbox, language: str, says: str
) -> None:
    stage.settings = replace(TEAM_SETTINGS, language=language)
    first = datetime(2026, 12, 1, 9, tzinfo=TEAM_SETTINGS.timezone).astimezone(UTC)
    stage.at(NOW)

    said = [texts(stage.at(at), MessageKind.DIGEST)[0] for at in (first - DAY, first, first + DAY)]

    assert [says in text for text in said] == [False, True, False]


def test_the_picture_comes_once_a_week_on_monday_in_the_languages_of_the_installation(stage: DutyWithOutbox) -> None:
    stage.settings = replace(TEAM_SETTINGS, language="both")
    monday = datetime(2026, 11, 23, 9, tzinfo=TEAM_SETTINGS.timezone).astimezone(UTC)
    stage.at(NOW)
    said = [entry for days in (0, 7) for late in (0, 1) for entry in stage.at(monday + days * DAY + late * MINUTE)]
    pictures = [(delivery, drawn) for delivery, drawn in said if delivery.what is MessageKind.PICTURE]

    sent_at = [delivery.created_at.astimezone(TEAM_SETTINGS.timezone) for delivery, _ in pictures]
    assert [instant.strftime("%a %H:%M") for instant in sent_at] == ["Mon 09:00", "Mon 09:00"]
    for delivery, drawn in pictures:
        assert isinstance(drawn, Message)
        assert (delivery.channel, drawn.thread_ts) == ("C0ONCALL", None)
        assert "未来四周" in drawn.text
        assert "The next four weeks" in drawn.text
        block_limits.message(drawn.with_picture("F0123456789").blocks, drawn.text)
        block_limits.message(drawn.without_picture("missing_scope").blocks, drawn.text)


def test_private_words_are_in_the_persons_language_and_shared_ones_in_the_installations(stage: DutyWithOutbox) -> None:
    stage.settings = replace(TEAM_SETTINGS, language="zh_CN")
    stage.leave("bob", NIGHT, NIGHT + DAY)
    said = stage.at(NOW)

    assert "缺口" in texts(said, MessageKind.GAP)[0]


@pytest.mark.parametrize(("language", "said"), [("en", "obody has confirmed"), ("zh_CN", "确认")])
def test_that_nobody_has_confirmed_for_hours_is_said_once(stage: DutyWithOutbox, language: str, said: str) -> None:
    stage.settings = replace(TEAM_SETTINGS, language=language)
    sent = list(stage.until(ANNS - 11 * MINUTE, ANNS + 3 * HOUR))
    reminder_entries = [
        block_limits.read(message.blocks)
        for delivery, message in sent
        if delivery.what is MessageKind.REMINDER and delivery.channel and ANNS.isoformat() in (delivery.subject or "")
        if isinstance(message, Message)
    ]

    assert reminder_entries[-1].count(said) == 1
