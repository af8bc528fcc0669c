"""Remediation records in the store: append-only, once per press, and of one team."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from models.remediation.records import RemediationRecords
from models.rules.errors import Refused
from models.rules.remediation.moves import RemediationStep
from models.rules.remediation.record import RemediationMove
from models.store.database import Store
from models.store.remediation_tables import REMEDIATION
from tests.models.samples import EMMA, LI, NOW, STRANGER, TEAM

M = RemediationMove
TODAY = NOW.date()


def begin(records: RemediationRecords, key: str = "view-1") -> int:
    """A record that Li opened, with an action of Emma's."""
    opening = RemediationStep(M.OPEN, LI, NOW, TODAY, values={"requested_on": TODAY, "requested_by": "刘工"})
    number = records.carry_out(opening, key).number
    action = {"text": "培训值班人员", "owner": EMMA.id, "due": TODAY + timedelta(days=6)}
    records.carry_out(RemediationStep(M.ADD_ACTION, LI, NOW, TODAY, values=action), f"{key}-action", number)
    return number


def test_a_record_is_read_as_it_was_written(store: Store) -> None:
    records = RemediationRecords(store)

    record = records.find(begin(records), TEAM)

    assert record is not None
    assert (record.name, record.requested_on, record.requested_by) == ("R-1", TODAY, "刘工")
    assert [(action.text, action.due) for action in record.actions] == [("培训值班人员", TODAY + timedelta(days=6))]
    assert [entry.move for entry in records.find_entries(1)] == [M.OPEN, M.ADD_ACTION]


def test_the_same_press_again_adds_nothing(store: Store) -> None:
    records = RemediationRecords(store)
    number = begin(records)
    done = RemediationStep(M.FINISH_ACTION, EMMA, NOW, TODAY, action=1)

    first = records.carry_out(done, "click", number)
    again = records.carry_out(done, "click", number)

    assert first == again
    assert [entry.seq for entry in records.find_entries(number)] == [1, 2, 3]


def test_records_are_of_one_team(store: Store) -> None:
    records = RemediationRecords(store)
    number = begin(records)

    assert records.find(number, STRANGER.team_id) is None
    with pytest.raises(Refused) as refused:
        records.carry_out(RemediationStep(M.CLOSE, STRANGER, NOW, TODAY), "far", number)
    assert refused.value.refusals[0].reason == "no_such_remediation"


def test_open_records_come_first(store: Store) -> None:
    records = RemediationRecords(store)
    for key in ("a", "b"):
        begin(records, key)
    records.carry_out(RemediationStep(M.FINISH_ACTION, LI, NOW, TODAY, action=1), "done", 2)
    records.carry_out(RemediationStep(M.CLOSE, LI, NOW, TODAY), "close", 2)

    assert [record.number for record in records.find_of_team(TEAM)] == [1, 2]


@pytest.mark.parametrize("statement", [update(REMEDIATION).values(by="U0EVIL"), delete(REMEDIATION)])
def test_nothing_is_edited_away(store: Store, statement: object) -> None:
    begin(RemediationRecords(store))

    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def test_texts_are_kept_apart_and_the_text_before_is_the_one_that_was_written(store: Store) -> None:
    records = RemediationRecords(store)
    number = begin(records)
    records.carry_out(
        RemediationStep(M.CHANGE, LI, NOW, TODAY, values={"requested_on": TODAY, "plan": "A"}), "a", number
    )

    records.carry_out(
        RemediationStep(M.CHANGE, LI, NOW, TODAY, values={"requested_on": TODAY, "plan": "B"}), "b", number
    )

    assert [entry.changes.get("plan") for entry in records.find_entries(number)] == [None, None, ["", "A"], ["A", "B"]]
    with store.engine.connect() as connection:
        stored = [row.changes for row in connection.execute(select(REMEDIATION.c.changes).order_by(REMEDIATION.c.id))]
    assert "刘工" not in str(stored)
    assert stored[3]["plan"][0] == stored[2]["plan"][1]
