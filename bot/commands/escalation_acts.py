"""``escalations raise`` and ``do``: a duty desk with a terminal, or another system, goes on without Slack.

The commands and refusals are those of Slack; the history says that it was done at the terminal.
"""

import json
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.commands.act_receipts import ActReceipts
from bot.commands.escalation_show import build_case, find_case_number
from bot.commands.json_errors import reporting_errors
from bot.commands.listed_customer import read_customer
from bot.commands.member_names import find_names
from bot.commands.output import ShowFormat, print_json
from bot.commands.raise_request import read_request
from bot.commands.rota_input import content, find_member, now_of, rota_now
from bot.commands.session import CommandError, Session
from bot.commands.terminal_refusals import TerminalRefusals
from bot.commands.typed_answers import name_service
from bot.commands.typed_moves import TypedMove, give_severity, read_move
from bot.config import Config, Requirement
from bot.services import Repositories, reminder_settings
from handlers.blocks import action_forms
from handlers.i18n import labels
from handlers.i18n.terminal_commands import write_person
from handlers.i18n.words import N_, Words
from models.escalations.commands import SentForm
from models.rules.errors import Refused, refuse
from models.rules.escalations.escalation import Escalation, InformedBy, Move
from models.rules.escalations.moves import BY_TERMINAL, MoveRequest
from models.rules.escalations.reviews import ReviewPolicy, make_review_policy
from models.rules.people import Actor
from models.store.database import Store

MOST_BYTES = 200_000


@dataclass(frozen=True)
class TypedStep:
    """What is typed behind ``escalations do``."""

    case: str
    verb: str
    text: str = ""
    to: str | None = None  # the next owner
    severity: str | None = (
        None  # what 21Vianet gave with its number; what was asked for unless it is named, as in Slack
    )
    id: str | None = None  # names the step: the same id again does nothing


@dataclass(frozen=True)
class Act:
    """What was done, for people and for programs."""

    escalation: Escalation
    shown: Mapping[str, Any]  # the case as ``escalations show --format json`` prints it
    receipt: Sequence[str]


def raise_(session: Session, file: str, name: str, form: ShowFormat) -> None:
    """Raise a case from a JSON object in a file, or on standard input (``-``). Prints its name.

    The key ``id`` names the object: the same one again raises nothing, and says so. Raises CommandError with code 2.
    """
    with reporting_errors(session, form):
        given, at = _read_object(file, session.words), now_of(session)
        key = f"terminal:{given.pop('id', None) or uuid.uuid4()}"

        def act(repositories: Repositories, config: Config, by: Actor) -> Escalation:
            assert config.settings is not None  # noqa: S101 - required below
            channel = config.settings.escalation_channel
            words, refusals = session.words, TerminalRefusals(repositories.queries, config, session.words, str)
            request = read_request(
                given, repositories.policies.newest, at, words, lambda refusal: refusals.describe(refusal, None)
            )
            sent = SentForm(quick=True, came_by=BY_TERMINAL, review=_make_review_policy(repositories, config))
            listed = read_customer(request, repositories.queries, session)
            return repositories.commands.raise_escalation(listed, channel, by, at, key, sent)

        raised = _act(session, name, act)
        is_repeat = raised.escalation.raised_at != at
        says = N_("Already raised as {name}, nothing new was raised. It is now: {status}") if is_repeat else ""
        _print(session, raised, Move.RAISE, says, form)


def do(session: Session, step: TypedStep, name: str, form: ShowFormat) -> None:
    """Make one move on a case as a member of the rota. Raises CommandError with code 2.

    The same ``id`` again does nothing, and says so.
    """
    with reporting_errors(session, form):
        words, number, at = session.words, find_case_number(step.case, session.words), now_of(session)
        typed = give_severity(read_move(step.verb, step.text, f"CSP-{number}", words), step.severity, words)
        others: list[str] = []

        def act(repositories: Repositories, config: Config, by: Actor) -> Escalation:
            move = MoveRequest(
                typed.move, by, at, typed.text, _find_owner(step.to, repositories, session), turn=typed.turn,
                through=typed.through, severity_given=typed.severity, original=_find_original(typed, by, repositories),
                reminder_times=config.pages.reminder_times, came_by=BY_TERMINAL,
                review=_make_review_policy(repositories, config),
                changes=name_service(typed.changes, repositories.policies.newest, words),
            )  # fmt: skip
            if typed.move is Move.RECORD:
                others.extend(repositories.queries.others_with_request_number(typed.text.strip(), by.team_id, number))
            return repositories.commands.move(number, move, f"terminal-step:{step.id or uuid.uuid4()}")

        done = _act(session, name, act, typed, number)
        if done.escalation.number != number:
            says = N_("The id “{id}” was used for {name} before. Nothing was done: give each step an id of its own.")
            raise CommandError(words(says, id=step.id, name=done.escalation.name), code=2)
        is_repeat = done.escalation.changed_at != at
        if not is_repeat:
            _warn(session, typed, number, others, name)
        says = N_("Already done under this id, nothing was done again. {name} is now: {status}") if is_repeat else ""
        _print(session, done, typed.move, says, form)


def _warn(session: Session, typed: TypedMove, number: int, others: Sequence[str], person: str) -> None:
    """Warn of what was done, but probably meant differently."""
    words = session.words
    for hint in action_forms.number_used_twice(others, words):
        says = N_("{hint} If both are one problem: csp-escalate escalations do CSP-{n} duplicate {name} --as {person}")
        session.warn(f"⚠️ {words(says, hint=hint, n=number, name=others[0], person=write_person(person, words))}")
    if typed.move is Move.TELL and typed.text.strip():
        says = N_("“{text}” is no channel, so it is kept as a note. Channels are: {possible}")
        possible = words.join_items([str(channel) for channel in InformedBy])
        session.warn(f"⚠️ {words(says, text=typed.text, possible=possible)}")


def _print(session: Session, act: Act, move: Move, repeated: str, form: ShowFormat) -> None:
    """Print what was done; ``repeated`` is the sentence for what was done before under the same id."""
    words, case = session.words, act.escalation
    status = words(labels.STATUS[case.status])
    receipt = [words(repeated, name=case.name, status=status)] if repeated else list(act.receipt)
    if form is ShowFormat.JSON:
        facts = {"move": str(move), "repeated": bool(repeated), "says": receipt, "warnings": session.warnings}
        print_json({**facts, "case": act.shown})
        return
    session.out.print_lines(*receipt)


def _find_owner(name: str | None, repositories: Repositories, session: Session) -> str | None:
    """Return the Slack id of the member who is to own a case; None for none."""
    rota = repositories.rota_store.rota(now_of(session))
    if name is None or rota is None:
        return None
    return rota.members[find_member(name, rota, session.words, repositories.queries.names_of_team())].slack_id


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
) -> Act:  # fmt: skip
    """Act as a member of the rota, and return the case and what to read of it.

    Raises CommandError with code 2 for what is refused.
    """
    words, config = session.words, session.config(Requirement.DATABASE | Requirement.SLACK)
    assert config.settings is not None  # noqa: S101 - required above
    with session.store() as store:
        repositories = Repositories(store, reminder_settings(config.settings, config.pages, config.reach))
        by = _find_actor(session, store, repositories, config, name)
        names = find_names(store, now_of(session))
        try:
            case = act(repositories, config, by)
            receipts = ActReceipts(repositories, names, config.timezone, words, now_of(session))
            shown = build_case(store, case, repositories.policies, now_of(session))
            return Act(case, shown, receipts.describe(case))
        except Refused as refused:
            refusals = TerminalRefusals(repositories.queries, config, words, names, typed, name)
            said = [refusals.describe(refusal, number) for refusal in refused.refusals]
            raise CommandError("\n".join(said), 2) from refused


def _find_actor(session: Session, store: Store, repositories: Repositories, config: Config, name: str) -> Actor:
    rota = rota_now(store, now_of(session), session.words)
    names = repositories.queries.names_of_team()
    user = rota.members[find_member(name, rota, session.words, names)].slack_id
    assert config.settings is not None  # noqa: S101 - the caller required it
    met = repositories.queries.person(user)
    team = met[0].team_id if met else next(iter(sorted(config.settings.teams)), "")
    if not user or not team:
        says = N_("{name} has no Slack ID in the rota, or was never met in Slack: set CSP_TEAM_ID.")
        raise CommandError(session.words(says, name=name), code=2)
    return Actor(user, team, is_lead=user in config.settings.leads)


def _read_object(file: str, words: Words) -> dict[str, Any]:
    """Return the JSON object of a file, or of the standard input for "-". Raises CommandError with code 2."""
    is_input = file == "-"
    raw = sys.stdin.buffer.read(MOST_BYTES + 1) if is_input else content(Path(file), MOST_BYTES, words)
    place = words(N_("the standard input")) if is_input else file
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        says = N_("{file}, line {line}: this is not JSON. Correct it; the answers it may hold are in docs/reach.md.")
        raise CommandError(words(says, file=place, line=line), code=2) from None
    if len(raw) > MOST_BYTES or not isinstance(given, dict):
        says = N_("{file} must hold one JSON object, of at most {limit} kB.")
        raise CommandError(words(says, file=place, limit=MOST_BYTES // 1000), code=2)
    return given
