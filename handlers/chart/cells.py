"""How a segment of a lane looks in each state: its box, the colour of its text, and what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from handlers.chart import colours
from handlers.chart.drawing import Box
from handlers.chart.lanes import LaneSegment, LaneState
from handlers.i18n.rota_labels import SHORT_REASON
from handlers.i18n.words import Words

INKS = {
    LaneState.COVERED: colours.INK,
    LaneState.BELOW_REQUIREMENT: colours.BELOW_INK,
    LaneState.UNCOVERED: colours.UNCOVERED_INK,
    LaneState.ACCEPTED: colours.ACCEPTED_INK,
}
_STRIPED = {
    LaneState.BELOW_REQUIREMENT: (colours.BELOW_FILL, colours.BELOW, colours.BELOW),
    LaneState.UNCOVERED: (colours.UNCOVERED_FILL, colours.UNCOVERED, colours.UNCOVERED),
    LaneState.ACCEPTED: (colours.ACCEPTED_FILL, "", colours.ACCEPTED),
}
Area = tuple[int, int, int, int]


class MemberColours:
    """The members of a rota as charts tell them apart; ``viewer`` is the member who looks at it, if any."""

    def __init__(self, names: Sequence[str], viewer: str = "") -> None:
        self.viewer = viewer
        self._positions = {name: position for position, name in enumerate(names)}
        self._short = _first_names(names)

    def colour(self, name: str) -> str:
        """Return the colour of a member in every chart of this rota; grey for an unknown person."""
        return colours.person_colour(self._positions.get(name, -1))

    def names(self, name: str) -> tuple[str, ...]:
        """Return the full name, and the first name when it is unique; with a star for the viewer. Empty for nobody."""
        names = tuple(dict.fromkeys(filter(None, (name, self._short.get(name, name)))))
        return (*(f"★ {variant}" for variant in names), *names) if name == self.viewer else names


def _first_names(names: Sequence[str]) -> Mapping[str, str]:
    firsts = [(name.split() or [""])[0] for name in names]
    alone = {name: first for name, first in zip(names, firsts, strict=True) if firsts.count(first) == 1}
    return {name: first for name, first in alone.items() if not first.endswith(".")}  # “Dr.” is no name


def build_box(state: LaneState, area: Area, person: str = "") -> Box:
    """Return the box of a segment: striped and framed where something is wrong, else in the colour of ``person``."""
    return Box(*area, *_STRIPED[state]) if state in _STRIPED else Box(*area, person)


def mark_own(box: Box) -> Box:
    """Return the box with a frame for the viewer's own time; what is wrong keeps its frame."""
    return box if box.outline else replace(box, outline=colours.INK)


def fade_past(box: Box) -> Box:
    """Return the box as it looks once its time is over."""
    stripes, outline = (colours.fade(colour) if colour else "" for colour in (box.stripes, box.outline))
    return replace(box, fill=colours.fade(box.fill), stripes=stripes, outline=outline)


def write_label(segment: LaneSegment, people: MemberColours, words: Words) -> tuple[str, ...]:
    """Return the texts of a segment, from the fullest to the shortest."""
    names = people.names(segment.member)
    if not segment.reasons:
        return names
    reason = words(SHORT_REASON[segment.reasons[0]])
    reasons = dict.fromkeys((reason, reason.split(" ")[0] if words.is_chinese else reason))
    if segment.is_filled:
        return (*(f"{name}{words.colon}{text}" for text in reasons for name in names), *names)
    return (*(f"{text}{words.colon}{name}" for text in reasons for name in names), *reasons)
