"""Who is on call now: the message, and the part of the channel topic that is ours."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from handlers.blocks import block_kit
from handlers.blocks.gap_card import slot_name
from handlers.blocks.schedule import ViewContext, gap_sign, gap_text, vacant_from
from handlers.i18n.rota_labels import KIND
from handlers.i18n.words import N_, Words
from models.rules.rota.gaps import Gap, GapKind
from models.rules.rota.on_call import OnCallInterval, Slot
from models.rules.rota.shifts import Shift

TOPIC_LIMIT = 250
"""Characters Slack accepts for the topic of a channel."""
OWN_PART_LIMIT, OWN_PART_MINIMUM = 120, 20
"""Characters our part of the topic has at most; with fewer than the second it is left out."""
UNKNOWN_MEMBER = N_("Slack knows nobody by {id}. Correct it in the rota: {who}")
_OWN_PART = re.compile(r"\s*⟦[^⟧]*⟧")


def on_call_lines(
    intervals: Sequence[OnCallInterval],
    next_shifts: Sequence[Shift],
    vacant_from_by_slot: Mapping[Slot, datetime],
    unknown: Collection[str],
    viewer: ViewContext,
) -> list[str]:
    """Return who is on call in each slot, and who is next.

    ``intervals`` are those of now. ``next_shifts`` begin with those that have begun and are not taken over yet.
    ``vacant_from_by_slot`` says from when a slot is vacant, where nobody follows at once. ``unknown`` are rota
    names of members whose Slack id does not exist: nobody can reach them.
    """
    words = viewer.words
    lines = [
        f"📟 *{words('On call now')}*",
        *(_slot_line(interval, next_shifts, vacant_from_by_slot.get(interval.slot), viewer) for interval in intervals),
    ]
    unknown_members = dict.fromkeys(interval.person for interval in intervals if interval.person in unknown)
    return [*lines, *(_unknown_member(name, viewer) for name in unknown_members)]


def _slot_line(
    interval: OnCallInterval, next_shifts: Sequence[Shift], vacant_since: datetime | None, viewer: ViewContext
) -> str:
    words = viewer.words
    label = f"{slot_name(interval.slot, words)}{words.colon}"
    if not interval.person:
        return f"🚨 {label}*{words('nobody is on call')}*"
    if vacant_since:
        next_person = f"{words('Next')}{words.colon}*{block_kit.escape(vacant_from(vacant_since, viewer))}*"
        return f"{label}{viewer.mention(interval.person)} · {next_person}"
    shift = next((shift for shift in next_shifts if Slot(shift.seat, shift.slot_number) == interval.slot), None)
    if shift is None:
        return label + viewer.mention(interval.person)
    at = viewer.moment(shift.start)
    if shift.start <= viewer.now:
        at = words("due since {since}, has not taken over yet", since=at)
    next_person = f"{words('Next')}{words.colon}{viewer.mention(shift.member)} {block_kit.escape(at)}"
    return f"{label}{viewer.mention(interval.person)} · {next_person}"


def _unknown_member(name: str, viewer: ViewContext) -> str:
    user, called = viewer.rota.members[name].slack_id, block_kit.escape(block_kit.clip(name, 60))
    id_ = f"`{block_kit.escape(user)}`"
    return "⚠️ " + viewer.line_per_language(lambda view: view.words(UNKNOWN_MEMBER, id=id_, who=called))


def running_gap(gap: Gap, viewer: ViewContext) -> str:
    """Return a gap that runs now: “⚠️ backup: below the requirement · too little rest (Li)”."""
    return f"{gap_sign(gap.kind)} {block_kit.escape(gap_text(gap, viewer.words))}"


def topic_entry(interval: OnCallInterval, gaps: Iterable[Gap], words: Words) -> str:
    """Return a slot for the topic: who is on call and whether they meet the requirement, or that it is uncovered.

    Empty for an accepted gap.
    """
    kind = next((gap.kind for gap in gaps if gap.seat == interval.slot.seat and gap.concerns(interval.person)), None)
    if not interval.person:
        return f"{slot_name(interval.slot, words)}{words.colon}{words(KIND[kind])}" if kind else ""
    below = kind is GapKind.BELOW_REQUIREMENT and not interval.awaited
    return f"{interval.person}{words.in_brackets(words(KIND[GapKind.BELOW_REQUIREMENT]))}" if below else interval.person


def new_topic(old: str, names: Iterable[str], words: Words) -> str:
    """Return the topic with our part replaced: other text stays whole, and our part takes the rest."""
    people = (words.join_items(names) or words("nobody")).replace("⟦", "(").replace("⟧", ")")
    other_text = _OWN_PART.sub("", old).strip()
    room = min(OWN_PART_LIMIT, TOPIC_LIMIT - len(other_text) - (1 if other_text else 0))
    if room < OWN_PART_MINIMUM:
        return other_text
    own_part = f"⟦{block_kit.clip(words('On call') + words.colon + people, room - 2)}⟧"
    return f"{other_text} {own_part}" if other_text else own_part
