"""Offering a shift: the first taker wins, whoever comes late is told, a swap moves both, what opens is shown first."""

from typing import Any

import pytest

from handlers.notifications.message import Message
from models.oncall.rota_versions import import_rota
from models.outbox.queue import Outbox
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from tests.handlers import block_limits, payloads
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import SETTINGS, Stage
from tests.handlers.member import Member
from tests.handlers.oncall.team import DAY, HOUR, beijing
from tests.handlers.rendering import render, render_context_on
from tests.sample_rotas import DAY_AND_NIGHT

VALUE = '{"n": 1}'


def sent(stage: Stage) -> list[Message]:
    """Everything that waits is sent; what was said, in order."""
    outbox = Outbox(stage.store)
    said: list[Message] = []
    for turn in range(40):
        at = NOW + HOUR + turn * HOUR / 100
        delivery = outbox.claim(at, "w")
        if delivery is None:
            continue
        message = render(delivery, render_context_on(stage.store, SETTINGS, NOW))
        assert message is None or isinstance(message, Message)
        if message:
            block_limits.message(message.blocks, message.text)
            said.append(message)
        answer = SendOutcome(
            SendResult.SENT if message else SendResult.SUPERSEDED, (message and message.channel) or "D0X", f"{turn}.1"
        )
        outbox.settle(delivery, answer, at)
    return said


def read(message: Message) -> str:
    return block_limits.read(message.blocks)


def offered(member: Member, **answers: Any) -> str:
    """Offer the first shift that is listed; what the form says then."""
    member.command("swap")
    member.fill(**answers).submit()
    return block_limits.read(member.modal["blocks"])


def standing(stage: Stage, at: str, seat: str = "primary") -> str:
    start = beijing(at)
    found = stage.rota_store.shifts(NOW + DAY, start, start + HOUR)
    return next(one.member for one in found if one.seat == seat)


def test_an_offer_to_everybody_is_a_card_in_the_on_call_channel(rota: Stage, emma: Member) -> None:
    said = offered(emma, why="Flu <!here>")
    card = sent(rota)[0]

    assert "Offered to: everybody, in the on-call channel." in said
    assert "Sun 22 Nov 12:00–00:00 · primary" in said
    assert "Sun 22 Nov 12:00–00:00 · primary\noffered, nobody has taken it yet" in emma.command("my").words
    assert card.channel == "C0ONCALL"
    assert "Emma <Clarke> 请人替班" in read(card)
    assert "Flu <!here>" in read(card)
    assert "rota.offer.take" in str(card.blocks)


def test_the_first_taker_wins_the_card_changes_and_the_others_are_told(
    rota: Stage, emma: Member, lina: Member, wang: Member
) -> None:
    offered(emma)
    sent(rota)
    first = wang.button("rota.offer.take", VALUE)
    late = lina.button("rota.offer.take", VALUE)
    twice = wang.button("rota.offer.take", VALUE)
    news = sent(rota)

    assert "✅ 由你值班：11月22日 周日 20:00–08:00，主值班。" in first.words
    assert late.text == "<@U0WANG> 已抢先接下此班次。"
    assert twice.text == "你已接下此班次，无需再次操作。"
    assert standing(rota, "11-22 21:00") == "王伟"
    refreshed = next(one for one in news if one.update_ts)
    assert "✅ 由 王伟 Wang Wei 接下。" in read(refreshed)
    assert "rota.offer.take" not in str(refreshed.blocks)
    difference = next(one for one in news if one.user == "U0EMMA")
    assert "王伟 Wang Wei changed your shifts." in read(difference)
    assert "primary: no longer yours, now 王伟" in read(difference)
    assert any(one.channel == "C0ONCALL" and not one.update_ts for one in news)


def test_one_person_is_asked_privately_and_may_say_no(rota: Stage, emma: Member, wang: Member, lina: Member) -> None:
    offered(emma, ask="U0LINA")
    card = sent(rota)[0]
    assert (card.user, card.channel) == ("U0LINA", None)
    assert wang.button("rota.offer.take", VALUE).text == "此替班请求是发给其他人的。"
    assert wang.button("rota.offer.decline", VALUE).text == "此替班请求是发给其他人的。"

    assert "将通知 Emma <Clarke>" in lina.button("rota.offer.decline", VALUE).words
    told = sent(rota)[0]
    assert told.user == "U0EMMA"
    assert "李娜 Li Na can't take the shift you offered." in read(told)


def test_a_swap_moves_both_shifts(rota: Stage, emma: Member, wang: Member) -> None:
    emma.command("swap")
    emma.fill(ask="U0WANG")
    back = next(one for one in emma.modal["blocks"] if one.get("block_id") == "back")
    wanted = back["element"]["options"][2]["value"]
    emma.fill(back=wanted).submit()
    assert "in return for: Tue 24 Nov 00:00–12:00 · primary" in block_limits.read(emma.modal["blocks"])
    assert "想换班" in read(sent(rota)[0])

    wang.button("rota.offer.take", VALUE)

    assert standing(rota, "11-22 21:00") == "王伟"
    assert standing(rota, "11-24 09:00") == "Emma <Clarke>"


def test_who_takes_sees_first_what_it_opens(rota: Stage, emma: Member, lina: Member) -> None:
    offered(emma)
    heard = lina.button("rota.offer.take", VALUE)

    assert heard.told == []
    assert "请先确认" in block_limits.read(lina.modal["blocks"])
    assert "备值班：不达标 · 同时为主值班（李娜）" in block_limits.read(lina.modal["blocks"])
    assert lina.modal["submit"]["text"] == "仍要值班"
    assert standing(rota, "11-22 21:00") == "Emma <Clarke>"
    lina.submit()
    assert standing(rota, "11-22 21:00") == "李娜"


def test_an_offer_of_a_shift_that_has_begun_is_taken_as_it_was_shown_however_long_somebody_reads(
    rota: Stage, emma: Member, wang: Member
) -> None:
    import_rota(rota.store, DAY_AND_NIGHT.replace("rest_hours = 8", "longest_hours = 12"), "cli", NOW - HOUR)
    offered(wang)
    emma.button("rota.offer.take", VALUE)
    assert "This opens 1 gap:" in block_limits.read(emma.modal["blocks"])
    rota.later(3 * HOUR / 60)
    emma.submit()

    assert "Saved." in block_limits.read(emma.modal["blocks"])
    assert standing(rota, "11-22 16:00") == "Emma <Clarke>"


@pytest.mark.parametrize("metadata", ["", "1", "1 x", "1 x y", "x y 1", "1 x 99999999999999"])
def test_a_made_up_preview_of_an_offer_is_refused(rota: Stage, emma: Member, lina: Member, metadata: str) -> None:
    offered(emma)
    lina.button("rota.offer.take", VALUE)
    lina.submit(private_metadata=metadata)

    assert "已失效" in block_limits.read(lina.modal["blocks"])


def test_an_offer_can_be_withdrawn_by_who_made_it_and_is_over_then(rota: Stage, emma: Member, wang: Member) -> None:
    offered(emma)
    assert "offered, nobody has taken it yet" in emma.command("my").words
    assert wang.button("rota.offer.withdraw", VALUE).text == "只有发起人或组长可以撤回此替班请求。"

    pressed = payloads.click("U0EMMA", emma.trigger, payloads.button("rota.offer.withdraw", VALUE))
    pressed["container"]["is_ephemeral"] = True
    heard = rota.deliver(pressed)
    assert "This offer was withdrawn." in heard.words
    assert "offered, nobody has taken it yet" not in heard.words
    assert heard.told[0]["replace_original"]
    assert wang.button("rota.offer.take", VALUE).text == "<@U0EMMA> 已撤回此替班请求。"


def test_the_same_submission_again_makes_one_offer(rota: Stage, emma: Member) -> None:
    emma.command("swap")
    view = dict(emma.modal)
    emma.submit()
    emma.submit(**view)

    assert len(rota.swap_offers.open(NOW + HOUR)) == 1


def test_ones_own_offer_is_not_taken_by_oneself(rota: Stage, emma: Member) -> None:
    offered(emma)

    assert emma.button("rota.offer.take", VALUE).text == "This is your own offer. You can withdraw it."


@pytest.mark.parametrize("value", ["", "{}", '{"n": 77}', "[]"])
def test_a_made_up_offer_is_refused(rota: Stage, emma: Member, value: str) -> None:
    for action in ("take", "decline", "withdraw"):
        said = emma.button(f"rota.offer.{action}", value).text
        assert "no longer available" in said or "can't be read" in said


def test_a_choice_that_was_not_offered_is_refused(rota: Stage, emma: Member) -> None:
    emma.command("swap")
    state = emma.modal["state"]["values"]
    state["shift"]["rota.swap.shift.U0EMMA"]["selected_option"] = {"value": "1-2-3-x"}
    heard = emma.submit(state={"values": state})

    assert list(heard.errors) == ["shift"]


def test_a_lead_offers_the_shift_of_somebody_who_can_not(rota: Stage, lina: Member, wang: Member, emma: Member) -> None:
    """Wang is ill and asleep; who takes it is told as for any offer."""
    lina.command("swap")
    lina.fill(whose="U0WANG")
    assert "11月23日 周一 08:00–20:00 · 主值班" in str(lina.modal["blocks"])
    assert "在那之前仍由 王伟 值班" in block_limits.read(lina.modal["blocks"])
    lina.fill(why="发烧").submit()
    (card,) = sent(rota)
    assert "李娜 Li Na 代 王伟 请人替班" in read(card)
    assert "11月22日 周日 08:00–20:00 · 主值班" in read(card)
    assert "时区：北京时间" in read(card)


def test_members_offer_only_what_is_theirs(rota: Stage, emma: Member) -> None:
    emma.command("swap")

    assert "Whose shift?" not in str(emma.modal["blocks"])
