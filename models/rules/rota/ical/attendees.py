"""Who an event of a calendar is about: named in its summary or among its attendees. Knows no dates."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from models.rules.rota.ical.events import CalendarEvent
from models.rules.rota.ical.parser import IcalProperty, shorten
from models.rules.rota.rota import Member
from models.rules.toml.similar_names import find_nearest

_SLACK_ID = re.compile(r"[UW](?!\d{1,4}$)(?=[A-Z]*\d)[A-Z0-9]{2,20}")
_MENTIONED_ID = re.compile(r"(?<![A-Za-z0-9])[UW](?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{7,20}(?![A-Za-z0-9])")
_SEPARATORS = re.compile(r"(\s+[-–—]+\s+|[:：|/&+,，、;；()（）\[\]【】<>]|\s+(?:and|und|et|y)\s+|[和与及])")
MOST_PARTS = 20
_NOT_PEOPLE = frozenset({"ROOM", "RESOURCE", "GROUP"})
_JOINERS = frozenset("'’.·•-‐‑_@")
"""Characters that join both sides to one word: Ann-Marie, O'Neill, a@example.com."""
_HAN_DUTY_WORDS = (
    "值班|当班|轮值|值守|待命|主值|备值|主班|备班|副班|白班|夜班|早班|中班|晚班|日班|替班|代班|全天|白天|夜间|晚上|上午|下午|凌晨"
    "|周末|节假日|今天|今日|明天|的|主|备"
)
_LATIN_DUTY_WORDS = "on.?call|primary|secondary|backup|duty|shift|days?|nights?"
_ANY_JOIN = f"[{re.escape(''.join(_JOINERS))}]"
_BEFORE = re.compile(
    rf"(?:{_HAN_DUTY_WORDS}|由|是|周[一二三四五六日天]|星期[一二三四五六日天]|\d{{1,2}}[月日号]){_ANY_JOIN}*$|(?:{_LATIN_DUTY_WORDS}){_ANY_JOIN}+$"
)
_AFTER = re.compile(rf"{_ANY_JOIN}*(?:{_HAN_DUTY_WORDS})|{_ANY_JOIN}+(?:{_LATIN_DUTY_WORDS})")
"""Words of duty that Chinese writes directly beside a name, and others behind a joining character."""


class Attendees:
    """The members a calendar may name, and those it adds.

    ``in_passing`` has the summaries in which a name is among other words, with the members found there.
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

    def find_members(self, event: CalendarEvent) -> tuple[str, ...]:
        """Return the members an event is about, in the order of the text; empty when there are none.

        A name that makes up a part of the summary counts first, then the attendees, then a name among other words.
        """
        summary = event.summary
        _, colon, rest = summary.partition(":")
        names = (
            self._find_named([summary, *([rest.strip()] if colon else [])])[:1]
            or self._find_separated(summary)
            or self._find_attending(event)
            or self._find_mentioned(summary)
        )
        return tuple(dict.fromkeys(names))

    def find_nearest(self, event: CalendarEvent) -> str:
        """Return the member whose name is most like what the summary says."""
        nearest = (find_nearest(part, self._members) for part in _split_parts(event.summary))
        return next(filter(None, nearest), "") or self._find_inside_word(event.summary)

    def _find_inside_word(self, summary: str) -> str:
        """Return a member whose name is part of another word."""
        return next((self._keys[key] for key in self._find_keys(summary)), "")

    def _add(self, member: Member) -> None:
        words = member.name.split()
        reversed_name = [f"{words[-1]}, {' '.join(words[:-1])}"] if len(words) > 1 else []
        for key in filter(None, (member.slack_id, member.email, member.name, *reversed_name)):
            folded = _fold(key)
            if self._keys.setdefault(folded, member.name) != member.name:
                self._shared.add(folded)
            self._most_parts = max(self._most_parts, len(_SEPARATORS.split(key)))

    def _find_member(self, text: str) -> str | None:
        """Return the member a text names. Of two that differ in capitals only, the text must match exactly."""
        folded = _fold(text)
        if folded in self._shared:
            return text if text in self._members else None
        return self._keys.get(folded)

    def _find_named(self, parts: Iterable[str], display_name: str = "") -> list[str]:
        """Return the members that these texts name, each as a whole. An unknown Slack ID adds a new member."""
        names = []
        for part in parts:
            name = self._find_member(part)
            if name is None and _SLACK_ID.fullmatch(part):
                name = self._add_new(part, display_name)
            if name is not None:
                names.append(name)
        return names

    def _add_new(self, slack_id: str, display_name: str) -> str:
        is_usable = display_name.isprintable() and display_name.strip() and _fold(display_name) not in self._keys
        member = Member(shorten(display_name) if is_usable else slack_id, slack_id)
        self._members[member.name] = member
        self.new.append(member)
        self._add(member)
        return member.name

    def _find_separated(self, summary: str) -> list[str]:
        """Return the members named between separators; the longest name first, as it may contain separators."""
        pieces = _SEPARATORS.split(summary)[: 2 * MOST_PARTS + 1]
        names: list[str] = []
        at = 0
        while at < len(pieces):
            name, at = self._find_longest(pieces, at)
            names += [name] if name else []
        return names

    def _find_longest(self, pieces: Sequence[str], at: int) -> tuple[str, int]:
        """Return the longest name that begins at a piece, and the piece after it."""
        for end in range(min(len(pieces), at + self._most_parts), at, -1):
            text = _strip("".join(pieces[at:end]))
            names = self._find_named([text]) if text else []
            if names:
                return names[0], end
        return "", at + 1

    def _find_attending(self, event: CalendarEvent) -> list[str]:
        attending: list[str] = []
        unknown: list[str] = []
        for attendee in filter(_is_participant, event.attendees):
            address = _strip_scheme(attendee.value)
            display_name = attendee.params.get("CN", "").strip()
            texts = [address, attendee.params.get("EMAIL", ""), display_name, address.partition("@")[0]]
            names = self._find_named(filter(None, (text.strip() for text in texts[:3])), display_name) or [
                self._keys[key] for key in (_fold(texts[3]),) if _SLACK_ID.fullmatch(texts[3]) and key in self._keys
            ]
            attending += names[:1]
            unknown += [] if names else [display_name or address]
        if attending:
            self.unknown.update(dict.fromkeys(map(shorten, unknown)))
        return attending

    def _find_mentioned(self, summary: str) -> list[str]:
        """Return the members named among other words; of two names in one position the longer."""
        text = _fold(summary)
        positions: list[tuple[int, int, str]] = []
        for key in sorted(self._find_keys(summary), key=len, reverse=True):
            at = _find_position(key, text)
            if at is not None and not any(start < at + len(key) and at < end for start, end, _ in positions):
                positions.append((at, at + len(key), self._keys[key]))
        names = [name for _, _, name in sorted(positions)]
        if names:
            self.in_passing.setdefault(summary, list(dict.fromkeys(names)))
        return names or self._find_named(_MENTIONED_ID.findall(summary))

    def _find_keys(self, summary: str) -> Iterator[str]:
        """Return every key that occurs in a summary, also inside another word."""
        text = _fold(summary)
        return (key for key in self._keys if key in text and key not in self._shared)


def _split_parts(summary: str) -> Sequence[str]:
    """Return the whole text, and what is between separators."""
    parts = map(_strip, (summary, *_SEPARATORS.split(summary)[::2]))
    return list(dict.fromkeys(filter(None, parts)))[:MOST_PARTS]


def _strip(text: str) -> str:
    return text.strip().removeprefix("@")


def _find_position(key: str, text: str) -> int | None:
    """Return where a name is in a text but not inside a longer one; None when it is not."""
    at = text.find(key)
    while at >= 0:
        if _word_ends(text[:at]) and _word_begins(text[at + len(key) :]):
            return at
        at = text.find(key, at + 1)
    return None


def _word_ends(before: str) -> bool:
    """Return whether a word ends before a name.

    Chinese has no blanks between words: words of duty are known, and any other character would make another name.
    """
    while match := _BEFORE.search(before):
        before = before[: match.start()]
    return not _continues_word(before[::-1])


def _word_begins(after: str) -> bool:
    """Return whether another word begins after a name."""
    while match := _AFTER.match(after):
        after = after[match.end() :]
    return not _continues_word(after)


def _continues_word(beside: str) -> bool:
    """Return whether the text beside a name belongs to the same word."""
    first = beside[:1]
    return _is_word_character(first) or (first in _JOINERS and _is_word_character(beside[1:2]))


def _is_word_character(sign: str) -> bool:
    return bool(sign) and unicodedata.category(sign)[0] in "LMN"


def _is_participant(attendee: IcalProperty) -> bool:
    params = {name: value.upper() for name, value in attendee.params.items()}
    return (
        params.get("PARTSTAT") != "DECLINED"
        and params.get("CUTYPE") not in _NOT_PEOPLE
        and params.get("ROLE") != "NON-PARTICIPANT"
    )


def _strip_scheme(value: str) -> str:
    scheme, colon, rest = value.strip().partition(":")
    return rest if colon and scheme.lower() in {"mailto", "slack", "urn", "invalid"} else value.strip()


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
