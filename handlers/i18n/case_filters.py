"""Words and filters of a search, in English and in Chinese: “Outlook state:submitted owner:me”, “状态：已提交”.

It reads text only. A filter or a value that is not known is refused, with what is allowed and the nearest: a search
that quietly looked for something else would look like an empty one.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import takewhile
from zoneinfo import ZoneInfo

from handlers.i18n import filter_values
from handlers.i18n.dates import midnight
from handlers.i18n.filter_days import parse_days
from handlers.i18n.words import Words
from models.rules.customers.customer import fold
from models.rules.errors import Refused, refuse
from models.rules.escalations.selection import CaseSelection
from models.rules.policy.vendor import CloudService


class Filter(StrEnum):
    """What can be filtered by."""

    STATE = "state"
    TURN = "turn"
    SERVICE = "service"
    SEVERITY = "severity"
    OWNER = "owner"
    RETURNED = "returned"
    CUSTOMER = "customer"
    NUMBER = "number"
    FROM = "from"
    TO = "to"


CHINESE: Mapping[Filter, str] = {
    Filter.STATE: "状态", Filter.TURN: "轮到", Filter.SERVICE: "服务", Filter.SEVERITY: "严重性",
    Filter.OWNER: "负责人", Filter.RETURNED: "退回", Filter.CUSTOMER: "客户", Filter.NUMBER: "编号", Filter.FROM: "从",
    Filter.TO: "到",
}  # fmt: skip
"""What is offered in Chinese."""
FILTERS: Mapping[str, Filter] = {
    **{str(wanted): wanted for wanted in Filter}, **{name: wanted for wanted, name in CHINESE.items()},
    "status": Filter.STATE, "sev": Filter.SEVERITY, "严重程度": Filter.SEVERITY, "待处理方": Filter.TURN,
    "sr": Filter.NUMBER, "请求编号": Filter.NUMBER, "服务请求编号": Filter.NUMBER,
    "since": Filter.FROM, "自": Filter.FROM, "until": Filter.TO, "至": Filter.TO,
}  # fmt: skip
"""What is understood."""
_FIELDS = {
    Filter.STATE: "states", Filter.TURN: "turns", Filter.SEVERITY: "severities", Filter.SERVICE: "services",
    Filter.OWNER: "owners", Filter.RETURNED: "returned",
}  # fmt: skip
"""Filters that choose among known values, and the field of the selection that each fills."""
_DAYS = ("2026-11-01", "2026-11", "today", "yesterday", "7d"), ("2026-11-01", "2026-11", "今天", "昨天", "7天")
_YES_OR_NO = ("yes", "no"), ("是", "否")
_NUMBERS = ("CSP-7", "6251"), ("CSP-7", "6251")
_NAMES = ("Contoso",), ("蓝天",)
"""Examples of what may follow a filter that takes any text."""
_TOKEN = re.compile(
    r"(?:(?P<key>[^\W\d_]+)[:：](?P<gap>\s*))?"
    r'(?P<value>"(?P<straight>[^"]+)"|“(?P<curly>[^”]+)”|「(?P<corner>[^」]+)」|\S+)'
)
_SEPARATED = re.compile(rf"[,，、;；]+(?=(?:{'|'.join(FILTERS)})[:：])", re.IGNORECASE)
"""Commas between filters, as in 状态：已提交，负责人：我."""
_BETWEEN_VALUES = re.compile(r"[,，、]")
_MENTION = re.compile(r"<@(\w+)(?:\|[^>]*)?>")
_LONGEST_PHRASE = 5
"""How many words the name of a value has at most."""
_SURE = 0.75
"""How alike a word before a colon and a space must be to a filter, to be taken for one."""


@dataclass(frozen=True)
class FilterContext:
    """What the meaning of a filter depends on."""

    words: Words
    services: Sequence[CloudService]
    zone: ZoneInfo
    today: date  # in that zone
    find_names: Callable[[], Mapping[str, str]] = dict  # of people, by Slack id
    me: str = ""  # the Slack id of who asks; empty in the terminal

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The names of people by Slack id, read when a filter needs them."""
        return self.find_names()


@dataclass(frozen=True)
class _Token:
    """One word or quoted text, and the filter before it."""

    value: str
    key: str = ""
    has_gap: bool = False  # whether a space follows the colon
    is_quoted: bool = False
    goes_on: bool = False  # whether a comma follows

    @property
    def text(self) -> str:
        """The token as words to look for."""
        return f"{self.key}:{self.value}" if self.key else self.value


def parse_selection(text: str, context: FilterContext) -> CaseSelection:
    """Return what is looked for. Raises Refused with what is allowed and the nearest."""
    tokens = [_read_token(match) for match in _TOKEN.finditer(_SEPARATED.sub(" ", text))]
    words: list[str] = []
    selection, at = CaseSelection(), 0
    while at < len(tokens):
        token, wanted = tokens[at], _find_filter(tokens[at], context)
        at += 1
        if wanted is None:
            words.append(token.text)
            continue
        value, used = _join_value(wanted, token, tokens[at:], context)
        at += used
        selection = _add_filter(selection, wanted, value, context)
    if selection.raised_from and selection.raised_before and selection.raised_from >= selection.raised_before:
        raise refuse("ends_before_it_begins")
    return replace(selection, words=" ".join(words))


def _read_token(match: re.Match[str]) -> _Token:
    quoted = match["straight"] or match["curly"] or match["corner"]
    value = quoted or match["value"].strip('"“”「」,，、;；')
    return _Token(value, match["key"] or "", bool(match["gap"]), quoted is not None, match["value"][-1] in ",，、")


def _find_filter(token: _Token, context: FilterContext) -> Filter | None:
    """Return the filter of a token; None for words. Raises Refused for what is meant as a filter and is none."""
    unfinished = token.value[:-1] if not token.is_quoted and token.value[-1:] in {":", "："} else ""
    if wanted := FILTERS.get(fold(unfinished)):
        filter_name = _name(wanted, context.words)
        allowed = context.words.join_items(_find_offered(wanted, context))
        raise refuse("filter_without_value", filter=filter_name, allowed=allowed)
    key = fold(token.key)
    if key in FILTERS:
        return FILTERS[key]
    is_prose = len(key.encode()) < 2 or token.value.startswith(("//", "\\"))
    near = filter_values.find_nearest(key, FILTERS, _SURE if token.has_gap else filter_values.ALIKE)
    if is_prose or (token.has_gap and not near):
        return None
    raise _refuse_filter(token, FILTERS.get(near), context.words)


def _refuse_filter(token: _Token, near: Filter | None, words: Words) -> Refused:
    allowed = words.join_items(_name(wanted, words) for wanted in Filter)
    if near is None:
        return refuse("no_such_filter", typed=f"{token.key}:", allowed=allowed)
    return refuse("no_such_filter_near", typed=f"{token.key}:", near=_name(near, words), allowed=allowed)


def _join_value(wanted: Filter, token: _Token, after: Sequence[_Token], context: FilterContext) -> tuple[str, int]:
    """Return a value and how many of the tokens after it belong to it: “Submitted to 21Vianet” needs no quotes."""
    if wanted not in _FIELDS or token.is_quoted:
        return token.value, 0
    more = list(takewhile(lambda other: not other.key and not other.is_quoted, after))
    values = _find_values(wanted, context)
    for many in range(min(len(more), _LONGEST_PHRASE), 0, -1):
        phrase = " ".join([token.value, *(other.value for other in more[:many])])
        if fold(phrase) in values:
            return phrase, many
    listed = [token]
    while listed[-1].goes_on and len(listed) <= len(more) and fold(more[len(listed) - 1].value) in values:
        listed.append(more[len(listed) - 1])
    return ",".join(part.value for part in listed), len(listed) - 1


def _add_filter(selection: CaseSelection, wanted: Filter, value: str, context: FilterContext) -> CaseSelection:
    """Return the selection with one more filter. Raises Refused."""
    if name := _FIELDS.get(wanted):
        chosen = {option for part in _parts(value) for option in _choose(wanted, part, context)}
        return replace(selection, **{name: getattr(selection, name) | chosen})
    if wanted is Filter.CUSTOMER:
        return replace(selection, customers=(*selection.customers, value))
    if wanted is Filter.NUMBER:
        return replace(selection, numbers=(*selection.numbers, *_parts(value)))
    days = parse_days(value, context.today)
    if days is None:
        raise _refuse_value(wanted, value, context)
    if wanted is Filter.FROM:
        return replace(selection, raised_from=midnight(days[0], context.zone))
    return replace(selection, raised_before=midnight(days[1] + timedelta(days=1), context.zone))


def _parts(value: str) -> list[str]:
    return [part.strip() for part in _BETWEEN_VALUES.split(value) if part.strip()]


def _choose(wanted: Filter, typed: str, context: FilterContext) -> Iterable[Hashable]:
    """Return the values that a name stands for. Raises Refused."""
    values = _find_values(wanted, context)
    if wanted is Filter.OWNER:
        chosen = values.get(fold(typed)) or _find_owners(typed, context)
    else:
        chosen = filter_values.find_value(typed, values) or frozenset()
    if not chosen:
        raise _refuse_value(wanted, typed, context)
    return chosen


def _find_owners(typed: str, context: FilterContext) -> frozenset[Hashable]:
    """Return the Slack ids of everybody who is mentioned, or whose name contains what was typed."""
    mention = _MENTION.fullmatch(typed)
    user, name = mention[1] if mention else typed, fold(typed.lstrip("@"))
    if user in context.names:
        return frozenset([user])
    return frozenset(user for user, full_name in context.names.items() if name and name in fold(full_name))


def _find_values(wanted: Filter, context: FilterContext) -> filter_values.Values:
    match wanted:
        case Filter.STATE:
            return filter_values.state_values()
        case Filter.TURN:
            return filter_values.turn_values()
        case Filter.SEVERITY:
            return filter_values.severity_values()
        case Filter.SERVICE:
            return filter_values.service_values(context.services)
        case Filter.RETURNED:
            return filter_values.yes_values()
    return filter_values.owner_values(context.names, context.me)


def _find_offered(wanted: Filter, context: FilterContext) -> list[str]:
    """Return what may follow a filter, as it is offered to the reader."""
    words = context.words
    match wanted:
        case Filter.STATE:
            return filter_values.offered_states(words)
        case Filter.TURN:
            return filter_values.offered_turns(words)
        case Filter.SEVERITY:
            return filter_values.offered_severities()
        case Filter.SERVICE:
            return filter_values.offered_services(context.services, words)
        case Filter.OWNER:
            return filter_values.offered_owners(context.names.values(), context.me, words)
    examples = {Filter.CUSTOMER: _NAMES, Filter.NUMBER: _NUMBERS, Filter.RETURNED: _YES_OR_NO}.get(wanted, _DAYS)
    return list(examples[words.is_chinese])


def _refuse_value(wanted: Filter, typed: str, context: FilterContext) -> Refused:
    words, name = context.words, _name(wanted, context.words)
    offered = _find_offered(wanted, context)
    candidates = [*offered, *(context.names.values() if wanted is Filter.OWNER else ())]
    allowed, near = words.join_items(offered), filter_values.find_nearest(typed, candidates)
    if not near and wanted in _FIELDS:
        near = filter_values.find_nearest(typed, _find_values(wanted, context))
    if not near:
        return refuse("no_such_value", typed=typed, filter=name, allowed=allowed)
    return refuse("no_such_value_near", typed=typed, near=f"{name}{near}", filter=name, allowed=allowed)


def _name(wanted: Filter, words: Words) -> str:
    """Return a filter as it is written: “state:”, “状态：”."""
    return words.pick(f"{wanted}:", f"{CHINESE[wanted]}：")
