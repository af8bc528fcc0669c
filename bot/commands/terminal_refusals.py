"""What refuses at the terminal: the sentences of Slack, with commands where Slack has buttons, and what is possible."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.commands.typed_moves import TypedMove
from bot.config import Config
from handlers.i18n import labels
from handlers.i18n.dates import name_zone, numeric_moment
from handlers.i18n.durations import span
from handlers.i18n.errors import find_sentence
from handlers.i18n.terminal_commands import name_field, write_person
from handlers.i18n.words import LANGUAGES, N_, Words
from models.escalations.queries import EscalationQueries
from models.rules.errors import Refusal
from models.rules.escalations.escalation import Status, Turn
from models.rules.escalations.request import CHOICES, MissingMeans, RequestKind, Severity

POSSIBLE: Mapping[str, Iterable[str]] = {
    **CHOICES, "lacks": MissingMeans, "kind": RequestKind, "severity": Severity, "language": LANGUAGES,
}  # fmt: skip
"""What may be given in a field that has choices."""
AT_TERMINAL = {
    "missing": N_("“{verb}” needs more: csp-escalate escalations do {name} {verb} {needs} --as {person}"),
    "resolve_first": N_(
        "{name} is {status} ({who}, {at}). Resolve it first, then close it: csp-escalate escalations do {name} resolve "
        "TEXT --as {person}"
    ),
    "tell_customer_first": N_(
        "Inform the customer first, then close it: csp-escalate escalations do {name} informed phone --as {person}"
    ),
    "review_sent_back": N_(
        "{who} sent {name} back, {at}. Resolve it, withdraw it, or add what is missing and ask again: csp-escalate "
        "escalations do {name} ask-lead TEXT --as {person}"
    ),
    "review_ours": N_(
        "{name} is ours to solve: resolve it once it is done. If 21Vianet is needed all the same: csp-escalate "
        "escalations do {name} ask-lead TEXT --as {person}"
    ),
    "answers_missing": N_(
        "The number of {name} can be recorded once these answers are given: {fields}. Whoever owns or raised it, or a "
        "lead, adds them one after the other: csp-escalate escalations do {name} answer {field} TEXT --as {person}"
    ),
    "vendor_knows_nothing": N_(
        "{name} has no number of 21Vianet, so it can't be 21Vianet's turn. Submit it there and record the number, then "
        "it is their turn: csp-escalate escalations do {name} number NUMBER --as {person}"
    ),
    "no_such_escalation": N_("There is no CSP-{number}. See: csp-escalate escalations list --all"),
}
"""Sentences for what is refused when somebody moves a case, instead of those that name buttons of Slack."""


class TerminalRefusals:
    """Words refusals for the person at the terminal."""

    def __init__(
        self, queries: EscalationQueries, config: Config, words: Words, find_name: Callable[[str], str],
        about: TypedMove | None = None, person: str = "",
    ) -> None:  # fmt: skip
        self._queries, self._config, self._words, self._about = queries, config, words, about
        self._find_name, self._person = find_name, person

    def describe(self, refusal: Refusal, number: int | None) -> str:
        """Return a refusal as a sentence. ``number`` is that of the case it is about; None before there is one."""
        words, typed = self._words, self._about
        name = f"CSP-{number}" if number else ""
        unknown = {"name": name, "who": "", "at": "", "owner": "", "status": ""}
        values = {**unknown, **self._find_last_change(refusal, number), **refusal.values}
        texts = {key: self._format(key, value) for key, value in values.items()}
        texts |= {"verb": typed.verb, "needs": words(typed.needs)} if typed else {}
        texts["person"] = write_person(self._person, words)
        if isinstance(fields := refusal.values.get("fields"), tuple):
            texts["field"] = name_field(fields[0], words)
        texts["leads"] = words.join_items(self._name_leads()) or words("a lead")
        sentence = AT_TERMINAL.get(refusal.reason) if typed else None
        said = words(sentence or find_sentence(refusal), **texts)
        if refusal.reason == "unknown_choice" and refusal.field and refusal.field in POSSIBLE:
            said = f"{said} {say_possible(refusal.field, words)}"
        return said if typed or not refusal.field else f"{refusal.field}{words.colon}{said}"

    def _find_last_change(self, refusal: Refusal, number: int | None) -> Mapping[str, object]:
        """Return who brought the case into its status, and when."""
        status = refusal.values.get("status")
        if number is None or not isinstance(status, Status):
            return {}
        entry = self._queries.last_entry_into(number, status)
        return {"who": entry.by, "at": entry.at} if entry else {}

    def _name_leads(self) -> list[str]:
        assert self._config.settings is not None  # noqa: S101 - the caller required it
        return [self._find_name(lead) for lead in sorted(self._config.settings.leads)]

    def _format(self, key: str, value: Any) -> str:
        words = self._words
        if key in {"owner", "who"} and value:
            return self._find_name(str(value))
        if isinstance(value, Status | Turn):
            return words(labels.STATUS[value]) if isinstance(value, Status) else words(labels.TURN[value])
        if key == "fields" and isinstance(value, tuple):
            return labels.list_fields(value, words)
        if hasattr(value, "astimezone"):
            zone = self._config.timezone
            return name_zone(numeric_moment(value, zone), zone, words)
        return span(value, words) if hasattr(value, "total_seconds") else str(value)


def say_possible(field: str, words: Words) -> str:
    """Return which choices a field has."""
    possible = words.join_items([str(choice) for choice in POSSIBLE[field]])
    return words(N_("Possible are: {possible}"), possible=possible)
