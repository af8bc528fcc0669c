"""Everything that the bot shows has a sample, and a strict Slack takes each in both languages, with long texts."""

import ast
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest

from bot.samples import oncall
from bot.samples.recorder import Recorder
from bot.samples.stories import LANGUAGES, STORIES, play
from bot.samples.team import SampleTeam
from bot.sandbox.block_kit import judge_message, judge_view
from handlers import ids, routes
from handlers.blocks.samples import Sample, Surface
from handlers.context import Services
from handlers.dispatch import ANYTHING
from handlers.i18n.subcommands import CHINESE
from handlers.i18n.words import Words
from handlers.notifications.reminders import REMINDERS
from handlers.notifications.render import RENDERERS
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders.subjects import RemediationActionName
from tests.handlers.test_slack_limits import too_long
from tests.syntax import nodes_in

WITHOUT_BLOCKS = {MessageKind.TOPIC, MessageKind.GROUP}
"""Kinds that change the topic of a channel or a user group: they show no blocks."""
TITLED = re.compile(r"block_kit\.modal\(ids\.DONE, words\('([^']+)'\)")
HANDLERS = Path(routes.__file__).parent


class Listeners:
    """Keeps the ids of the views that the routing table names; of the forms of moves, their common beginning."""

    def __init__(self) -> None:
        self.views: set[str] = set()

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        def register(*names: Any) -> Callable[..., Any]:
            if kind == "view":
                self.views.update(getattr(name, "pattern", name).removeprefix("^") for name in names)
            return lambda listener: listener

        return register


class AnyService:
    """Stands for all services: routes only hand them on."""

    def __getattr__(self, _name: str) -> Any:
        return AnyService()


def find_missing(samples: Iterable[Sample], words: Words) -> set[str]:
    """Return what has no sample: kinds of messages, subjects of reminders, forms, titles, and subcommands."""
    samples = list(samples)
    views = [sample.content for sample in samples if sample.surface is Surface.VIEW]
    shown = {
        *(sample.kind for sample in samples if sample.kind),
        *(sample.subject for sample in samples),
        *(view.get("callback_id") for view in views),
        *(view["title"]["text"] for view in views if view["type"] == "modal"),
        *(sample.about.removeprefix(f"{Words.command} ").split(" ")[0] for sample in samples),
    }
    wanted = {*RENDERERS, *REMINDERS, *list_forms(), *map(words, list_titles()), *CHINESE.values()}
    return {str(one) for one in wanted - WITHOUT_BLOCKS - shown}


@cache
def list_forms() -> set[str]:
    """Return the id of every form that is handled; those of moves are drawn in ``handlers.blocks.samples``."""
    listeners = Listeners()
    routes.connect(cast(Any, listeners), cast(Services, AnyService()))
    return {view.replace("\\", "") for view in listeners.views} - {ids.MOVE_FORM, ANYTHING.pattern}


@cache
def list_titles() -> set[str]:
    """Return the title of every modal that only shows something, as it stands in the code."""
    calls = [node for path in HANDLERS.rglob("*.py") for node in nodes_in(path) if isinstance(node, ast.Call)]
    modals = [ast.unparse(call) for call in calls if ast.unparse(call.func) == "block_kit.modal"]
    return {match[1] for modal in modals if (match := TITLED.match(modal))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_is_shown_has_a_sample_that_fits_and_that_a_strict_slack_takes(language: str) -> None:
    recorder = Recorder(Words.of("en"), language)
    for story in STORIES:
        play(story, language, recorder)
    samples = recorder.samples

    assert find_missing(samples, Words.of(language)) == set()
    for sample in samples:
        if sample.surface is Surface.VIEW:
            judge_view(sample.content, sample.content["type"])
        else:
            judge_message(sample.content)
    assert too_long(sample.content for sample in samples) == set()


def test_what_has_no_sample_is_found() -> None:
    missing = find_missing([], Words.of("en"))

    assert {"offer_refresh", str(RemediationActionName), ids.ROTA_NOTE, "Rota changed", "who"} <= missing
    assert len(list_forms()) > 15
    assert len(list_titles()) > 5


def test_samples_are_drawn_with_the_command_of_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Words, "command", "/escalate-cn")
    recorder = Recorder(Words.of("en"), "en")

    play((oncall.BEGINS, look), "en", recorder)

    assert [sample.name for sample in recorder.samples] == ["answer to /escalate-cn help, en"]


async def look(team: SampleTeam) -> None:
    """Type one subcommand."""
    await team.command(oncall.WANG, "help")
