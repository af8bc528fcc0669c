"""What is shown fits where Slack shows it, in either language and in both. Slack cuts, or refuses the whole view."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest

from bot.sandbox.block_kit import judge_message, judge_view
from handlers import ids
from handlers.blocks import action_forms, block_kit, raise_form
from handlers.blocks.case_history import SIGN
from handlers.blocks.samples import Surface, draw_samples, sample_case
from handlers.i18n import labels
from handlers.i18n.words import Words
from models.rules.escalations.deadlines import AwaitedStep
from models.rules.escalations.escalation import Move, Status
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
WITH_FORM = {*Move} - {Move.RAISE, *OF_THE_PROGRAM} - {*action_forms.WITHOUT_FORM}
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
def test_every_sample_fits(language: str) -> None:
    samples = draw_samples(Words.of(language), PAGES, Words.of("en"))

    assert too_long(sample.content for sample in samples) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_strict_slack_takes_every_sample(language: str) -> None:
    samples = list(draw_samples(Words.of(language), PAGES, Words.of("en")))

    for sample in samples:
        if sample.surface is Surface.VIEW:
            judge_view(sample.content, sample.content["type"])
        else:
            judge_message(sample.content)
    assert len({sample.name for sample in samples}) == len(samples) > 50
    forms = {str(sample.content["callback_id"]) for sample in samples if "callback_id" in sample.content}
    assert {ids.FORM, ids.DONE, *(ids.move_form(move) for move in Move if move in WITH_FORM)} <= forms


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
        names = [words(labels.MOVE[move]) for move in list_moves(sample_case(kind, status))]
        assert len(names) == len(set(names))
