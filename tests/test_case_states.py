"""The drawing of statuses and turns in the README shows what the rules make possible, no more and no less."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from models.rules.errors import Refused
from models.rules.escalations.escalation import Escalation, Move, ParentBond, Status, Turn
from models.rules.escalations.request import RequestKind
from models.rules.escalations.transitions import NEXT, advance, list_moves, raise_escalation
from tests import case_states
from tests.handlers.escalation_samples import CHANNEL, NOW, WANG, request, step_of

Pair = tuple[Status, Turn]
drawings = pytest.mark.parametrize(("name", "language"), case_states.DRAWINGS.items())


def _walk() -> dict[Pair, Escalation]:
    """One escalation in every status and turn that moves lead to, from raising on: one of its own, and one of an
    incident that 21Vianet knows already."""
    first = raise_escalation(request(RequestKind.CUSTOMER), 7, CHANNEL, WANG, NOW)[0]
    of_incident = first.model_copy(update={"parent": 1, "parent_bond": ParentBond.ACKNOWLEDGE})
    found: dict[Pair, Escalation] = {}
    seen, waiting = set(), [first, of_incident]
    while waiting:
        escalation = waiting.pop()
        facts = (
            escalation.status,
            escalation.turn,
            bool(escalation.told_at),
            bool(escalation.request_number),
            escalation.parent,
        )
        if facts in seen:
            continue
        seen.add(facts)
        found.setdefault((escalation.status, escalation.turn), escalation)
        waiting += _after_each_move(escalation)
    return found


def _after_each_move(escalation: Escalation) -> Iterator[Escalation]:
    for move in list_moves(escalation):
        step = step_of(move, "61120260001", NOW)
        for turn in Turn if move is Move.TURN else (None,):
            try:
                yield advance(escalation, replace(step, turn=turn))[0]
            except Refused:  # such as the turn that it is already
                continue


def _drawn(name: str) -> str:
    return (case_states.PICTURES / f"{name}.svg").read_text(encoding="utf-8")


@drawings
def test_the_drawing_shows_every_status_and_turn_that_moves_lead_to(name: str, language: str) -> None:
    shown = re.findall(r'<g id="(\w+)-(\w+)">', _drawn(name))

    assert len(shown) == len(set(shown))
    assert {(Status(status), Turn(turn)) for status, turn in shown} == set(_walk())


def test_every_status_is_reached_with_every_turn() -> None:
    assert set(_walk()) == {(status, turn) for status in Status for turn in Turn}


def test_every_move_to_another_status_is_drawn_where_it_begins() -> None:
    drawn = {
        (status, move): after
        for status in Status
        for after, moves in case_states.changes_from(status).items()
        for move in moves
    }

    assert drawn == {key: after for key, after in NEXT.items() if after is not key[0]}


@drawings
def test_the_drawing_is_what_the_rules_say_now(name: str, language: str) -> None:
    """Run ``python -m tests.case_states`` to draw it again."""
    assert _drawn(name) == case_states.draw(language)
