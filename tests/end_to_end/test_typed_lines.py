"""A reply to the bot's direct message: carried out once, answered in its thread, and the reminder folds."""

from models.rules.escalations.escalation import Move, Status, Turn
from tests.end_to_end.auditor import audit
from tests.end_to_end.world import Json, World

SR = "625112200012345"


def _answers(world: World, root: str) -> list[Json]:
    """What the bot answered in a thread of 李娜's direct message."""
    return [one for one in world.slack.thread("D0LINA", root) if one.get("bot_id")]


def _typed(world: World, text: str, root: str = "") -> Json:
    """A line that 李娜 types, and its answer."""
    before = len(_answers(world, root)) if root else 0  # counted first: the answer may come before the next look
    thread = root or world.lina.post(text, "D0LINA")
    if root:
        world.lina.post(text, "D0LINA", root)
    return world.until(lambda: _answers(world, thread)[before:], f"an answer to {text}", stride=0)[0]


def _assigned(world: World) -> tuple[int, str]:
    """A case that was handed to 李娜, and the message that told her so."""
    number = world.raised()
    world.do(world.wang, Move.HAND_OVER, number, owner="U0LINA")
    name = f"CSP-{number}"
    told = world.until(lambda: [m for m in world.slack.dms("U0LINA") if name in m["text"]], f"the call about {name}")
    world.quiet()  # the bot, too, knows which message it was
    return number, str(told[-1]["ts"])


def test_replies_to_a_reminder_take_the_case_through_a_night(either: World) -> None:
    number, root = _assigned(either)

    answer = _typed(either, "认领", root)
    assert f"CSP-{number}" in answer["text"]
    assert either.escalation(number).status is Status.ACKNOWLEDGED
    _typed(either, f"SR {SR}", root)
    _typed(either, f"CSP-{number} 等客户")

    case = either.escalation(number)
    assert (case.status, case.request_number, case.turn) == (Status.SUBMITTED, SR, Turn.CUSTOMER)
    audit(either)


def test_the_same_event_delivered_again_does_nothing_again(shared: World) -> None:
    number, root = _assigned(shared)
    _typed(shared, "备注 已重启", root)
    delivered = shared.slack.last_delivered("message")

    assert all(ack["ok"] for ack in shared.slack.deliver("events_api", delivered, times=2))

    shared.quiet()
    assert [e.move for e in shared.queries.history(number)].count(Move.NOTE) == 1
    assert len(_answers(shared, root)) == 1


def test_edits_and_the_bots_own_messages_do_nothing(shared: World) -> None:
    number, root = _assigned(shared)
    ts = shared.lina.post("thanks", "D0LINA", root)
    shared.until(lambda: _answers(shared, root), "an answer", stride=0)
    version = shared.escalation(number).version

    shared.lina.act("edit", channel="D0LINA", ts=ts, text="ack")

    shared.until(lambda: len(shared.slack.traffic(name="message")), "the edit to be delivered", stride=0)
    shared.quiet()
    assert shared.escalation(number).version == version
    assert len(_answers(shared, root)) == 1
    audit(shared)


def test_a_question_is_answered_by_a_press_in_its_place(shared: World) -> None:
    number = shared.raised()
    shared.do(shared.wang, Move.HAND_OVER, number, owner="U0LINA")

    answer = _typed(shared, "备注 已重启")
    assert shared.lina.click({"channel": "D0LINA", **answer}, f"CSP-{number} 备注 已重启")["ok"]

    shared.until(lambda: Move.NOTE in [e.move for e in shared.queries.history(number)], "the note", stride=0)
    shared.quiet()
    audit(shared)
