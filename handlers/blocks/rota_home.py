"""The duty on the Home tab: who is on now and next, one's own next shifts, and what nobody covers yet."""

from collections.abc import Sequence

from handlers import ids
from handlers.blocks import kit, rota, rota_load
from handlers.blocks.rota import Post, Reader
from handlers.blocks.rota_mine import Mine, my_row
from models.rota.gaps import Gap

MINE_SHOWN, GAPS_SHOWN, POSTS_SHOWN = 3, 4, 8


def top(
    posts: Sequence[Post], mine: Sequence[Mine] | None, gaps: Sequence[Gap], reader: Reader, hints: int = 0
) -> list[kit.Block]:
    """What stands above the escalations; ``mine`` is None for who is not on the rota, ``hints`` are those about
    people's hours."""
    words = reader.words
    lines = [line for post in posts[:POSTS_SHOWN] for line in rota.post_lines(post, reader.now, reader)]
    blocks = [kit.header(words("On duty now")), kit.rich(*lines), rota.zone_note(reader.now, reader)]
    if mine is not None:
        rows = [my_row(one, reader) for one in mine[:MINE_SHOWN]]
        blocks += [_heading(words("Your next shifts")), *(rows or [kit.context(words("You have no shift."))])]
    blocks += _gaps(gaps, reader)
    blocks += [kit.context(rota_load.hint(hints, words))] if hints else []
    return [*blocks, kit.actions(_buttons(mine is not None, reader)), kit.divider()]


def _gaps(gaps: Sequence[Gap], reader: Reader) -> list[kit.Block]:
    words = reader.words
    if not gaps:
        return [kit.context("✅ " + words("No gaps in the next four weeks."))]
    count = words.plural("{n} gap in the next four weeks", "{n} gaps in the next four weeks", len(gaps))
    left = len(gaps) - GAPS_SHOWN
    more = [kit.context(words("There are more: `{command} gaps`", command=ids.COMMAND))] if left > 0 else []
    return [_heading(count), *(rota.gap_row(gap, reader) for gap in gaps[:GAPS_SHOWN]), *more]


def _buttons(on_the_rota: bool, reader: Reader) -> list[kit.Element]:
    words = reader.words
    cover = kit.button(words("Cover"), ids.ROTA_COVER)
    if not on_the_rota:
        return [cover]
    return [kit.button(words("Offer a shift"), ids.ROTA_SWAP), kit.button(words("I am away"), ids.ROTA_LEAVE), cover]


def _heading(title: str) -> kit.Block:
    return kit.rich(kit.line(kit.run(title, "bold")))
