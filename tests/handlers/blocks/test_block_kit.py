"""How text is made safe, and what of a message is read aloud."""

from datetime import UTC, datetime

import pytest

from handlers.blocks import block_kit
from tests.handlers import block_limits


@pytest.mark.parametrize("name", ["*Anna*", "_Li_", "~gone~", "`code`", "a*b*c", "__init__", "*", "_", "x_ _y"])
def test_no_name_changes_the_format_of_a_parsed_text(name: str) -> None:
    shown = block_kit.escape(name)

    assert not set("*~`") & set(shown)
    assert not block_kit._EDGE.search(shown)
    assert len(shown) == len(name)


def test_an_underscore_inside_a_word_stays() -> None:
    assert block_kit.escape("wang_wei 王_伟") == "wang_wei 王_伟"


def test_what_is_read_aloud_has_all_facts_and_no_buttons() -> None:
    at = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
    blocks = [
        block_kit.header("🔴 CSP-7 · <!here>"),
        block_kit.rich(
            block_kit.facts([("Owner", [block_kit.person("U0EMMA")]), ("Since", [block_kit.when(at)])], ": "),
            block_kit.quote("a*b"),
        ),
        block_kit.actions([block_kit.button("Acknowledge", "x")]),
        block_kit.aside(block_kit.plain("Raised by: Emma"), block_kit.parsed("*on call*")),
        block_kit.divider(),
        block_kit.picture("F1", "Four weeks"),
    ]

    assert block_kit.fallback_text(blocks) == (
        "🔴 CSP-7 · &lt;!here&gt;\nOwner: <@U0EMMA>\nSince: "
        f"{block_kit.moment(at)}\na*b\nRaised by: Emma · *on call*\nFour weeks"
    )


def test_what_is_read_aloud_is_cut_and_never_inside_a_mention() -> None:
    one = block_kit.section("x" * (block_kit.SPOKEN - 7) + "<@U0EMMA> and more")

    assert block_kit.fallback_text([one]) == "x" * (block_kit.SPOKEN - 7) + "…"
    said = block_kit.fallback_text([block_kit.section("<@U0EMMA> &amp; " * 10)] * 40)
    assert block_kit.FALLBACK - 20 < len(said) <= block_kit.FALLBACK
    block_limits.message([one], said)
