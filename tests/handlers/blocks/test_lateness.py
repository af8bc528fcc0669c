"""The note of a late message names what is known of the delay, and claims no more."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.blocks.lateness import Lateness, late_note
from handlers.blocks.schedule import ViewContext
from handlers.i18n.words import Words
from models.rules.reminders.lateness import LateReasons
from models.rules.rota.rota import Rota
from tests.handlers import block_limits

DUE = datetime(2026, 11, 27, 15, 50, tzinfo=UTC)
SENT = DUE + timedelta(minutes=40)
"""Half past midnight in Beijing, ten minutes before which the message was due."""


def after(minutes: int) -> datetime:
    return DUE + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("reasons", "english", "chinese"),
    [
        (LateReasons(), ".", "。"),
        (
            LateReasons(after(25), is_partial=True),
            "; Slack took no messages from 00:15 on. The rest of the delay has no known reason.",
            "；自 00:15 起 Slack 无法使用。其余延误的原因不明。",
        ),
        (
            LateReasons(after(5), ((after(7), SENT),)),
            "; the bot was down Fri 27 Nov 23:57–00:30, and Slack took no messages from Fri 27 Nov 23:55 on.",
            "；机器人在 11月27日 周五 23:57–00:30 停止运行，自 11月27日 周五 23:55 起 Slack 无法使用。",
        ),
        (
            LateReasons(stops=tuple((after(12 + 3 * n), after(14 + 3 * n)) for n in range(5))),
            "; the bot was down 00:02–00:04, 00:05–00:07, 00:08–00:10, and 2 more times.",
            "；机器人在 00:02–00:04、00:05–00:07、00:08–00:10、另有 2 段时间 停止运行。",
        ),
    ],
)
def test_it_names_the_reasons_and_that_some_of_the_delay_has_none(
    reasons: LateReasons, english: str, chinese: str
) -> None:
    def note(language: str) -> str:
        rota = Rota(zone=ZoneInfo("Asia/Shanghai"))
        viewer = ViewContext(Words.of(language), rota.zone, rota, SENT)
        return block_limits.read([late_note(Lateness(DUE, SENT, reasons), viewer)])

    assert note("en") == f"🕰️ Late: due Fri 27 Nov 23:50, sent 00:30{english}"
    assert note("zh_CN") == f"🕰️ 补发：原定 11月27日 周五 23:50，实际 00:30{chinese}"
    assert note("both") == f"{note('zh_CN')}\n{note('en').removeprefix('🕰️ ')}"
