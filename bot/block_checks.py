"""Asks Slack whether it would take what the bot draws: one finding for each sample. Nothing is shown to anybody."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.database_checks import Finding
from bot.slack.client import SlackClient, error_of, header_of
from handlers.blocks.samples import Sample
from handlers.i18n.words import N_, Words

METHOD = "blocks.validate"
"""https://docs.slack.dev/reference/methods/blocks.validate"""
MOST_WAIT = 60.0
"""The longest wait in seconds between two tries, whatever Slack asks for."""
TRIES = 4
"""How often a sample is sent at most while Slack limits the rate."""
MOST_NAMED = 3
"""Problems of a sample that are named."""
_LIMITED = frozenset({"ratelimited", "rate_limited"})


class BlockChecks:
    """Checks samples, one after the other."""

    def __init__(self, client: SlackClient, words: Words, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client, self._words, self._sleep = client, words, sleep

    def findings(self, samples: Iterable[Sample]) -> Iterator[Finding]:
        """Ask about each sample. Raises SlackClientError when Slack can't be asked at all."""
        for sample in samples:
            problems = self._ask(sample)
            says = self._words.join_items(problems) if problems else self._words(N_("Slack takes it."))
            yield Finding(sample.name, not problems, says)

    def _ask(self, sample: Sample) -> list[str]:
        """Return what Slack finds wrong. Raises SlackClientError where the refusal is not about the sample."""
        for attempt in range(TRIES):
            try:
                self._client.api_call(METHOD, data={sample.surface: sample.written()})
            except SlackApiError as error:
                if error_of(error) in _LIMITED and attempt + 1 < TRIES:
                    self._sleep(_find_wait(error))
                    continue
                problems = error.response.get("errors")
                if not isinstance(problems, list):
                    raise
                return [_describe(problem) for problem in problems[:MOST_NAMED]] or [error_of(error)]
            return []
        return []


def _find_wait(error: SlackApiError) -> float:
    header = header_of(error.response, "retry-after") or ""
    return min(MOST_WAIT, float(header)) if header.isdigit() else MOST_WAIT / TRIES


def _describe(problem: Any) -> str:
    if not isinstance(problem, dict):
        return str(problem)
    return f"{problem.get('message') or problem.get('code')} ({problem.get('pointer')})"
