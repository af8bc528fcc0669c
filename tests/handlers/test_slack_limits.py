"""What is shown fits where Slack shows it, in either language and in both. Slack cuts, or refuses the whole view."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from handlers.blocks import action_forms, block_kit, card_buttons, command_answers, raise_form
from handlers.blocks.case_history import SIGN
from handlers.blocks.vendor_text import FilingPath
from handlers.i18n import labels
from handlers.i18n.words import Words
from models.escalations.queries import EscalationPage
from models.rules.escalations.deadlines import AwaitedStep
from models.rules.escalations.escalation import Escalation, Move, Status
from models.rules.escalations.request import (
    ANSWERS,
    SHARED_ANSWERS,
    IssueCategory,
    MissingMeans,
    ProblemScope,
    Request,
    RequestKind,
    ServiceHealth,
    Severity,
)
from models.rules.escalations.transitions import NEEDS_TEXT, OF_THE_PROGRAM, list_moves
from models.rules.policy import reader

LANGUAGES = ("en", "zh_CN", "both")
PAGES = reader.load_packaged()
WAY = FilingPath("steps", "https://partner.example.cn", "400-089-0365")
NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
SEEN_OF_A_BUTTON = 30  # of the 75 that are allowed: the rest is not shown on a phone
TABLES: tuple[tuple[Mapping[Any, str], Any], ...] = (
    (labels.KIND, RequestKind), (labels.KIND_MEANS, RequestKind), (labels.STATUS, Status), (labels.STATUS_SIGN, Status),
    (labels.SEVERITY, Severity), (labels.SEVERITY_MEANS, Severity), (labels.SEVERITY_SIGN, Severity),
    (labels.SCOPE, ProblemScope), (labels.CATEGORY, IssueCategory), (labels.HEALTH, ServiceHealth), (labels.LACK,
    MissingMeans),
    (labels.DONE, Move), (SIGN, Move), (labels.AWAITED, AwaitedStep),
)  # fmt: skip


@pytest.fixture(autouse=True)
def uncut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is clipped, so that what is too long is seen."""
    monkeypatch.setattr(block_kit, "clip", lambda text, _limit: text)


def shown(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a block or view, with the kind of place it stands in."""
    if isinstance(value, Mapping):
        kind = str(value.get("type") or where)
        for key, inside in value.items():
            if isinstance(inside, Mapping) and inside.get("type") == "plain_text":
                yield f"{kind}.{key}", inside["text"]
            else:
                yield from shown(inside, "option" if "option" in key else key)
    elif isinstance(value, list):
        for inside in value:
            yield from shown(inside, where)


LIMITS = {
    "modal.title": block_kit.TITLE, "modal.submit": block_kit.TITLE, "modal.close": block_kit.TITLE,
    "button.text": SEEN_OF_A_BUTTON, "option.text": block_kit.OPTION, "option.description": block_kit.DESCRIPTION,
    "input.label": 2000, "input.hint": block_kit.HINT, "header.text": block_kit.HEADER,
    "plain_text_input.placeholder": block_kit.PLACEHOLDER, "external_select.placeholder": block_kit.PLACEHOLDER,
    "static_select.placeholder": block_kit.PLACEHOLDER,
}  # fmt: skip


def too_long(views: Iterator[Any]) -> set[tuple[str, str]]:
    """What is longer than its place."""
    texts = {(place, text) for view in views for place, text in shown(view)}
    assert texts
    return {(place, text) for place, text in texts if len(text) > LIMITS.get(place, 3000)}


def escalation(kind: RequestKind, status: Status = Status.OPEN) -> Escalation:
    """An escalation with little typed in it: only our own words are measured."""
    answers: dict[str, Any] = {"scope": ProblemScope.SEVERAL_CUSTOMERS, "category": IssueCategory.CUSTOMER_SUBSCRIPTION}
    return Escalation(
        number=12, team_id="T1", channel="C1", kind=kind, severity=Severity.A, title="T", details="D", service="m365",
        customer_name="C", answers=answers, status=status, raised_by="U1", raised_at=NOW, changed_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_fits_whatever_was_answered(language: str) -> None:
    words = Words.of(language)
    answers = product(
        ["", *RequestKind],
        [*Severity],
        [*ProblemScope],
        [*IssueCategory],
        [ServiceHealth.NORMAL, ServiceHealth.INCIDENT],
        ["", "yes"],
    )
    names = ("kind", "severity", "scope", "category", "health", "more")
    views = (
        raise_form.view(
            raise_form.FormValues({**dict(zip(names, given, strict=True)), "service": "m365"}), words, PAGES
        )
        for given in answers
    )

    assert too_long(views) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_confirmation_and_the_small_forms_fit(language: str) -> None:
    words = Words.of(language)
    chosen = set(Move) - {Move.RAISE, *OF_THE_PROGRAM} - set(action_forms.WITHOUT_FORM)
    moves = [move for move in Move if move in chosen]
    small = [action_forms.view(escalation(kind), move, words, PAGES, "") for kind in RequestKind for move in moves]

    assert too_long(iter([raise_form.created_view("CSP-12", "text", WAY, words), *small])) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_card_fits_on_a_phone(language: str) -> None:
    words = Words.of(language)
    rows = (card_buttons.buttons(escalation(kind, status), words, NOW) for kind in RequestKind for status in Status)

    assert too_long(rows) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_lists_and_home_fit(language: str) -> None:
    words = Words.of(language)
    full = EscalationPage([escalation(RequestKind.PARTNER_CENTER)], 5, more=True)
    empty = EscalationPage([], 0, more=False)
    answers = [
        command_answers.list_commands(words), command_answers.page("Title", full, "list", "", words, NOW),
        command_answers.page("Title", empty, "search", "", words, NOW)
    ]  # fmt: skip

    assert too_long(iter(answers)) == set()


@pytest.mark.parametrize(("table", "enumeration"), TABLES)
def test_everything_that_can_be_has_a_name(table: Mapping[Any, str], enumeration: Any) -> None:
    assert set(table) == set(enumeration)


def test_every_move_of_a_card_has_a_button_and_every_field_a_label() -> None:
    fields = {
        *Request.model_fields,
        *SHARED_ANSWERS,
        *NEEDS_TEXT.values(),
        *(name for kind in RequestKind for name in ANSWERS[kind]),
    }

    assert set(labels.MOVE) == {move for move in Move if move is not Move.RAISE}
    assert fields - {"answers", "customer_id"} <= set(labels.FIELD)
    assert set(raise_form.HINTS) <= set(labels.FIELD)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_moves_of_a_card_read_alike(language: str) -> None:
    words = Words.of(language)
    for kind, status in product(RequestKind, Status):
        names = [words(labels.MOVE[move]) for move in list_moves(escalation(kind, status))]
        assert len(names) == len(set(names))
