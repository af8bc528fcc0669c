"""Draws the statuses of an escalation, and in each of them whose turn it may be, from the table of moves.

Run by ``make pictures``, or alone: ``python -m tests.case_states``. A test compares the drawings with the rules.
"""

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from handlers.chart import colours
from handlers.chart.case_life import FILLS, TURNS
from handlers.i18n import labels
from handlers.i18n.words import Words
from models.rules.escalations.escalation import ENDED, Move, Status, Turn
from models.rules.escalations.moves import TURN_AFTER
from models.rules.escalations.transitions import NEXT

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
DRAWINGS = {"states-en": "en", "states-zh": "zh_CN"}
USUAL = (Move.ACKNOWLEDGE, Move.RECORD, Move.RESOLVE, Move.CLOSE)
"""The moves of a case that goes as it should, each from the status above."""
WIDTH, MARGIN, BETWEEN, CELL, LINE = 400, 12, 30, 120, 20  # pixels
HEAD, CELLS = 66, 78  # pixels: above the first status, and of a status above the lines of what follows
FONT = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
TITLE = {"en": "The statuses, and whose turn it is", "zh_CN": "呈报的状态，以及轮到谁"}
SETS = {"en": "These moves set the turn:", "zh_CN": "以下操作会改变轮到谁："}
HINT = {
    "en": "One press changes the turn until a case is closed or withdrawn.",
    "zh_CN": "关闭或撤回之前，按一下即可改变轮到谁。",
}
Pair = tuple[Status, Turn]


def reachable_pairs() -> set[Pair]:
    """Return every status with every turn that the table lets an escalation have, from the moment it is raised."""
    found: set[Pair] = set()
    waiting: list[Pair] = [(Status.OPEN, Turn.OURS)]
    while waiting:
        pair = waiting.pop()
        if pair not in found:
            found.add(pair)
            waiting += _followers(*pair)
    return found


def _followers(status: Status, turn: Turn) -> Iterator[Pair]:
    for (before, move), after in NEXT.items():
        if before is status and move is Move.TURN:
            yield from ((after, other) for other in Turn)
        elif before is status:
            yield after, TURN_AFTER.get(move, turn)


def changes_from(status: Status) -> dict[Status, list[Move]]:
    """Return the statuses that may follow, each with the moves that lead there."""
    found: dict[Status, list[Move]] = {}
    for (before, move), after in NEXT.items():
        if before is status and after is not status:
            found.setdefault(after, []).append(move)
    return found


def draw(language: str) -> str:
    """Return the drawing as SVG: a box for each status, in it the turns, below them the moves to other statuses."""
    words, rows, y = Words.of(language), [], HEAD
    for status in Status:
        rows.append(_row(status, y, words))
        y += _height(status) + BETWEEN
    lines = [SETS[language]]
    lines += [f"{words(labels.MOVE[move])} → {words(labels.TURN[turn])}" for move, turn in TURN_AFTER.items()]
    rows += [_text(MARGIN + 8, y + n * LINE, line, 12.5) for n, line in enumerate(lines)]
    height = y + len(lines) * LINE
    head = _text(MARGIN, 28, TITLE[language], 18, bold=True) + _text(MARGIN, 50, HINT[language], 12, ink=colours.QUIET)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="{FONT}" role="img">\n<title>{escape(TITLE[language])}</title>\n'
        f'<rect width="{WIDTH}" height="{height}" fill="{colours.PAPER}"/>\n{head}{"".join(rows)}</svg>\n'
    )


def _row(status: Status, y: int, words: Words) -> str:
    name = f"{labels.STATUS_SIGN[status]} {words(labels.STATUS[status])}"
    frame = (
        f'<rect x="{MARGIN}" y="{y}" width="{WIDTH - 2 * MARGIN}" height="{_height(status)}" rx="8" fill="none" '
        f'stroke="{colours.GRID}" stroke-width="1.5"/>\n'
    )
    cells = "".join(_cell(status, turn, n, y, words) for n, turn in enumerate(_turns(status)))
    follows = "".join(
        _text(MARGIN + 10, y + CELLS + 16 + n * LINE, _follows(after, moves, words), 12, ink=colours.QUIET)
        for n, (after, moves) in enumerate(_others(status).items())
    )
    return frame + _text(MARGIN + 10, y + 24, name, 16, bold=True) + cells + follows + _arrow(status, y, words)


def _others(status: Status) -> dict[Status, list[Move]]:
    """Return the moves without the one that has an arrow."""
    usual = _usual(status)
    moves = {after: [move for move in found if move is not usual] for after, found in changes_from(status).items()}
    return {after: left for after, left in moves.items() if left}


def _follows(after: Status, moves: list[Move], words: Words) -> str:
    named = words.join_items([words(labels.MOVE[move]) for move in moves])
    return f"{named} → {words(labels.STATUS[after])}"


def _height(status: Status) -> int:
    return CELLS + LINE * len(_others(status)) + 6


def _turns(status: Status) -> list[Turn]:
    return [turn for turn in TURNS if (status, turn) in reachable_pairs()]


def _cell(status: Status, turn: Turn, place: int, y: int, words: Words) -> str:
    x = MARGIN + 8 + place * CELL
    fill = colours.fade(FILLS[turn]) if status in ENDED else FILLS[turn]
    box = f'<rect x="{x}" y="{y + 36}" width="{CELL - 4}" height="36" rx="6" fill="{fill}"/>\n'
    label = _text(x + (CELL - 4) // 2, y + 58, words(labels.TURN[turn]), 12, anchor="middle")
    return f'<g id="{status}-{turn}">\n{box}{label}</g>\n'


def _arrow(status: Status, y: int, words: Words) -> str:
    """Return the arrow of the usual way to the next status, with the name of its move."""
    usual = _usual(status)
    if usual is None:
        return ""
    x, top = WIDTH // 2 - 60, y + _height(status)
    line = f"M{x} {top + 3}V{top + BETWEEN - 3}m-5 -7l5 7l5 -7"
    path = f'<path d="{line}" fill="none" stroke="{colours.INK}" stroke-width="1.5"/>\n'
    return path + _text(x + 14, top + 20, words(labels.MOVE[usual]), 12.5)


def _usual(status: Status) -> Move | None:
    """Return the move that usually leads to the status drawn next; None after the last of them."""
    order = list(Status)
    below = order[order.index(status) + 1 : order.index(status) + 2]
    return next((move for move in USUAL if NEXT.get((status, move)) in below), None)


def _text(
    x: float, y: float, words: str, size: float, *, bold: bool = False, ink: str = colours.INK, anchor: str = "start"
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" fill="{ink}" text-anchor="{anchor}"{weight}>{escape(words)}</text>\n'
    )


def main() -> None:
    """Write one drawing in each language."""
    for name, language in DRAWINGS.items():
        (PICTURES / f"{name}.svg").write_text(draw(language), encoding="utf-8")
        sys.stdout.write(f"docs/pictures/{name}.svg\n")


if __name__ == "__main__":
    main()
