"""Resident memory of the bot after 2,000 and after 10,000 interactions: commands, lookups, clicks, typeahead, forms."""

import random
import time
from datetime import UTC, datetime

from models.customers.importer import import_customers
from models.rules.customers.csv_columns import read_sheet
from models.store.database import Store
from tests.bench.load_harness import Json, LocalSlack, command, has, ours, raise_one
from tests.bench.measurement import Figure, Workshop, at_most, closing_all, told

EARLY, LATE = 2_000, 10_000
STEP = 500
AT_ONCE = 6
RAISED = 30
LOOKUPS = (
    "list",
    "mine",
    "help",
    "search 账单",
    "search blank",
    "show CSP-1",
    "history CSP-2",
    "show CSP-999",
    "nonsense",
)


def measure(workshop: Workshop) -> list[Figure]:
    """Latency 0, rate limits off: what counts is what stays in memory."""
    slack = LocalSlack(workshop.folder)
    url = _with_customers(workshop)
    app = ours(slack, workshop.folder, url)
    with closing_all(app, slack):
        resident = {0: app.resident()}
        people = slack.crowd(40)
        kinds = _Kinds(slack, people)
        began, done = time.monotonic(), 0
        while done < LATE:
            answers = slack.together(kinds.some(STEP), at_once=AT_ONCE)
            kinds.check(answers)
            done += len(answers)
            resident[done] = app.resident()
            workshop.say(f"{done:,} interactions, {resident[done]:.0f} MB")
        rate = done / (time.monotonic() - began)
    return _figures(resident, rate)


def _figures(resident: dict[int, float], rate: float) -> list[Figure]:
    early, late = resident[EARLY], resident[LATE]
    course = " ".join(f"{resident[done]:.0f}" for done in sorted(resident) if done % 2000 == 0)
    return [
        at_most(f"resident memory after {LATE:,} interactions", 150, late, "MB", note=f"each 2,000: {course} MB"),
        at_most(f"growth from {EARLY:,} to {LATE:,} interactions", 5, (late / early - 1) * 100, "%"),
        told("interactions per second meanwhile", rate, "/s", note=f"{AT_ONCE} at a time, all on two cores"),
    ]


class _Kinds:
    """Makes interactions of all kinds; forms are opened first, so that there is something to type and to submit."""

    def __init__(self, slack: LocalSlack, people: list[str]) -> None:
        self._slack, self._people, self._chance = slack, people, random.Random(3)
        self._unanswered = 0
        self._views = self._customer_forms()
        self._cards = self._raised()

    def some(self, count: int) -> list[Json]:
        """So many acts, mixed."""
        makers = (self._lookup, self._lookup, self._new, self._suggest, self._suggest, self._click, self._click)
        return [self._chance.choice(makers)() for _ in range(count)]

    def check(self, answers: list[Json]) -> None:
        """What is measured must have happened: nearly all was acknowledged."""
        self._unanswered += sum(1 for answer in answers if not answer.get("ok"))
        if self._unanswered > LATE * 0.01:
            raise RuntimeError(
                f"{self._unanswered} interactions were not acknowledged: {self._slack.driver.surprises()[:3]}"
            )

    def _lookup(self) -> Json:
        return command(self._chance.choice(self._people), self._chance.choice(LOOKUPS))

    def _new(self) -> Json:
        """Another form on somebody's screen; those who type ahead keep theirs."""
        return command(self._chance.choice(self._people[20:]), "new")

    def _suggest(self) -> Json:
        user = self._chance.choice(list(self._views))
        typed = self._chance.choice(("上海", "蓝", "contoso", "c01234", "物流 深圳", "nobody"))
        place = {"block_id": "customer_name", "action_id": "form.customer_name"}
        return {"user": user, "do": "suggest", "view_id": self._views[user], "query": typed, **place}

    def _click(self) -> Json:
        """A choice of a card's menu that answers privately: its history, or the text to copy."""
        card, (block, element) = self._chance.choice(self._cards)
        looks = [one for one in element["options"] if one["value"].startswith("look.")]
        return {
            "user": self._chance.choice(self._people), "do": "click", "where": {"channel": "C0ESCAL", "ts": card["ts"]},
            "block_id": block["block_id"], "action_id": element["action_id"],
            "selected_option": self._chance.choice(looks),
        }  # fmt: skip

    def _customer_forms(self) -> dict[str, str]:
        """Customer request forms on the screens of the first twenty people."""
        driver, users = self._slack.driver, self._people[:20]
        for user in users:
            actor = driver.as_user(user)
            actor.command("/csp-escalate new")
            actor.wait_for_modal()
            actor.fill({"kind": "customer"})
        return {
            user: driver.as_user(user).wait_for_modal(lambda view: has(view, "customer_name"))["id"] for user in users
        }

    def _raised(self) -> list[tuple[Json, tuple[Json, Json]]]:
        """A few escalations whose cards are there, each with its menu."""
        driver = self._slack.driver
        for number in range(RAISED):
            raise_one(self._slack, "U0LINA", f"账单 {number}")
        cards = driver.wait_for(
            lambda: driver.messages("C0ESCAL")[:5] if len(driver.messages("C0ESCAL")) > 4 else [], 30
        )
        return [(card, menu) for card in cards if (menu := _menu(card))]


def _menu(card: Json) -> tuple[Json, Json] | None:
    for block in card["blocks"]:
        for element in [*block.get("elements", []), block.get("accessory") or {}]:
            if element.get("type") == "overflow":
                return block, element
    return None


def _with_customers(workshop: Workshop) -> str:
    """A database with customers for the typeahead."""
    url = f"sqlite:///{workshop.folder / 'csp.db'}"
    store = Store(url)
    store.upgrade()
    names = "\n".join(["Company name", *(f"上海蓝天 Contoso {number} 物流" for number in range(5_000))])
    import_customers(store, read_sheet(names.encode()).lines, datetime.now(UTC))
    store.dispose()
    return url
