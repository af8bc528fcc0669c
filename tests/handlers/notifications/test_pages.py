"""Pages: who is reached by another way than Slack, when, in which words, and how each try ends. Slack sends nothing."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from models.outbox import page_rows
from models.outbox.page_rows import PagedMessage
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import ReturnFinding
from models.rules.outbox.delivery import LEASE, QueuePart
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.people import Actor, Person
from models.rules.reach.channels import Channel
from models.rules.reach.link import LinkAction
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import CHINA
from models.rules.reach.reader import parse_reach
from models.rules.rota.on_call import ShiftEventKind
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.handlers.databases import ON_BOTH
from tests.handlers.notifications.reach_duty import BOB, FILE, LINA, SECOND, TITLE, ReachDuty
from tests.models.reminders.conftest import BOBS, DAY, MINUTE
from tests.models.samples import CHANNEL, NOW, TEAM, WANG, customer_request, step
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP


@pytest.fixture
def reach(store: Store) -> ReachDuty:
    return ReachDuty(store, parse_reach(FILE, CHINA))


@ON_BOTH
def test_severity_a_rings_at_once_whatever_slack_does(reach: ReachDuty) -> None:
    reach.raised("A")
    reach.slack_sends_all()

    assert reach.later(SECOND) == ["wecom_bot", "hook"]
    assert (
        reach.text() == "CSP-1 (severity A) waits for acknowledgement by 15:33 Asia/Shanghai.\n"
        "If Slack works, answer there; else call a lead."
    )


@ON_BOTH
def test_another_way_is_used_only_when_slack_is_silent_for_five_minutes(reach: ReachDuty) -> None:
    reach.raised("B")

    assert reach.later(4 * MINUTE) == []
    assert reach.later(2 * MINUTE) == ["wecom_bot"]  # not the phone, which serves for severity A


def test_what_slack_sent_in_time_is_not_sent_again(reach: ReachDuty) -> None:
    reach.raised("B")
    reach.slack_sends_all()

    waits_since = reach.outbox.oldest_message()
    assert waits_since
    assert waits_since >= NOW + 5 * MINUTE  # the page that gives Slack time makes no health check red
    assert reach.later(6 * MINUTE) == []


def page_times(reach: ReachDuty) -> list[timedelta]:
    of_case = (OUTBOX.c.what == MessageKind.PAGE, OUTBOX.c.user == BOB, OUTBOX.c.subject == "escalation:1")
    query = select(OUTBOX.c.due_at).where(*of_case).order_by(OUTBOX.c.position)
    return [row.due_at - NOW for row in reach.store.read(lambda c: c.execute(query).all())]


@pytest.mark.parametrize("slack_is_silent", [True, False])
@ON_BOTH
def test_a_newer_page_takes_the_time_of_one_that_waits_for_slack(reach: ReachDuty, *, slack_is_silent: bool) -> None:
    raised_at = reach.clock.at
    reach.raised("B")
    if not slack_is_silent:
        reach.slack_sends_all()
    later = PagedMessage("reminder/2", "reminder", BOB, "escalation:1", "B")

    at = raised_at + 4 * MINUTE
    rows = list(page_rows.build_rows([later], parse_reach(FILE, CHINA), {BOB: "bob"}, at))
    reach.store.write(lambda connection: page_rows.add(connection, rows))

    first, second = page_times(reach)
    assert second - first == (timedelta() if slack_is_silent else 4 * MINUTE)


def test_what_was_acknowledged_meanwhile_is_not_sent(reach: ReachDuty) -> None:
    reach.raised("A")
    reach.commands.move(1, step(Move.ACKNOWLEDGE, Actor(BOB, TEAM), NOW + SECOND), "click-1")

    assert reach.later(2 * SECOND) == []
    assert reach.ends() == []  # nothing was tried, so that no limit of a phone counts it


def test_severity_a_goes_before_what_has_waited_longer(reach: ReachDuty) -> None:
    reach.raised("B")
    reach.clock.at += 6 * MINUTE
    reach.raised("A")
    reach.worker.work_once()

    assert reach.text().startswith("CSP-2, CSP-1 wait for acknowledgement, at most severity A.")


def test_a_paused_workspace_holds_back_no_page(reach: ReachDuty) -> None:
    reach.raised("A")
    delivery = reach.outbox.claim(reach.clock.at, "slack")
    assert delivery
    reach.outbox.settle(delivery, SendOutcome(SendResult.WORKSPACE_BROKEN, error="token_revoked"), reach.clock.at)

    assert reach.later(SECOND) == ["wecom_bot", "hook"]


@ON_BOTH
def test_an_unknown_outcome_is_sent_again_and_marked(reach: ReachDuty) -> None:
    reach.raised("A")
    reach.phones.answers = [PageAnswer(PageStatus.UNKNOWN, "99999")]
    reach.later(SECOND)

    assert reach.later(6 * SECOND) == ["wecom_bot"]
    assert reach.text().startswith("(again) CSP-1")
    assert reach.ends() == [(PageStatus.UNKNOWN, False), (PageStatus.ACCEPTED, False), (PageStatus.ACCEPTED, True)]


@ON_BOTH
def test_a_killed_worker_sends_again_and_marks_it(reach: ReachDuty) -> None:
    reach.raised("A")
    killed = reach.outbox.claim(reach.clock.at, "killed", part=QueuePart.PAGES)
    assert killed

    assert len(reach.later(LEASE + SECOND)) >= 2
    assert sum(page.text.startswith("(again)") for _, page in reach.phones.taken) == 1


@ON_BOTH
def test_a_refusal_is_set_aside_and_said_aloud(reach: ReachDuty) -> None:
    reach.raised("A")
    reach.phones.answers = [PageAnswer(PageStatus.REFUSED, "93000")]
    reach.later(SECOND)

    assert reach.outbox.counts()["dead"] == 1
    assert [said.what for said in reach.said() if said.key.startswith("trouble:page:")] == ["trouble"]


@ON_BOTH
def test_a_phone_rings_five_times_an_hour_at_most(reach: ReachDuty) -> None:
    reach.raised("A")
    rung = [channel for _ in range(70) for channel in reach.later(MINUTE) if channel == "hook"]

    assert 4 <= len(rung) <= 6


def test_the_next_person_is_called_while_a_phone_is_used_up(reach: ReachDuty) -> None:
    reach.raised("A")
    called = [address for _ in range(20) for address in reach.later(MINUTE)]

    rings = [at for at, channel in enumerate(called) if channel == "hook"]
    assert "feishu_bot" in called[: rings[-1]]  # the backup, before the last call to the person on call


def test_pages_that_wait_for_a_phone_are_not_looked_at_before_it_is_free(reach: ReachDuty) -> None:
    request = customer_request(severity="A", answers={"impact": "Nobody can work"})
    for n in range(3):
        reach.commands.raise_escalation(request, CHANNEL, WANG, reach.clock.at, f"view-{n}")
    reach.later(SECOND)

    due = reach.outbox.next_due(QueuePart.PAGES, reach.clock.at)
    assert due
    assert due > reach.clock.at + 20 * SECOND


def test_texts_name_no_customer_unless_the_address_allows_it(reach: ReachDuty) -> None:
    reach.raised("A")
    for _ in range(6):
        reach.later(MINUTE)

    assert {channel for channel, page in reach.phones.taken if TITLE in page.text} == {Channel.FEISHU_BOT}


def test_a_page_is_in_the_language_of_its_person(reach: ReachDuty) -> None:
    reach.commands.remember((Person(id=BOB, team_id=TEAM, name="bob", locale="zh-CN"), NOW))
    reach.raised("A")
    reach.later(SECOND)

    group, own = (page.text for _, page in reach.phones.taken)
    assert (
        own == "等待认领：CSP-1（严重性 A），请在 15:33 前认领。\n如果 Slack 可用，请在 Slack 中处理，否则请致电组长。"
    )
    assert group.startswith(
        "CSP-1 (severity A) waits for acknowledgement by 15:33 Asia/Shanghai."
    )  # the language of the team


@pytest.mark.parametrize(
    ("locale", "tz", "minutes", "says"),
    [
        ("en-GB", "Europe/London", 0, "CSP-1 (severity A) waits for acknowledgement by 07:33 Europe/London."),
        (
            "en-GB",
            "Asia/Shanghai",
            6,
            "CSP-1 (severity A) has waited for acknowledgement since 15:30. It was due by 15:33.",
        ),
        ("zh-CN", "Europe/London", 0, "等待认领：CSP-1（严重性 A），请在 Europe/London 07:33 前认领。"),
        ("zh-CN", "Asia/Shanghai", 6, "等待认领：CSP-1（严重性 A），自 15:30 起，已超过认领时限 15:33。"),
    ],
)
def test_the_first_page_of_a_case_says_until_when_it_is_to_be_acknowledged(
    reach: ReachDuty, locale: str, tz: str, minutes: int, says: str
) -> None:
    reach.commands.remember((Person(id=BOB, team_id=TEAM, name="bob", locale=locale, tz=tz), NOW))
    reach.raised("A")
    reach.clock.at += minutes * MINUTE
    while reach.worker.work_once():
        pass

    _, page = next((channel, page) for channel, page in reach.phones.taken if channel is Channel.HOOK)
    assert page.text.splitlines()[0] == says


def test_a_group_reads_the_zone_of_the_team_and_a_person_their_own_each_by_name(reach: ReachDuty) -> None:
    london = Person(id=BOB, team_id=TEAM, name="bob", locale="en-GB", tz="Europe/London")
    reach.commands.remember((london, NOW))
    start = BOBS + 4 * DAY  # of a shift that he did not confirm
    reach.clock.at = start - 4 * MINUTE

    reach.later(timedelta())

    told = {channel: page.text for channel, page in reach.phones.taken if "is not confirmed" in page.text}
    for channel, zone in ((Channel.WECOM_BOT, CHINA), (Channel.HOOK, ZoneInfo("Europe/London"))):
        assert f" {start.astimezone(zone):%H:%M}" in told[channel]
        assert f"{zone.key} · " in told[channel]


UNCONFIRMED = """
[[person]]
name = "bob"
[[person.address]]
channel = "wecom_app"
corp_id = "c"
agent_id = "1"
secret = "s"
to = "bob"
"""


@pytest.mark.parametrize(
    ("address", "told"), [(UNCONFIRMED, ["wecom_app"]), (FILE, ["wecom_bot", "hook", "feishu_bot"])]
)
def test_a_shift_is_not_paged_again_at_once_by_a_later_step_but_a_phone_rings(
    store: Store, address: str, told: list[str]
) -> None:
    reach = ReachDuty(store, parse_reach(address, CHINA))
    start = BOBS + 4 * DAY  # of a shift that he did not confirm
    reach.clock.at = start - 14 * MINUTE
    reach.later(timedelta())  # his own reminder waits for Slack
    reach.clock.at = start - 2 * MINUTE  # the machine slept
    for _ in range(3):
        reach.worker.work_once()
        reach.clock.at += SECOND

    reach.later(SECOND)  # now the leads are called too

    assert [channel for channel, page in reach.phones.taken if "is not confirmed" in page.text] == told


THIS_CHANGE = "This shift is not confirmed: Thu 26 Nov"
"""How pages about the change begin; the handover of the day before was not finished either, and rings too."""


def test_who_is_called_about_both_seats_reads_of_both_on_one_page_and_a_group_of_all_who_are_called(
    store: Store,
) -> None:
    app = "channel = 'wecom_app'\ncorp_id = 'c'\nagent_id = '1'\nsecret = 's'\nto = 'lina'\n"
    group = "channel = 'dingtalk_bot'\nurl = 'https://a.cn/all'\n"
    file = f"[[person]]\nname = '{LINA}'\n[[person.address]]\n{app}"
    file += f"[[person]]\nname = 'everybody'\n[[person.address]]\n{group}"
    reach, change = ReachDuty(store, parse_reach(file, CHINA)), BOBS + 4 * DAY
    reach.rota(DAILY_TURNS_WITH_BACKUP.replace('members = ["cid"]', 'members = ["cid", "dan"]'), NOW - DAY)
    reach.clock.at = change - 4 * MINUTE

    reach.later(timedelta())

    pages = [(channel, page.text) for channel, page in reach.phones.taken if page.text.startswith(THIS_CHANGE)]
    (own,) = (text for channel, text in pages if channel is Channel.WECOM_APP)
    assert "primary · bob" in own
    assert "backup · dan" in own
    of_group = "\n".join(text for channel, text in pages if channel is Channel.DINGTALK_BOT)
    assert re.search("backup · dan.\nCalled: .*U0LINA", of_group), of_group


def test_a_page_about_several_shifts_says_for_which_one_its_link_is(store: Store) -> None:
    app = "channel = 'wecom_app'\ncorp_id = 'c'\nagent_id = '1'\nsecret = 's'\nto = 'dan'\n"
    file = f"[[person]]\nname = 'dan'\n[[person.address]]\n{app}"
    reach = ReachDuty(store, parse_reach(file, CHINA), lead="U0DAN")
    reach.rota(DAILY_TURNS_WITH_BACKUP.replace('members = ["cid"]', 'members = ["cid", "dan"]'), NOW - DAY)
    reach.pages.offer_links(reach.repositories.page_links, "https://a.cn")
    reach.commands.remember((Person(id="U0DAN", team_id=TEAM, name="dan", locale="en-GB"), NOW))
    reach.clock.at = BOBS + 4 * DAY - 4 * MINUTE

    reach.later(timedelta())

    said = "\n".join(page.text for _, page in reach.phones.taken)
    assert "Thu 26 Nov 08:00 – Fri 27 Nov 08:00 · primary · bob." in said
    assert re.search(r"“I'm on call” \(backup · dan\) with the number \d{3}: https://", said), said


def test_what_everybody_reads_is_in_the_language_of_the_team_and_says_who_is_called(reach: ReachDuty) -> None:
    group = '[[person]]\nname = "everybody"\n[[person.address]]\nchannel = "dingtalk_bot"\nurl = "https://a.cn/all"\n'
    reach = ReachDuty(reach.store, parse_reach(group, CHINA))
    reach.commands.remember((Person(id=BOB, team_id=TEAM, name="Bob Li", locale="zh-CN", tz="Europe/London"), NOW))
    reach.raised("A")
    reach.later(SECOND)

    assert reach.text() == (
        "CSP-1 (severity A) waits for acknowledgement by 15:33 Asia/Shanghai.\n"
        "Called: bob.\nIf Slack works, answer there; else call a lead."
    )


@pytest.mark.parametrize(
    ("before", "is_confirmed", "action", "says"),
    [
        (14 * MINUTE, False, LinkAction.TAKE_OVER, "Handover from ann to you: "),
        (9 * MINUTE, True, LinkAction.TAKE_OVER, "Handover from ann to you: "),
        (50 * MINUTE, False, LinkAction.CONFIRM, "Your shift is not confirmed: "),
    ],
)
def test_the_page_of_a_shift_brings_the_link_that_is_due(
    store: Store, before: timedelta, action: LinkAction, says: str, *, is_confirmed: bool
) -> None:
    reach = ReachDuty(store, parse_reach(UNCONFIRMED, CHINA))
    links, start = reach.repositories.page_links, BOBS + 4 * DAY
    reach.confirmed(BOBS + 3 * DAY, 1)
    reach.pages.offer_links(links, "https://a.cn")
    reach.commands.remember((Person(id=BOB, team_id=TEAM, name="bob", locale="en-GB"), NOW))
    if is_confirmed:
        reach.press(ShiftEventKind.CONFIRM, "bob", start, start - DAY)
    reach.clock.at = start - before
    reach.later(timedelta())

    reach.later(6 * MINUTE)

    (text,) = (page.text for _, page in reach.phones.taken if page.text.startswith(says))
    link = links.find(text.rpartition("/")[2], reach.clock.at)[1]
    assert link
    assert link.wanted.action is action


@pytest.mark.parametrize(
    ("silent_from", "links_by"),
    [
        (-30, -9),  # their own messages wait for Slack
        # Slack took the messages, and their buttons do not work: at once when it counts as silent.
        (-14, -6), (-9, -3), (-5, 3), (-1, 6), (0, 6), (1, 9),
    ],
)  # fmt: skip
def test_both_people_of_a_handover_get_one_link_within_ten_minutes_of_slacks_silence(
    store: Store, silent_from: int, links_by: int
) -> None:
    reach, change = handing_over(store), BOBS + 4 * DAY
    told = list[tuple[LinkAction, int]]()
    for minutes in range(-30, 10):
        before, reach.clock.at = len(reach.phones.taken), change + minutes * MINUTE
        reach.later(timedelta())
        reach.clock.at = change + minutes * MINUTE
        reach.slack_answers(SendResult.NOT_ACCEPTED if minutes >= silent_from else SendResult.SENT)
        for _, page in reach.phones.taken[before:]:
            link = reach.repositories.page_links.find(page.text.rpartition("/")[2], reach.clock.at)[1]
            assert link
            told.append((link.wanted.action, minutes))

    links = [(action, at) for action, at in told if action is not LinkAction.CONFIRM]  # of ann's next shift
    assert sorted(action for action, _ in links) == [LinkAction.HAND_OVER, LinkAction.TAKE_OVER]
    assert max(at for _, at in links) <= links_by


def test_who_was_called_in_slack_before_its_silence_is_told_once_by_another_way(reach: ReachDuty) -> None:
    reach.raised("B")
    reach.slack_sends_all()
    reach.clock.at += MINUTE
    reach.commands.raise_escalation(customer_request(), CHANNEL, WANG, reach.clock.at, "view-2")
    for _ in range(9):
        reach.slack_answers(SendResult.NOT_ACCEPTED)
        reach.later(MINUTE)

    cases = [page.text.partition(" ")[0] for _, page in reach.phones.taken]
    assert sorted(cases) == ["CSP-1", "CSP-2"]


@pytest.mark.parametrize(("back_at", "called"), [(-9, []), (0, ["U0BOB"])])
def test_nobody_gets_a_link_whose_half_is_done_or_once_slack_is_back(
    store: Store, back_at: int, called: list[str]
) -> None:
    reach, change = handing_over(store), BOBS + 4 * DAY
    for minutes in range(-16, 0):
        reach.clock.at = change + minutes * MINUTE
        reach.later(timedelta())
        reach.clock.at = change + minutes * MINUTE
        reach.slack_answers(SendResult.NOT_ACCEPTED if -14 <= minutes < back_at else SendResult.SENT)
        if minutes == -10:
            reach.press(ShiftEventKind.HAND_OVER, "ann", change, reach.clock.at)

    tries = reach.repositories.pages.find_tries(None, change - 30 * MINUTE, 10)
    assert [each.person for each in tries] == called


def test_who_hands_over_gets_their_link_also_while_a_message_about_the_other_half_waits(store: Store) -> None:
    reach, change = handing_over(store, lead="U0ANN", is_confirmed=False), BOBS + 4 * DAY
    actions = list[LinkAction]()
    for minutes in range(-16, 0):
        before, reach.clock.at = len(reach.phones.taken), change + minutes * MINUTE
        reach.later(timedelta())
        reach.clock.at = change + minutes * MINUTE
        reach.slack_answers(SendResult.NOT_ACCEPTED if minutes >= -9 else SendResult.SENT)
        for _, page in reach.phones.taken[before:]:
            link = reach.repositories.page_links.find(page.text.rpartition("/")[2], reach.clock.at)[1]
            actions += [link.wanted.action] if link else []

    assert LinkAction.HAND_OVER in actions


def test_the_page_of_a_handover_says_you_to_its_reader(store: Store) -> None:
    reach, change = handing_over(store), BOBS + 4 * DAY

    for minutes in range(-16, 12):
        reach.clock.at = change + minutes * MINUTE
        reach.later(timedelta())

    missing = {line for _, page in reach.phones.taken for line in page.text.split("\n") if "Not pressed yet" in line}
    assert missing == {"Not pressed yet: you, bob."}


def handing_over(store: Store, lead: str = LINA, *, is_confirmed: bool = True) -> ReachDuty:
    """Ann hands over to Bob. Both have a phone and links."""
    app = "channel = 'wecom_app'\ncorp_id = 'c'\nagent_id = '1'\nsecret = 's'\n"
    file = "".join(f"[[person]]\nname = '{name}'\n[[person.address]]\n{app}to = '{name}'\n" for name in ("ann", "bob"))
    reach, change = ReachDuty(store, parse_reach(file, CHINA), lead=lead), BOBS + 4 * DAY
    reach.confirmed(BOBS + 3 * DAY, 1)
    if is_confirmed:
        reach.press(ShiftEventKind.CONFIRM, "bob", change, change - DAY)
    reach.pages.offer_links(reach.repositories.page_links, "https://a.cn")
    for name in ("ann", "bob"):
        reach.commands.remember((Person(id=f"U0{name.upper()}", team_id=TEAM, name=name, locale="en-GB"), NOW))
    return reach


@pytest.mark.parametrize(("is_confirmed", "first"), [(True, 30), (False, 10)])
def test_an_unfinished_handover_rings_while_slack_works_from_the_step_that_calls_leads(
    store: Store, first: int, *, is_confirmed: bool
) -> None:
    reach, change, rings = ReachDuty(store, parse_reach(FILE, CHINA)), BOBS + 4 * DAY, list[int]()
    reach.confirmed(BOBS + 3 * DAY, 1)
    if is_confirmed:
        reach.press(ShiftEventKind.CONFIRM, "bob", change, change - DAY)
    for minutes in range(-20, 75, 5):
        before, reach.clock.at = len(reach.phones.taken), change + minutes * MINUTE
        if minutes == first + 15:
            reach.press(ShiftEventKind.HAND_OVER, "ann", change, reach.clock.at)
            reach.press(ShiftEventKind.TAKE_OVER, "bob", change, reach.clock.at)
        reach.later(timedelta())
        reach.slack_sends_all()
        pages = reach.phones.taken[before:]
        rings += [minutes for channel, page in pages if channel is Channel.HOOK and "handover" in page.text]

    assert rings == [first, first + 10]
    assert all(page.is_urgent for channel, page in reach.phones.taken if channel is Channel.HOOK)


def test_an_open_gap_calls_leads_and_a_page_is_not_made_twice(reach: ReachDuty) -> None:
    plan = parse_reach(FILE.replace('"cid"', f'"{LINA}"'), CHINA)
    reach = ReachDuty(reach.store, plan)
    reach.leave("bob", NOW, NOW + 60 * MINUTE, at=NOW)
    reach.leave("cid", NOW, NOW + 60 * MINUTE, at=NOW)

    first = reach.later(SECOND)
    second = reach.later(SECOND)

    assert Channel.FEISHU_BOT in first
    assert second == []
    assert "Gap in the rota: " in "".join(page.text for _, page in reach.phones.taken)


def test_at_two_thirds_its_owner_is_asked_in_slack_and_beside_it_when_a_warning_is_due_too(reach: ReachDuty) -> None:
    bob, early = Actor(BOB, TEAM), NOW + 20 * MINUTE
    reach.raised("B", bob)
    reach.commands.move(1, step(Move.ACKNOWLEDGE, bob, NOW), "click-1")
    reach.commands.move(1, step(Move.TELL, bob, NOW, until=NOW + 30 * MINUTE), "click-2")
    for n in range(2, 5):
        reach.commands.raise_escalation(customer_request(), CHANNEL, WANG, NOW, f"view-{n}")
        reach.commands.move(n, step(Move.RECORD, WANG, NOW), f"number-{n}")
    reach.slack_sends_all()
    reach.later(MINUTE)
    finding = ReturnFinding(early.date(), "", early.date())
    for n in range(2, 5):
        reach.commands.move(n, step(Move.RETURNED, WANG, early, finding=finding), f"back-{n}")
    reach.clock.at = early

    assert reach.later(timedelta()) == []
    assert [(one.to, one.at) for one in reach.said("escalation:1", [MessageKind.REMINDER])] == [(BOB, early)]
    assert [(one.to, one.at) for one in reach.said("returned", [MessageKind.REMINDER])] == [(LINA, early)]
    assert reach.later(6 * MINUTE) == ["wecom_bot"]


@pytest.mark.parametrize(("zone", "waits"), [("Europe/London", True), ("America/New_York", False)])
def test_a_shift_a_day_ahead_rings_nobody_at_night(store: Store, zone: str, *, waits: bool) -> None:
    reach = ReachDuty(store, parse_reach(UNCONFIRMED, CHINA))
    reach.confirmed(BOBS + 3 * DAY, 1)
    reach.commands.remember((Person(id=BOB, team_id=TEAM, name="bob", locale="en-GB", tz=zone), NOW))
    reach.clock.at = BOBS + 3 * DAY  # a day before his shift: midnight in London, 19:00 in New York

    at_night = [*reach.later(timedelta()), *reach.later(6 * MINUTE), *reach.later(20 * MINUTE)]
    looks = count_looks(reach)
    reach.clock.at = BOBS + 3 * DAY + timedelta(hours=8)
    by_day = reach.later(MINUTE)

    assert looks == 1  # not asked again at night
    assert at_night == ([] if waits else ["wecom_app"])
    assert by_day == (["wecom_app"] if waits else [])


def test_a_page_that_a_wrong_clock_put_off_beyond_the_morning_is_looked_at_again(store: Store) -> None:
    reach = ReachDuty(store, parse_reach(UNCONFIRMED, CHINA))
    reach.confirmed(BOBS + 3 * DAY, 1)
    reach.commands.remember((Person(id=BOB, team_id=TEAM, name="bob", locale="en-GB", tz="Europe/London"), NOW))
    reach.clock.at = BOBS + 3 * DAY
    reach.later(timedelta())
    reach.later(6 * MINUTE)
    wrong = {"due_at": reach.clock.at + 20 * timedelta(hours=1)}
    store.write(lambda c: c.execute(update(OUTBOX).where(OUTBOX.c.what == MessageKind.PAGE).values(wrong)))

    reach.later(MINUTE)

    assert count_looks(reach) == 2
    assert reach.outbox.next_due(QueuePart.PAGES, reach.clock.at) == BOBS + 3 * DAY + timedelta(hours=8)
    reach.slack_sends_all()
    assert reach.outbox.oldest_message() is None  # nobody waits for it: the bot is healthy


def count_looks(reach: ReachDuty) -> int:
    """Return how often the newest page was claimed."""
    generations = select(OUTBOX.c.generation).where(OUTBOX.c.what == MessageKind.PAGE).order_by(OUTBOX.c.position)
    looks: int = list(reach.store.read(lambda c: c.scalars(generations).all()))[-1]
    return looks
