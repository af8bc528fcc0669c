"""The rota on the Home tab: who is on call now and next, one's next shifts, and the gaps."""

from collections.abc import Sequence

from handlers import ids
from handlers.blocks import block_kit, schedule, workload
from handlers.blocks.my_shifts import OwnShift, my_row
from handlers.blocks.schedule import ViewContext
from models.rules.rota.gaps import Gap
from models.rules.rota.on_call_entry import OnCallEntry

MINE_SHOWN, GAPS_SHOWN, ENTRIES_SHOWN = 3, 4, 8


def top(
    entries: Sequence[OnCallEntry],
    mine: Sequence[OwnShift] | None,
    gaps: Sequence[Gap],
    viewer: ViewContext,
    hints: int = 0,
) -> list[block_kit.Block]:
    """Return what is shown below the escalations.

    ``mine`` is None for people who are not on the rota; ``hints`` counts the warnings about hours.
    """
    words = viewer.words
    lines = [line for entry in entries[:ENTRIES_SHOWN] for line in schedule.entry_lines(entry, viewer.now, viewer)]
    blocks = [block_kit.divider(), block_kit.header(words("On call now"))]
    blocks += [block_kit.rich(*lines), schedule.zone_note(viewer.now, viewer)]
    if mine is not None:
        rows = [my_row(own_shift, viewer) for own_shift in mine[:MINE_SHOWN]]
        blocks += [
            block_kit.list_title(words("Your next shifts")),
            *(rows or [block_kit.context(words("You have no shift."))]),
        ]
    blocks += _gaps(gaps, viewer)
    blocks += [block_kit.context(workload.hint(hints, words))] if hints else []
    return [*blocks, block_kit.actions(_buttons(mine is not None, viewer))]


def _gaps(gaps: Sequence[Gap], viewer: ViewContext) -> list[block_kit.Block]:
    words = viewer.words
    if not gaps:
        return [block_kit.context("✅ " + words("No gaps in the next four weeks."))]
    count = words.plural("{n} gap in the next four weeks", "{n} gaps in the next four weeks", len(gaps))
    more_count = len(gaps) - GAPS_SHOWN
    hint = words("… and {n} more. `/csp-escalate gaps` lists them.", n=more_count)
    more = [block_kit.context(hint)] if more_count > 0 else []
    return [block_kit.list_title(count), *(schedule.gap_row(gap, viewer) for gap in gaps[:GAPS_SHOWN]), *more]


def _buttons(on_the_rota: bool, viewer: ViewContext) -> list[block_kit.Element]:
    words = viewer.words
    cover = block_kit.button(words("Cover"), ids.ROTA_COVER)
    if not on_the_rota:
        return [cover]
    return [
        block_kit.button(words("Offer a shift"), ids.ROTA_SWAP),
        block_kit.button(words("I am away"), ids.ROTA_LEAVE),
        cover,
    ]
