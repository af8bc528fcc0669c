"""What is shown of the rota fits where Slack shows it, in either language and in both, with names as long as may be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.blocks import lists, rota, rota_change, rota_edit, rota_home, rota_mine, rota_news, rota_offer, rota_watch
from handlers.blocks.rota import Post, Reader
from handlers.blocks.rota_change import CANCEL, COVER, INTEND, LEAVE, STAY, TAKE, Wish
from handlers.blocks.rota_edit import LAYER, LIMITS, MEMBER, ROLE, SEAT
from handlers.blocks.rota_mine import Mine
from handlers.ids import ShiftSubject
from handlers.words import Words
from models.offers import Offer
from models.rota import plan_file
from models.rota.changes import Change, ChangeKind
from models.rota.duty import Handover, Place, Verdict
from models.rota.gaps import Gap, Reason
from models.rota.outcome import Moved, Outcome
from models.rota.plan import PartnerRole
from models.rota.shifts import Shift
from tests.handlers import judge
from tests.handlers.test_fits import LANGUAGES, too_long

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLAN = plan_file.read(plan_file.example())
SHIFT = Shift("primary", 1, "Emma Clarke", NOW, NOW + 12 * HOUR, "base")
GAPS = [Gap("backup", NOW, NOW + HOUR, reason, ("李娜" * 20,), ("azure",)) for reason in Reason] * 40
MOVES = [Moved("primary", 1, NOW, NOW + HOUR, "李娜" * 30, "")] * 400
OFFERED = rota_offer.Offered(PLAN.members["李娜"], [SHIFT], False, PLAN.members)
OUTCOME = Outcome(MOVES, GAPS, GAPS)
WISH = Wish(COVER, "primary", "李娜", "", int(NOW.timestamp()), int((NOW + HOUR).timestamp()), "why " * 100)


@pytest.fixture(params=LANGUAGES)
def reader(request: pytest.FixtureRequest) -> Reader:
    return Reader(Words.of(request.param), ZoneInfo("America/Argentina/Buenos_Aires"), PLAN, NOW)


def test_every_form_and_preview_fits(reader: Reader) -> None:
    people = {rota_change.member_key(one): one.name for one in PLAN.members.values()}
    kinds = [replace(WISH, kind=kind) for kind in (COVER, LEAVE, INTEND, TAKE, STAY)]
    views = [rota_change.form(wish, reader, people, "") for wish in kinds]
    views += [rota_change.preview(replace(WISH, kind=kind), OUTCOME, reader, "", "note") for kind in (*_KINDS,)]
    views += [rota_change.preview(replace(WISH, kind=LEAVE), Outcome(), reader, "")]
    views += [rota_change.saved(OUTCOME, ["李娜"] * 50, reader)]
    views += [rota_offer.form(OFFERED, people, [SHIFT], {"ask": "U0LINA"}, reader)]
    handover = Handover(Place("primary"), NOW, "李娜", SHIFT)
    views += [rota_watch.note_form(handover, ShiftSubject(Place("primary"), NOW, "李娜"), reader)]
    views += [rota_watch.reminders_form((60, 10), reader)]

    for view in views:
        judge.view(view)
    assert too_long(iter(views)) == set()


_KINDS = (COVER, LEAVE, INTEND, TAKE, CANCEL, STAY)


def test_every_form_of_the_rota_itself_fits(reader: Reader) -> None:
    words = reader.words
    parts = {MEMBER: "李娜", LAYER: "primary, days", SEAT: "primary", LIMITS: ""}
    views = [rota_edit.form(what, name, PLAN, None, words, "") for what, name in parts.items()]
    views += [rota_edit.form(what, "", PLAN, None, words, "") for what in parts]
    views += [rota_edit.overview(PLAN, words), rota_edit.preview(OUTCOME, reader, "", True, "note")]
    views += [rota_edit.file(plan_file.example() * 30, words)]

    for view in views:
        judge.view(view)
    assert too_long(iter(views)) == set()


def test_everything_to_look_at_fits(reader: Reader) -> None:
    post = Post(Place("primary"), "Emma Clarke", NOW - HOUR, NOW + HOUR, Verdict.PLANNED, "李娜", SHIFT, True, NOW)
    posts = [post, Post(Place("backup", 2))] * 20
    mine = [Mine(SHIFT, False), Mine(SHIFT, True)] * 20
    home = {"type": "home", "blocks": rota_home.top(posts, mine, GAPS, reader)}
    change = Change(1, NOW, "U0LINA", ChangeKind.STAND, NOW, NOW + HOUR, "李娜", "primary", why="why")
    offer = Offer(1, NOW, "U0EMMA", "Emma", "primary", NOW, NOW + HOUR, (), "why", "李娜", "backup", NOW, NOW + HOUR)
    shown = [
        rota.who(posts[:8], GAPS[:10], NOW, reader), rota.days([SHIFT] * 50, GAPS[:10], NOW.date(), 7, reader, []),
        rota.gap_page(GAPS, 8, reader), rota_mine.my_page(mine, 20, (60, 10), "Emma", reader),
        rota_mine.my_page([], 0, (), "E", reader),
        rota_news.public([change], OUTCOME, "李娜", reader),
        rota_news.private([change], OUTCOME, "李娜", rota_news.Names("李娜" * 30, "李娜" * 30), reader),
        rota_offer.card(offer, "Emma", "", reader),
        rota_offer.card(replace(offer, is_over=True), "E", "", reader),
        rota_edit.begin(True, reader.words), lists.help_(reader.words),
    ]  # fmt: skip

    judge.view(home, "home")
    assert len(home["blocks"]) < 60  # the escalations want room too
    for blocks in shown:
        judge.message(blocks)
    assert too_long(iter([home, *shown])) == set()


def test_every_role_has_a_name() -> None:
    assert set(ROLE) == set(PartnerRole)
