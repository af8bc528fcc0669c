"""The export of what is stored: every history entry of an escalation, as rows and as objects."""

import json
from datetime import timedelta

import pytest

from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move
from models.rules.escalations.export import COLUMNS, LATER, build_object, csv_lines, json_lines
from tests.models.exported_rows import name_of, read_back
from tests.models.samples import NOW, WANG, raised, step


@pytest.fixture
def story(commands: EscalationCommands, queries: EscalationQueries) -> list[tuple[Escalation, list[HistoryEntry]]]:
    """One escalation that was acknowledged and got a note."""
    escalation = raised(commands)
    commands.move(escalation.number, step(Move.ACKNOWLEDGE, WANG, NOW + timedelta(minutes=5)), "k1")
    commands.move(escalation.number, step(Move.NOTE, text='=HYPERLINK("http://x","y")\n第二行, "引号"'), "k2")
    return list(queries.all_with_history())


def test_each_history_entry_is_a_row_with_the_facts_of_its_escalation(
    story: list[tuple[Escalation, list[HistoryEntry]]],
) -> None:
    rows = read_back(csv_lines(story, name_of))

    assert [(row["escalation"], row["seq"], row["move"], row["from"], row["to"]) for row in rows] == [
        ("CSP-1", "1", "raise", "", "open"),
        ("CSP-1", "2", "acknowledge", "open", "acknowledged"),
        ("CSP-1", "3", "note", "acknowledged", "acknowledged"),
    ]
    assert {row["status"] for row in rows} == {"acknowledged"}
    assert (rows[1]["by"], rows[1]["by_name"], rows[1]["at"]) == ("U0WANG", "王伟 Wang Wei", "2026-11-22T07:35:00Z")
    assert json.loads(rows[1]["changes"])["owner"] == [None, "U0WANG"]
    assert rows[2]["reason"] == '\'=HYPERLINK("http://x","y")\n第二行, "引号"'


def test_programs_get_the_same_as_nested_objects(story: list[tuple[Escalation, list[HistoryEntry]]]) -> None:
    [found] = json.loads("".join(json_lines(story, name_of)))

    assert found == build_object(*story[0], name_of)
    assert [entry["move"] for entry in found["history"]] == ["raise", "acknowledge", "note"]
    assert found["history"][2]["reason"].startswith("=HYPERLINK")
    assert (found["closed_at"], found["raised_at"]) == (None, "2026-11-22T07:30:00Z")
    assert [*found] == [*COLUMNS[:25], "history", *LATER]
    assert [*found["history"][0]] == [*COLUMNS[25:34]]
