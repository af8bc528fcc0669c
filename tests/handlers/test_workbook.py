"""The workbook of the export: columns that stay, headings of the reader, real dates, no formula anywhere."""

import io
import re
import zipfile
from datetime import timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from handlers import workbook
from handlers.i18n.words import Words
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move, Turn
from models.rules.escalations.export import Histories
from models.rules.escalations.transitions import advance, raise_escalation
from models.rules.policy import reader
from tests.models.samples import CHANNEL, NOW, WANG, customer_request, step

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMULA = '=HYPERLINK("http://x","y")'


def story(**changes: str) -> tuple[Escalation, list[HistoryEntry]]:
    """CSP-1, raised and acknowledged five minutes later."""
    raised, first = raise_escalation(customer_request(**changes), 1, CHANNEL, WANG, NOW)
    acknowledged, second = advance(raised, step(Move.ACKNOWLEDGE, WANG, NOW + timedelta(minutes=5)))
    return acknowledged, [first, second]


def written(histories: Histories, language: str = "en", most_rows: int = workbook.LAST_ROW) -> zipfile.ZipFile:
    """The parts of the workbook."""
    target = io.BytesIO()
    reads = workbook.Reader(
        Words.of(language), ZoneInfo("Asia/Shanghai"), reader.load_packaged(), {"U0WANG": "王伟 Wang Wei"}.__getitem__
    )
    workbook.write_workbook(target, histories, reads, most_rows)
    return zipfile.ZipFile(target)


def rows(book: zipfile.ZipFile, number: int = 1) -> list[dict[str, str]]:
    """The cells of a sheet by column letter, as they are stored."""
    sheet = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314 - our own file
    return [
        {re.sub(r"\d", "", cell.get("r") or ""): "".join(cell.itertext()) for cell in row}
        for row in sheet.iter(f"{SHEET}row")
    ]  # fmt: skip


def test_the_columns_stay_as_they_are() -> None:
    assert [column.name for column in workbook.CASES] == [
        "escalation", "status", "turn", "severity", "severity_given", "title", "customer_name", "service",
        "request_number", "owner", "raised_by", "raised_at", "acknowledged_at", "first_contact_at", "told_at",
        "told_through", "promised_at", "closed_at", "reopened", "snoozed_until", "status_reason", "fix", "details",
        "tenant_id", "domain", "kind", "returned_on", "returned_number", "returned_words",
        "escalated", "review", "parent",
    ]  # fmt: skip
    assert [column.name for column in workbook.STEPS] == [
        "escalation", "at", "by", "move", "from", "to", "text", "changes",
    ]  # fmt: skip


def test_headings_and_values_are_in_the_readers_language() -> None:
    english, chinese = (rows(written([story()], language)) for language in ("en", "zh_CN"))

    assert [english[0][letter] for letter in "ABCJL"] == [
        "No.", "Status", "Whose turn", "Owner", "Raised at (Asia/Shanghai)",
    ]  # fmt: skip
    assert [english[1][letter] for letter in "ABCDJ"] == ["CSP-1", "Acknowledged", "With us", "B", "王伟 Wang Wei"]
    assert [chinese[0][letter] for letter in "ABCJL"] == ["编号", "状态", "待处理方", "负责人", "呈报时间（北京时间）"]
    assert [chinese[1][letter] for letter in "BC"] == ["已认领", "轮到我们"]


def test_a_step_says_whose_turn_it_became_and_an_ended_case_is_nobodys() -> None:
    case, entries = story()
    given, third = advance(case, step(Move.TURN, WANG, NOW + timedelta(minutes=9), turn=Turn.CUSTOMER))
    ended, fourth = advance(given, step(Move.WITHDRAW, WANG, NOW + timedelta(minutes=9)))
    book = written([(ended, [*entries, third, fourth])])

    assert "With the customer" in rows(book, 2)[3]["D"]
    assert "C" not in rows(book)[1]


def test_a_case_of_an_incident_names_the_incidents_case() -> None:
    case, entries = story()
    parent = case.model_copy(update={"parent": 12})

    assert [row.get("AF") for row in rows(written([(case, entries), (parent, entries)]))] == [
        "Case of the incident", None, "CSP-12",
    ]  # fmt: skip


def test_times_are_dates_in_the_zone_of_their_heading() -> None:
    book = written([story()])

    raised_at = float(rows(book)[1]["L"])
    assert raised_at == pytest.approx((46348 + (15 * 60 + 30) / 1440), abs=1e-6)  # 2026-11-22 15:30 in Shanghai
    assert 'formatCode="yyyy-mm-dd hh:mm"' in book.read("xl/styles.xml").decode()


def test_the_history_has_a_sheet_of_its_own() -> None:
    [heading, first, second] = rows(written([story()]), 2)

    assert [heading[letter] for letter in "ACDG"] == ["No.", "Who", "What", "Note"]
    assert [first[letter] for letter in "ACDF"] == ["CSP-1", "王伟 Wang Wei", "raised this escalation", "Open"]
    assert [second[letter] for letter in "DEF"] == ["acknowledged it", "Open", "Acknowledged"]


@pytest.mark.parametrize(
    "text", [FORMULA, "+86 10", "@SUM(A1)", "https://example.com/", "mailto:a@b.cn", "123", "x" * 40]
)
def test_text_is_never_a_formula_a_link_or_a_number(text: str) -> None:
    book = written([story(title=text)])

    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert rows(book)[1]["F"] == text
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert ('quotePrefix="1"' in book.read("xl/styles.xml").decode()) is (text[0] in "=+@")


def test_the_heading_stays_in_sight_and_filters_every_row() -> None:
    sheet = written([story(), story()]).read("xl/worksheets/sheet1.xml").decode()

    assert 'topLeftCell="B2"' in sheet
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:AF3"/>' in sheet
    assert sheet.count("<col ") >= 3


def test_a_full_sheet_goes_on_in_the_next() -> None:
    book = written([story(), story(), story()], most_rows=2)

    assert re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode()) == [
        "Escalations", "History", "History 2", "Escalations 2", "History 3",
    ]  # fmt: skip


def test_an_empty_selection_has_headings_only() -> None:
    assert [len(rows(written([]), number)) for number in (1, 2)] == [1, 1]
