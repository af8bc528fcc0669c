"""Who an event of a calendar is about: named in its summary or among its attendees. Knows no dates."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from models.rota.ical_events import Event
from models.rota.ical_lines import Property, shown
from models.rota.plan import Member
from models.rota.reading import nearest_of

_SLACK_ID = re.compile(r"[UW](?!\d{1,4}$)(?=[A-Z]*\d)[A-Z0-9]{2,20}")
_IN_PASSING = re.compile(r"(?<![A-Za-z0-9])[UW](?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{7,20}(?![A-Za-z0-9])")
_BETWEEN = re.compile(r"\s+[-–—]+\s+|[:：|/&+,，、;；()（）\[\]【】<>]|\s+(?:and|und|et|y)\s+|[和与及]")
MOST_PARTS = 20
_NOT_PEOPLE = frozenset({"ROOM", "RESOURCE", "GROUP"})


class People:
    """The members a calendar may name, and those it brings with it."""

    def __init__(self, members: Mapping[str, Member]) -> None:
        self._members = dict(members)
        self._keys: dict[str, str] = {}
        self.new: list[Member] = []
        self.unknown: dict[str, None] = {}
        for member in members.values():
            self._add(member)

    def of(self, event: Event) -> tuple[str, ...]:
        """The members an event is about, in the order in which they are named; empty when nobody can be told.

        What stands by itself in the summary counts first, then the attendees, then a name within a longer summary.
        """
        whole, *parts = _parts(event.summary) or [""]
        found = self._known([whole]) or self._known(parts) or self._attending(event) or self._mentioned(event.summary)
        return tuple(dict.fromkeys(found))

    def nearest(self, event: Event) -> str:
        """The member whose name is most like what the summary says."""
        return next(filter(None, (nearest_of(part, self._members) for part in _parts(event.summary))), "")

    def _add(self, member: Member) -> None:
        words = member.name.split()
        turned = [f"{words[-1]}, {' '.join(words[:-1])}"] if len(words) > 1 else []
        for key in filter(None, (member.slack_id, member.email, member.name, *turned)):
            self._keys.setdefault(_folded(key), member.name)

    def _known(self, parts: Iterable[str], called: str = "") -> list[str]:
        """The members that these texts are, each by itself; a Slack id nobody knows brings a new one."""
        found = []
        for part in parts:
            name = self._keys.get(_folded(part))
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

    def _attending(self, event: Event) -> list[str]:
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
        """Members named somewhere in the summary; of two names in one place the longer."""
        text = _folded(summary)
        places: list[tuple[int, int, str]] = []
        for key in sorted(self._keys, key=len, reverse=True):
            at = _place(key, text)
            if at is not None and not any(start < at + len(key) and at < end for start, end, _ in places):
                places.append((at, at + len(key), self._keys[key]))
        if places:
            return [name for _, _, name in sorted(places)]
        return self._known(_IN_PASSING.findall(summary))


def _parts(summary: str) -> Sequence[str]:
    """The whole, and what stands between signs that part names."""
    parts = (part.strip().removeprefix("@") for part in (summary, *_BETWEEN.split(summary)))
    return list(dict.fromkeys(filter(None, parts)))[:MOST_PARTS]


def _place(key: str, text: str) -> int | None:
    """Where a name stands in a text; not within a longer word of letters that need blanks between words."""
    pattern = re.escape(key)
    if key[0].isascii():
        pattern = rf"(?<![a-z0-9]){pattern}"
    if key[-1].isascii():
        pattern = rf"{pattern}(?![a-z0-9])"
    found = re.search(pattern, text)
    return found.start() if found else None


def _takes_part(attendee: Property) -> bool:
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
