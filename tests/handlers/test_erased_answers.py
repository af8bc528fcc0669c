"""Private answers name what was erased in the language of their reader, and a form gives back what it was given."""

import pytest

from models.escalations import erasing
from models.rules.escalations.erasure import ErasureRequest
from models.rules.escalations.typed_text import ERASED
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import Stage
from tests.handlers.member import Member


@pytest.fixture
def erased(stage: Stage, emma: Member) -> Stage:
    """A case of Emma's whose texts were erased; she goes on working."""
    emma.raise_one(title="Zhao Lei rang")
    erasing.erase(stage.store, ErasureRequest(user=emma.user), "cli", "asked", NOW)
    return stage


def test_each_reader_reads_it_in_their_own_language(erased: Stage, emma: Member) -> None:
    met_now = Member(erased, "U0WANG")
    chinese, english = met_now.command("show CSP-1").words, emma.command("show CSP-1").words

    assert "（已删除）" in chinese
    assert "erased" not in chinese
    assert "(erased)" in english
    assert "已删除" not in english


def test_a_form_saved_as_it_was_opened_keeps_what_was_erased(erased: Stage, emma: Member) -> None:
    emma.press("correct")
    shown = emma.value("title")

    emma.fill(service="azure").submit()

    case = erased.services.queries.escalation(1)
    assert case is not None
    assert (shown, case.title, case.service) == ("(erased)", ERASED, "azure")
