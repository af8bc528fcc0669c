"""``escalations raise`` and ``do``: a duty desk with a terminal, or another system, goes on without Slack.

The commands and refusals are those of Slack; the history says that it was done at the terminal.
"""

import json
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.text import Text

from bot.commands.escalation_show import find_case_number
from bot.commands.member_names import find_names
from bot.commands.named_service import read_service
from bot.commands.rota_input import content, member_named, now_of, rota_now
from bot.commands.session import CommandError, Session
from bot.commands.terminal_refusals import POSSIBLE, TerminalRefusals, say_possible
from bot.commands.typed_moves import TypedMove, read_move
from bot.config import Config, Requirement
from bot.services import Repositories, reminder_settings
from handlers.i18n import labels
from handlers.i18n.words import N_, Words
from models.escalations.commands import SentForm
from models.rules.customers.customer import Customer, describe_in_request, find_named, fold
from models.rules.errors import Refused, refuse
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.moves import BY_TERMINAL, MoveRequest
from models.rules.escalations.request import ANSWERS, SHARED_ANSWERS, Request
from models.rules.escalations.reviews import ReviewPolicy, make_review_policy
from models.rules.people import Actor
from models.store.database import Store

MOST_BYTES = 200_000
NAMES_SHOWN = 5
SHORTEST_PART, SHORTEST_ASCII_PART = 2, 4
"""Fewer characters are no part of a name by which a customer is found."""
UNREADABLE = N_(
    "These fields can't be read: {fields}. They are those of: csp-escalate escalations export --format json"
)


def raise_(session: Session, file: str, name: str) -> None:
    """Raise a case from a JSON object in a file, or on standard input (``-``). Prints its name.

    The key ``id`` names the object: the same one again raises nothing, and says so. Raises CommandError with code 2.
    """
    given, at = _read_object(file, session.words), now_of(session)
    key = f"terminal:{given.pop('id', None) or uuid.uuid4()}"
    try:
        request = Request(**{"kind": "customer", "details": "", **given})
    except (ValidationError, TypeError) as error:
        fields = sorted({str(part["loc"][0]) for part in error.errors()}) if isinstance(error, ValidationError) else []
        raise CommandError(_say_unreadable(fields, session.words), code=2) from None

    def act(repositories: Repositories, config: Config, by: Actor) -> Escalation:
        assert config.settings is not None  # noqa: S101 - required below
        channel = config.settings.escalation_channel
        _refuse_unknown(request, session.words)
        named = read_service(request, repositories.policies.newest, session.words)
        sent = SentForm(quick=True, came_by=BY_TERMINAL, review=_make_review_policy(repositories, config))
        listed = _from_list(named, repositories, session)
        return repositories.commands.raise_escalation(listed, channel, by, at, key, sent)

    case = _act(session, name, act)
    status = session.words(labels.STATUS[case.status])
    says = (
        N_("{name}: {status}")
        if case.raised_at == at
        else N_("Already raised as {name}, nothing new was raised. It is now: {status}")
    )
    session.out.print(Text(session.words(says, name=case.name, status=status)), soft_wrap=True)


def _say_unreadable(fields: list[str], words: Words) -> str:
    """Return which fields can't be read, and what is possible where there are choices."""
    choices = [f"{field}{words.colon}{say_possible(field, words)}" for field in fields if field in POSSIBLE]
    return "\n".join([words(UNREADABLE, fields=words.join_items(fields)), *choices])


def _refuse_unknown(request: Request, words: Words) -> None:
    """Refuse answers that would be dropped; the form in Slack offers none."""
    wanted = {*ANSWERS[request.kind], *SHARED_ANSWERS}
    texts = {name: value for name, value in request.answers.items() if name != "lacks"}
    unread = sorted(name for name, value in texts.items() if not isinstance(value, str))
    if unread or not isinstance(request.answers.get("lacks", []), list):
        raise CommandError(_say_unreadable(unread or ["lacks"], words), code=2)
    if unknown := sorted(set(request.answers) - wanted):
        says = N_("No such answers: {fields}. Possible are: {possible}")
        fields, possible = words.join_items(unknown), words.join_items(sorted(wanted))
        raise CommandError(words(says, fields=fields, possible=possible), code=2)


def _from_list(request: Request, repositories: Repositories, session: Session) -> Request:
    """Return a request with what the customer list knows of the customer that it names, by its id or its name."""
    words, queries = session.words, repositories.queries
    if request.customer_id:
        customer = queries.customer(request.customer_id)
        if customer is None:
            says = words(N_("No customer on the list has the id {id}."), id=request.customer_id)
            raise CommandError(says, code=2)
        return request.model_copy(update=describe_in_request(customer))
    if not request.customer_name:
        return request
    near = queries.customers(request.customer_name)
    if named := find_named(request.customer_name, near):
        return request.model_copy(update=describe_in_request(named))
    if not near or not _is_part_of_name(request.customer_name):
        return request
    if len(near) > 1:
        raise CommandError(_say_several(request.customer_name, near, words), code=2)
    said = words(N_("The customer on the list is meant: {name}"), name=near[0].name)
    session.err.print(said, markup=False, soft_wrap=True)
    return request.model_copy(update=describe_in_request(near[0]))


def _is_part_of_name(typed: str) -> bool:
    """Return whether a text is long enough to find a customer by: two Chinese characters say more than two letters."""
    folded = fold(typed)
    return len(folded) >= (SHORTEST_ASCII_PART if folded.isascii() else SHORTEST_PART)


def _say_several(typed: str, near: list[Customer], words: Words) -> str:
    names = [customer.name for customer in near[:NAMES_SHOWN]] + ["…"] * (len(near) > NAMES_SHOWN)
    says = N_("“{typed}” fits several customers: {names}. Give the whole name, or customer_id.")
    return words(says, typed=typed, names=words.join_items(names))


def do(session: Session, case: str, verb: str, name: str, text: str, to: str | None) -> None:
    """Make one move on a case as a member of the rota. Raises CommandError with code 2."""
    words, number = session.words, find_case_number(case, session.words)
    typed = read_move(verb, text, words)

    def act(repositories: Repositories, config: Config, by: Actor) -> Escalation:
        step = MoveRequest(
            typed.move, by, now_of(session), typed.text, _find_owner(to, repositories, session), turn=typed.turn,
            through=typed.through, original=_find_original(typed, by, repositories),
            reminder_times=config.pages.reminder_times, came_by=BY_TERMINAL,
            review=_make_review_policy(repositories, config),
        )  # fmt: skip
        return repositories.commands.move(number, step, f"terminal:{uuid.uuid4()}")

    moved = _act(session, name, act, typed, number)
    says = words(N_("{name}: {status}"), name=moved.name, status=words(labels.STATUS[moved.status]))
    session.out.print(Text(says), soft_wrap=True)


def _find_owner(name: str | None, repositories: Repositories, session: Session) -> str | None:
    """Return the Slack id of the member who is to own a case; None for none."""
    rota = repositories.rota_store.rota(now_of(session))
    if name is None or rota is None:
        return None
    return rota.members[member_named(name, rota, session.words, repositories.queries.names_of_team())].slack_id


def _find_original(typed: TypedMove, by: Actor, repositories: Repositories) -> Escalation | None:
    """Return the other case that a move names; None for none. Raises Refused when there is no such case."""
    if typed.original is None:
        return None
    original = repositories.queries.escalation(typed.original, by.team_id)
    if original is None:
        raise refuse("no_such_escalation", number=typed.original)
    return original


def _make_review_policy(repositories: Repositories, config: Config) -> ReviewPolicy:
    assert config.settings is not None  # noqa: S101 - the caller required it
    return make_review_policy(repositories.policies.newest, config.settings.leads)


def _act(
    session: Session, name: str, act: Callable[[Repositories, Config, Actor], Escalation],
    typed: TypedMove | None = None, number: int | None = None,
) -> Escalation:  # fmt: skip
    """Act as a member of the rota, and return the case. Raises CommandError with code 2 for what is refused."""
    words, config = session.words, session.config(Requirement.DATABASE | Requirement.SLACK)
    assert config.settings is not None  # noqa: S101 - required above
    with session.store() as store:
        repositories = Repositories(store, reminder_settings(config.settings, config.pages, config.reach))
        by = _find_actor(session, store, repositories, config, name)
        try:
            return act(repositories, config, by)
        except Refused as refused:
            names = find_names(store, now_of(session))
            refusals = TerminalRefusals(repositories.queries, config, words, names, typed)
            said = [refusals.describe(refusal, number) for refusal in refused.refusals]
            raise CommandError("\n".join(said), 2) from None


def _find_actor(session: Session, store: Store, repositories: Repositories, config: Config, name: str) -> Actor:
    rota = rota_now(store, now_of(session), session.words)
    names = repositories.queries.names_of_team()
    user = rota.members[member_named(name, rota, session.words, names)].slack_id
    assert config.settings is not None  # noqa: S101 - the caller required it
    met = repositories.queries.person(user)
    team = met[0].team_id if met else next(iter(sorted(config.settings.teams)), "")
    if not user or not team:
        says = N_("{name} has no Slack ID in the rota, or was never met in Slack: set CSP_TEAM_ID.")
        raise CommandError(session.words(says, name=name), code=2)
    return Actor(user, team, is_lead=user in config.settings.leads)


def _read_object(file: str, words: Words) -> dict[str, Any]:
    raw = sys.stdin.buffer.read(MOST_BYTES + 1) if file == "-" else content(Path(file), MOST_BYTES, words)
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        given = None
    if len(raw) > MOST_BYTES or not isinstance(given, dict):
        raise CommandError(
            words(N_("A JSON object is wanted, of at most {limit} kB."), limit=MOST_BYTES // 1000), code=2
        )
    return given
