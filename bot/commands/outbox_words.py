"""What a message of the outbox is about, for whom it is, what Slack answered, and what to do, in words."""

import re
from collections.abc import Callable
from datetime import datetime

from handlers.i18n.webhook_labels import explain
from handlers.i18n.words import N_, Words
from models.outbox.mending import StoredMessage
from models.rules.delivery import MessageKind, MessageStatus
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

_WEBHOOK_WAITS = N_(
    "{advice} Later moves of this case wait behind it. It is tried again by itself; to try now: retry, to give it up: "
    "discard."
)
_OUR_TOKEN = N_("The app or its token is at fault: run csp-escalate doctor, correct it, then retry.")
_PLACE = N_("Invite the app to the channel (/invite @ and its name) or unarchive it, then retry.")
_PERSON = N_("This person can't be reached in Slack: correct the rota, tell them another way, then discard.")
_CONTENT = N_("Slack refused the message itself. Please report it with this number; then retry or discard.")
_UPGRADED = N_("Sending it ended the program again and again. After an update of the program, retry.")
_FAILURE = re.compile(r"[A-Z]\w+$|the answer does not end$")
"""The name of an exception of the network: nothing was answered, or not to the end."""
_ANSWERS = {
    **dict.fromkeys(
        ("invalid_auth", "not_authed", "token_revoked", "missing_scope", "not_allowed_token_type", "no_permission"),
        _OUR_TOKEN,
    ),
    **dict.fromkeys(("channel_not_found", "not_in_channel", "is_archived", "restricted_action"), _PLACE),
    **dict.fromkeys(
        ("user_disabled", "user_not_found", "users_not_found", "account_inactive", "cannot_dm_bot"), _PERSON
    ),
    **dict.fromkeys(("invalid_blocks", "msg_too_long", "invalid_arguments", "no_text", "render"), _CONTENT),
    "claimed too often": _UPGRADED,
}
"""What to do about a message that was set aside, by Slack's error code or the name of our own failure."""
_PAGE = N_(
    "A service outside Slack refused it: csp-escalate reach show names its address and each try. Correct the address "
    "in the reach file, then retry; or discard it."
)
_BY_STATUS = {
    MessageStatus.UNKNOWN: N_(
        "Nothing: the bot looks for it in Slack, and sends it again only if it is not there. To look now: retry."
    ),
    MessageStatus.SENDING: N_("Nothing: it is being sent, and looked for if that does not end within a minute."),
    MessageStatus.WAITING: N_("Nothing, while the bot runs: it is sent in its turn. To try at once: retry."),
    MessageStatus.DISCARDED: N_("Nothing. To send it after all: retry."),
    MessageStatus.SENT: N_("Nothing."),
    MessageStatus.SUPERSEDED: N_("Nothing: it had nothing left to say when its turn came."),
}


def advise(stored: StoredMessage, words: Words) -> str:
    """Return what an operator does next."""
    if stored.what is MessageKind.WEBHOOK and stored.status is MessageStatus.WAITING and stored.last_error:
        return words(_WEBHOOK_WAITS, advice=explain(stored.last_error, words))
    if stored.status is not MessageStatus.SET_ASIDE:
        return words(_BY_STATUS[stored.status])
    other = (
        _PAGE
        if stored.what is MessageKind.PAGE
        else N_("Correct what Slack complains about, then retry; or discard it.")
    )
    return words(_ANSWERS.get(stored.last_error, other))


def describe_wait(stored: StoredMessage, words: Words, now: datetime, write_time: Callable[[datetime], str]) -> str:
    """Return why a message outside Slack waits and until when; empty for one that is due, and for all others."""
    if stored.what is not MessageKind.PAGE or stored.status is not MessageStatus.WAITING or stored.due_at <= now:
        return ""
    says = N_("is tried again at {at}") if stored.first_tried_at else N_("goes at {at}, unless it is in Slack by then")
    return words(says, at=write_time(stored.due_at))


def describe_answer(stored: StoredMessage, words: Words) -> str:
    """Return what Slack answered last, and whether the message may be visible nevertheless."""
    if stored.status is MessageStatus.SENT:
        return stored.last_error or words(N_("accepted"))
    nothing = words(N_("nothing yet")) if stored.first_tried_at is None else words(N_("no error"))
    answer = describe_error(stored.last_error, words, with_name=True) or nothing
    if stored.may_be_visible:
        return words(N_("{answer}; it may be in Slack nevertheless"), answer=answer)
    return answer


def describe_error(error: str, words: Words, *, with_name: bool = False) -> str:
    """Return what Slack or another service answered; where there was no answer, that, and the name of the failure."""
    if not _FAILURE.match(error):
        return error
    return words(N_("no answer ({name})"), name=error) if with_name else words(N_("no answer"))


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
