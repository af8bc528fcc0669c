"""*Export* below lists and searches: the selection as a file, in its reader's language, once, to who may see it."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from handlers import ids
from handlers.notifications.message import BuiltDocument, Message
from models.outbox.queue import Outbox
from models.rules.escalations.export_request import MOST_EXPORTED
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.store.tables import ESCALATION
from tests.handlers import payloads
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import SETTINGS, Stage
from tests.handlers.hostile_texts import TEXTS
from tests.handlers.member import Member
from tests.handlers.rendering import render, render_context_on

FORMULA = '=HYPERLINK("http://x","y")'


def owed(stage: Stage) -> list[tuple[Delivery, Message | None]]:
    """The files that wait in the outbox, drawn; everything in it is sent then."""
    outbox, at, waiting = Outbox(stage.store), NOW + timedelta(minutes=5), []
    render_context = replace(render_context_on(stage.store, SETTINGS, NOW), now=lambda: at)
    while delivery := outbox.claim(at, "w"):
        if delivery.what is MessageKind.EXPORT:
            message = render(delivery, render_context)
            assert message is None or isinstance(message, Message)
            waiting.append((delivery, message))
        outbox.settle(delivery, SendOutcome(SendResult.SENT, "D1", "1.1"), at)
        at += timedelta(seconds=2)
    return waiting


def built(message: Message | None) -> BuiltDocument:
    """The file of a message, written."""
    assert message
    assert message.document
    return message.document.build()


def press_export(member: Member, typed: str, form: str = "xlsx") -> str:
    """Press *Export* below the answer to a command, then the button of another format; what is answered."""
    [button] = [
        element
        for block in member.command(typed).told[0]["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"].startswith(ids.EXPORT)
    ]
    value = json.dumps({**json.loads(button["value"]), "format": form})
    return member.button(f"{ids.EXPORT}.{form}", value).words


def strings_of(content: bytes) -> str:
    """The first sheet of a workbook, which holds its texts itself."""
    return zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize("typed", ["list", "mine", "search Mail", "search state:open", "列表", "搜索 状态：待认领"])
def test_a_list_and_a_search_leave_as_a_workbook_in_direct_messages(stage: Stage, emma: Member, typed: str) -> None:
    emma.raise_one(title=FORMULA, details="Mail")

    answer = press_export(emma, typed)

    ((delivery, message),) = owed(stage)
    assert "The file (XLSX) will arrive in your direct messages." in answer
    assert message
    assert (message.user, message.channel) == ("U0EMMA", None)
    assert message.document
    assert message.document.name.endswith(".xlsx")
    file = built(message)
    assert "1 escalation with its history" in file.text
    assert "Title" in strings_of(file.content)
    assert "<f>" not in strings_of(file.content)
    assert "HYPERLINK" not in delivery.note


def test_the_home_tab_offers_all_open_escalations(stage: Stage, wang: Member) -> None:
    wang.raise_one()
    stage.deliver(payloads.event("U0WANG"))
    home = stage.slack.surfaces.homes["U0WANG"]
    [button] = [block["accessory"] for block in home["blocks"] if "导出" in str(block.get("accessory"))]

    pressed = payloads.button(button["action_id"], button["value"])
    stage.deliver(payloads.view_click("U0WANG", wang.trigger, {"id": "V0HOME", "type": "home", **home}, pressed))

    ((_, message),) = owed(stage)
    assert "未关闭" in built(message).text
    assert "文件（XLSX）将发到你的私信中。" in str(wang.modal["blocks"])


def test_headings_and_words_are_in_the_readers_language(stage: Stage, wang: Member) -> None:
    wang.raise_one()

    assert "文件（XLSX）将发到你的私信中。" in press_export(wang, "搜索 Mail")

    ((_, message),) = owed(stage)
    file = built(message)
    assert "标题" in strings_of(file.content)
    assert "1 件呈报及其处理记录" in file.text


def test_other_formats_are_one_more_press(stage: Stage, emma: Member) -> None:
    emma.raise_one(title=FORMULA)
    assert "CSV" in press_export(emma, "list")
    press_export(emma, "list", "csv")
    press_export(emma, "list", "json")

    files = {
        message.document.name[-4:]: built(message).content for _, message in owed(stage) if message and message.document
    }

    assert set(files) == {"xlsx", ".csv", "json"}
    [row, *_] = csv.DictReader(io.StringIO(files[".csv"].decode("utf-8-sig")))
    assert row["title"] == f"'{FORMULA}"
    assert [case["title"] for case in json.loads(files["json"])] == [FORMULA]


def test_two_presses_bring_one_file_and_a_later_one_another(stage: Stage, emma: Member, wang: Member) -> None:
    emma.raise_one()
    for _ in range(2):
        press_export(emma, "list")
    press_export(wang, "list")

    assert sorted(str(message.user) for _, message in owed(stage) if message) == ["U0EMMA", "U0WANG"]
    press_export(emma, "list")
    assert len(owed(stage)) == 1


def test_what_is_empty_says_so_when_pressed_and_when_written(stage: Stage, emma: Member, wang: Member) -> None:
    number = emma.raise_one()
    assert ids.EXPORT not in str(emma.command("search zebra").told)
    value = json.dumps({"what": "search", "query": "zebra", "format": "xlsx"})
    assert "There is nothing to export." in emma.button(f"{ids.EXPORT}.xlsx", value).words
    assert owed(stage) == []
    press_export(wang, "搜索 状态：待认领")
    wang.command(f"ack CSP-{number}")

    ((_, message),) = owed(stage)

    assert built(message).content == b""
    assert "没有可导出的呈报。" in built(message).text


def test_who_may_not_see_escalations_gets_no_file(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    value = json.dumps({"what": "list", "query": "", "format": "xlsx"})
    refusal = Member(stage, "U0TOM").button(f"{ids.EXPORT}.xlsx", value)
    assert "guest" in refusal.words.lower()
    press_export(emma, "list")
    person = stage.queries.person("U0EMMA")
    assert person
    stage.commands.remember((person[0].model_copy(update={"is_deleted": True}), NOW + timedelta(hours=1)))

    assert [message for _, message in owed(stage)] == [None]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "[]",
        "{}",
        '{"what": "all", "query": "", "format": "xlsx"}',
        '{"what": "list", "query": "", "format": "exe"}',
    ],
)
def test_a_button_somebody_tampered_with_asks_for_nothing(stage: Stage, emma: Member, value: str) -> None:
    emma.raise_one()

    emma.button(f"{ids.EXPORT}.xlsx", value)

    assert owed(stage) == []


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_whatever_was_searched_for_rings_for_nobody(stage: Stage, emma: Member, text: str) -> None:
    emma.raise_one()
    value = json.dumps({"what": "search", "query": text[:200], "format": "csv"})
    emma.button(f"{ids.EXPORT}.csv", value)

    for _, message in owed(stage):
        assert message
        assert "<@" not in built(message).text
        assert "<!" not in built(message).text


def test_ten_thousand_are_written_and_more_are_told_of(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    row = stage.store.read(lambda connection: connection.execute(ESCALATION.select()).mappings().one())
    rows = [{**row, "number": number} for number in range(2, MOST_EXPORTED + 2)]
    stage.store.write(lambda connection: connection.execute(insert(ESCALATION), rows))
    press_export(emma, "list")

    ((_, message),) = owed(stage)
    file = built(message)

    assert strings_of(file.content).count("<row ") == MOST_EXPORTED + 1
    assert "10000 escalations" in file.text
    assert "There are more." in file.text
