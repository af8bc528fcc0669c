"""200 slash commands at once: how long until each is acknowledged, while every Web API call takes 100 ms.

The forms go to a Slack that only answers: one that checks each form would be measured with them.
"""

from tests.bench import databases
from tests.bench.light_harness import PROGRAM, LightSlack
from tests.bench.load_harness import App
from tests.bench.measurement import (
    Figure,
    Workshop,
    at_most,
    closing_all,
    in_turn,
    middle,
    p99,
    percentile,
    ratio_at_most,
    told,
)

CROWD = 200
ROUNDS = 4


def measure(workshop: Workshop) -> list[Figure]:
    """People nobody has seen before (users.info, then views.open), and then the same people again (views.open)."""
    slacks = {side: LightSlack() for side in PROGRAM}
    apps = {
        side: App(PROGRAM[side], slack, workshop.folder / side, DATABASE_URL=databases.sqlite(workshop.folder, side))
        for side, slack in slacks.items()
    }
    with closing_all(*apps.values(), *slacks.values()):
        acks: dict[tuple[str, str], list[list[float]]] = {}
        for number, side in in_turn(ROUNDS):
            workshop.say(f"{CROWD} commands at once, round {number + 1} of {ROUNDS}, {side}")
            people = [f"U0CROWD{n:05d}" for n in range(number * CROWD, (number + 1) * CROWD)]
            for crowd in ("strangers", "acquaintances"):
                acks.setdefault((side, crowd), []).append(slacks[side].type_command(people, f"{crowd}-{number}"))
        resident = at_most("resident memory after these bursts", 150, apps["ours"].resident(), "MB")
        return [*_figures(acks, "strangers"), *_figures(acks, "acquaintances"), resident]


def _figures(acks: dict[tuple[str, str], list[list[float]]], crowd: str) -> list[Figure]:
    ours, bare = acks["ours", crowd], acks["bare", crowd]
    name = {"strangers": "200 commands, people not known", "acquaintances": "200 commands, people known"}[crowd]
    nines = [p99(our) for our in ours], [p99(one) for one in bare]
    spread = " / ".join(" ".join(f"{one:.2f}" for one in many) for many in nines)
    slowest = max(max(our) for our in ours), max(max(one) for one in bare)
    return [
        at_most(f"{name}: slowest ack", 3, slowest[0], "s", slowest[1]),
        ratio_at_most(f"{name}: ack p99", 1.25, middle(nines[0]), "s", middle(nines[1]), f"rounds: {spread}"),
        told(
            f"{name}: ack p50", middle([percentile(our, 0.5) for our in ours]), "s",
            middle([percentile(one, 0.5) for one in bare]),
        ),
    ]  # fmt: skip
