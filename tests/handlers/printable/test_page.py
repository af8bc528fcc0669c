"""The printable page: everything typed is escaped, and nothing runs or is loaded."""

from html.parser import HTMLParser

import pytest

from handlers.chart.drawing import Box, Drawing, TextLabel
from handlers.printable.page import (
    PageParagraphs,
    PagePart,
    PageTable,
    Picture,
    PrintablePage,
    SideBySide,
    TableColumn,
    Tile,
    Tiles,
    render_page,
)
from handlers.printable.svg import draw_svg
from tests.handlers.hostile_texts import TEXTS

HOSTILE = {**TEXTS, "html": "</style></td><script>alert(1)</script><img src=x onerror=alert(1)>", "quotes": "\"'`"}


class Reader(HTMLParser):
    """Collects the text and the elements of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_people_typed_is_text_wherever_it_stands(name: str) -> None:
    typed = HOSTILE[name]
    table = PageTable(typed, [TableColumn(typed)], [[typed]], more=typed)
    label = TextLabel(0, 0, 100_000, 20, (typed,), 10, "#000000")
    parts: list[PagePart] = [
        Tiles([Tile(typed, typed, typed)]), Picture(Drawing(100, 20, "#FFFFFF", (label,)), typed), table,
        SideBySide([table], [table]), PageParagraphs(typed, [typed]),
    ]  # fmt: skip

    read = Reader(render_page(PrintablePage("zh_CN", typed, typed, [typed], parts, [typed])))

    assert read.elements <= {
        "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "main", "div", "b", "span",
        "small", "figure", "svg", "rect", "text", "section", "table", "thead", "tbody", "tr", "th", "td", "footer",
    }  # fmt: skip
    assert not read.attributes & {"src", "href", "onload", "onerror"}
    assert sum(text == typed.replace("\r", "\n") for text in read.text) >= 15 or "\x00" in typed


def test_a_table_without_rows_says_so_and_one_without_headings_has_no_empty_row() -> None:
    empty = PageTable("Cases", [TableColumn("No.")], [], empty="No case.")
    bare = PageTable("Figures", [TableColumn(""), TableColumn("", "number")], [["Raised", "3"]])

    page = render_page(PrintablePage("en", "Report", "", [], [empty, bare]))

    assert "No case." in page
    assert page.count("<table") == 1
    assert "<thead" not in page


def test_a_label_that_does_not_fit_is_cut_and_a_box_of_no_size_is_left_out() -> None:
    label = TextLabel(0, 0, 60, 20, ("很长的服务名称",), 20, "#000000")
    drawn = draw_svg(Drawing(100, 20, "#FFFFFF", (label, Box(5, 5, 5, 9, "#FF0000"))), "alt")

    assert "很长…" in drawn
    assert "#FF0000" not in drawn


def test_on_a_narrow_screen_each_time_of_a_stacked_table_names_its_column() -> None:
    table = PageTable(
        "Next", [TableColumn("Seat"), TableColumn("From", "time")], [("primary", "20:00")], is_stacked=True
    )
    page = render_page(PrintablePage("en", "Duty sheet", "", [], [table]))

    assert '<table class="stacked">' in page
    assert '<td class="time" data-label="From">20:00</td>' in page
