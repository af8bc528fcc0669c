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
from bot.commands.rota_input import content, member_named, now_of, rota_now
from bot.commands.session import CommandError, Session
from bot.config import Config, Requirement
from bot.services import Repositories, reminder_settings
from handlers.i18n import labels
from handlers.i18n.durations import span
from handlers.i18n.errors import REFUSALS
from handlers.i18n.words import N_, Words
from models.escalations.commands import SentForm
from models.rules.customers.customer import describe_in_request, find_named
from models.rules.errors import Refusal, Refused
from models.rules.escalations.escalation import Escalation, Move, Status, Turn
from models.rules.escalations.moves import BY_TERMINAL, MoveRequest
from models.rules.escalations.request import ANSWERS, CHOICES, SHARED_ANSWERS, Request
from models.rules.escalations.reviews import make_review_policy
from models.rules.people import Actor
from models.rules.policy.vendor import VendorPolicy
from models.store.database import Store

MOST_BYTES = 200_000
UNREADABLE = N_(
    "These fields can't be read: {fields}. They are those of: csp-escalate escalations export --format json"
)
VERBS = {
    "acknowledge": Move.ACKNOWLEDGE, "note": Move.NOTE, "number": Move.RECORD, "informed": Move.TELL,
    "resolve": Move.RESOLVE, "close": Move.CLOSE, "reopen": Move.REOPEN, "reassign": Move.HAND_OVER,
    "withdraw": Move.WITHDRAW, "wake": Move.WAKE,
}  # fmt: skip
"""What can be done at the terminal; what needs more than words is done in Slack."""


def raise_(session: Session, file: str, name: str) -> None:
    """Raise a case from a JSON object in a file, or on standard input (``-``). Prints its name.

    The key ``id`` names the object: the same one again raises nothing. Raises CommandError with code 2.
    """
    given = _read_object(file, session.words)
    key = f"terminal:{given.pop('id', None) or uuid.uuid4()}"
    try:
        request = Request(**{"kind": "customer", "details": "", **given})
    except (ValidationError, TypeError) as error:
        fields = sorted({str(part["loc"][0]) for part in error.errors()}) if isinstance(error, ValidationError) else []
        raise CommandError(session.words(UNREADABLE, fields=session.words.join_items(fields)), code=2) from None

    def act(repositories: Repositories, config: Config, by: Actor) -> Escalation:
        assert config.settings is not None  # noqa: S101 - required below
        channel = config.settings.escalation_channel
        policy = repositories.policies.newest
        _refuse_unknown(request, policy, session.words)
        review = make_review_policy(policy, config.settings.leads)
        sent = SentForm(quick=True, came_by=BY_TERMINAL, review=review)
        return repositories.commands.raise_escalation(
            _from_list(request, repositories), channel, by, now_of(session), key, sent
        )

    _act(session, name, act)


def _refuse_unknown(request: Request, policy: VendorPolicy, words: Words) -> None:
    """Refuse what would be dropped, and a service that the rules do not name; the form in Slack offers neither."""
    wanted = {*ANSWERS[request.kind], *SHARED_ANSWERS}
    texts = {name: value for name, value in request.answers.items() if name != "lacks"}
    unread = sorted(name for name, value in texts.items() if not isinstance(value, str))
    if unread or not isinstance(request.answers.get("lacks", []), list):
        raise CommandError(words(UNREADABLE, fields=words.join_items(unread or ["lacks"])), code=2)
    if unknown := sorted(set(request.answers) - wanted):
        says = N_("No such answers: {fields}. Possible are: {possible}")
        fields, possible = words.join_items(unknown), words.join_items(sorted(wanted))
        raise CommandError(words(says, fields=fields, possible=possible), code=2)
    if request.service and request.service not in policy.services:
        says = N_("No such service: {service}. Possible are: {possible}")
        raise CommandError(words(says, service=request.service, possible=words.join_items(policy.services)), code=2)


def _from_list(request: Request, repositories: Repositories) -> Request:
    """Return a request with what the customer list knows of the customer that it names."""
    if request.customer_id or not request.customer_name:
        return request
    named = find_named(request.customer_name, repositories.queries.customers(request.customer_name))
    return request.model_copy(update=describe_in_request(named)) if named else request


def do(session: Session, case: str, verb: str, name: str, text: str, to: str | None) -> None:
    """Make one move on a case as a member of the rota. Raises CommandError with code 2."""
    words, number = session.words, find_case_number(case, session.words)
    if verb not in VERBS:
        raise CommandError(
            words(N_("“{verb}” is not one of: {verbs}"), verb=verb, verbs=words.join_items(VERBS)), code=2
        )

    def act(repositories: Repositories, config: Config, by: Actor) -> Escalation:
        now = now_of(session)
        owner = None
        if to:
            rota = repositories.rota_store.rota(now)
            owner = rota.members[member_named(to, rota, words)].slack_id if rota else None
        step = MoveRequest(
            VERBS[verb], by, now, text, owner, reminder_times=config.pages.reminder_times, came_by=BY_TERMINAL
        )
        return repositories.commands.move(number, step, f"terminal:{uuid.uuid4()}")

    _act(session, name, act, f"CSP-{number}")


def _act(
    session: Session, name: str, act: Callable[[Repositories, Config, Actor], Escalation], about: str = ""
) -> None:
    """Act as a member of the rota, and print what became of the case."""
    words, config = session.words, session.config(Requirement.DATABASE | Requirement.SLACK)
    assert config.settings is not None  # noqa: S101 - required above
    with session.store() as store:
        repositories = Repositories(store, reminder_settings(config.settings, config.pages, config.reach))
        by = _find_actor(session, store, repositories, config, name)
        try:
            case = act(repositories, config, by)
        except Refused as refused:
            raise CommandError(
                "\n".join(_describe(refusal, repositories, config, words, about) for refusal in refused.refusals), 2
            ) from None
    says = words(N_("{name}: {status}"), name=case.name, status=words(labels.STATUS[case.status]))
    session.out.print(Text(says), soft_wrap=True)


def _find_actor(session: Session, store: Store, repositories: Repositories, config: Config, name: str) -> Actor:
    rota = rota_now(store, now_of(session), session.words)
    user = rota.members[member_named(name, rota, session.words)].slack_id
    assert config.settings is not None  # noqa: S101 - the caller required it
    met = repositories.queries.person(user)
    team = met[0].team_id if met else next(iter(sorted(config.settings.teams)), "")
    if not user or not team:
        says = N_("{name} has no Slack ID in the rota, or was never met in Slack: set CSP_TEAM_ID.")
        raise CommandError(session.words(says, name=name), code=2)
    return Actor(user, team, is_lead=user in config.settings.leads)


def _describe(refusal: Refusal, repositories: Repositories, config: Config, words: Words, about: str) -> str:
    """Return a refusal as a sentence, with the field it is about, and the case where it names one."""
    assert config.settings is not None  # noqa: S101 - the caller required it
    leads = [repositories.queries.name_of(lead) for lead in sorted(config.settings.leads)]
    values = {"name": about, "who": "", "at": "", "owner": "", "status": "", **refusal.values}
    texts = {key: _format(key, value, repositories, config, words) for key, value in values.items()}
    sentence = words(REFUSALS[refusal.reason], **{**texts, "leads": words.join_items(leads) or words("a lead")})
    if refusal.reason == "unknown_choice" and refusal.field and refusal.field in CHOICES:
        possible = words.join_items([str(choice) for choice in CHOICES[refusal.field]])
        sentence = f"{sentence} {words('Possible are: {possible}', possible=possible)}"
    return f"{refusal.field}{words.colon}{sentence}" if refusal.field else sentence


def _format(key: str, value: Any, repositories: Repositories, config: Config, words: Words) -> str:
    if key in {"owner", "who"} and value:
        return repositories.queries.name_of(str(value))
    if isinstance(value, Status | Turn):
        return words(labels.STATUS[value]) if isinstance(value, Status) else words(labels.TURN[value])
    if key == "fields" and isinstance(value, tuple):
        return labels.list_fields(value, words)
    if hasattr(value, "astimezone"):
        return f"{value.astimezone(config.timezone):%Y-%m-%d %H:%M}"
    return span(value, words) if hasattr(value, "total_seconds") else str(value)


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
