"""From the click (or the submitted small form) until the card shows it, with Slack in good health."""

import time
from datetime import UTC, datetime

from handlers import epoch_stamps
from models.outbox.messages import enqueue, message
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from tests.bench.load_harness import CHANNEL, Json, LocalSlack, ours, raise_one
from tests.bench.measurement import Figure, Workshop, at_most, closing_all, p99, percentile, told
from tests.slack_driver import Actor

CARDS = 6
LATENCY = 0.1
WAITING = 100
APART = 1.3
"""Seconds between two moves: Slack takes about 50 changes of messages a minute from a whole workspace."""
USER = "U0LINA"
WORDS = {"record": "6251122", "resolve": "Mail flows again"}
LIFE = ("acknowledge", "record", "resolve", "close")


def measure(workshop: Workshop) -> list[Figure]:
    """Raise a few escalations and carry each through its life by clicking, while many other redrawings wait."""
    slack = LocalSlack(workshop.folder)
    url = f"sqlite:///{workshop.folder / 'csp.db'}"
    app = ours(slack, workshop.folder, url)
    with closing_all(app, slack):
        workshop.say("raising")
        slack.driver.settings(rate_scale=1, latency=LATENCY)
        for number in range(CARDS):
            raise_one(slack, USER, f"账单 {number}")
        cards = slack.driver.wait_for(lambda: _cards(slack), 60, "the cards and their lines")
        _let_wait(url)
        seconds: list[float] = []
        for move in LIFE:
            for number, ts in enumerate(cards):
                workshop.say(f"{move}, card {number + 1} of {CARDS}")
                seconds.append(_seen(slack, ts, move))
                time.sleep(APART)
    note = f"{len(seconds)} moves, {APART} s apart, {WAITING} redrawings wait; each Web API call takes {LATENCY} s"
    return [
        told("from a click to the changed card: p50", percentile(seconds, 0.5), "s", note=note),
        at_most("from a click to the changed card: p99", 2, p99(seconds), "s"),
    ]


def _let_wait(url: str) -> None:
    """Redrawings of gap cards, as a corrected rota leaves them. Each takes its turn in Slack's pace."""
    now = datetime.now(UTC)
    rows = [
        message(
            MessageKind.GAP_REFRESH, f"gap:{n}/card2", now, subject=f"gap:{n}", lane=f"gap:{n}/card", channel=CHANNEL
        )
        for n in range(1, WAITING + 1)
    ]
    store = Store(url)
    store.write(lambda connection: enqueue(connection, rows))
    store.dispose()


def _cards(slack: LocalSlack) -> list[str]:
    """The cards' timestamps, once all of them and their first lines are posted: then the channel is quiet."""
    said = slack.driver.everything_in(CHANNEL)
    cards = [one["ts"] for one in said if one.get("thread_ts", one["ts"]) == one["ts"] and "ephemeral_to" not in one]
    return cards if len(cards) == CARDS and len(said) >= 2 * CARDS else []


def _seen(slack: LocalSlack, ts: str, move: str) -> float:
    """Seconds from the person's act until chat.update of that card was answered."""
    lina, before = slack.driver.as_user(USER), slack.driver.traffic()[-1]["n"]
    card = {"channel": CHANNEL, **next(message for message in slack.driver.messages(CHANNEL) if message["ts"] == ts)}
    began = time.time()
    _press(lina, card, move)
    if move in WORDS:
        modal = lina.wait_for_modal()
        field = next(block["block_id"] for block in modal["blocks"] if block["type"] == "input")
        # Another number for each: the same on two cards would be asked about.
        lina.fill({field: f"{WORDS[move]}{ts[-6:] if move == 'record' else ''}"})
        began = time.time()
        lina.submit()

    def updated() -> list[Json]:
        return [one for one in slack.driver.traffic(before, "chat.update") if one["request"]["ts"] == ts]

    return float(slack.driver.wait_for(updated, 15, f"{move} on the card")[0]["at"]) - began


def _press(who: Actor, card: Json, move: str) -> None:
    """Press the button of a move, or choose it in the card's menu."""
    elements = [element for block in card["blocks"] for element in block.get("elements", ())]
    if any(element.get("action_id") == f"card.{move}" for element in elements):
        who.click(card, f"card.{move}")
        return
    values = [option["value"] for element in elements for option in element.get("options", ())]
    who.click(card, "card.more", option=next(v for v in values if epoch_stamps.read(v).startswith(f"card.{move} ")))
