"""A phone may ring a few times an hour only: one call tells of all cases that wait for it, and repeats leave room."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from models.rules.escalations.escalation import Move
from models.rules.outbox.delivery import LEASE, QueuePart
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import Actor
from models.rules.reach.channels import Channel
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import CHINA
from models.rules.reach.reader import parse_reach
from models.rules.reminders import subjects
from models.store.database import Store
from models.store.tables import OUTBOX, is_unfinished
from tests.handlers.notifications.reach_duty import BOB, SECOND, ReachDuty
from tests.models.reminders.conftest import MINUTE
from tests.models.samples import CHANNEL, TEAM, WANG, customer_request, step

PHONE = """
[[person]]
name = "bob"
[[person.address]]
channel = "hook"
url = "https://a.cn/call"
secret = "s"
to = "138"
"""
HOUR = timedelta(hours=1)
DUE = "The earliest is due by 15:33 Asia/Shanghai."
WAS_DUE = "The earliest was due by 15:33 Asia/Shanghai."


@pytest.fixture
def reach(store: Store) -> ReachDuty:
    return ReachDuty(store, parse_reach(PHONE, CHINA))


def raised(reach: ReachDuty, *names: str, severity: str = "A") -> None:
    """Cases of these names, all at this moment."""
    request = customer_request(severity=severity, answers={"impact": "Nobody can work"})
    for name in names:
        reach.commands.raise_escalation(request, CHANNEL, WANG, reach.clock.at, f"view-{name}")


def acknowledged(reach: ReachDuty, number: int) -> None:
    bob = Actor(BOB, TEAM)
    reach.commands.move(number, step(Move.ACKNOWLEDGE, bob, reach.clock.at), f"click-{number}")


def rung(reach: ReachDuty) -> list[str]:
    """The first line of each call, oldest first."""
    return [page.text.partition("\n")[0] for _, page in reach.phones.taken]


def told_of(reach: ReachDuty, number: int) -> list[datetime]:
    """When Bob was told of a case."""
    tries = reach.repositories.pages.find_tries(BOB, reach.clock.at - 2 * HOUR, 100)
    return sorted(each.at for each in tries if each.subject == subjects.escalation(number))


def waiting(reach: ReachDuty) -> list[str]:
    """The cases of pages that are not settled."""
    query = select(OUTBOX.c.subject).where(OUTBOX.c.what == MessageKind.PAGE, is_unfinished(OUTBOX.c.state))
    found = reach.store.read(lambda c: c.scalars(query).all())
    return [subject for subject in found if subject.startswith(subjects.ESCALATION)]


def wait_for_the_phone(reach: ReachDuty, *names: str) -> None:
    """Cases that were raised when the phone had just rung for another one."""
    raised(reach, "1")
    reach.later(SECOND)
    raised(reach, *names)
    reach.later(SECOND)


def test_one_call_tells_of_all_cases_that_wait_for_the_phone(reach: ReachDuty) -> None:
    raised(reach, "1")
    reach.later(SECOND)
    raised(reach, "2", "3", "4", "5", "6")
    reach.later(30 * SECOND)
    early = rung(reach)

    reach.later(MINUTE)
    reach.later(MINUTE)

    assert [line.partition(" waits")[0] for line in early] == ["CSP-1 (severity A)"]
    assert rung(reach)[1:] == [f"CSP-2, CSP-3 and 3 more wait for acknowledgement, severity A. {DUE}"]
    assert len({told_of(reach, number)[0] for number in range(2, 7)}) == 1  # each has this call in its history
    assert reach.repositories.pages.find_told("escalation:6", reach.clock.at - HOUR)[0].person == BOB
    assert waiting(reach) == []


def test_what_is_acknowledged_meanwhile_is_left_out(reach: ReachDuty) -> None:
    wait_for_the_phone(reach, "2", "3", "4")
    acknowledged(reach, 3)

    reach.later(MINUTE)

    assert rung(reach)[1:] == [f"CSP-2, CSP-4 wait for acknowledgement, severity A. {DUE}"]
    assert told_of(reach, 3) == []


def test_all_are_still_owed_when_their_call_is_refused(reach: ReachDuty) -> None:
    wait_for_the_phone(reach, "2", "3", "4")
    reach.phones.answers = [PageAnswer(PageStatus.REFUSED, "500")]
    reach.later(MINUTE)
    refused = rung(reach)[-1]

    reach.later(5 * MINUTE)

    assert refused == f"CSP-2, CSP-3, CSP-4 wait for acknowledgement, severity A. {DUE}"
    assert rung(reach)[2] == f"CSP-3, CSP-4 wait for acknowledgement, severity A. {WAS_DUE}"  # CSP-2 was set aside


def test_all_are_told_again_with_a_mark_when_nobody_knows_whether_the_call_came(reach: ReachDuty) -> None:
    wait_for_the_phone(reach, "2", "3")
    reach.phones.answers = [PageAnswer(PageStatus.UNKNOWN, "no_answer")]
    reach.later(MINUTE)
    reach.later(5 * MINUTE)

    said = "CSP-2, CSP-3 wait for acknowledgement, severity A."
    assert rung(reach)[1:3] == [f"{said} {DUE}", f"(again) {said} {WAS_DUE}"]
    assert rung(reach)[3:] == []


def test_a_killed_worker_loses_none_of_them_and_what_may_be_told_already_is_marked(reach: ReachDuty) -> None:
    wait_for_the_phone(reach, "2", "3")
    reach.clock.at += MINUTE + SECOND
    killed = reach.worker._claim("killed", QueuePart.PAGES)
    assert killed

    for _ in range(3):
        reach.later(LEASE)

    assert any(line.startswith("(again) CSP-2, CSP-3 wait for acknowledgement, severity A.") for line in rung(reach)), (
        rung(reach)
    )


def test_several_pages_that_are_due_at_once_are_one_by_every_channel(store: Store) -> None:
    app = "channel = 'wecom_app'\ncorp_id = 'c'\nagent_id = '1'\nsecret = 's'\nto = 'bob'\ncustomer_names = true\n"
    reach = ReachDuty(store, parse_reach(f"[[person]]\nname = 'bob'\n[[person.address]]\n{app}", CHINA))
    raised(reach, "1", severity="A")
    raised(reach, "2", "3", severity="B")
    reach.clock.at += 6 * MINUTE

    reach.later(SECOND)

    (page,) = reach.phones.taken
    assert page[0] is Channel.WECOM_APP
    assert page[1].text.startswith(f"CSP-1, CSP-2, CSP-3 wait for acknowledgement, at most severity A. {WAS_DUE}\n")
    assert page[1].text.count(customer_request().title) == 3


def test_repeats_leave_calls_to_what_is_new(reach: ReachDuty) -> None:
    raised(reach, "1")
    for _ in range(50):
        reach.later(MINUTE)
    before = len(reach.phones.taken)
    raised(reach, "2")

    reach.later(SECOND)

    assert before == 3
    assert rung(reach)[-1].startswith("CSP-2")
    assert reach.clock.at - told_of(reach, 2)[0] < MINUTE


def test_eleven_cases_in_as_many_minutes_all_ring_within_the_hour_and_never_too_often(reach: ReachDuty) -> None:
    for number in range(1, 12):
        raised(reach, str(number))
        reach.later(MINUTE)
    begins = reach.clock.at
    for _ in range(40):
        reach.later(MINUTE)

    times = sorted({at for number in range(1, 12) for at in told_of(reach, number)})
    assert all(told_of(reach, number)[0] < begins + 20 * MINUTE for number in range(1, 12))
    assert all(b - a >= MINUTE for a, b in pairwise(times))
    assert all(sum(at - HOUR < other <= at for other in times) <= 5 for at in times)
