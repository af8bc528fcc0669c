"""Drafts that are kept: saved while somebody types, listed, and found again."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from handlers.blocks import block_kit, draft_list
from handlers.blocks.draft_list import DraftLine
from handlers.blocks.raise_form import FormValues
from handlers.context import CurrentUser, Services
from handlers.escalations.form_state import FormState, read_form_state
from handlers.escalations.store_reads import StoreReads
from handlers.payloads import TYPED, Body, button_value, submission_key, team_of, user_of
from models.escalations.draft_rows import DraftOwner
from models.rules.errors import NotSaved, Refused, refuse
from models.rules.escalations.draft import KEPT_AT_MOST, Draft
from models.rules.people import admit

PRESET = frozenset({"kind", "language", "on_call", "more", "take", "quick"})
"""Answers that are no work of anybody's: a form with only these is not kept."""
WAITING_AT_MOST = 1000
"""Drafts that wait in memory until the store is back."""


class Drafts:
    """The drafts of the person at the form. While the store is away they wait in memory for its return."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._waiting: dict[tuple[DraftOwner, str], tuple[Draft, str]] = {}

    def save(self, body: Body, filled: FormValues, submission: str) -> bool:
        """Keep what was typed; return False when the store is away, so that the person can be told."""
        typed = {name: value for name, value in filled.answers.items() if value}
        is_work = typed.keys() - PRESET or filled.customer
        if not is_work or not self._is_member(body):
            return True
        carried = {"answers": typed, "customer": filled.customer, "source": filled.source}
        text = json.dumps(carried, ensure_ascii=False)
        draft = Draft(filled.draft or submission, text, self._services.now())
        self._waiting[owner_of(body), draft.key] = draft, submission
        if len(self._waiting) > WAITING_AT_MOST:
            self._waiting.pop(next(iter(self._waiting)), None)
        return self._store()

    def closed(self, ack: Callable[..., Any], body: dict[str, Any]) -> None:
        """Keep what was typed into a form that was closed."""
        with suppress(Refused):  # tampered with; and nobody is there any more to read an answer
            self.save(body, FormState.of(body["view"]).filled, submission_key(body))
        ack()

    def lines(self, body: Body) -> list[DraftLine]:
        """Return the person's drafts, newest first. Raises NotSaved."""
        now = self._services.now()
        return [_line(draft, now - draft.saved_at) for draft in self._find(owner_of(body))]

    def lines_if_any(self, body: Body, reads: StoreReads) -> list[DraftLine]:
        """Return the person's drafts; none while the store is away, because the form opens all the same."""
        return reads.read(lambda: self.lines(body), [])

    def answer(self, current_user: CurrentUser, body: Body) -> list[block_kit.Block]:
        """Answer the subcommand. Raises NotSaved."""
        return draft_list.answer(self.lines(body), current_user.words)

    def chosen(self, body: dict[str, Any]) -> FormValues:
        """Return the answers of the draft whose button was pressed. Raises Refused when it is gone, NotSaved."""
        key = button_value(body)
        kept = next((draft for draft in self._find(owner_of(body)) if draft.key == key), None)
        if kept is None:
            raise refuse("draft_gone")
        return read_form_state(kept.text, key)

    def discard(self, body: Body) -> None:
        """Delete the draft whose button was pressed. Raises NotSaved."""
        self._services.drafts.discard(owner_of(body), button_value(body))
        self._waiting.pop((owner_of(body), button_value(body)), None)

    def _is_member(self, body: Body) -> bool:
        """Return whether the remembered facts admit the person. Asks nobody: this runs at each answer."""
        person = self._services.people.known(user_of(body))
        try:
            return person is not None and bool(admit(person, team_of(body), leads=()))
        except Refused:
            return False

    def _find(self, owner: DraftOwner) -> list[Draft]:
        """Return a person's drafts, newest first, with those that wait for the store."""
        stored = {draft.key: draft for draft in self._services.drafts.find(owner, self._services.now())}
        waiting = {key: draft for (whose, key), (draft, _) in list(self._waiting.items()) if whose == owner}
        newest_first = sorted({**stored, **waiting}.values(), key=lambda draft: draft.saved_at, reverse=True)
        return newest_first[:KEPT_AT_MOST]

    def _store(self) -> bool:
        """Store every draft that waits, oldest first; return False while the store is away."""
        try:
            for (owner, key), waiting in list(self._waiting.items()):
                draft, submission = waiting
                self._services.drafts.save(owner, draft, submission)
                if self._waiting.get((owner, key)) is waiting:  # else it was changed meanwhile
                    self._waiting.pop((owner, key), None)
        except NotSaved:
            return False
        return True


def owner_of(body: Body) -> DraftOwner:
    """Return whose drafts a delivery is about."""
    return DraftOwner(team_of(body), user_of(body))


def _line(draft: Draft, age: timedelta) -> DraftLine:
    filled = read_form_state(draft.text, draft.key)
    title = str(filled.get("title") or filled.get("details") or "").strip()
    label, value = filled.customer or ("", "")
    customer = value.removeprefix(TYPED) if value.startswith(TYPED) else label
    return DraftLine(draft.key, title, customer, age)
