"""``remediation …``: a lead at the terminal lists records, shows one, and writes its packet."""

from pathlib import Path

import pytest

from models.remediation.records import RemediationRecords
from models.rules.remediation.moves import RemediationStep
from models.rules.remediation.record import RemediationMove
from models.store.database import Store
from tests.bot.commands.conftest import Terminal
from tests.models.samples import EMMA, LI, NOW


@pytest.fixture
def lead(terminal: Terminal, url: str) -> Terminal:
    """A record with an action that is overdue, whatever day it is."""
    store = Store(url)
    records = RemediationRecords(store)
    early = NOW.replace(year=2025)
    opening = RemediationStep(RemediationMove.OPEN, LI, early, early.date(), values={"requested_on": early.date()})
    records.carry_out(opening, "open")
    action = {"text": "Train the desk", "owner": EMMA.id, "due": early.date()}
    records.carry_out(RemediationStep(RemediationMove.ADD_ACTION, LI, early, early.date(), values=action), "add", 1)
    store.dispose()
    return terminal


def test_records_are_listed_and_shown(lead: Terminal) -> None:
    assert "R-1" in lead.type("remediation", "list").out
    shown = lead.type("remediation", "show", "R-1").out
    assert "Train the desk" in shown
    assert "overdue" in shown


def test_the_packet_is_written_in_the_language_asked_for(lead: Terminal, tmp_path: Path) -> None:
    result = lead.type("remediation", "packet", "1", "--output", "packet.html", "--language", "zh_CN")

    assert result.code == 0, result.err
    assert "修正计划 R-1" in (tmp_path / "packet.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ("show", "9"),
        ("packet", "9", "--output", "p.html"),
        ("packet", "1", "--output", "p.html", "--language", "fr"),
        ("packet", "1", "--output", "no/p.html"),
    ],
)
def test_what_can_not_be_done_is_said_and_nothing_is_written(
    lead: Terminal, tmp_path: Path, words: tuple[str, ...]
) -> None:
    result = lead.type("remediation", *words)

    assert result.code == 2
    assert result.err
    assert not (tmp_path / "p.html").exists()
