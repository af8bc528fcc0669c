"""What every renderer can use: the stores it reads, and one delivery with its reader, its time and its place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from handlers.blocks import block_kit, lateness, told_outside
from handlers.blocks.schedule import ViewContext, zone_note
from handlers.context import SharedServices
from handlers.i18n.words import Words
from handlers.notifications.message import Message, NotReady
from models.oncall.holiday_review import HolidayReviews
from models.oncall.snapshot import OnCallSnapshot, SnapshotCache
from models.reminders import changeover
from models.reminders.log import ReminderLog, SentMessage
from models.rules.outbox.delivery import Delivery, DeliveryState
from models.rules.outbox.message_kinds import REDRAWS, MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.people import Person
from models.rules.reminders.subjects import HandoverName, ShiftName, SubjectName, read_name
from models.rules.rota.rota import Rota
from models.rules.times import find_zone

LATE = timedelta(minutes=2)
"""A reminder sent so long after it was due says so."""
TOLD_AFTER = timedelta(seconds=20)
"""A message that waited so long says who was told by another way meanwhile."""
Name = TypeVar("Name", bound=SubjectName)


@dataclass(frozen=True, kw_only=True)
class RenderContext(SharedServices):
    """What messages are rendered from."""

    reminders: ReminderLog
    snapshots: SnapshotCache
    holiday_reviews: HolidayReviews
    workspace: Callable[[], str] = lambda: ""
    """Return the address of the workspace; empty while it is not known."""
    is_unknown: Callable[[str], bool] = lambda _user: False
    """Return whether Slack said that it knows nobody by a Slack id."""


class MessageContext:
    """One delivery, and what its renderer needs to know about it."""

    def __init__(self, delivery: Delivery, render_context: RenderContext, words: Words | None = None) -> None:
        """Take a delivery. ``words`` is the language of a part of it, where that is not the reader's."""
        self.delivery, self.render_context, self._words = delivery, render_context, words
        self.subject = delivery.subject or ""
        self.reminder = delivery.reminder
        self.user = delivery.user or ""  # the Slack id of the reader; empty in a channel
        self.now = render_context.now()

    @cached_property
    def subject_name(self) -> SubjectName | None:
        """What the subject names; None for one that names nothing, such as the daily list."""
        return read_name(self.subject)

    def subject_as(self, kind: type[Name]) -> Name:
        """Return what the subject names, of the kind a renderer expects; raise ValueError for any other."""
        if not isinstance(self.subject_name, kind):
            raise ValueError(f"not the name of a {kind.__name__}: {self.subject}")
        return self.subject_name

    @cached_property
    def snapshot(self) -> OnCallSnapshot:
        """Who is on call now, and the shifts and gaps around it."""
        return self.render_context.snapshots.at(self.now)

    @cached_property
    def reader(self) -> Person | None:
        """The person it goes to, as Slack describes them; None for a channel and for somebody nobody has met."""
        person = self.render_context.queries.person(self.user) if self.user else None
        return person[0] if person else None

    @property
    def is_lead(self) -> bool:
        """Whether the reader is a lead."""
        return self.user in self.render_context.settings.leads

    @property
    def reader_words(self) -> Words:
        """The words of the reader's language, or of the installation's; needs no rota."""
        language = self.reader.language if self.reader else self.render_context.settings.language
        return self._words or Words.of(language)

    def find_reader_zone(self, default: ZoneInfo) -> ZoneInfo:
        """Return the reader's time zone, or the default for a channel and where their zone is not known."""
        return (find_zone(self.reader.tz) if self.reader else None) or default

    def build_view(self, rota: Rota | None, now: datetime) -> ViewContext:
        """Return how the reader reads times and names of a rota; a channel reads in the zone of the rota."""
        zone = self.find_reader_zone(rota.zone if rota else self.render_context.settings.timezone)
        return ViewContext(self.reader_words, zone, rota or Rota(seats=()), now)

    @cached_property
    def viewer(self) -> ViewContext:
        """How the reader reads times and names of today's rota."""
        rota = self.snapshot.rota
        return self.build_view(rota if rota.seats else None, self.now)

    @property
    def words(self) -> Words:
        """The words of the reader's language."""
        return self.viewer.words

    @cached_property
    def combined_subjects(self) -> Sequence[str]:
        """The subjects that a direct message about a shift or a handover covers too."""
        name = self.subject_name
        if not self.user or not changeover.is_changeover(name, self.reminder.step):
            return ()
        return [str(other) for other in changeover.find_simultaneous(self.snapshot, name)]

    @property
    def is_outdated(self) -> bool:
        """Whether a later reminder waits for the same place, and covers this one."""
        return self.render_context.reminders.has_newer_waiting(self.delivery, self.combined_subjects)

    @property
    def mentions(self) -> list[str]:
        """The mentions of a message in a channel: the leads, and at most the whole on-call group.

        About shifts and handovers leads get a direct message with buttons, so the channel does not mention them too.
        """
        settings, audience = self.render_context.settings, self.reminder.audience
        is_private = isinstance(self.subject_name, ShiftName | HandoverName)
        with_leads = Audience.EVERYONE in audience or (Audience.LEADS in audience and not is_private)
        mentions = [block_kit.mention(lead) for lead in sorted(settings.leads)] if with_leads else []
        if Audience.EVERYONE in audience and settings.oncall_usergroup:
            mentions = [block_kit.group(settings.oncall_usergroup), *mentions]
        return [" ".join(mentions)] if mentions else []

    def find_place(self, kind: MessageKind) -> tuple[str, str] | None:
        """Return the channel and ts of the newest message of a kind about the subject; None while it is not posted."""
        return self.render_context.reminders.find_card(self.subject, kind)

    def find_thread(self, kind: MessageKind) -> str:
        """Return the ts of the card of the subject; raise NotReady while it is not posted."""
        place = self.find_place(kind)
        if place is None:
            raise NotReady
        return place[1]

    def find_redrawn(self) -> tuple[DeliveryState, str, str] | None:
        """Return the state, channel and ts of the message this one replaces; None if there is none."""
        return self.render_context.reminders.find_posting(self.delivery.redraws or "")

    def build_message(
        self,
        text: str,
        blocks: list[block_kit.Block],
        thread: str | None = None,
        short: str = "",
        *,
        timed: bool = False,
        told_note: Sequence[block_kit.Block] | None = None,
    ) -> Message:
        """Return a new message.

        ``short`` is the text of the notification, if it is not ``text``. ``timed`` says that the text shows times, so
        that their zone is named below. ``told_note`` says who was told by another way, where not only pages about the
        subject count.
        """
        late = self.build_lateness()
        told_note = self.build_told() if told_note is None else told_note
        zone = [zone_note(self.now, self.viewer)] if timed or late or told_note else []
        message_blocks = [block_kit.section(text), *zone, *late, *told_note, *blocks]
        fallback = block_kit.cut(short or text, block_kit.FALLBACK // 2)
        return Message(fallback, message_blocks, self.delivery.channel, self.delivery.user, thread)

    def build_mentioning_message(
        self,
        text: str,
        blocks: list[block_kit.Block],
        thread: str | None = None,
        short: str = "",
        *,
        timed: bool = False,
    ) -> Message:
        """Return a new message in a channel that mentions the people of its audience."""
        fallback = "\n".join([short or text, *self.mentions])
        return self.build_message("\n".join([text, *self.mentions]), blocks, thread, fallback, timed=timed)

    def build_card(self, text: str, blocks: list[block_kit.Block]) -> Message | None:
        """Return a card: a new message, or the new content of the posted one.

        None while it is not posted: it will be rendered from the same facts then. Raises NotReady while it is being
        sent.
        """
        card_kind = REDRAWS.get(self.delivery.what)
        fallback = block_kit.cut(text, block_kit.FALLBACK // 2)
        if card_kind is None:
            return Message(fallback, blocks, self.delivery.channel)
        if self.render_context.reminders.is_card_in_doubt(self.subject, card_kind):
            raise NotReady
        place = self.find_place(card_kind)
        return Message(fallback, blocks, place[0], update_ts=place[1]) if place else None

    @cached_property
    def first_sent(self) -> SentMessage:
        """The message as it is sent for the first time: now, or for a redrawing earlier.

        A message keeps what it says of its own delay when it is drawn again.
        """
        return self.render_context.reminders.find_sent(self.delivery) or SentMessage(self.delivery, self.now)

    def about(self, subject: str) -> "MessageContext":
        """Return the part of the same message that is about another subject."""
        part = MessageContext(replace(self.delivery, subject=subject), self.render_context, self._words)
        part.first_sent = replace(self.first_sent, delivery=replace(self.first_sent.delivery, subject=subject))
        return part

    def build_lateness(self) -> list[block_kit.Block]:
        """Return the note that the reminder is late, or was when it was first sent; empty when it is not."""
        message = self.first_sent.delivery
        if not message.reminder.key or message.what is MessageKind.ON_NOW:
            return []  # who is on call now is never late
        # A holiday review that was not sent had nothing to say.
        given_up = message.what is not MessageKind.HOLIDAY_REVIEW
        due = self.render_context.reminders.find_due_since(message, given_up)
        return self.build_late_note(due) if due else []

    def name_zone_of(self, notes: Sequence[block_kit.Block]) -> list[block_kit.Block]:
        """Return notes of times below the name of their zone, for a message that does not name it."""
        return [zone_note(self.now, self.viewer), *notes] if notes else []

    def build_told(self, about: Sequence[tuple[str, datetime]] = ()) -> list[block_kit.Block]:
        """Return how its reader, or in a channel anybody, was told by another way before the reminder was first sent.

        ``about`` are the subjects of the pages that say the same as this message, each with the instant from which they
        do; without it these are the pages about its own subject.
        """
        message, sent_at = self.first_sent.delivery, self.first_sent.sent_at
        if not message.reminder.key or sent_at - message.created_at < TOLD_AFTER:
            return []
        due = self.render_context.reminders.find_due_since(message) or message.created_at
        like, pages = None if about else message.reminder, self.render_context.pages
        people = [
            person
            for subject, since in about or [(message.subject or "", due)]
            for person in pages.find_told(subject, max(due, since), self.user, like, sent_at)
        ]
        if self.user:
            return told_outside.reader_note(people, self.words, told_outside.in_zone_of(self.viewer))
        return told_outside.people_note(people, self.viewer, self.render_context.find_name)

    def build_late_note(self, due: datetime) -> list[block_kit.Block]:
        """Return the note of what was due at an instant and was first sent later, and why; empty when it was not."""
        sent = self.first_sent.sent_at
        if sent - due < LATE:
            return []
        reasons = self.render_context.reminders.find_late_reasons(self.first_sent.delivery.id, due, sent)
        return [lateness.late_note(lateness.Lateness(due, sent, reasons), self.viewer)]
