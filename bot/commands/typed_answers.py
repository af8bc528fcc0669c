"""What is typed after ``escalations do CSP-7 answer``: an answer of the form, by its key or name, and its text."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from bot.commands.named_service import read_service
from bot.commands.session import CommandError
from handlers.i18n import labels
from handlers.i18n.words import LANGUAGES, N_, Words
from models.rules.escalations.request import ANSWERS, SHARED_ANSWERS, Request, RequestKind, Severity
from models.rules.policy.vendor import VendorPolicy

ANSWER = frozenset({"answer", "回答"})
"""The words for it, in both languages."""
SERVICE, LACKS = "service", "lacks"
NAMES = (*dict.fromkeys(name for names in ANSWERS.values() for name in names if name != "workload"), *SHARED_ANSWERS)
"""The answers that one text can give, and the fields of the case that are required like answers."""
ANSWERABLE = (SERVICE, "details", "customer_name", *NAMES)


def read_answer(text: str, words: Words) -> dict[str, Any]:
    """Return the answer that a text begins with the name of. Raises CommandError with code 2."""
    spelled = _spell_all()
    typed = text.split()
    for count in range(len(typed), 0, -1):
        name = spelled.get(fold(" ".join(typed[:count])))
        if name is None:
            continue
        value = text.split(None, count)[count:]
        if value:
            return {name: _read_value(name, value[0].strip())}
        raise CommandError(words(N_("The text of “{name}” is missing."), name=name), code=2)
    says = N_("Which answer is it? Possible are: {possible}")
    raise CommandError(words(says, possible=words.join_items(ANSWERABLE)), code=2)


def name_service(changes: Mapping[str, Any], policy: VendorPolicy, words: Words) -> dict[str, Any]:
    """Return answers with the key of the service that they name. Raises CommandError with code 2."""
    if SERVICE not in changes:
        return dict(changes)
    asked = Request(kind=RequestKind.CUSTOMER, severity=Severity.C, title="-", details="", service=changes[SERVICE])
    named = read_service(asked, policy, words)
    return {**changes, SERVICE: named.service, **named.answers}


def fold(text: str) -> str:
    """Return a typed word as it is compared: without differences of width, case and spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def _spell_all() -> dict[str, str]:
    """Return the name of each answer by how it may be typed: its key, or its label in either language."""
    spelled: dict[str, str] = {}
    for name in ANSWERABLE:
        for label in filter(None, (labels.FIELD.get(name), labels.LISTED.get(name))):
            spelled |= {fold(Words.of(language)(label)): name for language in LANGUAGES}
    return spelled | {name: name for name in ANSWERABLE}


def _read_value(name: str, value: str) -> str | list[str]:
    if name != LACKS:
        return value
    return [part.strip() for part in value.replace("、", ",").replace("，", ",").split(",") if part.strip()]
