"""Two requests that a lead should look at: one is approved and the bot killed right after the press; the other goes at
night without a lead."""

from models.rules.escalations.escalation import Move, ReviewState, Status
from models.rules.people import PROGRAM
from tests.end_to_end.auditor import audit
from tests.end_to_end.world import Json, World

TO_LOOK_AT = {"area": "how_to"}


def test_one_request_is_looked_at_by_a_lead_and_one_goes_at_night_without_one(shared: World) -> None:
    _a_lead_approves_and_the_bot_is_killed(shared)
    _at_night_it_goes_without_a_lead(shared)
    audit(shared, 2)


def _a_lead_approves_and_the_bot_is_killed(world: World) -> None:
    shown = world.raise_one(world.wang, **TO_LOOK_AT)
    assert shown["response_action"] == "update"
    assert "先由组长审核" in str(world.wang.modal["blocks"])
    world.wang.close()
    question = world.until(lambda: _direct(world, "U0LINA", "审核 CSP-1"), "the question to the lead")
    assert world.press(world.wang, world.card(1), Move.RECORD)["ok"]
    world.until(lambda: _refused(world, "起，未经审核也可提交"), "the refusal with the time", stride=0)
    assert world.lina.click(question, f"card.{Move.APPROVE}")["ok"]
    world.kill()
    assert (world.escalation(1).review, world.escalation(1).reviewed_by) == (ReviewState.APPROVED, "U0LINA")
    world.start()

    world.until(lambda: _direct(world, "U0WANG", "已批准 CSP-1"), "the raiser to hear of it")
    world.quiet()
    world.do(world.wang, Move.RECORD, 1, request_number="6251122000123")
    assert world.escalation(1).status is Status.SUBMITTED
    assert [entry.move for entry in world.queries.history(1)] == [Move.RAISE, Move.APPROVE, Move.RECORD]


def _at_night_it_goes_without_a_lead(world: World) -> None:
    assert world.raise_one(world.wang, **TO_LOOK_AT)["response_action"] == "update"
    world.wang.close()
    world.until(lambda: _direct(world, "U0LINA", "审核 CSP-2"), "the question to the lead")
    world.quiet()
    world.slack.advance_clock(15 * 60 + 5)
    world.until(lambda: world.escalation(2).review is ReviewState.RELEASED, "the program to let it go")

    assert [(entry.move, entry.by) for entry in world.queries.history(2)][-1] == (Move.RELEASE, PROGRAM)
    world.until(lambda: _direct(world, "U0WANG", "现在可以提交世纪互联"), "the raiser to hear of it")
    world.until(lambda: _direct(world, "U0LINA", "现在可以提交世纪互联"), "the lead to hear of it")
    world.quiet()
    world.do(world.wang, Move.RECORD, 2, request_number="6251122000124")
    assert world.escalation(2).is_escalated


def _direct(world: World, user: str, words: str) -> Json | None:
    """The newest direct message to somebody that says so."""
    channel = f"D{user[1:]}"
    said = [one for one in world.slack.messages(channel) if words in f"{one['text']}{one.get('blocks')}"]
    asked = [one for one in said if "card." in str(one.get("blocks"))]
    return {"channel": channel, **(asked or said)[-1]} if said else None


def _refused(world: World, words: str) -> bool:
    return any(words in one["text"] for one in world.slack.ephemerals(user="U0WANG"))
