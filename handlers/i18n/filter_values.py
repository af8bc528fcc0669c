"""The values of each filter: what they are called in English and in Chinese, and which are offered."""

from collections.abc import Hashable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from handlers.i18n import labels
from handlers.i18n.case_lines import TURNS
from handlers.i18n.words import Words
from models.rules.customers.customer import fold
from models.rules.escalations.escalation import ENDED, Status, Turn
from models.rules.escalations.request import Severity
from models.rules.policy.vendor import CloudService

Values = Mapping[str, frozenset[Hashable]]
"""What each name, folded, stands for."""
ALIKE = 0.5
LISTED = 5
"""How many people are offered."""
CHINESE = Words.of("zh_CN")
ACTIVE, OVER = ("active", "未关闭"), ("ended", "已结束")
"""Two names for several states, in English and in Chinese."""
TURN_NAMES = {Turn.OURS: ("ours", "我们"), Turn.VENDOR: ("21vianet", "世纪互联"), Turn.CUSTOMER: ("customer", "客户")}
ME, NOBODY = ("me", "我"), ("nobody", "暂无")
MYSELF, NO_OWNER = frozenset({*ME, "myself", "本人"}), frozenset({*NOBODY, "none", "no one", "无", "无人"})
"""How people write “me” and “nobody”."""


def state_values() -> Values:
    """Return the names of the states, and of two groups of them."""
    groups = [(name, frozenset(Status) - ENDED) for name in (*ACTIVE, "未结束")] + [(name, ENDED) for name in OVER]
    return {**_labelled(labels.STATUS), **dict(groups)}


def turn_values() -> Values:
    """Return the names of whose turn it is."""
    return {**_labelled(labels.TURN), **{name: frozenset([turn]) for name, turn in TURNS.items()}}


def severity_values() -> Values:
    """Return the names of the severities."""
    return _labelled(labels.SEVERITY)


def yes_values() -> Values:
    """Return the names of yes and no."""
    return {
        **dict.fromkeys(("yes", "y", "是", "已退回"), frozenset([True])),
        **dict.fromkeys(("no", "n", "否", "未退回"), frozenset([False])),
    }


def service_values(services: Iterable[CloudService]) -> Values:
    """Return the names of the services, as they are kept and as people read them."""
    return {
        fold(name): frozenset([service.key]) for service in services for name in (service.key, service.en, service.zh)
    }


def owner_values(names: Mapping[str, str], me: str) -> Values:
    """Return the names of owners: of people by Slack id, of who asks (a Slack id, or empty), and of nobody."""
    values: dict[str, frozenset[Hashable]] = {}
    for user, name in names.items():
        values[fold(name)] = values.get(fold(name), frozenset()) | {user}
    myself = dict.fromkeys(MYSELF, frozenset([me])) if me else {}
    return {**values, **myself, **dict.fromkeys(NO_OWNER, frozenset([None]))}


def offered_states(words: Words) -> list[str]:
    """Return the names of states that are offered to a reader."""
    names = [words.pick(str(status), CHINESE(labels.STATUS[status])) for status in Status]
    return [*names, words.pick(*ACTIVE), words.pick(*OVER)]


def offered_turns(words: Words) -> list[str]:
    """Return the names of turns that are offered to a reader."""
    return [words.pick(*TURN_NAMES[turn]) for turn in Turn]


def offered_severities() -> list[str]:
    """Return the letters."""
    return [str(severity) for severity in Severity]


def offered_services(services: Iterable[CloudService], words: Words) -> list[str]:
    """Return the names of services that are offered to a reader."""
    return [words.pick(service.en, service.zh) for service in services]


def offered_owners(names: Iterable[str], me: str, words: Words) -> list[str]:
    """Return the names of owners that are offered to a reader: of people only the first few."""
    return [*([words.pick(*ME)] if me else []), words.pick(*NOBODY), *sorted(names)[:LISTED]]


def find_value(typed: str, values: Values) -> frozenset[Hashable] | None:
    """Return what a name stands for. The beginning of a name, or of a word in it, is enough when nothing else fits."""
    name = fold(typed)
    if name in values or not name:
        return values.get(name)
    for marker in ("\n", " "):  # the beginning of the whole name, then of a word in it
        meant = {wanted for full_name, wanted in values.items() if f"{marker}{name}" in f"\n{full_name}"}
        if len(meant) == 1:
            return meant.pop()
    return None


def find_nearest(typed: str, names: Iterable[str], alike: float = ALIKE) -> str:
    """Return the name that was probably meant; empty when none is near (0 to 1)."""
    by_folded = {fold(name): name for name in names}
    near = get_close_matches(fold(typed), by_folded, 1, alike)
    return by_folded[near[0]] if near else ""


def _labelled(named: Mapping[Any, str]) -> Values:
    """Return each value by its own name and by its label in both languages."""
    return {
        fold(name): frozenset([value]) for value, label in named.items() for name in (str(value), label, CHINESE(label))
    }
