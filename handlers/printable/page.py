"""A printable page: title, tiles, picture, tables and notes as one HTML file.

The file has no script and loads nothing. Callers give plain text: everything is escaped here, and only here.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from handlers.chart.drawing import Drawing
from handlers.i18n.erased_words import in_words
from handlers.i18n.words import Words
from handlers.printable.frame import frame_page
from handlers.printable.line_breaks import write_text
from handlers.printable.styles import COMPACT, DOCUMENT
from handlers.printable.svg import draw_svg

LONG_VALUE = 7
"""Letters of a tile's value that are too many for large digits."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PARTS = re.compile(r"([,;/|，；、]+)")
_NUMBER = re.compile(
    r"(\s*)([^\d+()]*)(\+?\d[\d -]{5,}\d)"
    r"(\s*(?:(?:转|分机|ext\.?|x)\s*\d{1,6})?\s*(?:[(（][^()（）\d]*\d{0,4}[^()（）\d]*[)）])?\s*)",
    re.ASCII | re.IGNORECASE,
)
"""One number to call, with a word before it; after it an extension, and a remark in brackets."""
_FEWEST_DIGITS, _MOST_LOCAL, _MOST_DIGITS = 7, 12, 15
"""How many digits a number to call has, without and with its country. More of them are two numbers, or none."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

BARE_TABLE = '<table class="bare">'
"""The beginning of a table without headings."""


@dataclass(frozen=True)
class Tile:
    """One figure in large digits, with what it counts and a remark."""

    value: str
    label: str
    remark: str = ""


@dataclass(frozen=True)
class Tiles:
    """The figures to see first, four in a row."""

    tiles: Sequence[Tile]


@dataclass(frozen=True)
class Picture:
    """A drawing over the whole width."""

    drawing: Drawing
    alt: str  # what is on it, for people who can't see it
    heading: str = ""


@dataclass(frozen=True)
class TableColumn:
    """A column.

    ``kind`` is text, time (broken between words only), number (right-aligned), short (never broken) or contact (numbers
    can be called). In a row that is one text on a narrow screen, the heading of a reference stands before it. A contact
    or a step begins a line there.
    """

    heading: str
    kind: str = "text"
    width: str = ""  # of the page, such as 20%


@dataclass(frozen=True)
class PageTable:
    """A table with its heading; ``empty`` stands in place of no rows, ``more`` below them."""

    heading: str
    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[str]]
    empty: str = ""
    more: str = ""
    has_total: bool = False  # the last row is the sum of the others.
    is_stacked: bool = False  # each cell has a line of its own on a narrow screen.
    is_flowing: bool = False  # a row is one text on a narrow screen: CSP-3 · A (critical) · Open.
    urgent: Collection[int] = ()  # rows that need a person now, counted from 0.
    on_paper: int | None = None  # how many rows are printed; the others are on screens only. None prints all.
    left_out: str = ""  # on paper, below the rows: what is not printed.


@dataclass(frozen=True)
class SideBySide:
    """Short tables in two columns, the first one narrower."""

    first: Sequence[PageTable]
    second: Sequence[PageTable]


@dataclass(frozen=True)
class PageParagraphs:
    """Paragraphs below a heading."""

    heading: str
    paragraphs: Sequence[str]


PagePart = Tiles | Picture | PageTable | SideBySide | PageParagraphs


@dataclass(frozen=True)
class PrintablePage:
    """A whole document."""

    language: str  # of the reader: en or zh_CN
    title: str
    about: str  # whom or what it is about
    lines: Sequence[str]  # below the title
    parts: Sequence[PagePart]
    notes: Sequence[str] = ()  # at the end, small
    is_compact: bool = False  # dense on paper


def render_page(page: PrintablePage) -> str:
    """Return the document as HTML."""
    title = " · ".join(filter(None, (page.title, page.about)))
    body = "".join([
        f"<header><h1>{escape(page.title)}</h1>",
        f'<p class="about">{write_text(page.about)}</p>' if page.about else "",
        *(f"<p>{write_text(line)}</p>" for line in page.lines),
        "</header>\n<main>\n",
        *(piece for part in page.parts for piece in _render_part(part)),
        "</main>\n",
        f"<footer>{''.join(f'<p>{write_text(note)}</p>' for note in page.notes)}</footer>\n" if page.notes else "",
    ])  # fmt: skip
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
    document = frame_page(page.language, title, DOCUMENT + COMPACT if page.is_compact else DOCUMENT, body, policy)
    return in_words(document, Words.of(page.language))


def _render_part(part: PagePart) -> Iterator[str]:
    if isinstance(part, Tiles):
        yield f'<div class="tiles">{"".join(map(_render_tile, part.tiles))}</div>\n'
    elif isinstance(part, Picture):
        yield f"<h2>{write_text(part.heading)}</h2>\n" if part.heading else ""
        yield f"<figure>{draw_svg(part.drawing, part.alt)}</figure>\n"
    elif isinstance(part, PageParagraphs):
        paragraphs = "".join(f"<p>{write_text(paragraph)}</p>" for paragraph in part.paragraphs)
        yield f'<section class="text"><h2>{write_text(part.heading)}</h2>{paragraphs}</section>\n'
    elif isinstance(part, SideBySide):
        yield '<div class="beside">'
        for tables in (part.first, part.second):
            yield f"<div>{''.join(piece for table in tables for piece in _render_table(table))}</div>"
        yield "</div>\n"
    else:
        yield from _render_table(part)


def _render_tile(tile: Tile) -> str:
    kind = ' class="long"' if len(tile.value) > LONG_VALUE else ""
    texts = f"<b{kind}>{escape(tile.value)}</b><span>{escape(tile.label)}</span><small>{escape(tile.remark)}</small>"
    return f'<div class="tile">{texts}</div>'


def _render_table(table: PageTable) -> Iterator[str]:
    yield f"<section><h2>{write_text(table.heading)}</h2>\n" if table.heading else "<section>\n"
    if table.rows:
        is_headed = any(column.heading for column in table.columns)
        begin = '<thead class="on-screen">' if table.on_paper == 0 else "<thead>"
        headings = f"{begin}<tr>{''.join(map(_render_heading, table.columns))}</tr></thead>\n" if is_headed else ""
        kind = "stacked" if table.is_stacked else "flowing" if table.is_flowing else ""
        begins = f'<table class="{kind}">' if kind else "<table>"
        yield f"{begins if is_headed else BARE_TABLE}{headings}<tbody>\n"
        yield from (_render_row(table, number) for number in range(len(table.rows)))
        yield "</tbody></table>\n"
    elif table.empty:
        yield f'<p class="empty">{write_text(table.empty)}</p>\n'
    if table.left_out:
        yield f'<p class="more on-paper">{write_text(table.left_out)}</p>\n'
    if table.more:
        yield f'<p class="more">{write_text(table.more)}</p>\n'
    yield "</section>\n"


def _render_row(table: PageTable, number: int) -> str:
    """Return a row, counted from 0."""
    kinds = [
        "total" if table.has_total and number == len(table.rows) - 1 else "",
        "urgent" if number in table.urgent else "",
        "on-screen" if table.on_paper is not None and number >= table.on_paper else "",
    ]
    kind = " ".join(filter(None, kinds))
    cells = (
        f'<td class="{column.kind}"{_label(column, table)}>{_write_cell(text, column)}</td>'
        for column, text in zip(table.columns, table.rows[number], strict=True)
    )
    begins = f'<tr class="{kind}">' if kind else "<tr>"
    return f"{begins}{''.join(cells)}</tr>\n"


def _label(column: TableColumn, table: PageTable) -> str:
    """Return the heading that stands before a cell where there is no row of headings; empty where none does."""
    is_labelled = column.kind == ("time" if table.is_stacked else "reference")
    return f' data-label="{escape(column.heading)}"' if is_labelled else ""


def _write_cell(text: str, column: TableColumn) -> str:
    """Return the text of a cell. A line never ends within a date either, as it would after its hyphens."""
    if column.kind == "contact":
        return _write_contacts(text)
    return _DAY.sub(r'<span class="short">\g<0></span>', write_text(text))


def _write_contacts(text: str) -> str:
    """Return how to reach somebody. On a screen no comma stands between two numbers, which are large there."""
    parts = [part if at % 2 else _write_contact(part) for at, part in enumerate(_PARTS.split(text))]
    for at in range(1, len(parts), 2):
        is_between = all("<a " in beside for beside in (parts[at - 1], parts[at + 1]))
        parts[at] = f'<span class="between">{escape(parts[at])}</span>' if is_between else escape(parts[at])
    return "".join(parts)


def _write_contact(part: str) -> str:
    """Return one part of a contact; a number with its word is a link with which a phone calls it."""
    match = _NUMBER.fullmatch(part)
    digits = re.sub(r"[ -]", "", match[3]) if match else ""
    most = _MOST_DIGITS if digits.startswith("+") else _MOST_LOCAL
    if not match or not _FEWEST_DIGITS <= len(digits.lstrip("+")) <= most:
        return escape(part)
    return f'{match[1]}<a href="tel:{digits}">{escape(match[2] + match[3])}</a>{escape(match[4])}'


def _render_heading(column: TableColumn) -> str:
    width = f' style="width: {escape(column.width)}"' if column.width else ""
    return f'<th class="{column.kind}"{width}>{escape(column.heading)}</th>'
