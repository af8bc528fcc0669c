"""A drawn sample of each card and form: every kind of request, in every status, and every move.

The tests measure these samples, and ``doctor --blocks`` asks Slack whether it would take them. ``bot.samples`` has
everything else that is shown.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import product
from typing import Any

from handlers.blocks import action_forms, call, card, command_answers, home_cases, raise_form
from handlers.blocks.vendor_text import FilingPath
from handlers.i18n import labels
from handlers.i18n.words import N_, Words
from models.escalations.queries import EscalationPage
from models.rules.escalations.escalation import Escalation, Move, Status
from models.rules.escalations.request import IssueCategory, ProblemScope, RequestKind, Severity
from models.rules.escalations.transitions import OF_THE_PROGRAM
from models.rules.outbox.message_kinds import MessageKind
from models.rules.policy.vendor import VendorPolicy
from models.rules.reminders.subjects import SubjectName
from models.rules.rota.rota import BEIJING

FILING = FilingPath("steps", "https://partner.example.cn", "400-089-0365")
DRAWN_AT = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
"""The samples are always the same."""


class Surface(StrEnum):
    """Where a sample is shown. The values are the arguments of Slack's method ``blocks.validate``."""

    MESSAGE = "blocks"
    VIEW = "view"


@dataclass(frozen=True)
class Sample:
    """One thing, drawn."""

    name: str  # for people
    surface: Surface
    content: Any  # the blocks of a message, or a whole view
    kind: MessageKind | None = None  # of a message of the outbox
    subject: type[SubjectName] | None = None  # of a message about one: what it is about
    about: str = ""  # of an answer or a view: what was typed or pressed before

    def written(self) -> str:
        """Return it as Slack reads it."""
        return json.dumps(self.content, ensure_ascii=False)


def sample_case(kind: RequestKind, status: Status = Status.OPEN) -> Escalation:
    """Return an escalation with little typed in it: mostly our own words are measured."""
    answers: dict[str, Any] = {"scope": ProblemScope.SEVERAL_CUSTOMERS, "category": IssueCategory.CUSTOMER_SUBSCRIPTION}
    return Escalation(
        number=12, team_id="T1", channel="C1", kind=kind, severity=Severity.A, title="T", details="D", service="m365",
        customer_name="C", answers=answers, status=status, raised_by="U1", raised_at=DRAWN_AT, changed_at=DRAWN_AT,
    )  # fmt: skip


def draw_samples(words: Words, policy: VendorPolicy, naming: Words) -> Iterator[Sample]:
    """Yield every sample in one language, with its name in that of ``naming``."""
    for kind, status in product(RequestKind, Status):
        case = sample_case(kind, status)
        name = naming.join_items([naming(N_("card")), naming(labels.KIND[kind]), naming(labels.STATUS[status])])
        yield Sample(name, Surface.MESSAGE, card.blocks(case, words, policy, "U1", DRAWN_AT))
    yield from _draw_forms(words, policy, naming)
    yield from _draw_answers(words, policy, naming)


def _draw_forms(words: Words, policy: VendorPolicy, naming: Words) -> Iterator[Sample]:
    for kind, quick in product(["", *RequestKind], ["", "yes"]):
        values = raise_form.FormValues({"kind": kind, "severity": Severity.A, "service": "m365", "quick": quick})
        form = raise_form.view(values, words, policy)
        parts = [naming(N_("form")), naming(labels.KIND[kind]) if kind else "", naming("Quick raise") if quick else ""]
        yield Sample(naming.join_items([part for part in parts if part]), Surface.VIEW, form)
    yield Sample(naming(N_("confirmation")), Surface.VIEW, raise_form.created_view("CSP-12", "text", FILING, words))
    without = {Move.RAISE, *OF_THE_PROGRAM, *action_forms.WITHOUT_FORM}
    for kind, move in product(RequestKind, [move for move in Move if move not in without]):
        form = action_forms.view(sample_case(kind), move, words, policy, "")
        yield Sample(naming.join_items([naming(labels.MOVE[move]), naming(labels.KIND[kind])]), Surface.VIEW, form)


def _draw_answers(words: Words, policy: VendorPolicy, naming: Words) -> Iterator[Sample]:
    case = sample_case(RequestKind.PARTNER_CENTER)
    for name, shown in (
        (N_("list"), EscalationPage([case], 5, more=True)), (N_("empty list"), EscalationPage([], 0, more=False)),
    ):  # fmt: skip
        drawn = command_answers.page(words(name), shown, "list", "", words, DRAWN_AT)
        yield Sample(naming(name), Surface.MESSAGE, drawn)
    yield Sample(naming(N_("help")), Surface.MESSAGE, command_answers.list_commands(words))
    calls = [call.CalledCase(case, Move.RAISE), call.CalledCase(case, Move.HAND_OVER, by="Li Na")]
    for called in (calls[:1], calls):
        drawn = call.blocks(called, "", words, policy, DRAWN_AT)
        yield Sample(naming.plural("call about {n} case", "call about {n} cases", len(called)), Surface.MESSAGE, drawn)
    shown_at_home = home_cases.HomeCases([home_cases.OwnCase(case, None)], [case], 1, 2)
    home = {"type": "home", "blocks": home_cases.blocks(shown_at_home, words, BEIJING, DRAWN_AT)}
    yield Sample(naming(N_("Home tab")), Surface.VIEW, home)
