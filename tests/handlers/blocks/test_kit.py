"""How text is made safe, and what of a message is read aloud."""

from datetime import UTC, datetime

import pytest

from handlers.blocks import kit
from tests.handlers import judge


@pytest.mark.parametrize("name", ["*Anna*", "_Li_", "~gone~", "`code`", "a*b*c", "__init__", "*", "_", "x_ _y"])
def test_no_name_changes_the_format_of_a_parsed_text(name: str) -> None:
    shown = kit.escape(name)

    assert not set("*~`") & set(shown)
    assert not kit._EDGE.search(shown)
    assert len(shown) == len(name)


def test_an_underscore_inside_a_word_stays() -> None:
    assert kit.escape("wang_wei 王_伟") == "wang_wei 王_伟"


def test_what_is_read_aloud_has_all_facts_and_no_buttons() -> None:
    at = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
    blocks = [
        kit.header("🔴 CSP-7 · <!here>"),
        kit.rich(kit.facts([("Owner", [kit.person("U0EMMA")]), ("Since", [kit.when(at)])], ": "), kit.quote("a*b")),
        kit.actions([kit.button("Acknowledge", "x")]),
        kit.aside(kit.plain("Raised by: Emma"), kit.parsed("*on call*")),
        kit.divider(),
        kit.picture("F1", "Four weeks"),
    ]

    assert kit.spoken(blocks) == (
        "🔴 CSP-7 · &lt;!here&gt;\nOwner: <@U0EMMA>\nSince: "
        f"{kit.moment(at)}\na*b\nRaised by: Emma · *on call*\nFour weeks"
    )


def test_what_is_read_aloud_is_cut_and_never_inside_a_mention() -> None:
    one = kit.section("x" * (kit.SPOKEN - 7) + "<@U0EMMA> and more")

    assert kit.spoken([one]) == "x" * (kit.SPOKEN - 7) + "…"
    said = kit.spoken([kit.section("<@U0EMMA> &amp; " * 10)] * 40)
    assert kit.FALLBACK - 20 < len(said) <= kit.FALLBACK
    judge.message([one], said)
