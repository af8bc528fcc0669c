"""Reads the object of ``escalations raise`` into a request, and tells everything that is wrong with it at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from bot.commands.named_service import read_service
from bot.commands.session import CommandError
from bot.commands.terminal_refusals import POSSIBLE
from handlers.i18n.words import N_, Words
from models.rules.errors import Refusal, Refused
from models.rules.escalations.request import ANSWERS, SHARED_ANSWERS, Request, check_quick
from models.rules.policy.vendor import VendorPolicy
from models.rules.toml.similar_names import find_nearest

USUAL: Mapping[str, Any] = {"kind": "customer", "details": ""}
"""What an object need not say."""
HARMLESS: Mapping[str, Any] = {**USUAL, "severity": "C", "title": "-"}
"""Stands for a field that can't be read, so that the others are checked too."""
MISSING = N_("These fields are missing: {fields}.")
UNREADABLE = N_("These fields can't be read: {fields}.")
UNKNOWN = N_("{field}: “{given}” is not known. Possible are: {possible}")
DESCRIBED = N_("What each field may hold is in docs/reach.md, “Cases without Slack”.")


def read_request(
    given: Mapping[str, Any], policy: VendorPolicy, at: datetime, words: Words, describe: Callable[[Refusal], str]
) -> Request:
    """Return the request of an object, with the keys of its service and workload.

    ``describe`` words a refusal of the rules. Raises CommandError with code 2 for all faults, one below the other.
    """
    request, unread = _build({**USUAL, **given, **_write_numbers(given)})
    faults = [*_find_misspelt(given, words), *_say_unreadable(unread, {**USUAL, **given}, words)]
    if "kind" not in unread:
        faults += _find_wrong_answers(request, words)
    try:
        request = read_service(request, policy, words)
    except CommandError as error:
        faults.append(error.says)
    if faults:
        faults += [describe(refusal) for refusal in _find_refusals(request, at) if refusal.field not in unread]
        raise CommandError("\n".join(dict.fromkeys([*faults, words(DESCRIBED)])), code=2)
    return request


def _write_numbers(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers with whole numbers as texts, as the form has them."""
    answers = given.get("answers")
    if not isinstance(answers, dict):
        return {}
    return {"answers": {name: str(value) if type(value) is int else value for name, value in answers.items()}}


def _find_misspelt(given: Mapping[str, Any], words: Words) -> list[str]:
    """Return what is said of names that are probably meant for a field that is missing. Others may be an export's."""
    missing = Request.model_fields.keys() - given.keys()
    near = {name: find_nearest(name, missing) for name in given if name not in Request.model_fields}
    says = N_("There is no field “{name}”. Did you mean {nearest}?")
    return [words(says, name=name, nearest=nearest) for name, nearest in near.items() if nearest]


def _build(given: Mapping[str, Any]) -> tuple[Request, list[str]]:
    """Return the request, and the fields that can't be read: it has something harmless in their place."""
    try:
        return Request(**given), []
    except ValidationError as error:
        unread = sorted({str(part["loc"][0]) for part in error.errors()})
    readable = {field: value for field, value in given.items() if field not in unread}
    return Request(**{**HARMLESS, **readable}), unread


def _find_refusals(request: Request, at: datetime) -> tuple[Refusal, ...]:
    """Return what the rules refuse of a request that has other faults."""
    answers = {name: value for name, value in request.answers.items() if isinstance(value, str) or name == "lacks"}
    try:
        check_quick(request.model_copy(update={"answers": answers}), at)
    except Refused as refused:
        return tuple(refused.refusals)
    return ()


def _say_unreadable(fields: Sequence[str], given: Mapping[str, Any], words: Words) -> Iterator[str]:
    """Yield which fields are missing and which hold what is not known, with what is possible."""
    possible = {
        field: words.join_items([str(choice) for choice in POSSIBLE[field]]) for field in fields if field in POSSIBLE
    }
    named = {field: field + (words.in_brackets(possible[field]) if field in possible else "") for field in fields}
    unknown = [field for field in possible if isinstance(given.get(field), str)]
    missing = [field for field in fields if field not in given]
    unread = [field for field in fields if field not in {*unknown, *missing}]
    if missing:
        yield words(MISSING, fields=words.join_items(named[field] for field in missing))
    for field in unknown:
        yield words(UNKNOWN, field=field, given=given[field], possible=possible[field])
    if unread:
        yield words(UNREADABLE, fields=words.join_items(named[field] for field in unread))


def _find_wrong_answers(request: Request, words: Words) -> list[str]:
    """Return what is said of answers that would be dropped; the form in Slack offers none."""
    faults, wanted = list[str](), {*ANSWERS[request.kind], *SHARED_ANSWERS}
    texts = {name: value for name, value in request.answers.items() if name != "lacks"}
    unread = sorted(name for name, value in texts.items() if not isinstance(value, str))
    if not isinstance(request.answers.get("lacks", []), list):
        unread.append("lacks")
    faults += _say_unreadable(unread, request.answers, words)
    if unknown := sorted(set(request.answers) - wanted):
        says = N_("No such answers: {fields}. Possible are: {possible}")
        fields, possible = words.join_items(unknown), words.join_items(sorted(wanted))
        faults.append(words(says, fields=fields, possible=possible))
    return faults
