"""What is said of escalations that wait: reminders of one, and the list of each morning."""

from datetime import datetime

from handlers.blocks import block_kit, open_escalations
from handlers.notifications.context import Frame
from handlers.notifications.message import Message, NotYet
from models.rules.escalations.deadlines import due_by
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.transitions import moves_from, moves_of
from models.rules.people import Actor
from models.rules.reminders import subjects
from models.rules.reminders.escalation import mark


def nag(frame: Frame) -> Message | None:
    """Of one that nobody acknowledged or spoke of; None when somebody took it, spoke of it or put it off meanwhile."""
    case, due = _case(frame)
    if case is None or due is None or due > frame.now or not frame.key.endswith(mark(due)):
        return None
    it = told(case, frame)
    said, short = (
        open_escalations.sentence(it, frame.words, frame.now),
        open_escalations.fallback(it, frame.words, frame.now),
    )
    if frame.delivery.lane == case.name and not frame.user:
        return frame.called(said, [open_escalations.in_thread(it, frame.words)], _thread(case.number, frame))
    by = Actor(frame.user, case.team_id, frame.user in frame.studio.settings.leads)
    # In a channel everything is offered: who may is checked at the press.
    possible = moves_of(case, by, frame.user in frame.scene.everybody_on(frame.now)) if frame.user else moves_from(case)
    blocks = [open_escalations.reminder(it, frame.words), *open_escalations.buttons(case, possible, frame.words)]
    return (frame.message if frame.user else frame.called)(said, blocks, short=short)


def over(frame: Frame) -> str:
    """What stands in place of a reminder once somebody took it, spoke of it or put it off; empty while nobody has."""
    case, due = _case(frame)
    if case is None or (due and mark(due) in frame.key):
        return ""
    owner = name_of(case.owner, frame) if case.owner else ""
    return open_escalations.over(told(case, frame), owner, frame.words, frame.now)


def about(frame: Frame) -> str:
    """What a reminder is about, in a few words; empty when it is not there any more."""
    case, _ = _case(frame)
    return f"{case.name} · {block_kit.escape(block_kit.clip(case.title, 60))}" if case else ""


def digest(frame: Frame) -> Message:
    """All that are open, the oldest first, or that nothing is."""
    open_ = sorted(frame.studio.board.every_escalation(), key=lambda case: case.raised_at)
    listed = [told(case, frame) for case in open_[: open_escalations.LISTED]]
    blocks = [*open_escalations.digest(listed, len(open_), frame.words, frame.now), *frame.lateness()]
    return Message(block_kit.spoken(blocks), blocks, frame.delivery.channel)


def _case(frame: Frame) -> tuple[Escalation | None, datetime | None]:
    """The case, and since or from when it is due."""
    case = frame.studio.board.escalation(subjects.number_of(frame.subject))
    return case, due_by(case, frame.studio.policy.nagging) if case else None


def told(case: Escalation, frame: Frame) -> open_escalations.Told:
    """An escalation with whose turn it is: the owner's, or of who is on call where they have left."""
    place = frame.studio.board.place_of_card(case.number)
    url = block_kit.permalink(frame.studio.workspace(), place.channel, place.ts) if place else ""
    is_theirs = case.owner and not frame.scene.is_gone(case.owner, frame.now)
    whose = [case.owner] if case.owner and is_theirs else frame.scene.on_call(frame.now)
    turn = frame.words("you") if frame.delivery.user in whose else frame.words.listed(name_of(u, frame) for u in whose)
    return open_escalations.Told(case, turn, url)


def name_of(user: str, frame: Frame) -> str:
    """As Slack calls them, else as the plan does."""
    known = frame.studio.board.person(user)
    return known[0].name if known else frame.scene.member_of(user) or user


def _thread(number: int, frame: Frame) -> str:
    place = frame.studio.board.place_of_card(number)
    if place is None:
        raise NotYet
    return place.ts
