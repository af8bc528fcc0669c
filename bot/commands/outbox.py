"""``outbox …``: the messages that are not in Slack, in words; send one again, or discard it."""

import getpass
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from bot.commands.outbox_words import has_failed
from bot.commands.output import ShowFormat, print_out
from bot.commands.rota_input import find_members, join_name, now_of, say_several
from bot.commands.session import CommandError, Session
from bot.commands.shown_messages import ShownMessages
from bot.commands.text_table import TextTable
from bot.config import Requirement
from handlers.i18n.dates import numeric_moment
from handlers.i18n.errors import REFUSALS
from handlers.i18n.message_kinds import MESSAGE_KINDS, MESSAGE_STATUSES
from handlers.i18n.words import N_, Words
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.oncall import rota_store
from models.outbox import mending
from models.outbox.mending import NOT_DONE, StoredMessage
from models.rules.errors import Refused
from models.rules.escalations.request import is_blank
from models.rules.outbox.delivery import MessageStatus
from models.store.database import Store

OPERATOR = "operator"
"""Who discards where the system has no name for the account."""
NEWEST_FIRST = N_("Newest first.")
URGENT_FIRST = N_("First what was set aside, then what has waited longest.")
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,}")


def list_(session: Session, statuses: Sequence[MessageStatus], limit: int, form: ShowFormat) -> None:
    """List messages in these states; those that are not done when none is named. Order: ``mending.find_messages``."""
    words, config, now = session.words, session.config(Requirement.DATABASE | Requirement.CHANNEL), now_of(session)
    wanted = tuple(statuses) or NOT_DONE
    with session.store() as store:
        messages, count = store.read(lambda connection: mending.find_messages(connection, wanted, limit))
        shown = ShownMessages(store, words, config.timezone, now, config.oncall_channel, config.reach)
        table = _table(messages, shown)
    if form is ShowFormat.JSON:
        print_out(json.dumps([_facts(stored) for stored in messages], ensure_ascii=False, indent=2) + "\n")
        return
    if messages:
        session.out.print(table)
    session.out.print_lines(_count(len(messages), count, wanted, words))
    refused = [stored for stored in messages if stored.status is MessageStatus.SET_ASIDE or has_failed(stored)]
    if refused:
        hint = N_("What to do about one: csp-escalate outbox show {n}")
        session.out.print_lines(words(hint, n=refused[0].position))


def _count(shown: int, count: int, statuses: Sequence[MessageStatus], words: Words) -> str:
    """Return how many messages there are, how many of them are listed, and in which order."""
    if not count and statuses == NOT_DONE:
        return words(N_("No message is waiting."))
    if not count:
        return words(N_("There is no such message."))
    if count == 1:
        return words.plural("{n} message.", "{n} messages.", count)
    order = NEWEST_FIRST if mending.is_newest_first(statuses) else URGENT_FIRST
    says = words.plural("{n} message.", "{n} messages.", count)
    if shown < count:
        says = words(N_("{shown} of {n} messages; more with --limit."), shown=shown, n=count)
    return f"{says}\n{words(order)}"


def show(session: Session, number: int, form: ShowFormat) -> None:
    """Show one message: what it is, for whom, since when, what Slack answered, and what to do."""
    words, config, now = session.words, session.config(Requirement.DATABASE | Requirement.CHANNEL), now_of(session)
    with session.store() as store:
        stored = store.read(lambda connection: mending.find_message(connection, number))
        shown = ShownMessages(store, words, config.timezone, now, config.oncall_channel, config.reach)
        rows = list(shown.describe(stored)) if stored else []
    if stored is None:
        raise CommandError(words(REFUSALS["no_such_message"], number=number), code=2)
    if form is ShowFormat.JSON:
        print_out(json.dumps(_facts(stored), ensure_ascii=False, indent=2) + "\n")
        return
    heading = f"{stored.position} · {words(MESSAGE_KINDS[stored.what])} · {words(MESSAGE_STATUSES[stored.status])}"
    session.out.print_lines(heading, style="bold")
    table = TextTable()
    for label, value in rows:
        if value:
            table.add_row(Text(label, "dim"), value)
    session.out.print(table)


def retry(session: Session, numbers: Sequence[int], by: str) -> None:
    """Let messages be sent again, each by itself. Exits as :func:`_decide` does. Raises as :func:`_name_operator`."""
    words, now = session.words, now_of(session)

    def again(store: Store, name: str, number: int) -> str:
        stored = EscalationCommands(store).retry_message(number, name, now)
        says = (
            N_(
                "{n} is looked for in Slack first, and sent again only if it is not there. What came of it: "
                "csp-escalate outbox show {n}"
            )
            if stored.may_be_visible
            else N_("{n} is sent again now. What came of it: csp-escalate outbox show {n}")
        )
        return words(says, n=stored.position)

    with session.store() as store:
        _decide(session, numbers, partial(again, store, _name_operator(by, store, session)))


def discard(session: Session, numbers: Sequence[int], why: str, by: str) -> None:
    """Never send messages, each by itself. Exits as :func:`_decide` does. Raises CommandError with code 2."""
    words, now = session.words, now_of(session)
    if is_blank(why):
        raise CommandError(words(N_("Give the reason with --why: it is kept with the message.")), code=2)

    def give_up(store: Store, name: str, number: int) -> str:
        stored = EscalationCommands(store).discard_message(number, name, why, now)
        says = (
            N_("{n} is discarded; the history of {name} says so.")
            if stored.number
            else N_("{n} is discarded; the on-call channel is told.")
        )
        return words(says, n=number, name=f"CSP-{stored.number}")

    with session.store() as store:
        _decide(session, numbers, partial(give_up, store, _name_operator(by, store, session)))


def _decide(session: Session, numbers: Sequence[int], act: Callable[[int], str]) -> None:
    """Act on each message by itself, and say for each what was done, or why not.

    Exits with 1 where some were refused, and raises CommandError with code 2 where all were.
    """
    zone, refused, done = session.config(Requirement.DATABASE).timezone, list[str](), 0
    for number in dict.fromkeys(numbers):
        try:
            session.out.print_lines(act(number))
            done += 1
        except Refused as error:
            refused += _word_refusals(number, error, session.words, zone)
    if refused and not done:
        raise CommandError("\n".join(refused), code=2)
    for sentence in refused:
        session.err.print_lines(sentence)
    if refused:
        raise typer.Exit(1)


def _word_refusals(number: int, refused: Refused, words: Words, zone: ZoneInfo) -> list[str]:
    """Return why nothing was done about a message: it begins with the number, if the sentence has none."""
    said = [words(REFUSALS[refusal.reason], **_readable(refusal.values, zone)) for refusal in refused.refusals]
    return [text if str(number) in text else f"{number}{words.colon}{text}" for text in said]


def _name_operator(by: str, store: Store, session: Session) -> str:
    """Return who decides: as typed, else the account. Raises CommandError with code 2 for an ID of Slack."""
    if _SLACK_ID.fullmatch(by.strip()):
        raise CommandError(session.words(N_("Give a name with --by, not a member ID of Slack.")), code=2)
    return _find_full_name(by.strip(), store, session) if by.strip() else _account()


def _find_full_name(typed: str, store: Store, session: Session) -> str:
    """Return the whole name of who decided, so that the history calls each person the same everywhere.

    An operator may be neither on the rota nor met in Slack: then the name is kept as typed, with a warning.
    Raises CommandError with code 2 for a part of a name that fits several people.
    """
    words, names = session.words, EscalationQueries(store).names_of_team()
    rota = rota_store.rota_at(store, now_of(session))
    met = [name for name in names.values() if join_name(name) == join_name(typed)]
    fitting = met or (find_members(typed, rota, names) if rota else [])
    if len(fitting) > 1:
        raise say_several(typed, fitting, words)
    if fitting:
        return fitting[0]
    if rota or names:
        says = words(N_("Nobody on the rota or met in Slack is called “{name}”; recorded as typed."), name=typed)
        session.err.print_lines(f"⚠️ {says}")
    return typed


def _readable(values: Mapping[str, object], zone: ZoneInfo) -> dict[str, object]:
    return {
        name: numeric_moment(value, zone) if isinstance(value, datetime) else value for name, value in values.items()
    }


def _table(messages: Sequence[StoredMessage], shown: ShownMessages) -> TextTable:
    headings = ("#", N_("Status"), N_("Message"), N_("About"), N_("For"), N_("Age"), N_("Answer"))
    table = TextTable(map(shown.words, headings), shown.words.colon)
    for stored in messages:
        table.add_row(str(stored.position), *shown.list_cells(stored))
    return table


def _facts(stored: StoredMessage) -> dict[str, object]:
    """Return a message for programs: a contract."""
    case = f"CSP-{stored.number}" if stored.number else None
    times = ("created_at", "due_at", "first_tried_at", "settled_at", "discarded_at")
    moments: dict[str, datetime | None] = {name: getattr(stored, name) for name in times}
    return {
        "number": stored.position, "id": stored.id, "state": stored.status, "kind": stored.what.label, "case": case,
        "subject": stored.subject, "user": stored.user, "channel": stored.channel,
        **{name: at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None for name, at in moments.items()},
        "tries": stored.tries, "may_be_visible": stored.may_be_visible, "slack_error": stored.last_error or None,
        "slack_channel": stored.slack_channel, "slack_ts": stored.slack_ts, "discarded_by": stored.discarded_by,
        "discarded_why": stored.discarded_why,
    }  # fmt: skip


def _account() -> str:
    """Return the name of the account that runs this; a container may have none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return OPERATOR
