"""Changes, offers and presses in the store: checked before they are kept, kept once, never somebody else's to make."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models.escalations.commands import EscalationCommands
from models.oncall import rota_versions
from models.oncall.confirmations import USUAL_REMINDERS, Confirmations
from models.oncall.rota_store import RotaStore
from models.oncall.swaps import SwapOffer, SwapOffers
from models.rules.errors import Refused
from models.rules.people import Actor, Person
from models.rules.rota.impact import Impact
from models.rules.rota.on_call import CoverageStatus, ShiftEvent, ShiftEventKind, Slot
from models.rules.rota.overrides import Override, OverrideKind
from models.store.database import Store
from tests.sample_rotas import DAILY_TURNS

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
ANN, BOB, CAI = (Actor(f"U0{name}", "T0") for name in ("ANN", "BOB", "CAI"))
LEAD, STRANGER = Actor("U0LEAD", "T0", is_lead=True), Actor("U0EVE", "T0")


@pytest.fixture
def team(store: Store) -> RotaStore:
    """Ann has the even days of November from the 22nd on, Bob the odd ones; Cai has none."""
    rota_versions.import_rota(store, DAILY_TURNS, "cli", NOW - DAY)
    return RotaStore(store)


@pytest.fixture
def offers(store: Store, team: RotaStore) -> SwapOffers:
    """The offers of the team."""
    return SwapOffers(store, team)


def leave(who: str = "bob", start: datetime = MIDNIGHT, end: datetime = MIDNIGHT + DAY) -> Override:
    """Somebody is away."""
    return Override(0, NOW, "", OverrideKind.TIME_OFF, start, end, who)


def stand(who: str, instead_of: str = "", start: datetime = MIDNIGHT, end: datetime = MIDNIGHT + DAY) -> Override:
    """Somebody stands as primary."""
    return Override(0, NOW, "", OverrideKind.OVERRIDE, start, end, who, "primary", instead_of)


def who(team: RotaStore, at: datetime) -> str:
    """Who stands at an instant."""
    return next((shift.member for shift in team.shifts(NOW + 9 * DAY, at, at + HOUR) if not shift.absent), "")


def reason(act: Callable[[], object]) -> str:
    """The reason why something is refused."""
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.refusals[0].reason


def test_a_leave_is_shown_as_the_gap_it_opens_before_it_is_saved(team: RotaStore) -> None:
    outcome = team.preview([leave()], NOW)

    assert [(gap.reason, gap.start, gap.end) for gap in outcome.opened_gaps] == [("on_leave", MIDNIGHT, MIDNIGHT + DAY)]
    assert [(one.before, one.after) for one in outcome.reassigned] == [("bob", "")]
    assert outcome.people == {"bob"}
    assert team.changes(NOW) == []


def test_a_change_is_kept_once_and_closes_what_it_covers(team: RotaStore) -> None:
    team.record([leave()], BOB, NOW, "first")
    outcome = team.preview([stand("cai")], NOW + HOUR)
    made = team.record([stand("cai")], CAI, NOW + HOUR, "second")

    assert team.record([stand("cai")], CAI, NOW + HOUR, "second") == made
    assert len(team.changes(NOW + DAY)) == 2
    assert [gap.reason for gap in outcome.closed_gaps] == ["on_leave"]
    assert who(team, MIDNIGHT) == "cai"


BLINK = timedelta(milliseconds=10)


def test_of_two_who_close_a_gap_the_first_wins_though_the_other_looked_at_the_clock_before(team: RotaStore) -> None:
    team.record([leave()], BOB, NOW, "away")
    shown = team.preview([stand("ann")], NOW + HOUR)
    team.record([stand("cai")], CAI, NOW + HOUR + BLINK, "cai")

    late = reason(lambda: team.record([stand("ann")], ANN, NOW + HOUR, "ann", lambda now_is: now_is == shown))

    assert reason(lambda: team.record([stand("ann")], ANN, NOW + HOUR, "again")) == "not_your_shift"
    assert late in {"not_your_shift", "changed_meanwhile"}
    assert who(team, MIDNIGHT) == "cai"
    assert len(team.changes(NOW + DAY)) == 2


def test_people_who_close_a_gap_at_the_same_moment_make_one_winner(store: Store, team: RotaStore) -> None:
    team.record([leave()], BOB, NOW, "away")

    def close(by: Actor, name: str, early: int) -> bool:
        try:
            return bool(RotaStore(store).record([stand(name)], by, NOW + HOUR - early * BLINK, f"{name}{early}"))
        except Refused:
            return False

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(close, [CAI, ANN] * 2, ["cai", "ann"] * 2, range(4)))

    assert len(team.changes(NOW + DAY)) == 1 + sum(won)
    assert who(team, MIDNIGHT) in {"cai", "ann"}
    assert len({change.member for change in team.changes(NOW + DAY)[1:]}) == 1


def test_what_is_saved_later_counts_though_its_clock_was_a_little_behind(team: RotaStore) -> None:
    team.record([stand("cai")], LEAD, NOW + BLINK, "one")
    team.record([stand("ann")], LEAD, NOW, "two")

    assert who(team, MIDNIGHT) == "ann"


def test_what_was_known_before_stays_known(team: RotaStore) -> None:
    team.record([leave()], BOB, NOW, "k")

    assert [shift.absent for shift in team.shifts(NOW - HOUR, MIDNIGHT, MIDNIGHT + HOUR)] == [""]
    assert [shift.absent for shift in team.shifts(NOW, MIDNIGHT, MIDNIGHT + HOUR)] == ["on_leave"]


@pytest.mark.parametrize(
    ("wanted", "by", "why"),
    [
        (leave(start=NOW - HOUR), BOB, "past_shift"),
        (leave(end=MIDNIGHT), BOB, "ends_before_it_begins"),
        (leave("nobody"), LEAD, "no_such_member"),
        (replace(stand("cai"), seat="night"), LEAD, "no_such_seat"),
        (Override(0, NOW, "", OverrideKind.CANCEL, NOW, NOW, of=99), LEAD, "no_such_change"),
        (leave(), ANN, "not_your_shift"),
        (stand("cai", "bob"), CAI, "not_your_shift"),
        (stand("cai"), CAI, "not_your_shift"),
        (stand("eve"), STRANGER, "no_such_member"),
        (Override(0, NOW, "", OverrideKind.ACCEPT_GAP, MIDNIGHT, MIDNIGHT + DAY, seat="primary"), BOB, "leads_only"),
    ],
)
def test_what_may_not_be_changed_is_refused_and_nothing_is_kept(
    team: RotaStore, wanted: Override, by: Actor, why: str
) -> None:
    assert reason(lambda: team.record([wanted], by, NOW, "k")) == why
    assert team.changes(NOW + DAY) == []


def test_a_lead_may_change_anybodys_shift(team: RotaStore) -> None:
    team.record([stand("cai", "bob")], LEAD, NOW, "k")

    assert who(team, MIDNIGHT) == "cai"


def test_a_change_can_be_taken_back_by_whose_it_was(team: RotaStore) -> None:
    (made,) = team.record([leave()], BOB, NOW, "k")
    back = Override(0, NOW, "", OverrideKind.CANCEL, made.start, made.end, of=made.id)

    assert reason(lambda: team.record([back], ANN, NOW, "not hers")) == "not_your_shift"
    team.record([back], BOB, NOW, "back")
    assert who(team, MIDNIGHT) == "bob"


def test_the_revision_tells_every_kind_of_change(store: Store, team: RotaStore) -> None:
    seen = [team.revision()]
    team.record([leave()], BOB, NOW, "k")
    seen.append(team.revision())
    rota_versions.import_rota(store, 'zone = "UTC"\n', "cli", NOW)
    seen.append(team.revision())
    EscalationCommands(store).remember((Person(id="U0BOB", team_id="T0", name="Bob", is_deleted=True), NOW))
    seen.append(team.revision())

    assert len(set(seen)) == 4
    assert team.revision() == seen[-1]


def offered(offers: SwapOffers, *asked: str, key: str = "k", **back: object) -> SwapOffer:
    """Bob offers his next day."""
    shift = SwapOffer(0, NOW, "", "bob", "primary", MIDNIGHT, MIDNIGHT + DAY, asked, **back)  # type: ignore[arg-type]
    return offers.create(shift, BOB, NOW, key)


def test_of_two_takers_the_first_wins_and_the_other_learns_who(offers: SwapOffers, team: RotaStore) -> None:
    number = offered(offers).id
    taken = offers.take(number, CAI, "cai", NOW + HOUR)

    with pytest.raises(Refused) as late:
        offers.take(number, ANN, "ann", NOW + HOUR)

    assert taken.taken_by == "U0CAI"
    assert late.value.refusals[0].values == {"who": "U0CAI"}
    assert who(team, MIDNIGHT) == "cai"
    assert offers.open(NOW + HOUR) == []


def test_people_who_take_at_the_same_moment_make_one_winner(store: Store, offers: SwapOffers, team: RotaStore) -> None:
    number = offered(offers).id

    def take(by: Actor, name: str) -> bool:
        try:
            return bool(SwapOffers(store, RotaStore(store)).take(number, by, name, NOW + HOUR))
        except Refused:
            return False

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: take(*[(CAI, "cai"), (ANN, "ann")][n % 2]), range(8)))

    assert sum(won) == 1
    assert len(team.changes(NOW + DAY)) == 1


def test_what_is_saved_while_somebody_takes_an_offer_is_looked_at_before_it_is_theirs(
    offers: SwapOffers, team: RotaStore
) -> None:
    """Bob goes on leave in between, as another machine may save it: what was agreed to is not what would happen."""
    number = offered(offers).id

    def agreed(_: Impact) -> bool:
        team.record([leave()], BOB, NOW, "leave")
        return True

    assert reason(lambda: offers.take(number, CAI, "cai", NOW, agreed=agreed)) == "no_such_shift"
    assert offers.offer(number).taken_by == ""
    assert [change.kind for change in team.changes(NOW + HOUR)] == [OverrideKind.TIME_OFF]


def test_who_takes_an_offer_agrees_anew_to_what_would_happen_by_then(offers: SwapOffers, team: RotaStore) -> None:
    number, asked = offered(offers).id, list[Impact]()

    def agreed(outcome: Impact) -> bool:
        if not asked:
            team.record([leave("ann", MIDNIGHT + DAY, MIDNIGHT + 2 * DAY)], ANN, NOW, "leave")
        asked.append(outcome)
        return True

    assert offers.take(number, CAI, "cai", NOW, agreed=agreed).taken_by == "U0CAI"
    assert len(asked) == 2


def test_an_offer_sent_twice_is_one(offers: SwapOffers) -> None:
    assert offered(offers).id == offered(offers).id
    assert len(offers.open(NOW)) == 1


def test_a_swap_moves_both_shifts(offers: SwapOffers, team: RotaStore) -> None:
    back = MIDNIGHT + DAY
    number = offered(offers, "U0ANN", back_member="ann", back_seat="primary", back_start=back, back_end=back + DAY).id

    offers.take(number, ANN, "ann", NOW)

    assert (who(team, MIDNIGHT), who(team, back)) == ("ann", "bob")
    assert len({change.at for change in team.changes(NOW + DAY)}) == 1


def test_only_those_who_were_asked_may_take(offers: SwapOffers) -> None:
    number = offered(offers, "U0ANN").id

    assert reason(lambda: offers.take(number, CAI, "cai", NOW)) == "offer_not_for_you"
    assert reason(lambda: offers.take(number, BOB, "bob", NOW)) == "your_own_offer"


def test_only_ones_own_shift_can_be_offered(offers: SwapOffers) -> None:
    shift = SwapOffer(0, NOW, "", "ann", "primary", MIDNIGHT, MIDNIGHT + DAY, ())

    assert reason(lambda: offers.create(shift, BOB, NOW, "k")) == "not_your_shift"


def test_a_withdrawn_offer_cannot_be_taken_and_a_declined_one_can(offers: SwapOffers) -> None:
    withdrawn, declined = offered(offers, key="one").id, offered(offers, key="two").id

    assert reason(lambda: offers.answer(withdrawn, "withdraw", CAI, NOW)) == "not_your_offer"
    offers.answer(withdrawn, "withdraw", BOB, NOW)
    offers.answer(declined, "decline", ANN, NOW)

    assert reason(lambda: offers.take(withdrawn, CAI, "cai", NOW)) == "offer_withdrawn"
    assert reason(lambda: offers.answer(withdrawn, "withdraw", BOB, NOW)) == "offer_withdrawn_by_you"
    assert offers.take(declined, CAI, "cai", NOW).taken_by == "U0CAI"
    assert reason(lambda: offers.offer(99)) == "no_such_offer"


def confirm(by: Actor, name: str, confirmations: Confirmations, key: str = "k", at: datetime = NOW) -> ShiftEvent:
    """Somebody says that they are on call of today."""
    begins = datetime(2026, 11, 22, tzinfo=UTC)
    return confirmations.record(
        ShiftEvent(0, at, by.id, ShiftEventKind.CONFIRM, Slot("primary"), begins, name), by, key
    )


def test_a_press_counts_once_and_shows_who_is_on_duty(store: Store, team: RotaStore) -> None:
    confirmations = Confirmations(store, team)
    first = confirm(ANN, "ann", confirmations)

    assert confirm(ANN, "ann", confirmations, "again", NOW + HOUR) == first
    (on,) = confirmations.find_on_call(NOW + HOUR)
    assert (on.person, on.status, on.evidence) == ("ann", CoverageStatus.CONFIRMED, f"watch:{first.id}")
    assert confirmations.find_on_call(NOW - HOUR)[0].status is CoverageStatus.PLANNED


def test_a_shift_is_confirmed_by_its_person_alone(store: Store, team: RotaStore) -> None:
    confirmations = Confirmations(store, team)

    assert reason(lambda: confirm(BOB, "ann", confirmations)) == "not_your_shift"
    leaving = ShiftEvent(0, NOW, "", ShiftEventKind.HAND_OVER, Slot("primary"), MIDNIGHT - DAY, "ann")
    assert reason(lambda: confirmations.record(leaving, BOB, "leaving")) == "not_yours_to_hand_over"
    assert reason(lambda: confirm(LEAD, "nobody", confirmations)) == "no_such_shift"
    assert reason(lambda: confirm(LEAD, "ann", confirmations)) == "only_themselves"


def test_a_lead_may_hand_over_for_somebody_but_never_take_over(store: Store, team: RotaStore) -> None:
    confirmations = Confirmations(store, team)
    both = [
        ShiftEvent(0, NOW, LEAD.id, kind, Slot("primary"), MIDNIGHT, "ann")
        for kind in (ShiftEventKind.HAND_OVER, ShiftEventKind.TAKE_OVER)
    ]

    assert confirmations.record(both[0], LEAD, "hand").by == "U0LEAD"
    assert reason(lambda: confirmations.record(both[1], LEAD, "take")) == "only_themselves"


def test_the_next_handover_is_known_ahead(store: Store, team: RotaStore) -> None:
    confirmations = Confirmations(store, team)
    confirm(ANN, "ann", confirmations)

    (due,) = confirmations.handovers(NOW, NOW + DAY, NOW)
    assert (due.at, due.outgoing, due.incoming.member) == (MIDNIGHT, "ann", "bob")


def test_everybody_chooses_when_to_be_reminded(store: Store, team: RotaStore) -> None:
    confirmations = Confirmations(store, team)

    assert confirmations.reminder_times("U0ANN") == USUAL_REMINDERS
    confirmations.set_reminder_times("U0ANN", [10, 120], NOW)
    confirmations.set_reminder_times("U0ANN", [30], NOW)
    assert confirmations.reminder_times("U0ANN") == (30,)
    assert confirmations.reminder_times("U0BOB") == USUAL_REMINDERS
