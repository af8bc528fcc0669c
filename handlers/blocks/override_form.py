"""Overrides: the form that asks, and the preview of the impact before anything is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.schedule import ViewContext, gap_text, zone_note
from handlers.i18n import dates
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import N_, Words
from models.rules.rota.gaps import Gap
from models.rules.rota.impact import Impact, ReassignedTime
from models.rules.rota.on_call import Slot
from models.rules.rota.rota import Member

COVER, LEAVE, ACCEPT_GAP, TAKE, STEP_IN, CANCEL, STAY = "cover", "leave", "intend", "take", "step_in", "cancel", "stay"
TITLE = {
    COVER: N_("Cover"), LEAVE: N_("Leave"), ACCEPT_GAP: N_("Accepted gap"), TAKE: N_("Take a gap"),
    STEP_IN: N_("Step in"), CANCEL: N_("Undo a change"), STAY: N_("Stay on"),
}  # fmt: skip
MOVED_SHOWN, GAPS_SHOWN, WHY_LIMIT = 12, 8, 500
ALL_SEATS = "*"


@dataclass(frozen=True)
class OverrideRequest:
    """An override as far as it is filled in. Times are in seconds since 1970.

    Open forms carry the field names in their metadata, so they stay.
    """

    kind: str
    seat: str = ""
    member: str = ""
    instead_of: str = ""
    start: int | None = None
    end: int | None = None
    why: str = ""
    of: int = 0  # the id of the override that is undone.
    shown: str = ""  # the fingerprint of the preview.
    shown_at: int | None = None  # when the preview was shown.
    place: str = ""  # where the form was opened, if that is redrawn after saving.

    @property
    def starts(self) -> datetime:
        """The start, in UTC."""
        return datetime.fromtimestamp(self.start or 0, UTC)

    @property
    def ends(self) -> datetime:
        """The end, in UTC."""
        return datetime.fromtimestamp(self.end or 0, UTC)


# What is asked -----------------------------------------------------------------------------------------------------


def form(request: OverrideRequest, viewer: ViewContext, people: Mapping[str, str], metadata: str) -> block_kit.Block:
    """Return the form of one kind of override, prefilled.

    ``people`` are those who may be chosen; none when it can only be oneself.
    """
    words = viewer.words
    ask = _Asking(request, viewer, people)
    fields = {
        COVER: [ask.seat, ask.member, ask.instead_of, ask.start, ask.end, ask.why],
        LEAVE: [ask.member, ask.start, ask.end, ask.private_why],
        ACCEPT_GAP: [ask.any_seat, ask.start, ask.end, ask.must_say_why],
        TAKE: [ask.start, ask.end],
        STAY: [ask.end],
    }[request.kind]
    blocks = [block for field in fields for block in field()]
    return block_kit.modal(
        f"{ids.ROTA}{request.kind}", words(TITLE[request.kind]), [*ask.head(), *blocks], words("Cancel"),
        submit=words("Save") if request.kind == STAY else words("Preview"), private_metadata=metadata,
    )  # fmt: skip


class _Asking:
    """The fields; each method returns a list, empty when the field is not needed."""

    def __init__(self, request: OverrideRequest, viewer: ViewContext, people: Mapping[str, str]) -> None:
        self._request, self._viewer, self._words, self._people = request, viewer, viewer.words, people

    def head(self) -> list[block_kit.Block]:
        zone = dates.zone_name(self._viewer.now, self._viewer.zone, self._words)
        if self._request.kind == STAY:
            sentence = self._words(
                "You stay on call as {seat} from {start}.",
                seat=seat_name(self._request.seat, self._words),
                start=self._viewer.moment(self._request.starts),
            )
            return [block_kit.aside(block_kit.plain(f"{sentence} {self._words('Times')}{self._words.colon}{zone}"))]
        sentence = self._words("You will see a preview before anything is saved. Times: {zone}", zone=zone)
        return [block_kit.aside(block_kit.plain(sentence))]

    def seat(self) -> list[block_kit.Block]:
        choices = {seat.name: seat_name(seat.name, self._words) for seat in self._viewer.rota.seats}
        return [self._select("seat", self._words("Seat"), choices, self._request.seat)]

    def any_seat(self) -> list[block_kit.Block]:
        choices = {seat.name: seat_name(seat.name, self._words) for seat in self._viewer.rota.seats}
        everywhere = {ALL_SEATS: self._words("all seats"), **choices}
        return [self._select("seat", self._words("Seat"), everywhere, self._request.seat or ALL_SEATS)]

    def member(self) -> list[block_kit.Block]:
        label = self._words("Who is away?") if self._request.kind == LEAVE else self._words("Who covers it?")
        return [self._select("member", label, self._people, self._request.member)] if self._people else []

    def instead_of(self) -> list[block_kit.Block]:
        if not self._people or all(seat.people == 1 for seat in self._viewer.rota.seats):
            return []
        label = self._words("Instead of whom?")
        return [self._select("instead_of", label, self._people, self._request.instead_of, optional=True)]

    def start(self) -> list[block_kit.Block]:
        box = block_kit.date_and_time(f"{ids.ROTA}start", self._request.start)
        return [block_kit.field("start", self._words("From"), box)]

    def end(self) -> list[block_kit.Block]:
        box = block_kit.date_and_time(f"{ids.ROTA}end", self._request.end)
        return [block_kit.field("end", self._words("To"), box)]

    def why(self) -> list[block_kit.Block]:
        return self._why(optional=True, hint=self._words("The team sees this."))

    def private_why(self) -> list[block_kit.Block]:
        return self._why(optional=True, hint=self._words("The team is told when, not why; the history keeps it."))

    def must_say_why(self) -> list[block_kit.Block]:
        return self._why(optional=False, hint=self._words("The team sees this."))

    def _why(self, *, optional: bool, hint: str) -> list[block_kit.Block]:
        box = block_kit.text_input(f"{ids.ROTA}why", WHY_LIMIT, lines=True, initial=self._request.why)
        return [block_kit.field("why", self._words("Reason"), box, optional=optional, hint=hint)]

    def _select(
        self, name: str, label: str, choices: Mapping[str, str], initial: str, *, optional: bool = False
    ) -> block_kit.Block:
        return block_kit.field(
            name, label, block_kit.select(f"{ids.ROTA}{name}", choices, initial=initial), optional=optional
        )


def member_key(member: Member) -> str:
    """Return a member's value in a menu: their account, else their name."""
    return member.slack_id or member.name[: block_kit.OPTION_VALUE]


# What would happen -------------------------------------------------------------------------------------------------


def preview(
    request: OverrideRequest, impact: Impact, viewer: ViewContext, metadata: str, note: str = ""
) -> block_kit.Block:
    """Return the preview, to be agreed to; ``note`` is shown on top."""
    words = viewer.words
    note_blocks = [block_kit.section(f"⚠️ {note}")] if note else []
    shown = happening(impact, viewer, intends=request.kind == ACCEPT_GAP)
    blocks = [
        *note_blocks,
        *describe_request(request, viewer),
        *shown,
        *_nothing(request, impact, words),
        zone_note(viewer.now, viewer),
    ]
    in_spite = request.kind in {TAKE, STEP_IN} and impact.opened_gaps
    return block_kit.modal(
        ids.ROTA_SAVE, words("Preview"), [*blocks, *_back(request, words)], words("Cancel"),
        submit=words("Take it anyway") if in_spite else words("Save"), private_metadata=metadata,
    )  # fmt: skip


def _back(request: OverrideRequest, words: Words) -> list[block_kit.Block]:
    return (
        []
        if request.kind in {CANCEL, STEP_IN}
        else [block_kit.actions([block_kit.button(words("‹ Back"), ids.ROTA_BACK)], "back")]
    )


def _nothing(request: OverrideRequest, impact: Impact, words: Words) -> list[block_kit.Block]:
    if impact.reassigned or impact.opened_gaps or impact.closed_gaps:
        return []
    if request.kind == LEAVE:
        return [block_kit.context(words("There is no shift in this time. It is noted for shifts planned later."))]
    return [block_kit.context(words("Nobody's shifts change, and no gap opens or closes."))]


def describe_request(request: OverrideRequest, viewer: ViewContext) -> list[block_kit.Block]:
    """Return what the change is, and when, as one line."""
    words = viewer.words
    seat = words("all seats") if request.seat in {"", ALL_SEATS} else seat_name(request.seat, words)
    who = block_kit.clip(request.member, 60)
    sentence = {
        COVER: words("{who} is on call as {seat}", who=who, seat=seat),
        TAKE: words("{who} is on call as {seat}", who=who, seat=seat),
        STEP_IN: words("{who} is on call as {seat}", who=who, seat=seat),
        STAY: words("{who} is on call as {seat}", who=who, seat=seat),
        LEAVE: words("{who} is away", who=who),
        ACCEPT_GAP: words("Accepted gap: {seat}", seat=seat),
        CANCEL: words("A change is undone"),
    }[request.kind]
    lines = [block_kit.run(sentence, "bold"), block_kit.run(f"\n{viewer.interval(request.starts, request.ends)}")]
    lines += [block_kit.run(f"\n{request.why}", "italic")] if request.why else []
    return [block_kit.rich(block_kit.line(*lines))]


def happening(
    impact: Impact, viewer: ViewContext, *, is_saved: bool = False, intends: bool = False
) -> list[block_kit.Block]:
    """Return the impact of a change, or of a saved one: opened gaps first, then closed ones, then who moves.

    With ``intends`` the closed gaps are accepted, and nobody is on call in them.
    """
    words = viewer.words
    lines: list[block_kit.Element] = []
    if impact.opened_gaps:
        count = _opens(len(impact.opened_gaps), words, is_saved)
        lines.append(_draw_rows(f"🕳️ {count}", [_gap(item, viewer) for item in impact.opened_gaps], GAPS_SHOWN, words))
    if impact.closed_gaps:
        n = len(impact.closed_gaps)
        count = f"⚪ {_intends(n, words, is_saved)}" if intends else f"✅ {_closes(n, words, is_saved)}"
        lines.append(_draw_rows(count, [_gap(item, viewer) for item in impact.closed_gaps], GAPS_SHOWN, words))
    if impact.reassigned:
        moves = [_move(item, viewer) for item in impact.reassigned]
        lines.append(_draw_rows(f"👥 {words('Changes of cover')}{words.colon}", moves, MOVED_SHOWN, words))
    return [block_kit.rich(line) for line in lines]


def _opens(n: int, words: Words, is_saved: bool) -> str:
    if is_saved:
        return words.plural("This opened {n} gap:", "This opened {n} gaps:", n)
    return words.plural("This opens {n} gap:", "This opens {n} gaps:", n)


def _closes(n: int, words: Words, is_saved: bool) -> str:
    if is_saved:
        return words.plural("This closed {n} gap:", "This closed {n} gaps:", n)
    return words.plural("This closes {n} gap:", "This closes {n} gaps:", n)


def _intends(n: int, words: Words, is_saved: bool) -> str:
    if is_saved:
        return words.plural("{n} gap is now accepted:", "{n} gaps are now accepted:", n)
    return words.plural("This marks {n} gap as accepted:", "This marks {n} gaps as accepted:", n)


def _draw_rows(title: str, rows: Sequence[str], limit: int, words: Words) -> block_kit.Element:
    more_count = len(rows) - limit
    more = (
        [block_kit.run("\n" + words.plural("and {n} more", "and {n} more", more_count), "italic")]
        if more_count > 0
        else []
    )
    return block_kit.line(block_kit.run(title, "bold"), *(block_kit.run(f"\n• {row}") for row in rows[:limit]), *more)


def _gap(gap: Gap, viewer: ViewContext) -> str:
    return f"{viewer.interval(gap.start, gap.end)} · {gap_text(gap, viewer.words)}"


def _move(moved: ReassignedTime, viewer: ViewContext) -> str:
    words = viewer.words
    seat = viewer.slot_name(Slot(moved.seat, moved.slot_number))
    before, after = (block_kit.clip(name, 60) or words("nobody") for name in (moved.before, moved.after))
    return f"{viewer.interval(moved.start, moved.end)} · {seat}{words.colon}{before} → {after}"


def quicker(name: str, at: datetime, viewer: ViewContext) -> str:
    """Return that somebody else was first."""
    who = block_kit.escape(block_kit.clip(name, 60))
    return viewer.words("{who} took it at {at}.", who=who, at=viewer.moment_in_sentence(at))


def gap_closed_view(taker: tuple[str, datetime] | None, viewer: ViewContext) -> block_kit.Block:
    """Return the view for a gap that is already closed: nothing was changed, and who took it when."""
    words = viewer.words
    sentence = quicker(*taker, viewer) if taker else words("This gap is already closed, or over.")
    blocks = [block_kit.section(f"⚠️ {sentence}\n{words('Nothing was changed.')}"), zone_note(viewer.now, viewer)]
    return block_kit.modal(ids.DONE, words("Not done"), blocks, words("Done"))


def saved_view(
    impact: Impact, told_people: Sequence[str], viewer: ViewContext, *, intends: bool = False, then: str = ""
) -> block_kit.Block:
    """Return that it is saved, what is to be done ``then``, and who is notified.

    With ``intends`` gaps were accepted.
    """
    words = viewer.words
    sentence = words("The on-call channel is notified, and so are: {people}", people=words.join_items(told_people))
    lines = [block_kit.run("✅ " + words("Saved."), "bold"), *([block_kit.run(f"\n{then}")] if then else [])]
    lines += [block_kit.run(f"\n{sentence}")] if told_people else []
    shown = happening(impact, viewer, is_saved=True, intends=intends)
    clock = [zone_note(viewer.now, viewer)] if shown else []
    return block_kit.modal(
        ids.DONE, words("Rota changed"), [block_kit.rich(block_kit.line(*lines)), *shown, *clock], words("Done")
    )
