"""What a shell completes behind an argument or an option whose values are in the database."""

from collections.abc import Callable
from typing import Any

import typer

from bot.late_module import LateModule

completions = LateModule("bot.completions")
"""Imported only when something is completed."""
Complete = Callable[[typer.Context, str], list[tuple[str, str]]]


def _complete(find_kind: Callable[[], Any]) -> Complete:
    def complete(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        env_file = context.find_root().params.get("env_file")
        offers = completions.find_offers(find_kind(), env_file)
        return [(offer.word, offer.help) for offer in offers if offer.word.startswith(incomplete)]

    return complete


complete_case = _complete(lambda: completions.list_cases)
complete_member = _complete(lambda: completions.list_members)
complete_person = _complete(lambda: completions.list_people)
complete_seat = _complete(lambda: completions.list_seats)
