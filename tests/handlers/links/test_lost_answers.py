"""A press by link whose answer never arrived: the link, opened again, shows the same next steps."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import update

from handlers import ids
from models.rules.reach.link import LinkAction, number_of
from models.rules.rota.on_call import ShiftEventKind, Slot
from models.rules.times import SECOND
from models.store.database import Store
from models.store.reach_tables import PAGE_LINK
from tests.handlers.links.link_duty import ANN, BOB, DAN, LinkDuty, read_page
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE
from tests.models.samples import NOW
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

ANNS = BOBS + DAY


@pytest.fixture
def duty(store: Store) -> LinkDuty:
    return LinkDuty(store)


def acknowledge_one_of_two(duty: LinkDuty) -> str:
    token = duty.raised()
    duty.raised(2)
    return token


def confirm_before_a_handover(duty: LinkDuty) -> str:
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.raised()
    duty.now = ANNS - 5 * MINUTE
    return duty.shift_link(LinkAction.CONFIRM, ANNS, "ann", ANN)


def confirm_early(duty: LinkDuty) -> str:
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.now = ANNS - 40 * MINUTE
    return duty.shift_link(LinkAction.CONFIRM, ANNS, "ann", ANN)


def hand_over_one_of_two_seats(duty: LinkDuty) -> str:
    duty.rota(DAILY_TURNS_WITH_BACKUP.replace('members = ["cid"]', 'members = ["bob", "ann"]'))
    for who, seat in (("bob", "primary"), ("ann", "backup")):
        confirm = ids.ShiftSubject(Slot(seat), BOBS, who)
        assert duty.submit(duty.link(LinkAction.CONFIRM, str(confirm), person=f"U0{who.upper()}"))[0] == 200
    duty.now = ANNS - 5 * MINUTE
    return duty.shift_link(LinkAction.HAND_OVER, ANNS, "bob", BOB)


def take_over(duty: LinkDuty) -> str:
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.raised()
    duty.now = ANNS - 5 * MINUTE
    return duty.shift_link(LinkAction.TAKE_OVER, ANNS, "ann", ANN)


def step_in(duty: LinkDuty) -> str:
    duty.raised()
    duty.now = NOW + MINUTE
    return duty.shift_link(LinkAction.STEP_IN, BOBS, "bob", DAN)


def take_a_gap(duty: LinkDuty) -> str:
    duty.raised()
    duty.leave("bob", NOW, NOW + 2 * HOUR, at=NOW)
    duty.tick(NOW)
    duty.now = NOW + SECOND
    return duty.link(LinkAction.TAKE_GAP, '{"gap": 1, "v": 0}', person=ANN)


def paragraphs(page: str) -> list[str]:
    return re.findall("<p>(.*?)</p>", page)


@pytest.mark.parametrize("is_noted", [True, False], ids=["answer lost", "killed before the use was noted"])
@pytest.mark.parametrize(
    "prepare",
    [
        acknowledge_one_of_two, confirm_before_a_handover, confirm_early, hand_over_one_of_two_seats, take_over,
        step_in, take_a_gap,
    ],
)  # fmt: skip
def test_a_link_whose_answer_was_lost_shows_the_same_next_steps(
    duty: LinkDuty, store: Store, prepare: Callable[[LinkDuty], str], *, is_noted: bool
) -> None:
    token = prepare(duty)
    status, answer = duty.submit(token)
    if not is_noted:
        store.write(lambda connection: connection.execute(update(PAGE_LINK).values(used_at=None)))

    opened = read_page(duty.pages.show(token).html)
    again = duty.submit(token)[1]

    assert status == 200, answer
    assert "✅ Done" in opened
    assert "already: " in again
    assert [line for line in paragraphs(answer)[1:] if line not in paragraphs(again)] == []
    offered, offered_again = (re.findall(r'action="([\w-]+)"', page) for page in (answer, again))
    assert len(offered_again) == len(offered)
    if offered:  # the button of the next step needs the number of the message first
        assert "<form" in opened
        assert number_of(offered_again[0]) in again
        assert duty.submit(offered_again[0])[0] == 200


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("en-US", "Overdue for 16 h, since Sun 22 Nov 15:45 (Asia/Shanghai): submit it to 21Vianet"),
        ("zh-CN", "已逾期 16 小时，时限 11月22日 周日 15:45（北京时间）：提交给世纪互联"),
    ],
)
def test_a_page_that_is_opened_again_after_the_next_step_was_due_says_since_when(
    duty: LinkDuty, locale: str, says: str
) -> None:
    token = duty.raised()
    duty.people.speaks(BOB, locale)
    duty.submit(token)
    duty.now = NOW + 17 * HOUR

    page = duty.submit(token)[1]

    assert says in page
