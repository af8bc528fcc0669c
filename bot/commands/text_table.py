"""Tables of a terminal: no word, time or number is broken. What does not fit side by side becomes lines."""

import re
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from bot.wrapped_lines import find_longest_part, measure, wrap

Cell = str | Text
"""What stands in a cell; one in a style is a Text."""
_BETWEEN = 2  # cells between two columns
_APART = " " * 3  # between two facts of a line
_SHORT = (20, 14)
"""A cell that takes at most so many cells is not broken: the first number that leaves room for all columns."""
_MOST_LINES = 4
"""A column is wide enough for about so many lines in its longest cell, but need not be wider than ``_WIDE``."""
_WIDE = 30
_LABEL = 28
"""A column of labels takes at most so many cells."""
_LONG_WORD = 44
"""A longer word, such as an address, may be broken."""
_NUMBER = re.compile(r"[0-9.,]+|–|")
_EMPTY = frozenset({"", "–"})


class TextTable:
    """Rows under headings, as wide as the terminal at most.

    Where the terminal is too narrow, each row becomes its first cell and below it lines of the others with their
    headings. Rows without headings are labels with values and always stand side by side.
    """

    def __init__(self, headings: Iterable[str] = (), colon: str = ": ") -> None:
        self._headings, self._colon = tuple(headings), colon
        self._rows: list[Sequence[Text]] = []

    @property
    def row_count(self) -> int:
        """How many rows it has."""
        return len(self._rows)

    def add_row(self, *cells: Cell) -> None:
        """Add a row; a cell may have several paragraphs."""
        self._rows.append([cell if isinstance(cell, Text) else Text(cell) for cell in cells])

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines that fit the terminal."""
        if not self._rows and not self._headings:
            return
        columns = [[row[at].plain for row in self._rows] for at in range(len(self._headings or self._rows[0]))]
        widths = _share(columns, self._headings, options.max_width)
        if widths is None:
            yield from self._write_lines(options.max_width)
        else:
            yield from self._write_columns(columns, widths, "-" if options.ascii_only else "─")

    def _write_columns(self, columns: Sequence[Sequence[str]], widths: Sequence[int], dash: str) -> Iterator[Text]:
        right = [any(map(str.isdigit, "".join(cells))) and all(map(_NUMBER.fullmatch, cells)) for cells in columns]
        if self._headings:
            yield from _write_row([Text(heading, "bold") for heading in self._headings], widths, right)
            yield Text(dash * (sum(widths) + _BETWEEN * (len(widths) - 1)))
        for row in self._rows:
            yield from _write_row(row, widths, right)
        if self._headings:
            yield Text()

    def _write_lines(self, width: int) -> Iterator[Text]:
        for title, *rest in self._rows:
            if title.plain:
                yield from (Text(line, "bold") for line in _break(title.plain, width))
            said = zip(self._headings[1:], (" · ".join(cell.plain.split("\n")) for cell in rest), strict=True)
            facts = [f"{heading}{self._colon}{text}" for heading, text in said if text not in _EMPTY]
            yield from (Text(f"  {line}") for line in _flow(facts, width - 2))
            yield Text()


def _flow(facts: Iterable[str], width: int) -> Iterator[str]:
    """Yield lines of as many facts as fit; one that is longer than a line takes several, indented after the first."""
    line = ""
    for fact in facts:
        joined = f"{line}{_APART}{fact}" if line else fact
        if measure(joined) <= width:
            line = joined
            continue
        if line:
            yield line
        *full, line = _break(fact, width - 2) if measure(fact) > width else [fact]
        for at, begin in enumerate(full):
            yield f"  {begin}" if at else begin
        if full:
            yield f"  {line}"
            line = ""
    if line:
        yield line


def _share(columns: Sequence[Sequence[str]], headings: Sequence[str], width: int) -> list[int] | None:
    """Return how wide each column is; None where they do not fit side by side."""
    room = width - _BETWEEN * (len(columns) - 1)
    natural = [max(map(_measure_paragraphs, cells), default=0) for cells in columns]
    if not headings:
        natural[:-1] = [min(wide, _LABEL) for wide in natural[:-1]]
        return [*natural[:-1], max(room - sum(natural[:-1]), min(_SHORT))]
    natural = [max(wide, measure(heading)) for wide, heading in zip(natural, headings, strict=True)]
    for short in _SHORT:
        least = [_find_least(*column, short) for column in zip(columns, headings, natural, strict=True)]
        if sum(least) <= room:
            return _widen(least, natural, room)
    return None


def _widen(widths: list[int], natural: Sequence[int], room: int) -> list[int]:
    """Return the widths with the room that is left, given to the columns with the longest cells."""
    for _ in range(room - sum(widths)):
        wanting = max(range(len(widths)), key=lambda at: natural[at] / max(widths[at], 1))
        if widths[wanting] >= natural[wanting]:
            break
        widths[wanting] += 1
    return widths


def _find_least(cells: Sequence[str], heading: str, natural: int, short: int) -> int:
    """Return how wide a column is at least."""
    longest = min(max(map(find_longest_part, cells), default=0), _LONG_WORD)
    return max(longest, _find_longest_word(heading), min(natural, short), min(-(-natural // _MOST_LINES), _WIDE))


def _find_longest_word(heading: str) -> int:
    """Return how wide the heading of a column is at least: between Chinese characters it is not broken."""
    return max(map(measure, heading.split()), default=0)


def _measure_paragraphs(cell: str) -> int:
    return max(map(measure, cell.split("\n")))


def _write_row(row: Sequence[Text], widths: Sequence[int], right: Sequence[bool]) -> Iterator[Text]:
    cells = [_break(cell.plain, width) for cell, width in zip(row, widths, strict=True)]
    for at in range(max(map(len, cells))):
        line = Text()
        for cell, lines, width, is_right in zip(row, cells, widths, right, strict=True):
            said = lines[at] if at < len(lines) else ""
            space = " " * (width - measure(said))
            line.append(space + said if is_right else said + space, cell.style).append(" " * _BETWEEN)
        line.rstrip()
        yield line


def _break(text: str, width: int) -> list[str]:
    """Return the lines of a text of several paragraphs; only a word longer than a line is cut."""
    lines = [line for paragraph in text.split("\n") for line in [*wrap(paragraph, width)] or [""]]
    return [piece for line in lines for piece in _cut(line, width)] or [""]


def _cut(line: str, width: int) -> Iterator[str]:
    """Yield pieces of a line; an address is cut behind a stroke where there is one."""
    while measure(line) > max(width, 2):
        begin = line
        while measure(begin) > max(width, 2):
            begin = begin[:-1]
        if (stroke := begin.rfind("/") + 1) > len(begin) // 2:
            begin = begin[:stroke]
        yield begin
        line = line[len(begin) :]
    yield line
