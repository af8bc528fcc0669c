"""Shifts and handovers: gentle at short notice, one voice at a change, and nothing to press afterwards."""

from dataclasses import replace

from sqlalchemy import update

from models.escalations.queries import EscalationQueries
from models.oncall.override_rows import save as save_overrides
from models.rules.escalations.escalation import Move
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders.subjects import ESCALATION, GAP, HANDOVER, SHIFT
from models.rules.rota.on_call import ShiftEventKind
from models.rules.rota.overrides import Override, OverrideKind
from models.store.tables import OUTBOX
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE, Duty, EnqueuedMessage
from tests.models.samples import LI, NOW, raised, step
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

ANNS = BOBS + DAY


def called(duty: Duty, subject: str, person: str) -> list[tuple[float, str]]:
    """Who was written to about somebody's shift or handover, and how many minutes from now."""
    said = [
        one
        for one in duty.said(subject)
        if person in one.subject and one.what in {MessageKind.REMINDER, MessageKind.SHIFT}
    ]
    return [((one.at - NOW) / MINUTE, one.to) for one in said]


def sent(duty: Duty, subject: str) -> list[EnqueuedMessage]:
    """The reminders of a subject, now that Slack has them all."""
    reminders = duty.said(subject, [MessageKind.REMINDER])
    at = {"state": DeliveryState.SENT, "slack_channel": "D1", "slack_ts": "1.1"}
    duty.store.write(lambda c: c.execute(update(OUTBOX).where(OUTBOX.c.what == MessageKind.REMINDER).values(at)))
    return reminders


def test_a_rota_imported_in_mid_shift_asks_its_people_first_and_nobody_else(duty: Duty) -> None:
    duty.rota(at=NOW)
    duty.ticks(NOW, NOW + 9 * MINUTE)

    assert {one.to for one in duty.said(SHIFT)} == {"U0BOB", "U0CID"}, "also whose shift has no end"
    assert {one.what for one in duty.said(SHIFT)} == {MessageKind.SHIFT}


def test_then_it_widens_from_the_import_on(duty: Duty) -> None:
    duty.rota(at=NOW)
    duty.ticks(NOW, NOW + 21 * MINUTE)

    first: dict[str, float] = {}
    for minute, to in called(duty, SHIFT, "bob"):
        first.setdefault(to, minute)
    assert first == {"U0BOB": 0, "U0CID": 10, "U0LINA": 15, "C0ONCALL": 20}


def test_a_second_version_of_the_rota_does_not_begin_again(duty: Duty) -> None:
    """A slip of the pen is corrected three minutes later: the people are the same, and so are their reminders."""
    duty.rota(at=NOW)
    duty.ticks(NOW, NOW + 3 * MINUTE)
    duty.rota(DAILY_TURNS_WITH_BACKUP + "# corrected\n", at=NOW + 3 * MINUTE)
    duty.ticks(NOW + 3 * MINUTE, NOW + 21 * MINUTE)

    assert [step for step, *_ in duty.made(SHIFT)].count("asked") == 2, "once for each seat"
    assert (20, "C0ONCALL") in called(duty, SHIFT, "bob")


def test_when_a_new_rota_comes_during_a_loud_shift_it_stays_loud(duty: Duty) -> None:
    duty.rota()
    duty.ticks(NOW, NOW + MINUTE)
    duty.rota(DAILY_TURNS_WITH_BACKUP + "# corrected\n", at=NOW + 2 * MINUTE)
    duty.ticks(NOW + 2 * MINUTE, NOW + 20 * MINUTE)

    assert [to for minute, to in called(duty, SHIFT, "bob") if minute > 2 and to == "C0ONCALL"] != []


def test_the_outgoing_person_hears_of_the_handover_with_its_card_and_from_then_on_nothing_else(duty: Duty) -> None:
    duty.rota()
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.ticks(ANNS - HOUR, ANNS + 25 * MINUTE)

    nagged = [
        one for one in duty.said(what=[MessageKind.REMINDER, MessageKind.SHIFT]) if ANNS.isoformat() in one.subject
    ]
    theirs = [one for one in nagged if one.to == "U0BOB"]
    assert theirs[0].at == ANNS - 15 * MINUTE
    assert {their.subject[:9] for their in theirs} == {HANDOVER}
    assert {one.subject[:9] for one in nagged if one.at >= ANNS} == {HANDOVER}


def test_both_are_told_when_both_have_pressed_where_they_were_asked(duty: Duty) -> None:
    duty.rota()
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.ticks(ANNS - HOUR, ANNS + 15 * MINUTE)
    asked = sent(duty, HANDOVER)
    duty.press(ShiftEventKind.HAND_OVER, "bob", ANNS, ANNS + 15 * MINUTE)
    duty.press(ShiftEventKind.TAKE_OVER, "ann", ANNS, ANNS + 16 * MINUTE)
    duty.tick(ANNS + 17 * MINUTE)

    again = [one.key for one in duty.said(HANDOVER, [MessageKind.REMINDER_REFRESH])]
    assert again != []
    assert set(again) == {
        f"{one.key}/done" for one in asked if one.what != MessageKind.HANDOVER
    }  # the card is redrawn as such


def test_whoever_could_have_taken_a_gap_is_shown_that_it_is_closed(duty: Duty) -> None:
    duty.rota()
    duty.leave("bob", BOBS + 2 * DAY, BOBS + 3 * DAY)
    duty.tick(NOW)
    asked = [one.key for one in sent(duty, GAP) if one.to.startswith("U")]
    duty.stand("dan", BOBS + 2 * DAY, BOBS + 3 * DAY, NOW + HOUR)
    duty.tick(NOW + HOUR)

    assert asked != []
    assert {one.key for one in duty.said(GAP, [MessageKind.REMINDER_REFRESH])} == {f"{key}/over" for key in asked}


def test_with_its_card_a_gap_is_not_told_a_second_time(duty: Duty) -> None:
    duty.rota()
    duty.leave("bob", BOBS + 2 * DAY, BOBS + 3 * DAY)
    duty.tick(NOW)

    assert [one.what for one in duty.said(GAP) if one.to == "C0ONCALL"] == [MessageKind.GAP]


def test_reminders_of_an_escalation_are_drawn_anew_once_when_nobody_waits_for_what_they_asked(duty: Duty) -> None:
    duty.rota()
    case = raised(duty.commands)
    duty.ticks(NOW, NOW + 5 * HOUR)
    asked = {one.key for one in sent(duty, ESCALATION) if one.to != case.channel}
    assert "C0ONCALL" in {one.to for one in duty.said(ESCALATION, [MessageKind.REMINDER])}
    assert duty.said(ESCALATION, [MessageKind.REMINDER_REFRESH]) == []

    duty.commands.move(case.number, step(Move.ACKNOWLEDGE, LI, NOW + 5 * HOUR), "a")
    for engine in (duty.replica(), duty.engine, duty.replica()):
        engine.tick(NOW + 5 * HOUR)
    once = [one.key for one in duty.said(ESCALATION, [MessageKind.REMINDER_REFRESH])]
    duty.commands.move(case.number, step(Move.NOTE, LI, NOW + 6 * HOUR), "n")
    duty.tick(NOW + 6 * HOUR)

    assert sorted(once) == sorted(f"{key}/over" for key in asked)
    assert [one.key for one in duty.said(ESCALATION, [MessageKind.REMINDER_REFRESH])] == once


def test_an_escalation_that_ends_leaves_nothing_to_press_behind(duty: Duty) -> None:
    duty.rota()
    case = raised(duty.commands)
    duty.ticks(NOW, NOW + 5 * HOUR)
    asked = {one.key for one in sent(duty, ESCALATION) if one.to != case.channel}
    duty.commands.move(case.number, step(Move.WITHDRAW, LI, NOW + 5 * HOUR), "w")
    duty.tick(NOW + 5 * HOUR)

    assert {one.key for one in duty.said(ESCALATION, [MessageKind.REMINDER_REFRESH])} == {
        f"{key}/over" for key in asked
    }


def owner(duty: Duty, number: int) -> str | None:
    """Whose case it is."""
    case = EscalationQueries(duty.store).escalation(number)
    return case.owner if case else None


def test_the_card_of_a_handover_shows_the_first_press_and_no_case_moves_yet(duty: Duty) -> None:
    duty.rota()
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    case = raised(duty.commands)
    duty.commands.move(case.number, step(Move.ACKNOWLEDGE, replace(LI, id="U0BOB"), NOW), "a")
    duty.ticks(ANNS - HOUR, ANNS - MINUTE)
    duty.press(ShiftEventKind.HAND_OVER, "bob", ANNS, ANNS - MINUTE)
    duty.ticks(ANNS - MINUTE, ANNS + MINUTE)

    assert len(duty.said(HANDOVER, [MessageKind.HANDOVER_REFRESH])) == 1
    assert owner(duty, case.number) == "U0BOB"

    duty.press(ShiftEventKind.TAKE_OVER, "ann", ANNS, ANNS + MINUTE)
    duty.tick(ANNS + 2 * MINUTE)

    assert owner(duty, case.number) == "U0ANN"


def told_alone(duty: Duty) -> list[tuple[float, str, MessageKind]]:
    """Who was told that nobody follows, and how many minutes before ann's shift ends."""
    marks = ("/alone@", "/cannot_stay")
    said = [one for one in duty.said(SHIFT) if any(mark in one.key for mark in marks)]
    return [((one.at - ENDS) / MINUTE, one.to, one.what) for one in said]


ENDS = ANNS + DAY


def test_whoever_is_on_is_told_a_quarter_of_an_hour_ahead_that_nobody_follows(duty: Duty) -> None:
    duty.rota()
    duty.press(ShiftEventKind.CONFIRM, "ann", ANNS, NOW)
    duty.leave("bob", ENDS, ENDS + DAY)
    duty.ticks(ENDS - HOUR, ENDS + 30 * MINUTE)

    assert told_alone(duty) == [(-15, "U0ANN", MessageKind.SHIFT)]


def test_where_somebody_follows_or_nobody_is_owed_nothing_is_said(duty: Duty) -> None:
    duty.rota()
    duty.leave("bob", ENDS, ENDS + DAY)
    duty.changed(OverrideKind.ACCEPT_GAP, ENDS, ENDS + DAY, NOW)
    duty.ticks(ENDS - HOUR, ENDS + 30 * MINUTE)

    assert told_alone(duty) == []


def test_who_can_not_stay_has_leads_and_channel_called_at_once(duty: Duty) -> None:
    duty.rota()
    duty.leave("bob", ENDS, ENDS + DAY)
    duty.ticks(ENDS - HOUR, ENDS - 10 * MINUTE)
    duty.press(ShiftEventKind.CANNOT_STAY, "ann", ANNS, ENDS - 10 * MINUTE)
    duty.tick(ENDS - 9 * MINUTE)

    assert told_alone(duty)[1:] == [(-9, "C0ONCALL", MessageKind.REMINDER), (-9, "U0LINA", MessageKind.REMINDER)]


def test_a_leave_at_the_last_minute_is_told_at_once(duty: Duty) -> None:
    duty.rota()
    duty.ticks(ENDS - HOUR, ENDS - 5 * MINUTE)
    duty.leave("bob", ENDS, ENDS + DAY, ENDS - 4 * MINUTE)
    duty.tick(ENDS - 4 * MINUTE)

    assert told_alone(duty) == [(-4, "U0ANN", MessageKind.SHIFT)]


def test_open_cases_go_to_who_stands_in_after_the_gap_began(duty: Duty) -> None:
    duty.rota()
    duty.press(ShiftEventKind.CONFIRM, "ann", ANNS, NOW)
    case = raised(duty.commands)
    duty.commands.move(case.number, step(Move.ACKNOWLEDGE, replace(LI, id="U0ANN"), NOW), "a")
    duty.leave("bob", ENDS, ENDS + DAY)
    duty.ticks(ENDS - HOUR, ENDS + 10 * MINUTE)
    assert owner(duty, case.number) == "U0ANN"

    taken = Override(0, ENDS, "U0DAN", OverrideKind.OVERRIDE, ENDS + 10 * MINUTE, ENDS + DAY, "dan", "primary")
    duty.store.write(lambda c: save_overrides(c, [taken], "U0DAN", ENDS + 10 * MINUTE, "taken"))
    duty.tick(ENDS + 11 * MINUTE)

    assert owner(duty, case.number) == "U0DAN"


def test_open_cases_stay_with_who_stays_on(duty: Duty) -> None:
    duty.rota()
    duty.press(ShiftEventKind.CONFIRM, "ann", ANNS, NOW)
    case = raised(duty.commands)
    duty.commands.move(case.number, step(Move.ACKNOWLEDGE, replace(LI, id="U0ANN"), NOW), "a")
    duty.leave("bob", ENDS, ENDS + DAY)
    stays = Override(0, NOW, "U0ANN", OverrideKind.OVERRIDE, ENDS, ENDS + HOUR, "ann", "primary")
    duty.store.write(lambda c: save_overrides(c, [stays], "U0ANN", NOW, "stays"))
    duty.ticks(ENDS - HOUR, ENDS + 30 * MINUTE)

    assert owner(duty, case.number) == "U0ANN"
    assert told_alone(duty) == []
    assert [one for one in duty.said(SHIFT) if ENDS.isoformat() in one.subject and one.at > ENDS - HOUR] != []


def test_who_is_on_is_told_again_when_it_is_as_it_was_before_something_else(duty: Duty) -> None:
    """A rota is lost to an empty file and brought back: topic and group must not stay with nobody."""
    duty.rota()
    duty.ticks(NOW, NOW + MINUTE)
    duty.rota('zone = "Asia/Shanghai"', at=NOW + 2 * MINUTE)
    duty.ticks(NOW + 2 * MINUTE, NOW + 3 * MINUTE)
    duty.rota(at=NOW + 4 * MINUTE)
    duty.ticks(NOW + 4 * MINUTE, NOW + 9 * MINUTE)

    assert len(duty.said(what=[MessageKind.ON_NOW])) == 3
    assert len(duty.said(what=[MessageKind.GROUP])) == 3
