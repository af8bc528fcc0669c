"""Calls to acknowledge, drawn when they are sent: for each case what its reader can do now. Nothing here needs the rota
to be understood."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers.blocks import block_kit, call
from handlers.blocks.call import Called, Stands
from handlers.i18n.words import Words
from handlers.notifications.context import Frame
from handlers.notifications.message import Message, NotYet
from models.escalations.queries import Call
from models.rules.delivery import UNFINISHED, State
from models.rules.escalations.deadlines import Awaited, acknowledge_by, awaited


def ask(frame: Frame) -> Message | None:
    """The message that calls; None when nobody has to acknowledge any of its cases any more."""
    listed = frame.studio.board.call_message(frame.delivery.id)
    called = _called(listed.calls, frame, Stands.ASKS, Stands.REMINDED) if listed else []
    return _message(called, frame) if called else None


def anew(frame: Frame) -> Message | None:
    """The same message where it stands, with what became of each case. Raises NotYet while it is being sent."""
    listed = frame.studio.board.call_message(frame.key)
    if listed and listed.state in UNFINISHED:
        raise NotYet
    if listed is None or listed.state is not State.SENT or listed.place is None:
        return None
    theirs = Frame(replace(frame.delivery, user=listed.user), frame.studio)
    drawn = _message(_called(listed.calls, theirs, *Stands), theirs)
    return Message(drawn.text, drawn.blocks, listed.place.channel, update_ts=listed.place.ts)


def _message(called: Sequence[Called], frame: Frame) -> Message:
    known = frame.studio.board.person(frame.user) if frame.user else None
    words = Words.of(known[0].language if known else frame.studio.settings.language)
    why = _why(called, frame, words)
    blocks = call.blocks(called, why, words, frame.studio.policy, frame.now)
    text = call.fallback(called, why, words, _clock(called[0].due, known[0].tz if known else "", frame))
    if frame.delivery.channel:
        leads = " ".join(block_kit.mention(lead) for lead in sorted(frame.studio.settings.leads))
        blocks, text = [*blocks, *([block_kit.section(leads)] if leads else [])], f"{text}\n{leads}".rstrip()
    return Message(text, blocks, frame.delivery.channel, frame.delivery.user)


def _clock(at: datetime | None, tz: str, frame: Frame) -> str:
    zone = frame.studio.settings.timezone
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo(tz)
    return f"{at.astimezone(zone):%H:%M}" if at else ""


def _called(calls: Sequence[Call], frame: Frame, *stands: Stands) -> list[Called]:
    """The cases of a message that stand so: what asks for something first, then the most severe, then the oldest. Those
    that are only counted are not looked at any closer: a message of hundreds must not take longer to draw."""
    newest = {one.case.number: one for one in calls}
    standing = [(how, one) for one in newest.values() if (how := _stands(one)) in stands]
    ordered = sorted(standing, key=lambda it: (it[0] is not Stands.ASKS, it[1].case.severity, it[1].case.number))
    return [_case(one, how, frame, shown=at < call.LISTED) for at, (how, one) in enumerate(ordered)]


def _case(one: Call, stands: Stands, frame: Frame, *, shown: bool) -> Called:
    studio, board, case = frame.studio, frame.studio.board, one.case
    due = acknowledge_by(case, studio.policy.nagging)
    yours = case.owner == frame.user
    if not shown:
        return Called(case, None, due=due, yours=yours, stands=stands)
    entry, place = board.entry(case.number, one.seq), board.place_of_card(case.number)
    url = block_kit.permalink(studio.workspace(), place.channel, place.ts) if place else ""
    move, by = (entry.move, studio.name_of(entry.by)) if entry else (None, "")
    owner = studio.name_of(case.owner) if case.owner else ""
    return Called(case, move, by, owner, due, url, yours, stands)


def _stands(one: Call) -> Stands:
    if one.overtaken or awaited(one.case) is not Awaited.ACKNOWLEDGEMENT:
        return Stands.OVER
    return Stands.REMINDED if one.reminded else Stands.ASKS


def _why(called: Sequence[Called], frame: Frame, words: Words) -> str:
    """Why its reader is called: they are on call, or nobody is. Who owns the cases needs no reason."""
    if frame.user and all(it.case.owner == frame.user for it in called):
        return ""
    on_call = frame.studio.on_duty(frame.now).on_call
    if frame.user in on_call:
        return words("You are on call.")
    return "" if on_call else words("Nobody is on call.")
