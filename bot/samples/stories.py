"""All samples: the drawn cards and forms, and what a local Slack shows while the stories are played."""

import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.samples import cases, customers, longest, oncall, weekend
from bot.samples.recorder import Recorder
from bot.samples.team import SampleTeam
from handlers.blocks.samples import Sample, draw_samples
from handlers.i18n.words import N_, Words
from models.rules.policy.vendor import VendorPolicy

Story = tuple[datetime, Callable[[SampleTeam], Awaitable[None]]]
STORIES: tuple[Story, ...] = (
    (cases.BEGINS, cases.play), (oncall.BEGINS, oncall.play), (weekend.BEGINS, weekend.play),
    (customers.BEGINS, customers.play),
)  # fmt: skip
LANGUAGES: Mapping[str, str] = {"en": N_("English"), "zh_CN": N_("Chinese")}
"""The languages in which everything is drawn, with their names."""
STEPS = len(STORIES) * len(LANGUAGES)


def draw_all(policy: VendorPolicy, naming: Words, progress: Callable[[int], None]) -> Iterator[Sample]:
    """Yield every sample in each language, with its name in that of ``naming``.

    ``progress`` gets the number of stories played so far, of :data:`STEPS`.
    """
    played = 0
    for language, name in LANGUAGES.items():
        for sample in draw_samples(Words.of(language), policy, naming):
            yield replace(sample, name=naming.join_items([sample.name, naming(name)]))
        recorder = Recorder(naming, naming(name))
        for story in STORIES:
            play(story, language, recorder)
            played += 1
            progress(played)
        yield from recorder.samples


def play(story: Story, language: str, recorder: Recorder) -> None:
    """Play one story to people who read ``language``, and let the recorder keep what is shown."""
    with tempfile.TemporaryDirectory(prefix="csp-escalate-samples-") as folder, _without_log():
        asyncio.run(_play(Path(folder), story, language, recorder))


async def _play(folder: Path, story: Story, language: str, recorder: Recorder) -> None:
    begins, acts = story
    team = SampleTeam(folder, language, recorder, longest.write_rota(), begins)
    try:
        await acts(team)
    finally:
        team.close()


@contextmanager
def _without_log() -> Iterator[None]:
    """Log nothing: what fails in a story is meant to."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        yield
    finally:
        logging.disable(before)
