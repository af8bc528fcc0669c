"""docs/reminders.md says of gaps what the rules do."""

import re
from datetime import timedelta
from pathlib import Path

from models.rules.outbox.reminder_details import Audience
from models.rules.reminders.gap import BEFORE, EVERYONE_EACH, audience

DOCUMENT = Path(__file__).parents[3] / "docs/reminders.md"


def told() -> dict[str, set[str]]:
    """The document's table: when, and whom."""
    table = re.search(r"<!-- gap -->\n(.*?)<!-- /gap -->", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert table
    rows = [line.strip("| ").split(" | ") for line in table[1].splitlines()[2:]]
    return {when: set(whom.split(", ")) for when, whom in rows}


def said(to: frozenset[Audience]) -> set[str]:
    """An audience in the document's words."""
    return {str(one) for one in to}


def test_the_table_of_gaps_is_what_the_ladder_does() -> None:
    table = told()

    assert list(table)[1:-2] == list(BEFORE)
    assert {name: table[name] for name in BEFORE} == {name: said(audience(lead)) for name, lead in BEFORE.items()}
    assert (
        table["at its start, and every hour"]
        == said(audience(timedelta(), 0))
        == said(audience(timedelta(hours=-1), EVERYONE_EACH))
    )
    assert table["every 15 minutes in between"] == said(audience(timedelta(minutes=-15), 1))
