"""How a piece of a lane looks, for each state: its box, the colour of its words, and what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from handlers.chart import colours
from handlers.chart.drawing import Box
from handlers.chart.lanes import LaneSegment, LaneState
from handlers.i18n.rota_labels import SHORT_REASON
from handlers.i18n.words import Words

INKS = {
    LaneState.COVERED: colours.INK,
    LaneState.BELOW_REQUIREMENT: colours.THIN_INK,
    LaneState.UNCOVERED: colours.EMPTY_INK,
    LaneState.ACCEPTED: colours.MEANT_INK,
}
_STRIPED = {
    LaneState.BELOW_REQUIREMENT: (colours.THIN_FILL, colours.THIN, colours.THIN),
    LaneState.UNCOVERED: (colours.EMPTY_FILL, colours.EMPTY, colours.EMPTY),
    LaneState.ACCEPTED: (colours.MEANT_FILL, "", colours.MEANT),
}
Area = tuple[int, int, int, int]


class MemberColours:
    """The members of a plan, as pictures tell them apart; ``reader`` is who looks at it, if that is one of them."""

    def __init__(self, names: Sequence[str], viewer: str = "") -> None:
        self.viewer = viewer
        self._places = {name: place for place, name in enumerate(names)}
        self._short = _first_names(names)

    def colour(self, name: str) -> str:
        """Theirs in every picture of this plan; grey for somebody the plan doesn't know."""
        return colours.person_colour(self._places.get(name, -1))

    def names(self, name: str) -> tuple[str, ...]:
        """In full, and the first name where nobody else has it; with a star for the reader's; nothing of nobody."""
        told = tuple(dict.fromkeys(filter(None, (name, self._short.get(name, name)))))
        return (*(f"★ {one}" for one in told), *told) if name == self.viewer else told


def _first_names(names: Sequence[str]) -> Mapping[str, str]:
    firsts = [(name.split() or [""])[0] for name in names]
    alone = {name: first for name, first in zip(names, firsts, strict=True) if firsts.count(first) == 1}
    return {name: first for name, first in alone.items() if not first.endswith(".")}  # “Dr.” is no name


def build_box(state: LaneState, area: Area, person: str = "") -> Box:
    """Striped and framed where something is wrong; in the colour of ``person`` else."""
    return Box(*area, *_STRIPED[state]) if state in _STRIPED else Box(*area, person)


def is_marked(patch: Box) -> Box:
    """The same where it is the reader's own; what is wrong keeps its frame."""
    return patch if patch.outline else replace(patch, outline=colours.INK)


def fade_past(patch: Box) -> Box:
    """The same where the time is over."""
    stripes, outline = (colours.fade(colour) if colour else "" for colour in (patch.stripes, patch.outline))
    return replace(patch, fill=colours.fade(patch.fill), stripes=stripes, outline=outline)


def write_label(piece: LaneSegment, people: MemberColours, words: Words) -> tuple[str, ...]:
    """What is written into it, from the most telling to the shortest."""
    names = people.names(piece.member)
    if not piece.reasons:
        return names
    said = words(SHORT_REASON[piece.reasons[0]])
    reasons = dict.fromkeys((said, said.split(" ")[0] if words.is_chinese else said))
    if piece.is_filled:
        return (*(f"{name}{words.colon}{why}" for why in reasons for name in names), *names)
    return (*(f"{why}{words.colon}{name}" for why in reasons for name in names), *reasons)
