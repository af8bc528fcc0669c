"""The export is a contract: these columns, these formats, and no formula anywhere."""

import csv
import io
import json
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.rules.escalations.escalation import Move
from models.rules.escalations.export import COLUMNS, csv_lines, escape_formula, json_lines
from models.rules.escalations.transitions import advance, raise_escalation
from tests.models.exported_rows import name_of, read_back
from tests.models.samples import CHANNEL, LI, NOW, WANG, WORDS, customer_request, step


def test_the_columns_stay_as_they_are() -> None:
    assert COLUMNS == (
        "escalation", "kind", "status", "severity", "title", "details", "customer_name", "tenant_id", "domain",
        "service", "request_number", "team_id", "raised_by", "raised_by_name", "raised_at", "owner", "owner_name",
        "acknowledged_at", "told_by", "told_at", "fix", "closed_by", "closed_at", "reopened", "answers",
        "seq", "move", "by", "by_name", "at", "from", "to", "reason", "changes",
        "snoozed_until", "snoozed_by", "snooze_reason", "withdrawn_by", "withdrawn_at", "status_reason",
        "turn", "severity_given", "first_contact_at", "promised_at", "told_through",
        "policy_version", "duplicate_of", "returned_on", "returned_number", "returned_words",
        "solved_from", "solved_by_article", "escalated", "review", "review_until", "reviewed_by", "reviewed_at",
        "parent", "parent_bond",
    )  # fmt: skip


def test_a_snooze_is_exported_as_a_fact_and_as_a_step() -> None:
    escalation, first = raise_escalation(customer_request(), 1, CHANNEL, WANG, NOW)
    snoozed, second = advance(escalation, step(Move.SNOOZE, LI, until=NOW + timedelta(hours=3)))

    [_, row] = read_back(csv_lines([(snoozed, [first, second])], name_of))

    assert (row["move"], row["reason"]) == ("snooze", WORDS[Move.SNOOZE])
    assert (row["snoozed_until"], row["snoozed_by"]) == ("2026-11-22T10:30:00Z", LI.id)
    assert row["snooze_reason"] == WORDS[Move.SNOOZE]
    assert json.loads(row["changes"])["snoozed_until"] == [None, "2026-11-22T10:30:00+00:00"]


def test_an_empty_record_exports_as_headings_and_an_empty_array() -> None:
    assert "".join(csv_lines([], name_of)).startswith('\ufeff"escalation","kind"')
    assert json.loads("".join(json_lines([], name_of))) == []


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+86 10", "-1", "@SUM(A1)", "\t=1", "\r=1", "\tx", "\rx", "\nx", "  =1", "\u3000=1", "＝1", "＋1", "－1",
     "＠a", "\u200b=1", "'=1", "''=1", "\ufeff@x"],
)  # fmt: skip
def test_a_formula_is_defused(text: str) -> None:
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "a=b", "10-12", "中文", "'quoted'", '{"a": 1}', "2026-11-22T07:30:00Z"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert escape_formula(text) == text


@example("'=1")
@example("\r\n=1")
@given(st.text(st.sampled_from("=+-@＝'\"\t\r\n a1,中"), max_size=12))
def test_taking_the_apostrophe_away_gives_back_what_was_written(text: str) -> None:
    [[read]] = list(csv.reader(io.StringIO(_one_field(escape_formula(text)), newline="")))

    undone = read[1:] if read.startswith("'") and escape_formula(read[1:]) == read else read
    assert undone == text
    assert read.lstrip(" \t\r\n")[:1] not in {*"=+-@＝＋－＠"} or not read.strip()


def _one_field(text: str) -> str:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow([text])
    return written.getvalue()
