"""The people of a simulation: they read what Slack shows them and press its buttons, on time, late, or never."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox import user_clicks
from bot.sandbox.conversation import Conversation
from bot.sandbox.elements import elements
from bot.sandbox.errors import InvalidAction
from bot.simulation.escalations import EscalationEvents
from bot.simulation.world import World
from handlers import epoch_stamps, ids
from models.rules.escalations.escalation import Move

Json = dict[str, Any]
ACKNOWLEDGE = ids.card(Move.ACKNOWLEDGE)
TAKE_OFFER = ids.OFFER_TAKE
PATIENCE = 4
"""So often somebody presses a button again that did not answer."""
_NUMBER = re.compile(r"CSP-(\d+)")


class TeamMembers:
    """Reads every conversation, and plans who presses what and when."""

    def __init__(self, world: World, cases: EscalationEvents) -> None:
        self._world, self._cases = world, cases
        self._read: dict[str, str] = {}
        self._decided: set[str] = set()
        self._pressed: set[tuple[str, str]] = set()

    @property
    def _team(self) -> list[str]:
        return [member.slack_id for member in self._world.plan.members.values()]

    def look(self) -> None:
        """Read what is new since the last look."""
        for place in self._world.sandbox.slack.workspace.conversations.values():
            for message in reversed(self._fresh(place)):
                self._see(place, message)

    def _fresh(self, place: Conversation) -> list[Json]:
        read, fresh = self._read.get(place.id, ""), []
        for ts in reversed(place.messages):
            if ts <= read:
                break
            fresh.append(place.messages[ts])
        if fresh:
            self._read[place.id] = str(fresh[0]["ts"])
        return fresh

    def _see(self, place: Conversation, message: Json) -> None:
        ways = {
            ids.ROTA_WATCH: self._asked_to_watch, ids.ROTA_CONFIRM_ALL: self._asked_to_confirm_all,
            ids.ROTA_HAND_OVER: self._asked_to_press,
            ids.ROTA_TAKE_OVER: self._asked_to_press, ids.ROTA_TAKE: self._asked_to_take,
            TAKE_OFFER: self._asked_to_take, ACKNOWLEDGE: self._asked_to_acknowledge,
        }  # fmt: skip
        for _, element in elements(message.get("blocks") or []):
            if way := ways.get(element["action_id"]):
                way(place, message, element)
        if (found := _NUMBER.search(str(message.get("text")))) and place.dm_with:
            self._cases.reminded(int(found[1]))

    # Shifts and handovers ------------------------------------------------------------------------------------------

    def _asked_to_watch(self, place: Conversation, message: Json, element: Json) -> None:
        """Most confirm in time, some late, some only when they are reminded again."""
        who, at = _shift(element)
        user = self._user(who)
        if place.dm_with != user:
            return
        left = (at - self._world.now) / timedelta(minutes=1)
        rng, name = self._world.rng, f"watch {element['value']}"
        if name in self._decided:
            if rng.random() < 0.5:
                self._press(user, place, message, element, rng.uniform(1, 8))
            return
        self._decided.add(name)
        temper = rng.random()
        if temper < 0.8:
            self._press(user, place, message, element, rng.uniform(1, max(2.0, left - 15)))
        elif temper < 0.93:
            self._press(user, place, message, element, max(1.0, left) + rng.uniform(-8, 40))

    def _asked_to_confirm_all(self, place: Conversation, message: Json, element: Json) -> None:
        """Half of them confirm their week at once; the others wait for each shift's own reminder."""
        if place.dm_with and self._world.rng.random() < 0.5:
            self._press(place.dm_with, place, message, element, self._world.rng.uniform(1, 600))

    def _asked_to_press(self, place: Conversation, message: Json, element: Json) -> None:
        """One of the two presses of a handover; some forget it until they are reminded."""
        who, at = _shift(element)
        user = self._user(who)
        if place.dm_with not in {None, user}:
            return
        rng, name = self._world.rng, f"{element['action_id']} {element['value']}"
        left = max(0.0, (at - self._world.now) / timedelta(minutes=1))
        first = name not in self._decided
        self._decided.add(name)
        if rng.random() < (0.88 if first else 0.4):
            self._press(user, place, message, element, left + rng.uniform(0, 9))

    # Gaps, offers and escalations ----------------------------------------------------------------------------------

    def _asked_to_take(self, place: Conversation, message: Json, element: Json) -> None:
        """Somebody takes it; sometimes two at once."""
        rng, soon = self._world.rng, self._world.rng.uniform(1, 45)
        takers = [place.dm_with] if place.dm_with else rng.sample(self._team, 2)
        if rng.random() > (0.2 if place.dm_with else 0.55):
            return
        if rng.random() < 0.7:
            takers = takers[:1]
        for user in takers:
            self._press(user, place, message, element, soon)

    def _asked_to_acknowledge(self, place: Conversation, message: Json, element: Json) -> None:
        """On the card most are quick; who is reminded by direct message is so more often than not."""
        rng = self._world.rng
        user = place.dm_with or rng.choice(self._team)
        if rng.random() < (0.5 if place.dm_with else 0.75):
            self._press(user, place, message, element, rng.uniform(0.5, 12))

    # Pressing ------------------------------------------------------------------------------------------------------

    def _press(self, user: str, place: Conversation, message: Json, element: Json, minutes: float) -> None:
        what = (user, f"{place.id} {message['ts']} {element['action_id']} {element.get('value')}")
        if what in self._pressed:
            return
        self._pressed.add(what)
        self._world.after(minutes, lambda: self._click(user, place, str(message["ts"]), element, PATIENCE))

    async def _click(self, user: str, place: Conversation, ts: str, element: Json, tries: int) -> None:
        """Press what is still to be seen; who gets no answer tries again a while later."""
        world, slack = self._world, self._world.sandbox.slack
        ts, there = self._newest(place, ts, element)
        if there is None:
            return
        act = {
            "where": {"channel": place.id, "ts": ts},
            "block_id": there["block_id"],
            "action_id": element["action_id"],
        }
        try:
            told = await user_clicks.click(slack, slack.workspace.people[user], act)
        except InvalidAction:
            return
        value = epoch_stamps.read(element.get("value") or "")
        world.diary.note("press", f"{user} {element['action_id']} {value} {'' if told['ok'] else 'unheard'}")
        if not told["ok"] and tries:
            world.after(world.rng.uniform(3, 20), lambda: self._click(user, place, ts, element, tries - 1))

    def _newest(self, place: Conversation, ts: str, element: Json) -> tuple[str, Any]:
        """Where that button stands: where it was seen, else in a newer message that asks for the same."""
        if there := next(self._same(place, ts, element), None):
            return ts, there
        for at in reversed(place.messages):
            if at <= ts:
                break
            if there := next(self._same(place, at, element, element.get("value")), None):
                return at, there
        return ts, None

    @staticmethod
    def _same(place: Conversation, ts: str, element: Json, value: str | None = None) -> Any:
        """The block in which a button of this meaning stands now; its card may have been drawn anew. With a ``value``
        it has to ask for exactly the same.
        """
        for block, one in elements((place.messages.get(ts) or {}).get("blocks") or []):
            if one["action_id"] == element["action_id"] and value in {None, one.get("value")}:
                yield block

    def _user(self, name: str) -> str:
        return self._world.plan.members[name].slack_id


def _shift(element: Json) -> tuple[str, datetime]:
    """Whose press a button asks for, and when that shift begins."""
    value = json.loads(epoch_stamps.read(element["value"]))
    return value["who"], datetime.fromisoformat(value["at"])
