"""On call by link: the commands, refusals and facts are those of the buttons in Slack, and the record says how."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from handlers import ids
from handlers.blocks import gap_card, handover_card, rota_changes, shift_reminders
from handlers.blocks.handover_card import HandoverView
from handlers.blocks.rota_changes import NameChange
from handlers.blocks.schedule import ViewContext
from handlers.blocks.shift_reminders import ShiftView
from handlers.i18n.entry_words import done_with_facts
from handlers.i18n.words import Words
from handlers.notifications import handovers
from handlers.notifications.context import MessageContext
from handlers.notifications.page_links import find_wanted, find_wanted_of_all, name_shift
from models.oncall.gap_register import GapRegister
from models.rules.escalations.escalation import Move
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import Actor
from models.rules.reach.link import LinkAction, number_of
from models.rules.reminders.subjects import HandoverName, ShiftName
from models.rules.rota.on_call import ShiftEventKind, Slot, find_confirmation
from models.store.database import Store
from tests.handlers import block_limits
from tests.handlers.databases import ON_BOTH
from tests.handlers.links.link_duty import ANN, BOB, CID, DAN, LinkDuty, read_page
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE
from tests.models.rules.outbox.test_settlement import SENDING
from tests.models.samples import CHANNEL, NOW, TEAM, customer_request, step
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

ANNS = BOBS + DAY
A_PAGE = replace(SENDING, what=MessageKind.PAGE)
BY_LINK = [("en", "by link"), ("zh_CN", "通过链接")]


@pytest.fixture
def duty(store: Store) -> LinkDuty:
    return LinkDuty(store)


def viewer(duty: LinkDuty, language: str) -> ViewContext:
    rota = duty.rota_store.rota(duty.now)
    assert rota
    return ViewContext(Words.of(language), rota.zone, rota, duty.now)


def handed_over(duty: LinkDuty) -> str:
    """Bob hands over to Ann, who takes over, both by link, before their shift changes. Return the last page."""
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.now = ANNS - 5 * MINUTE
    presses = ((LinkAction.HAND_OVER, "bob", BOB), (LinkAction.TAKE_OVER, "ann", ANN))
    answers = [duty.submit(duty.shift_link(action, ANNS, who, person)) for action, who, person in presses]
    assert [status for status, _ in answers] == [200, 200]
    return answers[-1][1]


@ON_BOTH
def test_on_call_by_link_is_confirmed_and_its_record_says_how(duty: LinkDuty) -> None:
    status, page = duty.submit(duty.shift_link(LinkAction.CONFIRM, BOBS, "bob", BOB))

    duty.now = NOW + HOUR
    (entry,) = (entry for entry in duty.coverage_ledger.at(NOW + MINUTE, duty.now) if entry.slot.name == "primary")
    assert (status, entry.person, entry.status) == (200, "bob", "confirmed")
    assert entry.evidence == "watch:1 (link)"
    assert "✅" in page


@pytest.mark.parametrize(("language", "says"), BY_LINK)
def test_others_read_that_a_shift_was_confirmed_by_link(duty: LinkDuty, language: str, says: str) -> None:
    duty.submit(duty.shift_link(LinkAction.CONFIRM, BOBS, "bob", BOB))
    shift = next(each for each in duty.rota_store.shift_bounds(NOW, BOBS, BOBS + HOUR) if each.seat == "primary")
    events = duty.confirmations.find_events(BOBS, ANNS)

    view = ShiftView(shift, find_confirmation(shift, events))
    text = shift_reminders.confirmed_shift(view, viewer(duty, language), is_own=False)

    assert text.endswith(f" · {says}")


@pytest.mark.parametrize(("language", "says"), BY_LINK)
@ON_BOTH
def test_a_handover_takes_both_links_and_its_card_says_how(duty: LinkDuty, language: str, says: str) -> None:
    page = handed_over(duty)
    (handover,) = duty.confirmations.handovers(ANNS, ANNS + MINUTE, duty.now)

    card = handover_card.handover_card(HandoverView(handover, [], [], [], []), viewer(duty, language))

    assert handover.done_at == ANNS
    assert "You take over at 08:00. Until then bob is on call." in page
    assert re.search(
        r"takes over at 08:00\. Until then .* is on call\.|将于 08:00 接班，在此之前由", block_limits.read(card)
    )
    again = duty.pages.show(duty.shift_link(LinkAction.TAKE_OVER, ANNS, "ann", ANN)).html
    assert "The shift begins: 08:00 Asia/Shanghai on Mon 23 Nov." in again
    (entry,) = (entry for entry in duty.coverage_ledger.at(duty.now, duty.now) if entry.slot.name == "primary")
    assert entry.person == "bob"
    assert block_limits.read(card).count(f" · {says}") == 2


def test_a_case_that_is_taken_over_with_the_shift_says_that_this_came_by_link(duty: LinkDuty) -> None:
    duty.submit(duty.raised())  # Bob's
    handed_over(duty)
    duty.now = ANNS + MINUTE

    duty.tick(duty.now)

    entry = duty.queries.history(1)[-1]
    assert (entry.move, entry.by) == (Move.TAKE_OVER, ANN)
    assert done_with_facts(entry, Words.of("en"), str) == "took it over with the shift · by link"


OWN_CASES = [
    (
        "en-US",
        "2 open cases are yours or wait for us:",
        [
            "CSP-2 · C (non-critical) · With us · yours · submit it and record the number · "
            "overdue since Sun 22 Nov 19:30",
            "CSP-1 · A (critical) · With us · no owner · acknowledge it · overdue since Sun 22 Nov 15:33",
        ],
    ),
    (
        "zh-CN",
        "由你负责或轮到我们处理的呈报共 2 件：",
        [
            "CSP-2 · C（非严重） · 轮到我们 · 由你负责 · 提交并填写服务请求编号 · 已于 11月22日 周日 19:30 到期",
            "CSP-1 · A（严重） · 轮到我们 · 无负责人 · 认领 · 已于 11月22日 周日 15:33 到期",
        ],
    ),
]


@pytest.mark.parametrize(("locale", "heading", "lines"), OWN_CASES)
def test_who_comes_on_call_by_link_reads_which_open_cases_are_theirs_or_wait_for_us(
    duty: LinkDuty, locale: str, heading: str, lines: list[str]
) -> None:
    duty.people.speaks(ANN, locale)
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    for number, severity in ((1, "A"), (2, "C"), (3, "B")):
        request = customer_request(severity=severity, answers={"impact": "Nobody can work"})
        duty.commands.raise_escalation(request, CHANNEL, Actor(CID, TEAM), NOW, f"view-{number}")
    for number, move in ((2, Move.ACKNOWLEDGE), (3, Move.RECORD)):
        duty.commands.move(number, step(move, Actor(BOB, TEAM), NOW), f"key-{number}")
    duty.commands.move(3, step(Move.HAND_OVER, Actor(BOB, TEAM), NOW, new_owner=DAN), "key-dan")
    duty.now = ANNS - 5 * MINUTE
    duty.submit(duty.shift_link(LinkAction.HAND_OVER, ANNS, "bob", BOB))
    duty.now = ANNS + MINUTE

    _, page = duty.submit(duty.shift_link(LinkAction.TAKE_OVER, ANNS, "ann", ANN))

    shown = re.findall("<p>(.*?)</p>", page)
    assert shown[shown.index(heading) + 1 :][:2] == lines
    assert "CSP-3" not in page  # it is with 21Vianet, and dan owns it
    assert customer_request().customer_name not in page


@pytest.mark.parametrize(
    ("locale", "says"),
    [("en-US", "No open case is yours or waits for us."), ("zh-CN", "没有由你负责或轮到我们处理的呈报。")],
)
def test_who_comes_on_call_by_link_reads_that_no_case_is_open(duty: LinkDuty, locale: str, says: str) -> None:
    duty.people.speaks(BOB, locale)

    assert says in duty.submit(duty.shift_link(LinkAction.CONFIRM, BOBS, "bob", BOB))[1]


def test_who_confirms_a_shift_of_tomorrow_by_link_reads_nothing_of_cases(duty: LinkDuty) -> None:
    duty.raised()
    duty.now = ANNS - DAY

    status, page = duty.submit(duty.shift_link(LinkAction.CONFIRM, ANNS, "ann", ANN))

    assert status == 200
    assert "CSP-1" not in page


def test_the_outgoing_person_stays_on_call_until_both_links_are_used(duty: LinkDuty) -> None:
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.now = ANNS - 5 * MINUTE
    duty.submit(duty.shift_link(LinkAction.HAND_OVER, ANNS, "bob", BOB))

    (handover,) = duty.confirmations.handovers(ANNS, ANNS + MINUTE, ANNS + MINUTE)

    assert handover.handed_over
    assert handover.done_at is None


@ON_BOTH
def test_a_shift_that_nobody_confirmed_is_taken_over_by_link(duty: LinkDuty) -> None:
    status, page = duty.submit(duty.shift_link(LinkAction.STEP_IN, BOBS, "bob", DAN))
    late = duty.submit(duty.shift_link(LinkAction.STEP_IN, BOBS, "bob", ANN))

    assert status == 200, page
    after = duty.rota_store.shifts(duty.now + MINUTE, NOW, NOW + HOUR)
    assert [shift.member for shift in after if shift.seat == "primary" and shift.end > NOW + MINUTE] == ["dan"]
    assert late[0] == 409
    assert "dan took it first" in late[1]


def test_who_opens_another_gap_reads_which_and_takes_it_with_a_second_press(duty: LinkDuty) -> None:
    token = duty.shift_link(LinkAction.STEP_IN, BOBS, "bob", CID)  # it leaves no backup

    status, page = duty.submit(token)
    before = duty.rota_store.changes(duty.now + MINUTE)
    again = duty.submit(token, is_aware=True)

    assert status == 409
    assert "Taking this opens another gap:" in page
    assert "the same time (cid)" in page
    assert 'name="aware" value="yes"' in page
    assert before == []
    assert again[0] == 200, again[1]
    after = duty.rota_store.shifts(duty.now + MINUTE, NOW, NOW + HOUR)
    assert [shift.member for shift in after if shift.seat == "primary" and shift.end > NOW + MINUTE] == ["cid"]


def test_the_page_of_a_link_says_which_shift_handover_or_gap(duty: LinkDuty) -> None:
    shift = read_page(duty.pages.show(duty.shift_link(LinkAction.STEP_IN, BOBS, "bob", DAN)).html)
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.now = ANNS - 5 * MINUTE
    handover = read_page(duty.pages.show(duty.shift_link(LinkAction.HAND_OVER, ANNS, "bob", BOB)).html)

    assert "08:00 Asia/Shanghai · primary · bob" in shift
    assert "08:00 Asia/Shanghai · primary · bob → ann" in handover


def test_a_link_to_step_in_says_without_a_button_that_the_shift_is_confirmed(duty: LinkDuty) -> None:
    token = duty.shift_link(LinkAction.STEP_IN, BOBS, "bob", DAN)
    before = duty.pages.show(token)
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.now += MINUTE

    after = duty.pages.show(token)

    assert ("<form" in before.html, "<form" in after.html) == (True, False)
    assert "bob has confirmed this shift now. Nobody needs to step in." in read_page(after.html)


def test_who_has_pressed_gets_no_second_link_of_a_handover(duty: LinkDuty) -> None:
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    name = HandoverName(Slot("primary"), ANNS, "bob", "ann")

    def wanted(user: str) -> LinkAction | None:
        context = MessageContext(replace(A_PAGE, subject=str(name), user=user), duty.render_context)
        link = find_wanted(context)
        return link.action if link else None

    duty.now = ANNS - 5 * MINUTE
    before = wanted(BOB), wanted(ANN)
    duty.submit(duty.shift_link(LinkAction.HAND_OVER, ANNS, "bob", BOB))

    assert before == (LinkAction.HAND_OVER, LinkAction.TAKE_OVER)
    assert (wanted(BOB), wanted(ANN)) == (None, LinkAction.TAKE_OVER)
    page = MessageContext(replace(A_PAGE, subject=str(name), user=BOB), duty.render_context)
    assert handovers.list_missing(page) == ["ann"]


def test_a_page_about_several_shifts_brings_the_link_of_what_its_reader_has_to_do(duty: LinkDuty) -> None:
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    unconfirmed = ShiftName(Slot("backup"), datetime(2026, 11, 1, tzinfo=NOW.tzinfo), "cid")
    subjects = [str(unconfirmed), str(HandoverName(Slot("primary"), ANNS, "bob", "ann"))]
    duty.now = ANNS - 5 * MINUTE
    page = MessageContext(replace(A_PAGE, subject=subjects[0], user=ANN), duty.render_context)

    first, wanted = find_wanted_of_all(subjects[:1], page), find_wanted_of_all(subjects, page)

    assert first
    assert first.action is LinkAction.STEP_IN
    assert name_shift(first, Words.of("en")) == "backup · cid"
    assert wanted
    assert wanted.action is LinkAction.TAKE_OVER
    assert name_shift(wanted, Words.of("en")) == "primary · ann"


def test_the_page_of_a_shift_that_is_over_says_so_before_anything_is_pressed(duty: LinkDuty) -> None:
    token = duty.shift_link(LinkAction.STEP_IN, BOBS, "bob", DAN)
    duty.now = ANNS + MINUTE

    page = read_page(duty.pages.show(token).html)

    assert "This shift is over" in page
    assert "<form" not in page


@pytest.mark.parametrize(("language", "says"), [("en-US", "already: "), ("zh-CN", "你已")])
def test_a_second_link_for_what_its_person_did_says_that_it_is_done_and_when(
    duty: LinkDuty, language: str, says: str
) -> None:
    links = {
        duty.shift_link(LinkAction.CONFIRM, BOBS, "bob", BOB): duty.shift_link(LinkAction.CONFIRM, BOBS, "bob", BOB),
        duty.shift_link(LinkAction.HAND_OVER, ANNS, "bob", BOB): duty.shift_link(
            LinkAction.HAND_OVER, ANNS, "bob", BOB
        ),
        duty.shift_link(LinkAction.TAKE_OVER, ANNS, "ann", ANN): duty.shift_link(
            LinkAction.TAKE_OVER, ANNS, "ann", ANN
        ),
    }
    duty.people.speaks(BOB, language)
    duty.people.speaks(ANN, language)
    for first, second in links.items():
        duty.now = NOW if first == next(iter(links)) else ANNS - 5 * MINUTE
        before = duty.pages.show(second)

        assert duty.submit(first)[0] == 200
        after = duty.pages.show(second)

        assert ("<form" in before.html, "<form" in after.html) == (True, False)
        assert after.status == 200
        assert says in read_page(after.html)
        assert "Asia/Shanghai" in after.html or "北京时间" in after.html


def test_who_stepped_in_reads_that_it_is_done_and_others_who_was_first(duty: LinkDuty) -> None:
    own, other = (
        duty.shift_link(LinkAction.STEP_IN, BOBS, "bob", DAN),
        duty.shift_link(LinkAction.STEP_IN, BOBS, "bob", ANN),
    )
    assert duty.submit(duty.shift_link(LinkAction.STEP_IN, BOBS, "bob", DAN))[0] == 200
    duty.now += MINUTE

    assert "You took over this shift already" in duty.pages.show(own).html
    assert "dan took it first" in duty.pages.show(other).html
    assert "<form" not in duty.pages.show(other).html


@pytest.mark.parametrize(
    ("language", "says"), [("en-US", "This link is for U0BOB: who uses it acts as them."), ("zh-CN", "请勿转发。")]
)
def test_the_page_says_for_whom_the_link_is_and_that_it_is_not_passed_on(
    duty: LinkDuty, language: str, says: str
) -> None:
    duty.people.speaks(BOB, language)

    assert says in duty.pages.show(duty.shift_link(LinkAction.CONFIRM, BOBS, "bob", BOB)).html


def test_who_confirms_by_link_is_led_to_the_handover(duty: LinkDuty) -> None:
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.now = ANNS - 5 * MINUTE

    status, page = duty.submit(duty.shift_link(LinkAction.CONFIRM, ANNS, "ann", ANN))
    (token,) = re.findall(r'<form method="post" autocomplete="off" action="([\w-]+)">', page)

    assert status == 200
    assert "Confirmed: Mon 23 Nov 08:00" in page
    assert "Times: Asia/Shanghai" in page
    assert f"Number for the next step: {number_of(token)}" in page
    assert duty.submit(token)[0] == 200
    (handover,) = duty.confirmations.handovers(ANNS, ANNS + MINUTE, duty.now)
    assert handover.taken_over


def test_who_confirms_early_by_link_reads_when_to_take_over(duty: LinkDuty) -> None:
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.now = ANNS - 40 * MINUTE

    _, page = duty.submit(duty.shift_link(LinkAction.CONFIRM, ANNS, "ann", ANN))

    assert "press “I take over”. bob remains on call until both of you have pressed." in page
    assert "Before that, a message brings you the button." in page
    assert "<form" not in page


def test_who_presses_by_link_is_led_to_their_half_in_another_seat(duty: LinkDuty) -> None:
    duty.rota(DAILY_TURNS_WITH_BACKUP.replace('members = ["cid"]', 'members = ["bob", "ann"]'))
    for who, seat in (("bob", "primary"), ("ann", "backup")):
        confirm = ids.ShiftSubject(Slot(seat), BOBS, who)
        assert duty.submit(duty.link(LinkAction.CONFIRM, str(confirm), person=f"U0{who.upper()}"))[0] == 200
    duty.now = ANNS - 5 * MINUTE

    _, page = duty.submit(duty.shift_link(LinkAction.HAND_OVER, ANNS, "bob", BOB))
    (token,) = re.findall(r'<form method="post" autocomplete="off" action="([\w-]+)">', page)

    assert "· backup · ann → bob</p>" in page
    assert "Noted. ann stays responsible until they hand over, too." in duty.submit(token)[1]


@pytest.mark.parametrize(("language", "says"), BY_LINK)
@ON_BOTH
def test_a_gap_that_is_taken_by_link_says_so_on_its_card_and_to_others(
    duty: LinkDuty, language: str, says: str
) -> None:
    duty.leave("bob", NOW, NOW + 2 * HOUR, at=NOW)
    duty.tick(NOW)
    duty.now = NOW + timedelta(seconds=1)

    status, page = duty.submit(duty.link(LinkAction.TAKE_GAP, '{"gap": 1, "v": 0}', person=ANN))

    assert status == 200, page
    duty.now = NOW + MINUTE
    duty.tick(duty.now)
    (key,) = {message.subject for message in duty.said("change:")}
    applied = duty.rota_store.find_change(key.removeprefix("change:"))
    gap = GapRegister(duty.store).find(1)
    assert applied
    assert gap
    view = viewer(duty, language)
    card = gap_card.gap_card(gap, view, came_by=applied.changes[0].came_by or "")
    private = rota_changes.private(applied.changes, applied.outcome, "ann", NameChange("bob", "bob"), view)
    assert f" · {says}" in block_limits.read(card)
    assert f" · {says}" in block_limits.read(private)


@pytest.mark.parametrize(
    ("action", "start", "who", "person", "says"),
    [
        (LinkAction.CONFIRM, BOBS, "bob", CID, "bob"),
        (LinkAction.HAND_OVER, ANNS, "bob", CID, "Only bob or a lead can hand over this shift."),
        (LinkAction.TAKE_OVER, ANNS, "ann", CID, "ann"),
        (LinkAction.HAND_OVER, ANNS + 2 * DAY, "bob", BOB, "You can hand over or take over from "),
        (LinkAction.STEP_IN, ANNS, "ann", CID, "This shift has not begun yet: nobody needs to step in."),
    ],
)
def test_refusals_are_those_of_the_buttons_in_slack(
    duty: LinkDuty, action: LinkAction, start: object, who: str, person: str, says: str
) -> None:
    duty.confirmed(BOBS, 3)
    if start == ANNS and action is not LinkAction.STEP_IN:
        duty.now = ANNS - 5 * MINUTE
    events = len(duty.confirmations.find_events(BOBS, BOBS + 9 * DAY))

    status, page = duty.submit(duty.shift_link(action, start, who, person))  # type: ignore[arg-type]

    assert status == 409
    assert says in page
    assert len(duty.confirmations.find_events(BOBS, BOBS + 9 * DAY)) == events


@ON_BOTH
def test_a_press_by_link_counts_once(duty: LinkDuty) -> None:
    token = duty.shift_link(LinkAction.CONFIRM, BOBS, "bob", BOB)
    other = duty.shift_link(LinkAction.CONFIRM, BOBS, "bob", BOB)

    duty.submit(token)
    duty.submit(token)
    duty.submit(other)

    assert len(duty.confirmations.find_events(BOBS, ANNS)) == 1
