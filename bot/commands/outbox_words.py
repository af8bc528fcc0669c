"""What a message of the outbox is about, for whom it is, what Slack answered, and what to do, in words."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from handlers.i18n.reach_answers import find_fact
from handlers.i18n.reach_labels import CHANNEL
from handlers.i18n.slack_answers import (
    ESCALATION_SETTING,
    ONCALL_SETTING,
    Afterwards,
    SlackErrorWords,
    find_error,
    say_instead,
)
from handlers.i18n.webhook_labels import explain
from handlers.i18n.words import N_, Words
from models.outbox.mending import StoredMessage
from models.rules.outbox.delivery import MessageStatus
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.channels import Channel
from models.rules.reach.daytime import WAITS_FOR_MORNING
from models.rules.reach.page import KEPT_FOR_CASES, KEPT_FREE, LIMITED, TOLD_TOGETHER
from models.rules.reach.reach_plan import ReachAddress
from models.rules.reminders import subjects
from models.rules.reminders.subjects import (
    DepartureName,
    EscalationName,
    GapName,
    HandoverName,
    HolidayWeekName,
    OfferName,
    RotaVersionName,
    ShiftName,
    SubjectName,
)

ELSEWHERE = frozenset({MessageKind.PAGE, MessageKind.WEBHOOK})
"""Messages that do not go to Slack: other services have codes of their own."""
_WEBHOOK_WAITS = N_(
    "{advice} Later moves of this case wait behind it. It is tried again by itself.\n"
    "To try now: csp-escalate outbox retry {n}\nTo give it up: csp-escalate outbox discard {n} --why TEXT"
)
_FAILURE = re.compile(r"[A-Z]\w+$|the answer does not end$")
"""The name of an exception of the network: nothing was answered, or not to the end."""
_AFTERWARDS = {
    Afterwards.RETRY: N_("Then send it: csp-escalate outbox retry {n}"),
    Afterwards.DISCARD: N_("Then: csp-escalate outbox discard {n} --why TEXT"),
    Afterwards.EITHER: N_(
        "Then send it: csp-escalate outbox retry {n}\nOr give it up: csp-escalate outbox discard {n} --why TEXT"
    ),
}
_BY_ITSELF = N_("Then it is sent by itself.")
_PAGE = N_(
    "A service outside Slack refused it: csp-escalate reach show names its address and each try. Correct the address "
    "in the reach file."
)
NO_FAILURE = frozenset({"", WAITS_FOR_MORNING, TOLD_TOGETHER, *LIMITED})
"""What is noted of a message of which no try failed."""
_KEPT = {
    KEPT_FREE: N_(
        "waits for its turn, {at} at the earliest: its person was told before, and the address is kept free for what "
        "is new"
    ),
    KEPT_FOR_CASES: N_(
        "waits for its turn, {at} at the earliest: the address is kept free for new cases; other addresses do not wait"
    ),
}
"""Why a page waits whose address may still be used by others."""
_RATES = {
    timedelta(seconds=1): N_("{n} a second"), timedelta(minutes=1): N_("{n} a minute"),
    timedelta(hours=1): N_("{n} an hour"), timedelta(days=1): N_("{n} a day"),
}  # fmt: skip
_PAGE_BY_STATUS = {
    MessageStatus.UNKNOWN: N_(
        "Nothing: no service outside Slack can be asked, so it is sent again by itself, marked.\n"
        "To send it now: csp-escalate outbox retry {n}"
    ),
    MessageStatus.SENDING: N_("Nothing: it is being sent, and sent again if that does not end within a minute."),
}
_BY_STATUS = {
    MessageStatus.UNKNOWN: N_(
        "Nothing: the bot looks for it in Slack, and sends it again only if it is not there.\n"
        "To look now: csp-escalate outbox retry {n}"
    ),
    MessageStatus.SENDING: N_("Nothing: it is being sent, and looked for if that does not end within a minute."),
    MessageStatus.WAITING: N_(
        "Nothing, while the bot runs: it is sent in its turn.\nTo try at once: csp-escalate outbox retry {n}"
    ),
    MessageStatus.DISCARDED: N_("Nothing. To send it after all: csp-escalate outbox retry {n}"),
    MessageStatus.SENT: N_("Nothing."),
    MessageStatus.SUPERSEDED: N_("Nothing: it had nothing left to say when its turn came."),
}


def advise(stored: StoredMessage, words: Words, oncall_channel: str) -> str:
    """Return what an operator does next. ``oncall_channel`` is a Slack id."""
    if stored.what is MessageKind.WEBHOOK and stored.status is MessageStatus.WAITING and stored.last_error:
        return words(_WEBHOOK_WAITS, n=stored.position, advice=explain(stored.last_error, words))
    error = _find_error(stored)
    if error is None or not error.step or stored.status not in {MessageStatus.SET_ASIDE, MessageStatus.WAITING}:
        return _advise_on_state(stored, words)
    step, instead = words(error.step), say_instead(error, words, _find_setting(stored, oncall_channel))
    if stored.status is MessageStatus.WAITING:
        return words.join_sentences([step, words(_BY_ITSELF), instead])
    return words.join_sentences([step, instead, words(_AFTERWARDS[error.afterwards], n=stored.position)])


def _advise_on_state(stored: StoredMessage, words: Words) -> str:
    """Return what to do about a message by its state alone."""
    by_status = _BY_STATUS | (_PAGE_BY_STATUS if stored.what is MessageKind.PAGE else {})
    if stored.status is not MessageStatus.SET_ASIDE:
        return words(by_status[stored.status], n=stored.position)
    step = _PAGE if stored.what is MessageKind.PAGE else N_("Correct what Slack complains about.")
    return words.join_sentences([words(step), words(_AFTERWARDS[Afterwards.EITHER], n=stored.position)])


def _find_error(stored: StoredMessage) -> SlackErrorWords | None:
    """Return the words of Slack's error; None for another service, and where the code has none."""
    if stored.what in ELSEWHERE:
        return None
    of_person = bool(stored.user) and stored.status is MessageStatus.SET_ASIDE
    return find_error(stored.last_error, of_person=of_person)


def _find_fact(stored: StoredMessage) -> str:
    """Return what the answer of Slack, or of a service outside it, means; empty where its code has no words."""
    if stored.what is MessageKind.PAGE:
        return find_fact(stored.last_error)
    error = _find_error(stored)
    return error.fact if error else ""


def _find_setting(stored: StoredMessage, oncall_channel: str) -> str:
    """Return the setting that names the channel of a message; empty where neither does."""
    if stored.user:
        return ""
    if stored.what is MessageKind.TROUBLE or (stored.channel and stored.channel == oncall_channel):
        return ONCALL_SETTING
    return ESCALATION_SETTING if stored.number and stored.channel else ""


def has_failed(stored: StoredMessage) -> bool:
    """Return whether a try of a message failed; one that only waits for its hour or its turn did not."""
    return stored.last_error not in NO_FAILURE


def describe_wait(stored: StoredMessage, words: Words, now: datetime, write_time: Callable[[datetime], str]) -> str:
    """Return why a message outside Slack waits and until when; empty for one that is due, and for all others."""
    if stored.what is not MessageKind.PAGE or stored.status is not MessageStatus.WAITING or stored.due_at <= now:
        return ""
    if stored.last_error == WAITS_FOR_MORNING:
        return words("goes in the morning of its reader, at {at}", at=write_time(stored.due_at))
    says = N_("is tried again at {at}") if has_failed(stored) else N_("goes at {at}, unless it is in Slack by then")
    return words(says, at=write_time(stored.due_at))


def describe_turn(stored: StoredMessage, address: ReachAddress | None, words: Words, at: str) -> str:
    """Return that a message outside Slack waits for the limits of its address, which may be in the file no more."""
    if stored.last_error in _KEPT:
        return words(_KEPT[stored.last_error], at=at)
    if address is None:
        return words("waits for its turn, {at} at the earliest: its address was used as often as it may be", at=at)
    limits = words.join_items(words(_RATES[limit.per], n=limit.count) for limit in address.limits)
    if address.channel is Channel.HOOK:
        return words("waits for its turn, {at} at the earliest: a number gets at most {limits}", at=at, limits=limits)
    channel = words(CHANNEL[address.channel])
    says = N_("waits for its turn, {at} at the earliest: {channel} takes at most {limits}")
    return words(says, at=at, channel=channel, limits=limits)


def describe_answer(stored: StoredMessage, words: Words) -> str:
    """Return what Slack answered last, and whether the message may be visible nevertheless."""
    if stored.status is MessageStatus.SENT:
        return stored.last_error or words(N_("accepted"))
    nothing = words(N_("nothing yet")) if stored.first_tried_at is None else words(N_("no error"))
    answer = describe_error(stored, words, with_name=True) or nothing
    if stored.may_be_visible:
        return words(N_("{answer}; it may be in Slack nevertheless"), answer=answer)
    return answer


def describe_error(stored: StoredMessage, words: Words, *, with_name: bool = False) -> str:
    """Return what Slack or another service answered, in words; ``with_name`` also by its name."""
    error = stored.last_error
    if _FAILURE.match(error):
        return words(N_("no answer ({name})"), name=error) if with_name else words(N_("no answer"))
    msgid = _find_fact(stored)
    if not msgid:
        return error if has_failed(stored) else ""
    fact = words(msgid)
    return fact + words.in_brackets(error) if with_name and has_failed(stored) else fact


def describe_recipient(
    stored: StoredMessage, name_of: Callable[[str], str], oncall_channel: str, words: Words, *, with_ids: bool
) -> str:
    """Return the person, the channel or the webhook; ``with_ids`` with its id in Slack."""
    place = stored.user or stored.channel or ""
    if stored.user:
        name = name_of(stored.user)
    elif stored.what is MessageKind.WEBHOOK:
        name = words(N_("webhook"))
    elif place == oncall_channel or stored.what is MessageKind.TROUBLE:
        name = words(N_("on-call channel"))
    elif stored.number and place:
        name = words(N_("escalation channel"))
    else:
        name = place
    return f"{name} ({place})" if with_ids and place not in {"", name} else name or "–"


def describe_subject(stored: StoredMessage, words: Words, write_time: Callable[[datetime], str]) -> str:
    """Return what a message is about."""
    if stored.number:
        return f"CSP-{stored.number}"
    try:
        named = subjects.read_name(stored.subject or "")
    except (ValueError, TypeError):
        return stored.subject or "–"
    if stored.subject == subjects.DUTY:
        return words(N_("Rota"))
    return _name(named, words, write_time) or stored.subject or "–"


def _name(named: SubjectName | None, words: Words, write_time: Callable[[datetime], str]) -> str:
    """Return the name of a subject; empty for one that has no more words than its own."""
    said = ""
    match named:
        case EscalationName(number=number):
            said = f"CSP-{number}"
        case GapName(number=number):
            said = words(N_("gap {n}"), n=number)
        case ShiftName(start=start, person=person) | HandoverName(at=start, incoming=person):
            said = words(N_("shift of {person} from {at}"), person=person, at=write_time(start))
        case OfferName(number=number):
            said = words(N_("swap offer {n}"), n=number)
        case RotaVersionName(number=number):
            said = words(N_("rota version {n}"), n=number)
        case DepartureName(user=user):
            said = words(N_("departure of {user}"), user=user)
        case HolidayWeekName(year=year):
            said = words(N_("holiday week {year}"), year=year)
    return said
