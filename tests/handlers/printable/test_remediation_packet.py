"""The packet for a remediation meeting: complete, in both languages, and safe whatever people typed."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.printable.page import render_page
from handlers.printable.remediation_packet import PacketFacts, PacketReader, build_packet
from models.escalations.returned_cases import ReturnedOverview
from models.rules.escalations.escalation import Move
from models.rules.escalations.returned_rates import ReturnedRates, ReturnedShare, find_window_until
from models.rules.escalations.transitions import advance, raise_escalation
from models.rules.policy import reader as policy_reader
from models.rules.remediation.record import Remediation, RemediationAction
from tests.models.samples import CHANNEL, EMMA, LI, NOW, TEAM, WANG, customer_request, step

SHANGHAI = ZoneInfo("Asia/Shanghai")
RECORD = Remediation(
    2, TEAM, NOW, requested_on=date(2026, 11, 20), requested_by="刘工", request="Please explain <b>these</b> cases",
    meeting_at=NOW + timedelta(days=3), plan="Train the desk", actions=(
        RemediationAction(1, "Read the articles", EMMA.id, date(2026, 11, 21), NOW, NOW),
        RemediationAction(2, "Train =SUM(A1)", WANG.id, date(2026, 11, 30), NOW, NOW, NOW, WANG.id),
    ),
)  # fmt: skip
RATES = ReturnedRates(40, 3, 12, 2, (ReturnedShare("how_to", 12, 2), ReturnedShare("none", 28, 1)))


def write(language: str, record: Remediation = RECORD) -> str:
    """The packet as HTML."""
    case, first = raise_escalation(customer_request(title="<script>alert(1)</script>"), 7, CHANNEL, WANG, NOW)
    history = [first]
    for move in (Move.RECORD, Move.RETURNED):
        case, entry = advance(case, step(move, LI))
        history.append(entry)
    window = find_window_until(date(2026, 11, 20), SHANGHAI)
    facts = PacketFacts(record, window, ReturnedOverview(RATES, (), [case]), [(case, history)])
    reader = PacketReader(language, SHANGHAI, policy_reader.load_packaged(), lambda user: user.removeprefix("U0"))
    return render_page(build_packet(facts, reader, NOW))


def test_it_tells_what_happened_by_area_what_was_changed_and_the_cases() -> None:
    page = write("en")

    for said in ("Remediation plan R-2", "刘工", "How-to and FAQ", "2 of 12 (17%)", "Train the desk", "1 day overdue",
                 "CSP-7", "625112200012345", "recorded that 21Vianet returned it as inappropriate",
                 "2026-11-25 15:30"):  # fmt: skip
        assert said in page


def test_it_is_written_in_chinese_too() -> None:
    page = write("zh_CN")

    assert 'lang="zh-CN"' in page
    for said in ("修正计划 R-2", "“操作说明”文章和常见问题", "逾期 1 天", "世纪互联的要求"):
        assert said in page


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_what_people_typed_is_text_and_the_page_loads_nothing(language: str) -> None:
    page = write(language)

    assert "<script" not in page
    assert "<b>these</b>" not in page
    assert "&lt;script&gt;" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page


def test_a_record_with_nothing_but_its_day_can_be_written() -> None:
    assert "No actions yet." in write("en", replace(Remediation(3, TEAM, NOW), requested_on=date(2026, 11, 20)))
