"""Returned cases warn the leads; a remediation plan is begun; its overdue action is done by a press before a kill."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin
from urllib.request import urlopen
from zoneinfo import ZoneInfo

from models.remediation.records import RemediationRecords
from models.rules.remediation.record import Remediation, RemediationMove
from models.store.database import Store
from tests.end_to_end.world import PATIENCE, Json, World

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1).total_seconds()
EMMA = "U0EMMA"


def _fill(world: World, form: str, values: Json) -> None:
    """Fill one form of 李娜's, and send it: it becomes the record."""
    world.lina.wait_for_modal(lambda modal: bool(modal["callback_id"] == form), timeout=PATIENCE)
    assert world.lina.fill(values).submit()["response_action"] == "update"
    world.lina.wait_for_modal(lambda modal: bool(modal["callback_id"] != form), timeout=PATIENCE)


def _find_record(store: Store) -> Remediation:
    record = RemediationRecords(store).find(1)
    assert record is not None
    return record


def _with(messages: list[Json], *texts: str) -> list[Json]:
    """The messages that hold one of these texts."""
    return [m for m in messages if any(text in json.dumps(m, ensure_ascii=False) for text in texts)]


def _files(world: World) -> list[Any]:
    return [file for message in world.slack.dms("U0LINA") for file in message.get("files") or ()]


def test_three_returned_cases_warn_the_leads_and_lead_to_a_plan_whose_overdue_action_is_done(shared: World) -> None:
    today = shared.ticked_at.astimezone(SHANGHAI).date()
    for number in range(1, 4):
        shared.raised()
        shared.do(shared.lina, "record", number, request_number=f"62511220001234{number}")
        shared.do(shared.lina, "returned", number, returned_on=str(today), returned_words="请在合作伙伴中心处理")
    shared.until(lambda: _with(shared.slack.dms("U0LINA"), "最近 90 天被世纪互联以不当呈报退回"), "the warning")

    shared.lina.command("/csp-escalate 整改")
    listed = shared.until(lambda: _with(shared.slack.ephemerals(user="U0LINA"), "remediation.new"), "the list")[-1]
    assert shared.lina.click(listed, "remediation.new")["ok"]
    _fill(shared, "remediation_form.record", {"requested_on": str(today), "requested_by": "刘工", "plan": "培训"})
    assert shared.lina.press("remediation.action")["ok"]
    _fill(shared, "remediation_form.action", {"text": "阅读支持文章", "owner": EMMA, "due": str(today)})
    assert shared.lina.press("remediation.packet.zh_CN")["ok"]
    [file] = shared.until(lambda: _files(shared), "the packet")
    with urlopen(urljoin(shared.sandbox.page_url, f"/control/file/{file['id']}")) as content:  # noqa: S310 - our own Slack
        packet = content.read().decode()
    missing = [text for text in ("修正计划 R-1", "CSP-3", "请在合作伙伴中心处理", "阅读支持文章") if text not in packet]
    assert missing == [], packet

    shared.slack.advance_clock(2 * DAY)
    overdue = shared.until(lambda: _with(shared.slack.dms(EMMA), "was due on", "已逾期"), "the overdue action")[-1]
    assert shared.emma.click(overdue, "remediation.done")["ok"]
    shared.kill()
    shared.start()

    store = Store(shared.url, timeout=10)
    shared.until(lambda: not _find_record(store).open_actions, "the action to be done")
    moves = [entry.move for entry in RemediationRecords(store).find_entries(1)]
    store.dispose()
    assert moves == [RemediationMove.OPEN, RemediationMove.ADD_ACTION, RemediationMove.FINISH_ACTION]
