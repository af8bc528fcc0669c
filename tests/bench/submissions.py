"""200 submissions at once, each on disk before its ack: then the process is killed, and the database is counted."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from models.store.database import Store
from models.store.tables import ESCALATION, HISTORY
from tests.bench import databases
from tests.bench.load_harness import MAKE, Json, LocalSlack, command, times
from tests.bench.measurement import Figure, Workshop, at_most, closing_all, in_turn, middle, p99, told

CROWD = 200
ROUNDS = 2
LATENCY = 0.1


def measure(workshop: Workshop) -> list[Figure]:
    """Open and fill 200 forms, then press all the submit buttons at the same moment."""
    acks: dict[str, list[list[float]]] = {"ours": [], "bare": []}
    wrong = 0
    for number, side in in_turn(ROUNDS):
        folder = workshop.folder / f"{side}-{number}"
        url = databases.sqlite(folder, "csp")
        workshop.say(f"{CROWD} submissions at once, SQLite, round {number + 1} of {ROUNDS}, {side}")
        round_ = _submitted_together(folder, side, url)
        acks[side].append(times(round_.answers))
        wrong += _wrong(url, round_) if side == "ours" else 0
    workshop.say(f"{CROWD} submissions at once, PostgreSQL")
    with databases.postgresql() as server, server.migrated() as url:
        second = _submitted_together(workshop.folder / "postgresql", "ours", url)
        wrong_there = _wrong(url, second)
    slowest = [max(map(max, acks[side])) for side in ("ours", "bare")]
    nines = [middle([p99(ack) for ack in acks[side]]) for side in ("ours", "bare")]
    return [
        at_most("200 submissions: slowest ack", 3, slowest[0], "s", slowest[1]),
        told("200 submissions: ack p99", nines[0], "s", nines[1]),
        Figure("200 submissions: acked and lost, or recorded twice", "0", wrong, "rows", wrong == 0,
               note="counted in the database after kill -9 at the last ack"),
        at_most("200 submissions, PostgreSQL: slowest ack", 3, max(times(second.answers)), "s"),
        Figure("200 submissions, PostgreSQL: lost or twice", "0", wrong_there, "rows", wrong_there == 0),
    ]  # fmt: skip


@dataclass(frozen=True)
class _Round:
    people: list[str]
    answers: list[Json]


def _submitted_together(folder: Path, side: str, url: str) -> _Round:
    slack = LocalSlack(folder)
    app = MAKE[side](slack, folder, url)
    with closing_all(app, slack):
        people = slack.crowd(CROWD)
        acts = filled(slack, people)
        slack.settle(LATENCY)
        answers = slack.together(acts)
        # What is acknowledged is on disk: so nothing of it can be lost by ending here without a word.
        app.kill()
    return _Round(people, answers)


def filled(slack: LocalSlack, people: list[str]) -> list[Json]:
    """Everybody opens the form and chooses the kind; the acts that fill in the rest and submit."""
    slack.together([command(user, "new") for user in people], at_once=20)
    views = _views(slack, people, "kind")
    slack.together([_kind_chosen(user, views[user]) for user in people], at_once=20)
    views = _views(slack, people, "title")
    return [_submitted(user, views[user]) for user in people]


def _views(slack: LocalSlack, people: list[str], field: str) -> dict[str, Json]:
    """The open form of each, once all of them have a certain field."""

    def found() -> dict[str, Json] | None:
        stacks = slack.driver.state("views")["views"]
        tops = {user: stacks[user][-1] for user in people if stacks.get(user)}
        ready = [user for user, view in tops.items() if any(block["block_id"] == field for block in view["blocks"])]
        return tops if len(ready) == len(people) else None

    views = slack.driver.wait_for(found, 60, f"forms with the field {field}")
    assert views is not None
    return views


def _kind_chosen(user: str, view: Json) -> Json:
    element = view["blocks"][0]["element"]
    partner_center = next(option for option in element["options"] if option["value"] == "partner_center")
    return {
        "user": user, "do": "click", "where": {"view_id": view["id"]}, "block_id": "kind",
        "action_id": element["action_id"], "selected_option": partner_center,
    }  # fmt: skip


def _submitted(user: str, view: Json) -> Json:
    wanted = {
        "category": 0,
        "severity": -1,
        "title": f"{user} 账单无法打开",
        "details": "The page stays blank since 09:00",
    }
    state: Json = {}
    for block in view["blocks"]:
        if block["block_id"] in wanted:
            element, value = block["element"], wanted[block["block_id"]]
            text = isinstance(value, str)
            entry = {"value": value} if text else {"selected_option": element["options"][value]}
            state[block["block_id"]] = {element["action_id"]: {"type": element["type"], **entry}}
    return {"user": user, "do": "submit", "view_id": view["id"], "state": state}


def _wrong(url: str, round_: _Round) -> int:
    """How many acknowledged submissions are not on disk exactly once, and how many rows nobody asked for."""
    store = Store(url)
    with store.engine.connect() as database:
        titles = Counter(title.split(" ")[0] for title in database.scalars(select(ESCALATION.c.title)))
        entries = Counter(database.scalars(select(HISTORY.c.by)))
    store.dispose()
    acked = [user for user, answer in zip(round_.people, round_.answers, strict=True) if answer.get("ok")]
    lost = sum(1 for user in acked if titles[user] != 1 or entries[user] != 1)
    return lost + sum(count - 1 for count in titles.values() if count > 1)
