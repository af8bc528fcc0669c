"""200 commands in the first moment of a process, and 200 presses at once, each committed before its ack.

Ours and the bare app face a Slack that only answers (``light_slack``), so that nearly all of the time is theirs.
"""

from typing import Any

from sqlalchemy import func, select

from models.escalations.commands import EscalationCommands
from models.rules.escalations.request import IssueCategory, Request, RequestKind, Severity
from models.rules.people import Actor
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch
from models.store.tables import HISTORY
from tests.bench.bare_rows import BareStore
from tests.bench.light_harness import PROGRAM, LightSlack
from tests.bench.load_harness import TEAM, App, Json
from tests.bench.measurement import Figure, Workshop, at_most, closing_all, in_turn, middle, p99, ratio_at_most
from tests.handlers import payloads
from tests.models.samples import NOW

CROWD, PEOPLE, ROUNDS = 200, 3, 4


def measure(workshop: Workshop) -> list[Figure]:
    """Fresh processes, in turn: a first burst of commands, then a burst of presses."""
    first: dict[str, list[float]] = {"ours": [], "bare": []}
    pressed: dict[str, list[float]] = {"ours": [], "bare": []}
    slowest, lost = 0.0, 0
    asked: list[int] = []
    for number, side in in_turn(ROUNDS):
        workshop.say(f"a fresh process, round {number + 1} of {ROUNDS}, {side}")
        url = f"sqlite:///{workshop.folder / f'{side}-{number}.db'}"
        _raised(side, url)
        slack = LightSlack()
        app = App(PROGRAM[side], slack, workshop.folder / f"{side}-{number}", DATABASE_URL=url)
        with closing_all(app, slack):
            first[side].append(p99(slack.type_command([_user(n) for n in range(CROWD)], "first")))
            acks, calls = slack.burst("interactive", [_press(n + 1, _epoch(side, url)) for n in range(CROWD)])
            pressed[side].append(p99(acks))
            app.kill()
        if side == "ours":
            slowest = max(slowest, *acks)
            asked.append(calls.get("users.info", 0))
            lost += CROWD - _stored(url)
    return [
        _compared("200 commands in the first moment of a process: ack p99", 1.15, first),
        at_most(f"questions who {PEOPLE} people and the raiser are", PEOPLE + 2, max(asked), "calls"),
        _compared("200 presses at once, each committed first: ack p99", 1.25, pressed),
        at_most("200 presses at once: slowest ack", 3, slowest, "s"),
        Figure("200 presses: acked and lost after kill -9", "0", lost, "rows", lost == 0),
    ]


def _compared(what: str, limit: float, nines: dict[str, list[float]]) -> Figure:
    spread = " / ".join(" ".join(f"{nine:.2f}" for nine in nines[side]) for side in ("ours", "bare"))
    return ratio_at_most(what, limit, middle(nines["ours"]), "s", middle(nines["bare"]), f"rounds: {spread}")


def _raised(side: str, url: str) -> None:
    """As many escalations as are pressed, whose messages were all sent long ago."""
    if side == "bare":
        bare = BareStore(url)
        for n in range(CROWD):
            bare.raise_escalation(f"seed-{n}", "U0LINA", f"账单 {n}", "The page stays blank.")
        bare.engine.dispose()
        return
    store = Store(url)
    store.upgrade()
    commands, by = EscalationCommands(store), Actor("U0LINA", TEAM)
    for n in range(CROWD):
        commands.raise_escalation(_request(n), "C0ESCAL", by, NOW, f"seed-{n}")
    store.dispose()


def _request(n: int) -> Request:
    return Request(
        kind=RequestKind.PARTNER_CENTER, severity=Severity.C, title=f"账单 {n}", details="The page stays blank.",
        answers={"category": IssueCategory.TECHNICAL},
    )  # fmt: skip


def _epoch(side: str, url: str) -> str:
    if side == "bare":
        return ""
    store = Store(url)
    try:
        return f"~{StoreEpoch(store).epoch}~"
    finally:
        store.dispose()


def _user(n: int) -> str:
    return f"U0PERSON{n % PEOPLE}"


def _press(number: int, mark: str) -> Json:
    value = f'{mark}{{"n": {number}, "v": 1}}'
    acted = payloads.button("card.acknowledge", value)
    return payloads.click(_user(number), f"{number}.press", acted, url="")


def _stored(url: str) -> int:
    store = Store(url)
    query: Any = select(func.count()).where(HISTORY.c.move == "acknowledge")
    try:
        return int(store.read(lambda connection: connection.scalar(query)) or 0)
    finally:
        store.dispose()
