"""Lines about a case as people type them, in both languages."""

import pytest

from handlers.i18n.case_lines import CaseLine, parse_case_line
from models.rules.escalations.escalation import InformedBy, Move, Turn


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("CSP-7 SR 625112200012345", CaseLine(7, Move.RECORD, "625112200012345")),
        ("csp7 sr: 6251 1220", CaseLine(7, Move.RECORD, "6251 1220")),
        ("CSP-7 note They rebooted it. Twice!", CaseLine(7, Move.NOTE, "They rebooted it. Twice!")),
        ("CSP-7 备注 重启了服务器。", CaseLine(7, Move.NOTE, "重启了服务器。")),
        ("CSP-7 备注重启了", CaseLine(7, Move.NOTE, "重启了")),
        ("CSP-7 customer", CaseLine(7, Move.TURN, turn=Turn.CUSTOMER)),
        ("CSP-7 等客户", CaseLine(7, Move.TURN, turn=Turn.CUSTOMER)),
        ("CSP-7 21v", CaseLine(7, Move.TURN, turn=Turn.VENDOR)),
        ("CSP-7 世纪互联", CaseLine(7, Move.TURN, turn=Turn.VENDOR)),
        ("CSP-7 ours", CaseLine(7, Move.TURN, turn=Turn.OURS)),
        ("CSP-7 轮到我们。", CaseLine(7, Move.TURN, turn=Turn.OURS)),
        ("CSP-7 told phone", CaseLine(7, Move.TELL, through=InformedBy.PHONE)),
        ("CSP-7 告知 电话", CaseLine(7, Move.TELL, through=InformedBy.PHONE)),
        ("CSP-7 告知企业微信", CaseLine(7, Move.TELL, through=InformedBy.WECOM)),
        ("CSP-7 told", CaseLine(7, Move.TELL)),
        ("CSP-7 ack", CaseLine(7, Move.ACKNOWLEDGE)),
        ("CSP-7 认领", CaseLine(7, Move.ACKNOWLEDGE)),
        ("CSP-7 resolve Mail flow restored", CaseLine(7, Move.RESOLVE, "Mail flow restored")),
        ("CSP-7 called", CaseLine(7, Move.CONTACT)),
    ],
)
def test_a_line_says_what_to_do(typed: str, line: CaseLine) -> None:
    assert parse_case_line(typed) == line


@pytest.mark.parametrize("typed", ["CSP-7", "7", "hello", "note CSP-7", "list", "CSP-7 "])
def test_other_texts_are_no_lines_about_a_case(typed: str) -> None:
    assert parse_case_line(typed) is None


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("CSP-7 custmer", "CSP-7 customer"), ("CSP-7 told pigeon", "CSP-7 told"), ("CSP-7 ack tomorrow", "CSP-7 ack"),
        ("CSP-7 625112200012345", "CSP-7 SR 625112200012345"), ("CSP-7 qqqqq", ""), ("CSP-7 CSP-2", ""),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_shown_back_with_the_nearest(typed: str, nearest: str) -> None:
    assert parse_case_line(typed) == CaseLine(7, nearest=nearest)
