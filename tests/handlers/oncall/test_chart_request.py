"""Asking for the picture of the weeks ahead: owed to who asked, in their language, once."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import ids
from handlers.chart import colours
from handlers.chart.drawing import Box, TextLabel
from handlers.notifications.message import Message
from models.outbox.queue import Outbox
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import SETTINGS, Stage
from tests.handlers.member import Member
from tests.handlers.rendering import render, render_context_on


def owed(stage: Stage, minutes: int = 5) -> list[tuple[Delivery, Message]]:
    """What waits in the outbox, drawn; all of it is sent then."""
    outbox, at, found = Outbox(stage.store), NOW + timedelta(minutes=minutes), []
    render_context = replace(render_context_on(stage.store, SETTINGS, NOW), now=lambda: at)
    while delivery := outbox.claim(at, "w"):
        message = render(delivery, render_context)
        assert isinstance(message, Message)
        found.append((delivery, message))
        outbox.settle(delivery, SendOutcome(SendResult.SENT, "D1", "1.1"), at)
        at += timedelta(seconds=2)
    return found


def button_of(heard_blocks: str) -> bool:
    return ids.ROTA_CHART in heard_blocks


def test_the_button_below_the_rota_brings_the_picture_to_direct_messages(rota: Stage, wang: Member) -> None:
    assert button_of(str(wang.command("值班表").told))

    said = wang.button(ids.ROTA_CHART, "")

    assert "值班图将发到你的私信中" in said.words
    ((delivery, message),) = owed(rota)
    assert (delivery.what, message.user, message.channel) == (MessageKind.PICTURE, "U0WANG", None)
    assert "未来四周" in message.text
    assert message.picture is not None
    assert "未来四周" in message.picture.alt
    assert any("值班表" in str(mark) for mark in message.picture.draw().marks)


def test_ones_own_shifts_are_starred_and_framed_and_told_in_words(rota: Stage, emma: Member) -> None:
    emma.button(ids.ROTA_CHART, "")
    ((_, message),) = owed(rota)

    said = message.blocks[0]["text"]["text"]
    assert re.search(r"\*Your shifts\* · Asia/Shanghai \(UTC\+8\)\n• \w{3} \d+ Nov \d\d:00–\d\d:00 · primary\n", said)
    assert said.endswith("and 18 more")
    assert "Your shifts" in message.text
    assert message.picture is not None
    drawing = message.picture.draw()
    starred = [
        mark for mark in drawing.marks if isinstance(mark, TextLabel) and any("★ Emma" in one for one in mark.texts)
    ]
    framed = [mark for mark in drawing.marks if isinstance(mark, Box) and mark.outline == colours.INK]
    assert starred
    assert framed
    assert any("★ your shifts" in str(mark) for mark in drawing.marks)


def test_each_reader_sees_their_own_starred_and_nobody_elses(rota: Stage, wang: Member) -> None:
    wang.button(ids.ROTA_CHART, "")
    ((_, message),) = owed(rota)

    assert message.picture is not None
    drawn = str(message.picture.draw().marks)
    assert "★ 王伟" in drawn
    assert "★ Emma" not in drawn
    assert "*你的班次* · 北京时间" in message.blocks[0]["text"]["text"]


@pytest.mark.parametrize("text", ["rota picture", "rota 总览图", "值班表 总览图", "值班表 值班图", "ROTA Picture"])
def test_it_can_be_typed(rota: Stage, emma: Member, text: str) -> None:
    assert "The picture will arrive in your direct messages." in emma.command(text).words

    ((_, message),) = owed(rota)
    assert message.user == "U0EMMA"
    assert message.text.startswith("🗓️ *The next four weeks*")
    assert "gap" in message.text.lower()


def test_several_wishes_before_it_is_begun_bring_one(rota: Stage, emma: Member, wang: Member) -> None:
    for _ in range(3):
        emma.button(ids.ROTA_CHART, "")
    wang.command("rota picture")

    assert sorted(str(message.user) for _, message in owed(rota)) == ["U0EMMA", "U0WANG"]
    emma.command("rota picture")
    assert len(owed(rota, 10)) == 1


def test_without_a_rota_there_is_no_picture(stage: Stage, emma: Member) -> None:
    said = emma.command("rota picture")

    assert said.text
    assert owed(stage) == []


def test_what_somebody_wrote_in_the_rota_is_shown_to_the_letter(rota: Stage, emma: Member) -> None:
    emma.command("rota picture")

    ((_, message),) = owed(rota)
    assert "<Clarke>" not in message.text
