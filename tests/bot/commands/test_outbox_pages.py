"""``outbox …`` of messages outside Slack: what they wait for, what failed, and what to do."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from models.outbox.messages import message
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.channels import Channel
from models.rules.reach.daytime import WAITS_FOR_MORNING
from models.rules.reach.reach_plan import CHINA
from models.rules.reach.reader import parse_reach
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.bot.commands.conftest import Terminal
from tests.models.samples import NOW

PHONE = """
[[person]]
name = "wang"
[[person.address]]
channel = "hook"
url = "https://voice.example.cn/call"
secret = "a secret of the gateway, 32 bytes"
to = "138"
[[person.address]]
channel = "wecom_app"
corp_id = "c"
agent_id = "1"
secret = "s"
to = "wang"
"""


@pytest.mark.parametrize(
    ("last_error", "says"),
    [
        ("", "goes at 2099-01-01 12:00, unless it is in Slack by then"),
        (WAITS_FOR_MORNING, "goes in the morning of its reader, at 2099-01-01 12:00"),
    ],
)
def test_a_message_outside_slack_says_until_when_it_waits(
    terminal: Terminal, store: Store, last_error: str, says: str
) -> None:
    due = datetime(2099, 1, 1, 4, tzinfo=UTC)
    waits = {"due_at": due, "lane": "page", "user": "U0WANG", "channel": "a1", "number": 7, "last_error": last_error}
    store.write(lambda c: c.execute(insert(OUTBOX), [message(MessageKind.PAGE, "page:1", NOW, **waits)]))

    listed = " ".join(terminal.type("outbox", "list").out.split())
    shown = " ".join(terminal.type("outbox", "show", "1").out.split())

    assert "goes" in listed
    assert says in shown
    assert WAITS_FOR_MORNING not in shown


@pytest.mark.parametrize(
    ("channel", "language", "says"),
    [
        (Channel.HOOK, "en_GB", "a number gets at most 1 a minute, 5 an hour, 20 a day"),
        (
            Channel.HOOK,
            "zh_CN",
            "正在排队，最早于 2099-01-01 12:00 发送；每个号码的上限：每分钟 1 次、每小时 5 次、每天 20 次",
        ),
        (Channel.WECOM_APP, "en_GB", "WeCom takes at most 30 a minute, 1000 an hour"),
        (Channel.WECOM_APP, "zh_CN", "企业微信，上限：每分钟 30 次、每小时 1000 次"),
        (None, "en_GB", "its address was used as often as it may be"),
        (None, "zh_CN", "该地址的使用次数已达上限"),
    ],
)
def test_a_message_that_a_limit_holds_back_names_the_limit_and_no_retry(
    terminal: Terminal, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    channel: Channel | None, language: str, says: str,
) -> None:  # fmt: skip
    (path := tmp_path / "reach.toml").write_text(PHONE, encoding="utf-8")
    path.chmod(0o600)
    monkeypatch.setenv("CSP_REACH_FILE", str(path))
    monkeypatch.setenv("COLUMNS", "300")
    addresses = parse_reach(PHONE, CHINA).addresses
    of = next((id_ for id_, address in addresses.items() if address.channel is channel), "gone")
    due = datetime(2099, 1, 1, 4, tzinfo=UTC)
    waits = {
        "due_at": due, "lane": "page", "user": "U0WANG", "channel": of, "scope": "reach:s", "number": 7,
        "last_error": "pace", "first_tried_at": NOW,
    }  # fmt: skip
    store.write(lambda c: c.execute(insert(OUTBOX), [message(MessageKind.PAGE, "page:1", NOW, **waits)]))

    listed, shown = (
        terminal.type("outbox", *typed, language=f"{language}.UTF-8").out for typed in (["list"], ["show", "1"])
    )

    assert says in listed
    assert says in shown
    assert not re.search(r"again|retry|重试|pace|outbox show", listed + shown)


@pytest.mark.parametrize(
    ("reason", "language", "says"),
    [
        ("kept_for_cases", "en_GB", "the address is kept free for new cases; other addresses do not wait"),
        ("kept_for_cases", "zh_CN", "最早于 2099-01-01 12:00 发送；此地址留给新呈报使用，其他地址照常发送"),
        ("kept_free", "en_GB", "its person was told before, and the address is kept free for what is new"),
        ("kept_free", "zh_CN", "最早于 2099-01-01 12:00 发送；此前已告知本人，此地址留给新事项使用"),
    ],
)
def test_a_message_that_leaves_an_address_to_others_says_to_what(
    terminal: Terminal, store: Store, monkeypatch: pytest.MonkeyPatch, reason: str, language: str, says: str
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    waits = {
        "due_at": datetime(2099, 1, 1, 4, tzinfo=UTC), "lane": "page", "user": "U0WANG", "channel": "gone",
        "scope": "reach:s", "subject": "gap:1", "last_error": reason, "first_tried_at": NOW,
    }  # fmt: skip
    store.write(lambda c: c.execute(insert(OUTBOX), [message(MessageKind.PAGE, "page:1", NOW, **waits)]))

    for typed in (["list"], ["show", "1"]):
        assert says in terminal.type("outbox", *typed, language=f"{language}.UTF-8").out
    shown = terminal.type("outbox", "show", "1", language=f"{language}.UTF-8").out
    assert re.search("or closed if nobody needs it any more|如已不再需要，则自动关闭", shown)


@pytest.mark.parametrize(
    ("state", "advice"),
    [(DeliveryState.UNKNOWN, "it is sent again by itself, marked"), (DeliveryState.SENDING, "and sent again if that")],
)
def test_a_message_outside_slack_is_not_looked_for_in_slack(
    terminal: Terminal, store: Store, state: DeliveryState, advice: str
) -> None:
    row = {"state": state, "lane": "page", "user": "U0WANG", "channel": "a1", "last_error": "http_500"}
    store.write(lambda c: c.execute(insert(OUTBOX), [message(MessageKind.PAGE, "page:1", NOW, **row)]))

    shown = " ".join(terminal.type("outbox", "show", "1").out.split())

    assert advice in shown
    assert "in Slack" not in shown


def test_a_message_outside_slack_of_which_a_try_failed_is_tried_again(terminal: Terminal, store: Store) -> None:
    due = datetime(2099, 1, 1, 4, tzinfo=UTC)
    row = {"due_at": due, "lane": "page", "user": "U0WANG", "channel": "a1", "last_error": "http_429"}
    store.write(lambda c: c.execute(insert(OUTBOX), [message(MessageKind.PAGE, "page:1", NOW, **row)]))

    assert "is tried again at 2099-01-01 12:00" in " ".join(terminal.type("outbox", "show", "1").out.split())


@pytest.mark.parametrize(
    ("language", "advice"),
    [
        (
            "en_GB.UTF-8",
            "Then send it: csp-escalate outbox retry 1 Or give it up: csp-escalate outbox discard 1 --why TEXT",
        ),
        (
            "zh_CN.UTF-8",
            "请更正联系方式文件中的地址。然后重新发送：csp-escalate outbox retry 1 或放弃：",
        ),
    ],
)
def test_a_message_that_another_service_refused_is_no_matter_of_slack(
    terminal: Terminal, store: Store, language: str, advice: str
) -> None:
    refused = {"state": DeliveryState.DEAD, "lane": "page", "user": "U0WANG", "channel": "a1", "last_error": "200"}
    store.write(lambda c: c.execute(insert(OUTBOX), [message(MessageKind.PAGE, "page:1", NOW, **refused)]))

    shown = "".join(terminal.type("outbox", "show", "1", language=language).out.split())

    assert advice.replace(" ", "") in shown
