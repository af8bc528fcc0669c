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
ACKNOWLEDGE = ids.move_button(Move.ACKNOWLEDGE)
TAKE_OFFER = ids.OFFER_TAKE
MAX_RETRIES = 4
"""How often somebody presses a button again that did not answer."""
_NUMBER = re.compile(r"CSP-(\d+)")


class TeamMembers:
    """Read every conversation, and plan who presses which button and when."""

    def __init__(self, world: World, escalations: EscalationEvents) -> None:
        self._world, self._escalations = world, escalations
        self._last_read: dict[str, str] = {}
        self._decided: set[str] = set()
        self._pressed: set[tuple[str, str]] = set()

    @property
    def _team(self) -> list[str]:
        return [member.slack_id for member in self._world.rota.members.values()]

    def read_messages(self) -> None:
        """Read what is new since the last call."""
        for conversation in self._world.sandbox.slack.workspace.conversations.values():
            for message in reversed(self._unread_messages(conversation)):
                self._read(conversation, message)

    def _unread_messages(self, conversation: Conversation) -> list[Json]:
        read, unread = self._last_read.get(conversation.id, ""), []
        for ts in reversed(conversation.messages):
            if ts <= read:
                break
            unread.append(conversation.messages[ts])
        if unread:
            self._last_read[conversation.id] = str(unread[0]["ts"])
        return unread

    def _read(self, conversation: Conversation, message: Json) -> None:
        handlers = {
            ids.ROTA_CONFIRM: self._answer_shift_reminder, ids.ROTA_CONFIRM_ALL: self._answer_confirm_all,
            ids.ROTA_HAND_OVER: self._answer_handover,
            ids.ROTA_TAKE_OVER: self._answer_handover, ids.ROTA_TAKE: self._answer_offer,
            TAKE_OFFER: self._answer_offer, ACKNOWLEDGE: self._answer_escalation,
        }  # fmt: skip
        for _, element in elements(message.get("blocks") or []):
            if handle := handlers.get(element["action_id"]):
                handle(conversation, message, element)
        if (match := _NUMBER.search(str(message.get("text")))) and conversation.dm_with:
            self._escalations.handle_reminder(int(match[1]))

    # Shifts and handovers ------------------------------------------------------------------------------------------

    def _answer_shift_reminder(self, conversation: Conversation, message: Json, element: Json) -> None:
        """Let most confirm in time, some late, some only when they are reminded again."""
        who, at = _read_shift(element)
        user = self._slack_id(who)
        if conversation.dm_with != user:
            return
        minutes_left = (at - self._world.now) / timedelta(minutes=1)
        random, name = self._world.random, f"watch {element['value']}"
        if name in self._decided:
            if random.random() < 0.5:
                self._plan_press(user, conversation, message, element, random.uniform(1, 8))
            return
        self._decided.add(name)
        chance = random.random()
        if chance < 0.8:
            self._plan_press(user, conversation, message, element, random.uniform(1, max(2.0, minutes_left - 15)))
        elif chance < 0.93:
            self._plan_press(user, conversation, message, element, max(1.0, minutes_left) + random.uniform(-8, 40))

    def _answer_confirm_all(self, conversation: Conversation, message: Json, element: Json) -> None:
        """Let half of them confirm their week at once; the others wait for the reminder of each shift."""
        if conversation.dm_with and self._world.random.random() < 0.5:
            self._plan_press(conversation.dm_with, conversation, message, element, self._world.random.uniform(1, 600))

    def _answer_handover(self, conversation: Conversation, message: Json, element: Json) -> None:
        """Plan one of the two presses of a handover. Some forget it until they are reminded."""
        who, at = _read_shift(element)
        user = self._slack_id(who)
        if conversation.dm_with not in {None, user}:
            return
        random, name = self._world.random, f"{element['action_id']} {element['value']}"
        minutes_left = max(0.0, (at - self._world.now) / timedelta(minutes=1))
        first = name not in self._decided
        self._decided.add(name)
        if random.random() < (0.88 if first else 0.4):
            self._plan_press(user, conversation, message, element, minutes_left + random.uniform(0, 9))

    # Gaps, offers and escalations ----------------------------------------------------------------------------------

    def _answer_offer(self, conversation: Conversation, message: Json, element: Json) -> None:
        """Let somebody take the shift, sometimes two people at once."""
        random, soon = self._world.random, self._world.random.uniform(1, 45)
        takers = [conversation.dm_with] if conversation.dm_with else random.sample(self._team, 2)
        if random.random() > (0.2 if conversation.dm_with else 0.55):
            return
        if random.random() < 0.7:
            takers = takers[:1]
        for user in takers:
            self._plan_press(user, conversation, message, element, soon)

    def _answer_escalation(self, conversation: Conversation, message: Json, element: Json) -> None:
        """Let somebody acknowledge: most do it quickly on the card, half of them after a direct message."""
        random = self._world.random
        user = conversation.dm_with or random.choice(self._team)
        if random.random() < (0.5 if conversation.dm_with else 0.75):
            self._plan_press(user, conversation, message, element, random.uniform(0.5, 12))

    # Pressing ------------------------------------------------------------------------------------------------------

    def _plan_press(self, user: str, conversation: Conversation, message: Json, element: Json, minutes: float) -> None:
        press = (user, f"{conversation.id} {message['ts']} {element['action_id']} {element.get('value')}")
        if press in self._pressed:
            return
        self._pressed.add(press)
        self._world.schedule_after(
            minutes, lambda: self._click(user, conversation, str(message["ts"]), element, MAX_RETRIES)
        )

    async def _click(self, user: str, conversation: Conversation, ts: str, element: Json, tries: int) -> None:
        """Press the button if it is still there. Without an answer the person tries again later."""
        world, slack = self._world, self._world.sandbox.slack
        if slack.settings.slack_off:
            again = world.random.uniform(20, 90)
            world.schedule_after(again, lambda: self._click(user, conversation, ts, element, tries), wakes_bot=False)
            return
        ts, block = self._find_button(conversation, ts, element)
        if block is None:
            return
        click = {
            "where": {"channel": conversation.id, "ts": ts},
            "block_id": block["block_id"],
            "action_id": element["action_id"],
        }
        try:
            answer = await user_clicks.click(slack, slack.workspace.people[user], click)
        except InvalidAction:
            return
        value = epoch_stamps.read(element.get("value") or "")
        world.event_log.note("press", f"{user} {element['action_id']} {value} {'' if answer['ok'] else 'unheard'}")
        if not answer["ok"] and tries:
            world.schedule_after(
                world.random.uniform(3, 20), lambda: self._click(user, conversation, ts, element, tries - 1)
            )

    def _find_button(self, conversation: Conversation, ts: str, element: Json) -> tuple[str, Any]:
        """Return the message and block of a button: where it was seen, else in a newer message that asks the same."""
        if block := next(self._matching_blocks(conversation, ts, element), None):
            return ts, block
        for at in reversed(conversation.messages):
            if at <= ts:
                break
            if block := next(self._matching_blocks(conversation, at, element, element.get("value")), None):
                return at, block
        return ts, None

    @staticmethod
    def _matching_blocks(conversation: Conversation, ts: str, element: Json, value: str | None = None) -> Any:
        """Yield the blocks that hold this button now; the card may have been redrawn.

        With a ``value`` the button must carry exactly that value.
        """
        for block, other in elements((conversation.messages.get(ts) or {}).get("blocks") or []):
            if other["action_id"] == element["action_id"] and value in {None, other.get("value")}:
                yield block

    def _slack_id(self, name: str) -> str:
        return self._world.rota.members[name].slack_id


def _read_shift(element: Json) -> tuple[str, datetime]:
    """Return whose press a button asks for, and when that shift begins."""
    value = json.loads(epoch_stamps.read(element["value"]))
    return value["who"], datetime.fromisoformat(value["at"])
