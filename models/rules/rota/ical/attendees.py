"""Who an event of a calendar is about: named in its summary or among its attendees. Knows no dates."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from models.rules.rota.ical.events import CalendarEvent
from models.rules.rota.ical.parser import IcalProperty, shown
from models.rules.rota.rota import Member
from models.rules.rota.toml.tables import find_nearest

_SLACK_ID = re.compile(r"[UW](?!\d{1,4}$)(?=[A-Z]*\d)[A-Z0-9]{2,20}")
_IN_PASSING = re.compile(r"(?<![A-Za-z0-9])[UW](?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{7,20}(?![A-Za-z0-9])")
_BETWEEN = re.compile(r"(\s+[-–—]+\s+|[:：|/&+,，、;；()（）\[\]【】<>]|\s+(?:and|und|et|y)\s+|[和与及])")
MOST_PARTS = 20
_NOT_PEOPLE = frozenset({"ROOM", "RESOURCE", "GROUP"})
_JOINS = frozenset("'’.·•-‐‑_@")
"""Signs that make one word of what stands on both sides: Ann-Marie, O'Neill, a@example.com."""
_HAN = (
    "值班|当班|轮值|值守|待命|主值|备值|主班|备班|副班|白班|夜班|早班|中班|晚班|日班|替班|代班|全天|白天|夜间|晚上|上午|下午|凌晨"
    "|周末|节假日|今天|今日|明天|的|主|备"
)
_LATIN = "on.?call|primary|secondary|backup|duty|shift|days?|nights?"
_ANY_JOIN = f"[{re.escape(''.join(_JOINS))}]"
_BEFORE = re.compile(
    rf"(?:{_HAN}|由|是|周[一二三四五六日天]|星期[一二三四五六日天]|\d{{1,2}}[月日号]){_ANY_JOIN}*$|(?:{_LATIN}){_ANY_JOIN}+$"
)
_AFTER = re.compile(rf"{_ANY_JOIN}*(?:{_HAN})|{_ANY_JOIN}+(?:{_LATIN})")
"""Words of duty that Chinese writes right beside a name, and others behind a joining sign."""


class Attendees:
    """The members a calendar may name, and those it brings with it. ``in_passing`` are the summaries in which a name
    stands among other words, with the members they were taken for.
    """

    def __init__(self, members: Mapping[str, Member]) -> None:
        self._members = dict(members)
        self._keys: dict[str, str] = {}
        self._shared: set[str] = set()
        self._most_parts = 1
        self.new: list[Member] = []
        self.unknown: dict[str, None] = {}
        self.in_passing: dict[str, list[str]] = {}
        for member in members.values():
            self._add(member)

    def of(self, event: CalendarEvent) -> tuple[str, ...]:
        """Return the members an event is about, in the order in which they are named; empty when nobody can be told.

        What stands by itself in the summary counts first, then the attendees, then a name among other words.
        """
        summary = event.summary
        _, colon, rest = summary.partition(":")
        found = (
            self._known([summary, *([rest.strip()] if colon else [])])[:1]
            or self._apart(summary)
            or self._attending(event)
            or self._mentioned(summary)
        )
        return tuple(dict.fromkeys(found))

    def nearest(self, event: CalendarEvent) -> str:
        """Return the member whose name is most like what the summary says."""
        near = (find_nearest(part, self._members) for part in _parts(event.summary))
        return next(filter(None, near), "") or self._inside(event.summary)

    def _inside(self, summary: str) -> str:
        """Return a member whose name is part of another word."""
        return next((self._keys[key] for key in self._within(summary)), "")

    def _add(self, member: Member) -> None:
        words = member.name.split()
        turned = [f"{words[-1]}, {' '.join(words[:-1])}"] if len(words) > 1 else []
        for key in filter(None, (member.slack_id, member.email, member.name, *turned)):
            folded = _folded(key)
            if self._keys.setdefault(folded, member.name) != member.name:
                self._shared.add(folded)
            self._most_parts = max(self._most_parts, len(_BETWEEN.split(key)))

    def _who(self, text: str) -> str | None:
        """Return the member a text names. Of two who differ in capitals only, it must be the very name."""
        folded = _folded(text)
        if folded in self._shared:
            return text if text in self._members else None
        return self._keys.get(folded)

    def _known(self, parts: Iterable[str], called: str = "") -> list[str]:
        """Return the members that these texts are, each by itself; a Slack ID nobody knows brings a new one."""
        found = []
        for part in parts:
            name = self._who(part)
            if name is None and _SLACK_ID.fullmatch(part):
                name = self._bring(part, called)
            if name is not None:
                found.append(name)
        return found

    def _bring(self, slack_id: str, called: str) -> str:
        is_free = called.isprintable() and called.strip() and _folded(called) not in self._keys
        member = Member(shown(called) if is_free else slack_id, slack_id)
        self._members[member.name] = member
        self.new.append(member)
        self._add(member)
        return member.name

    def _apart(self, summary: str) -> list[str]:
        """Return the members that stand between signs that part names; the longest name first, as it may hold such
        signs itself.
        """
        pieces = _BETWEEN.split(summary)[: 2 * MOST_PARTS + 1]
        found: list[str] = []
        at = 0
        while at < len(pieces):
            name, at = self._longest(pieces, at)
            found += [name] if name else []
        return found

    def _longest(self, pieces: Sequence[str], at: int) -> tuple[str, int]:
        """Return the longest name that begins with a piece, and the piece after it."""
        for end in range(min(len(pieces), at + self._most_parts), at, -1):
            text = _bare("".join(pieces[at:end]))
            names = self._known([text]) if text else []
            if names:
                return names[0], end
        return "", at + 1

    def _attending(self, event: CalendarEvent) -> list[str]:
        found: list[str] = []
        unknown: list[str] = []
        for one in filter(_takes_part, event.attendees):
            address = _address(one.value)
            called = one.params.get("CN", "").strip()
            texts = [address, one.params.get("EMAIL", ""), called, address.partition("@")[0]]
            names = self._known(filter(None, (text.strip() for text in texts[:3])), called) or [
                self._keys[key] for key in (_folded(texts[3]),) if _SLACK_ID.fullmatch(texts[3]) and key in self._keys
            ]
            found += names[:1]
            unknown += [] if names else [called or address]
        if found:
            self.unknown.update(dict.fromkeys(map(shown, unknown)))
        return found

    def _mentioned(self, summary: str) -> list[str]:
        """Return the members named among other words; of two names in one place the longer."""
        text = _folded(summary)
        places: list[tuple[int, int, str]] = []
        for key in sorted(self._within(summary), key=len, reverse=True):
            at = _place(key, text)
            if at is not None and not any(start < at + len(key) and at < end for start, end, _ in places):
                places.append((at, at + len(key), self._keys[key]))
        names = [name for _, _, name in sorted(places)]
        if names:
            self.in_passing.setdefault(summary, list(dict.fromkeys(names)))
        return names or self._known(_IN_PASSING.findall(summary))

    def _within(self, summary: str) -> Iterator[str]:
        """Return every key that is somewhere in a summary, also within another word."""
        text = _folded(summary)
        return (key for key in self._keys if key in text and key not in self._shared)


def _parts(summary: str) -> Sequence[str]:
    """Return the whole, and what stands between signs that part names."""
    parts = map(_bare, (summary, *_BETWEEN.split(summary)[::2]))
    return list(dict.fromkeys(filter(None, parts)))[:MOST_PARTS]


def _bare(text: str) -> str:
    return text.strip().removeprefix("@")


def _place(key: str, text: str) -> int | None:
    """Return where a name stands in a text and not within a longer one."""
    at = text.find(key)
    while at >= 0:
        if _ends(text[:at]) and _begins(text[at + len(key) :]):
            return at
        at = text.find(key, at + 1)
    return None


def _ends(before: str) -> bool:
    """Whether a word ends before a name. Chinese has no blanks between words: those of duty are known, and any other
    sign would make it another name.
    """
    while found := _BEFORE.search(before):
        before = before[: found.start()]
    return not _goes_on(before[::-1])


def _begins(after: str) -> bool:
    """Whether a name ends where another word begins."""
    while found := _AFTER.match(after):
        after = after[found.end() :]
    return not _goes_on(after)


def _goes_on(beside: str) -> bool:
    """Whether what stands beside a name belongs to the same word."""
    first = beside[:1]
    return _is_of_word(first) or (first in _JOINS and _is_of_word(beside[1:2]))


def _is_of_word(sign: str) -> bool:
    return bool(sign) and unicodedata.category(sign)[0] in "LMN"


def _takes_part(attendee: IcalProperty) -> bool:
    params = {name: value.upper() for name, value in attendee.params.items()}
    return (
        params.get("PARTSTAT") != "DECLINED"
        and params.get("CUTYPE") not in _NOT_PEOPLE
        and params.get("ROLE") != "NON-PARTICIPANT"
    )


def _address(value: str) -> str:
    scheme, colon, rest = value.strip().partition(":")
    return rest if colon and scheme.lower() in {"mailto", "slack", "urn", "invalid"} else value.strip()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
