"""A person leaves and asks that their words go: they are gone from Slack and the database, and the history is whole."""

from models.rules.escalations.escalation import Move, Status
from models.rules.people import label_erased
from tests.end_to_end.auditor import audit
from tests.end_to_end.world import ESCALATIONS, Json, World
from tests.handlers.block_limits import read

TYPED = "Zhang San rang, 138 0013 8000"
KEPT = "Connector repaired"


def test_a_persons_words_are_erased_while_the_bot_runs_and_the_history_is_whole(shared: World) -> None:
    number = shared.raised()
    shared.do(shared.wang, Move.NOTE, number, note=TYPED)
    shared.do(shared.emma, Move.RESOLVE, number, fix=KEPT)
    shared.quiet()
    assert TYPED in _shown(shared)
    before = [(entry.seq, entry.move, entry.by, entry.at) for entry in shared.queries.history(number)]

    printed = shared.run("person", "erase", "U0WANG", "--why", "left the company", "--yes")

    assert "To erase: 2 typed texts in CSP-1" in printed
    shared.until(lambda: TYPED not in _shown(shared), "the thread without the note")
    shared.until(lambda: "邮件无法送达" not in shared.card(number)["text"], "the card without its title")
    shared.until(lambda: "All mail to chenxi" not in _shown(shared), "nothing of it to be shown")
    assert KEPT in _shown(shared)
    assert label_erased("U0WANG") in shared.card(number)["text"]
    assert [(entry.seq, entry.move, entry.by, entry.at) for entry in shared.queries.history(number)] == before
    assert shared.run("escalations", "verify") == "Typed texts: 1 whole, 2 erased.\n"
    _work_goes_on(shared, number)
    audit(shared)


def _work_goes_on(world: World, number: int) -> None:
    world.do(world.emma, "tell", number)
    world.do(world.emma, "close", number)
    assert world.escalation(number).status is Status.CLOSED
    assert world.emma.command(f"/csp-escalate history CSP-{number}")["ok"]
    private = world.until(
        lambda: [m for m in world.slack.ephemerals(user="U0EMMA") if "Text erased" in read(m.get("blocks") or [])],
        "the history", stride=0,
    )  # fmt: skip
    assert len(private) == 1


def _shown(world: World) -> str:
    """All that the bot shows in the channel, its threads and Wang's direct messages, as text."""
    messages: list[Json] = [
        *world.slack.everything_in(ESCALATIONS), *world.slack.everything_in("D0WANG"),
    ]  # fmt: skip
    return "\n".join(f"{one['text']} {read(one.get('blocks') or [])}" for one in messages if one.get("bot_id"))
