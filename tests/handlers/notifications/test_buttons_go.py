"""A message in Slack loses its button once its question is answered, wherever that was, or once its time is over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.elements import elements
from handlers import ids
from handlers.notifications.context import RenderContext
from handlers.notifications.message import Message, Sending
from models.oncall.override_rows import save as save_overrides
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import BY_LINK
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.send_outcome import SendOutcome
from models.rules.people import Actor
from models.rules.rota.on_call import ShiftEvent, ShiftEventKind, Slot
from models.rules.rota.overrides import Override, OverrideKind
from models.store.database import Store
from tests.handlers import block_limits
from tests.handlers.notifications.test_reminders import DutyWithOutbox
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE, hasty
from tests.models.samples import LI, NOW, TEAM, customer_request, step
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

ANNS = BOBS + DAY
FRIDAY = datetime(2026, 11, 27, 1, tzinfo=UTC)
"""When the lists of the next week are sent."""
WITHOUT_ANN = DAILY_TURNS_WITH_BACKUP.replace('members = ["ann", "bob"]', 'members = ["bob"]')
ALWAYS = frozenset({ids.ROTA_NOTE})
Answer = Callable[["Screen", datetime], None]


class Screen(DutyWithOutbox):
    """A duty, and what stands in Slack after all redrawings."""

    def __init__(self, store: Store) -> None:
        super().__init__(hasty(store))
        self.rota()
        self.is_reversed = False
        self.backup_confirmed()
        self.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)

    def _drawn(self, delivery: Delivery, render_context: RenderContext) -> tuple[SendOutcome, Sending | None]:
        """Post each message at the time of its position, or all in the reverse order."""
        outcome, drawn = super()._drawn(delivery, render_context)
        ts = f"{100_000 - delivery.position}.0001"
        return (replace(outcome, ts=ts) if self.is_reversed and outcome.ts else outcome), drawn

    def press_by_link(self, kind: ShiftEventKind, who: str, start: datetime, at: datetime) -> None:
        press = ShiftEvent(0, at, f"U0{who.upper()}", kind, Slot("primary"), start, who, "", BY_LINK)
        self.confirmations.record(press, replace(LI, id=press.by), f"{kind}-{who}-{start}")

    def find_buttons(self, wanted: frozenset[str]) -> set[tuple[str, str, str]]:
        """The place, id and value of each of these buttons that can be pressed now."""
        return {
            (place, each["action_id"], each["value"])
            for place, message in self.shown().items()
            for _, each in elements(message.blocks)
            if each["action_id"] in wanted
        }

    def read(self) -> dict[str, str]:
        """The texts that stand in Slack now, with their mentions, by their place."""
        return {place: message.text for place, message in self.shown().items()}

    def shown(self) -> dict[str, Message]:
        """What stands in Slack, by its place."""
        shown: dict[str, Message] = {}
        for delivery, message in self.sent:
            if isinstance(message, Message):
                own = 100_000 - delivery.position if self.is_reversed else delivery.position
                shown[message.update_ts or f"{own}.0001"] = message
        return shown


def ask_early(screen: Screen) -> datetime:
    """Ann is asked a day before her shift."""
    screen.at(ANNS - DAY + 5 * MINUTE)
    return ANNS - 20 * HOUR


def ask_late(screen: Screen) -> datetime:
    """Ann, her backup and the leads are asked around the start of her shift, in Slack and in the channel."""
    for minutes in (-60, -10, -5):
        screen.at(ANNS + minutes * MINUTE)
    return ANNS - 2 * MINUTE


def ask_to_hand_over(screen: Screen) -> datetime:
    """The card of a handover stands in the channel, and both people and the leads are asked."""
    screen.press(ShiftEventKind.CONFIRM, "ann", ANNS, ANNS - 2 * HOUR)
    for minutes in (-14, 11, 21, 31):
        screen.at(ANNS + minutes * MINUTE)
    return ANNS + 32 * MINUTE


def ask_for_a_week(screen: Screen) -> datetime:
    """Ann gets the list of her next week, of which she has confirmed nothing."""
    screen.at(FRIDAY - MINUTE)
    screen.at(FRIDAY)
    return FRIDAY + HOUR


def confirm_the_week(screen: Screen, at: datetime) -> None:
    for n in (9, 11, 13):
        screen.press(ShiftEventKind.CONFIRM, "ann", BOBS + n * DAY, at)
    for n in (8, 10, 12, 14):
        screen.press(ShiftEventKind.CONFIRM, "bob", BOBS + n * DAY, at)


def ask_to_take_a_gap(screen: Screen) -> datetime:
    screen.leave("bob", BOBS + 2 * DAY, BOBS + 3 * DAY, NOW)
    screen.at(NOW)
    screen.at(NOW + MINUTE)
    return NOW + HOUR


def call_about_a_case(screen: Screen) -> datetime:
    request = customer_request(severity="A", answers={"impact": "Nobody can work"})
    screen.commands.raise_escalation(request, "C0ESCAL", LI, NOW, "view")
    screen.at(NOW)
    screen.at(NOW + 20 * MINUTE)
    return NOW + 21 * MINUTE


def press_both(screen: Screen, at: datetime) -> None:
    screen.press(ShiftEventKind.HAND_OVER, "bob", ANNS, at)
    screen.press_by_link(ShiftEventKind.TAKE_OVER, "ann", ANNS, at)


def take_gap(screen: Screen, at: datetime) -> None:
    taken = Override(0, at, "U0DAN", OverrideKind.OVERRIDE, BOBS + 2 * DAY, BOBS + 3 * DAY, "dan", "primary")
    taken = replace(taken, came_by=BY_LINK)
    screen.store.write(lambda c: save_overrides(c, [taken], "U0DAN", at, "taken"))


def move(what: Move, came_by: str = "") -> Answer:
    def answer(screen: Screen, at: datetime) -> None:
        made = replace(step(what, Actor("U0BOB", TEAM), at, "It works again"), came_by=came_by)
        screen.commands.move(1, made, f"{what}-{came_by}")

    return answer


SHIFT = frozenset({ids.ROTA_CONFIRM, ids.ROTA_STEP_IN, ids.ROTA_COVER})
HANDOVER = frozenset({ids.ROTA_HAND_OVER, ids.ROTA_TAKE_OVER, ids.ROTA_COVER, ids.ROTA_NOTE})
GAP, CASE = frozenset({ids.ROTA_TAKE, ids.ROTA_TAKE_PART}), frozenset({ids.move_button(Move.ACKNOWLEDGE)})
CONFIRM: dict[str, Answer] = {
    "pressed in Slack": lambda screen, at: screen.press(ShiftEventKind.CONFIRM, "ann", ANNS, at),
    "pressed by link": lambda screen, at: screen.press_by_link(ShiftEventKind.CONFIRM, "ann", ANNS, at),
}
PLANNED_ANEW: dict[str, Answer] = {
    "the person is away": lambda screen, at: screen.leave("ann", ANNS, ANNS + DAY, at),
    "the rota is imported without them": lambda screen, at: screen.rota(WITHOUT_ANN, at),
}


def assign_dan(screen: Screen, at: datetime) -> None:
    screen.stand("dan", ANNS, ANNS + DAY, at)


def after(length: timedelta) -> Answer:
    """Nobody answers, and time passes."""

    def answer(screen: Screen, at: datetime) -> None:
        screen.at(at + length)

    return answer


QUESTIONS: dict[str, tuple[Callable[[Screen], datetime], frozenset[str], dict[str, Answer]]] = {
    "to confirm, a day ahead": (
        ask_early, SHIFT, {**CONFIRM, **PLANNED_ANEW, "another person is assigned": assign_dan},
    ),
    "to confirm, around the start": (
        ask_late, SHIFT, {**CONFIRM, **PLANNED_ANEW, "the shift is over": after(DAY + 5 * MINUTE)}
    ),
    "to hand over": (
        ask_to_hand_over, HANDOVER,
        {"pressed by both": press_both, **PLANNED_ANEW, "the shift is over": after(DAY)},
    ),
    "to confirm a week": (
        ask_for_a_week, frozenset({ids.ROTA_CONFIRM_ALL}),
        {"all are confirmed": confirm_the_week, "the week is over": after(11 * DAY)},
    ),
    "to take a gap": (
        ask_to_take_a_gap, GAP,
        {
            "taken by link": take_gap,
            "the rota is imported with somebody": lambda screen, at: screen.stand(
                "dan", BOBS + 2 * DAY, BOBS + 3 * DAY, at
            ),
            "the gap is over": after(4 * DAY),
        },
    ),
    "to acknowledge": (
        call_about_a_case, CASE,
        {
            "in Slack": move(Move.ACKNOWLEDGE), "by link": move(Move.ACKNOWLEDGE, BY_LINK),
            "at the terminal": move(Move.ACKNOWLEDGE, "cli"), "withdrawn": move(Move.WITHDRAW),
        },
    ),
}  # fmt: skip
EVERY = [
    pytest.param(ask, buttons, answer, id=f"{question}: {how}")
    for question, (ask, buttons, answers) in QUESTIONS.items()
    for how, answer in answers.items()
]


@pytest.mark.parametrize(("ask", "buttons", "answer"), EVERY)
def test_no_message_keeps_the_button_of_a_question_that_is_answered_or_over(
    store: Store, ask: Callable[[Screen], datetime], buttons: frozenset[str], answer: Answer
) -> None:
    screen = Screen(store)
    at = ask(screen)
    asked = screen.find_buttons(buttons)
    assert asked

    answer(screen, at)
    screen.at(max(screen.now, at) + MINUTE)

    assert asked & screen.find_buttons(buttons) == set()


@pytest.mark.parametrize("by_link", [True, False])
@pytest.mark.parametrize(("kind", "who", "other"), [("HAND_OVER", "bob", "ann"), ("TAKE_OVER", "ann", "bob")])
def test_replies_of_a_handover_name_only_who_still_has_to_press(
    store: Store, kind: str, who: str, other: str, *, by_link: bool
) -> None:
    screen = Screen(store)
    at = ask_to_hand_over(screen)
    replies = {f"{d.position}.0001" for d, m in screen.sent if isinstance(m, Message) and m.thread_ts}
    assert len(replies) == 3
    both = [text for place, text in screen.read().items() if place in replies and "please call" in text]
    assert all("please call <@U0BOB>, <@U0ANN>." in text for text in both)

    press = screen.press_by_link if by_link else screen.press
    press(ShiftEventKind[kind], who, ANNS, at)
    screen.at(at + MINUTE)

    asking = [text for place, text in screen.read().items() if place in replies and "please call" in text]
    assert len(asking) == 1  # the earlier ones say that a newer one is below
    assert f"please call <@U0{other.upper()}>." in asking[0]
    own = {ids.ROTA_HAND_OVER, ids.ROTA_TAKE_OVER}
    to_who = {place for place, m in screen.shown().items() if m.channel == f"DU0{who.upper()}"}
    assert not {place for place, _, _ in screen.find_buttons(frozenset(own))} & to_who


@pytest.mark.parametrize(
    ("is_reversed", "says"), [(False, "A newer reminder is below: "), (True, "There is a newer reminder: ")]
)
def test_an_older_reminder_says_that_a_newer_is_below_only_where_it_is(
    store: Store, says: str, *, is_reversed: bool
) -> None:
    """After a silence, messages may be posted in another order than they were enqueued."""
    screen = Screen(store)
    screen.is_reversed = is_reversed

    ask_to_hand_over(screen)

    stubs = [text for text in screen.read().values() if "newer reminder" in text]
    assert stubs
    assert all(says in text for text in stubs), stubs


def test_a_week_of_which_one_shift_is_confirmed_by_link_shows_that_and_asks_for_the_others(store: Store) -> None:
    screen = Screen(store)
    at = ask_for_a_week(screen)

    screen.press_by_link(ShiftEventKind.CONFIRM, "ann", BOBS + 9 * DAY, at)
    screen.at(at + MINUTE)

    (message,) = (m for m in screen.shown().values() if m.channel == "DU0ANN" and "week from" in m.text)
    lines = [line for line in block_limits.read(message.blocks).splitlines() if line[:1] in "✅○"]
    assert [line[:1] for line in lines] == ["✅", "○", "○"]
    assert "Your shifts of the week from Mon 30 Nov" in message.text
    assert [each["action_id"] for _, each in elements(message.blocks)] == [ids.ROTA_CONFIRM_ALL]
