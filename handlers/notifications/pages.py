"""Renders pages: one line of fact and one of what to do, in the person's language, for channels outside Slack.

Whether something is left to say is decided by the renderer of the same message in Slack.
"""

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from handlers.blocks.link_buttons import name_button
from handlers.i18n.words import N_, Words
from handlers.notifications import calls, changeovers, handovers, shifts
from handlers.notifications.context import MessageContext, RenderContext
from handlers.notifications.message import NotReady
from handlers.notifications.page_cases import describe_cases, list_named
from handlers.notifications.page_facts import describe_facts, name_customer
from handlers.notifications.page_links import find_wanted_of_all, name_shift
from handlers.notifications.page_speech import shorten
from handlers.notifications.page_steps import PageReader, describe_step, write_command
from handlers.notifications.render import RENDERERS
from models.outbox.page_links import PageLinks
from models.outbox.pages import Pages, SlackMessage
from models.rules.escalations.deadlines import awaits_acknowledgement
from models.rules.escalations.escalation import Escalation
from models.rules.outbox.delivery import Delivery, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.channels import MOST_BYTES, RINGING, cut_to_bytes
from models.rules.reach.daytime import find_hour
from models.rules.reach.link import number_of
from models.rules.reach.page import PagePath, read_page_note
from models.rules.reach.reach_plan import ReachAddress, ReachPlan
from models.rules.reminders.subjects import EscalationName, GapName, HandoverName, ShiftName

MARK_BYTES = 40
"""Room for the mark of a repeat."""
TITLE = N_("CSP Escalate: {what}")
AGAIN = N_("(again)")
"""Stands before a page that may be there already, once: its text has a part for each language."""


@dataclass(frozen=True)
class RenderedPage:
    """What is sent by an address."""

    address: ReachAddress
    title: str
    is_urgent: bool
    speech: str
    """The fact alone, without a link."""
    write_text: Callable[[], str]
    """Return the text. Its link is made now, because no token is kept."""
    covers: Set[str]
    """The ids of the pages of which it tells: its own, and others about cases that wait for the same person."""


class TooEarly(Exception):
    """A page of what begins many hours ahead waits until the morning of its reader."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class PageRenderer:
    """Renders the pages that the outbox holds. ``meet`` learns the language of a user nobody has met yet."""

    def __init__(
        self, render_context: RenderContext, pages: Pages, plan: ReachPlan, meet: Callable[[str], None]
    ) -> None:
        self._render_context, self._pages, self.plan, self._meet = render_context, pages, plan, meet
        self._links: PageLinks | None = None
        self._public_url = ""

    def offer_links(self, links: PageLinks, public_url: str) -> None:
        """Let texts end with a link to act without Slack, where the bot has a public address."""
        self._links, self._public_url = links if public_url else None, public_url

    def render(self, delivery: Delivery, together: Sequence[Delivery] = ()) -> RenderedPage | None:
        """Return a page; None when nothing is left to say, or when Slack has it and it is not loud.

        ``together`` are pages about cases that it may tell of too, in order, and itself among them: those of which
        something is left to say. Raises TooEarly at night for what begins many hours ahead.
        """
        address = self._pages.read_together(lambda: self._find_address(delivery))
        if address is None:
            return None
        self._meet(delivery.user or "")
        return self._pages.read_together(lambda: self._draw(self._list_covered(delivery, together), address))

    def _list_covered(self, delivery: Delivery, together: Sequence[Delivery]) -> list[Delivery]:
        """Return the pages of which one tells: all are about cases that wait for acknowledgement, or it is alone."""
        covered = [each for each in together if self._find_waiting_case(each)] if len(together) > 1 else []
        if delivery not in covered:
            return [delivery]
        return [each for each in covered if each is delivery or self._find_address(each)]

    def _find_waiting_case(self, delivery: Delivery) -> Escalation | None:
        case = self._render_context.queries.escalation(delivery.number) if delivery.number else None
        return case if case and awaits_acknowledgement(case) else None

    def _find_address(self, delivery: Delivery) -> ReachAddress | None:
        """Return where a page goes; None when nothing is left to say there."""
        note = read_page_note(delivery.note)
        address, slack = self.plan.addresses.get(note.address), self._pages.find_slack_message(note.slack_key)
        if address is None or slack is None:
            return None
        is_needed = self._is_open(delivery) if note.path is PagePath.TAKEN else self._is_needed(slack, note.path)
        if not is_needed:
            return None
        return None if self._is_replaced(delivery, address) else address

    def _draw(self, covered: Sequence[Delivery], address: ReachAddress) -> RenderedPage:
        first, is_private = covered[0], self.plan.is_private(address)
        is_loud = any(read_page_note(each.note).path is PagePath.LOUD for each in covered)
        # A group reads the language and the zone of the team, not those of the person who is called.
        context = MessageContext(first if is_private else replace(first, user=None), self._render_context)
        if not is_loud:
            self._wait_for_daytime(context)
        words = context.reader_words
        title = words(TITLE, what=_name(context, words))
        facts = list(zip(words.list_each(), self._list_facts(covered, context, address), strict=True))

        def write_text() -> str:
            say_next = self._find_next(context, first, is_private=is_private)
            text = _write_whole([(fact, say_next(each)) for each, fact in facts])
            return _mark_again(text, words) if any(each.doubtful for each in covered) else text

        return RenderedPage(
            address, title, is_loud, shorten(facts[0][1]), write_text, frozenset(each.id for each in covered)
        )

    def _list_facts(self, covered: Sequence[Delivery], context: MessageContext, address: ReachAddress) -> Iterator[str]:
        """Yield what a page says before what to do, for each language of its reader."""
        called = list[str]()
        if self.plan.is_shared(address):
            called = list(dict.fromkeys(name for each in covered for name in self._find_called(each)))
        subjects = changeovers.list_page_subjects(MessageContext(covered[0], self._render_context))
        cases = [case for each in covered if (case := self._find_waiting_case(each))] if len(covered) > 1 else []
        for words in context.reader_words.list_each():
            if cases:
                customers = map(
                    partial(name_customer, words=words), list_named(cases) if address.customer_names else ()
                )
                reader = MessageContext(context.delivery, self._render_context, words)
                lines = [describe_cases(cases, context.find_reader_zone(self.plan.zone), reader), *customers]
            else:
                lines = [describe_facts(context, subjects, self.plan.zone, words, with_names=address.customer_names)]
            lines += [words("Called: {who}.", who=words.join_items(called))] if called else []
            yield "\n".join(lines)

    def _wait_for_daytime(self, context: MessageContext) -> None:
        """Raise TooEarly at night in the zone of the reader, for a shift or a gap many hours ahead."""
        name = context.subject_name
        gap = self._render_context.gap_register.find(name.number) if isinstance(name, GapName) else None
        begins = name.start if isinstance(name, ShiftName) else gap.start if gap else None
        hour = find_hour(context.now, begins, context.find_reader_zone(self.plan.zone)) if begins else context.now
        if hour > context.now:
            raise TooEarly(hour)

    def _is_replaced(self, delivery: Delivery, address: ReachAddress) -> bool:
        """Return whether another page says the same to the same person: one that follows, or one that was sent."""
        now, rings = self._render_context.now(), address.channel in RINGING
        return self._pages.has_newer(delivery, now) or self._pages.was_told(delivery, now, rings=rings)

    def _is_needed(self, slack: SlackMessage, path: PagePath) -> bool:
        if slack.state is DeliveryState.SUPERSEDED or (slack.state is DeliveryState.SENT and path is PagePath.SILENT):
            return False
        context = MessageContext(slack.delivery, self._render_context)
        if slack.delivery.what is MessageKind.CALL:  # asked without drawing it: these pages are in the greatest hurry
            return calls.is_wanted(context)
        try:
            return RENDERERS[slack.delivery.what](context) is not None
        except NotReady:  # what it builds on is not in Slack yet: that is when another way is needed
            return True

    def _is_open(self, delivery: Delivery) -> bool:
        """Return whether Slack is still silent and its reader has not done yet what they were asked in Slack before.

        Another message may wait for them in Slack by now that asks for something else too: it makes no difference.
        """
        if not self._render_context.reminders.is_slack_silent(self._render_context.now()):
            return False
        context = MessageContext(delivery, self._render_context)
        name = context.subject_name
        if isinstance(name, EscalationName):
            case = self._render_context.queries.escalation(name.number)
            return case is not None and awaits_acknowledgement(case)
        return not (shifts.is_confirmed(context) if isinstance(name, ShiftName) else _has_pressed(context))

    def _find_called(self, delivery: Delivery) -> list[str]:
        """Return the names of those whom the reminder or the call of a page calls: as the rota has them, else Slack."""
        users = [delivery.user or ""]
        if read_page_note(delivery.note).path is not PagePath.TAKEN:  # such a page is for one person
            users += self._pages.find_called(delivery)
        named = MessageContext(delivery, self._render_context).snapshot.names
        return [named.get(user) or self._render_context.find_name(user) for user in dict.fromkeys(users) if user]

    def _find_next(self, context: MessageContext, delivery: Delivery, *, is_private: bool) -> Callable[[Words], str]:
        """Return what says what to do: by a link that only its person reads, else what works now."""
        called = MessageContext(delivery, self._render_context)
        subjects = changeovers.list_page_subjects(called)
        wanted = find_wanted_of_all(subjects, called)
        if _has_pressed(context) and wanted is None:
            return lambda words: words("You have pressed already. Please call who has not.")
        if self._links is None or wanted is None or not is_private:
            is_silent, has_link = self._is_slack_silent(delivery), bool(self._links and wanted)
            reader = self._find_reader(called, has_link=has_link)
            person = called.snapshot.member_of(called.user or "") if is_private else ""

            def say_step(words: Words) -> str:
                command = write_command(called, person, words) if is_silent else ""
                return describe_step(context.subject_name, reader, words, is_slack_silent=is_silent, command=command)

            return say_step
        token = self._links.make(wanted, context.delivery.id, context.now)
        link = f"{self._public_url}/act/{token}"
        says = N_("“{button}”{which} with the number {number}: {link}")

        def write_step(words: Words) -> str:
            button = name_button(wanted, context.now, words)
            which = words.in_brackets(name_shift(wanted, words)) if len(subjects) > 1 else ""
            return words(says, button=button, which=which, number=number_of(token), link=link)

        return write_step

    def _find_reader(self, called: MessageContext, *, has_link: bool) -> PageReader:
        names = (called.snapshot.member_of(called.user) or called.user, called.user)
        ways = (way for name in names for way in self.plan.people.get(name, ()))
        is_private = any(self.plan.is_private(way) and way.serves("", called.now, self.plan.zone) for way in ways)
        return PageReader(called.is_lead, has_own_link=has_link and is_private)

    def _is_slack_silent(self, delivery: Delivery) -> bool:
        is_second_path = read_page_note(delivery.note).path is not PagePath.LOUD
        return is_second_path or self._render_context.reminders.is_slack_silent(self._render_context.now())


def _write_whole(parts: Sequence[tuple[str, str]]) -> str:
    """Return facts and next steps, one language whole after the other. Where room is short the facts are cut."""
    room = MOST_BYTES // len(parts) - MARK_BYTES
    return "\n".join(f"{cut_to_bytes(fact, room - len(step.encode()))}\n{step}" for fact, step in parts)


def _mark_again(text: str, words: Words) -> str:
    mark = words(AGAIN)
    return f"{mark}{text}" if mark.endswith("）") else f"{mark} {text}"


def _has_pressed(context: MessageContext) -> bool:
    """Return whether the reader of a page about a handover has done their half of it."""
    name = context.subject_name
    if not isinstance(name, HandoverName):
        return False
    member = context.snapshot.member_of(context.user) if context.user else None
    return member in {name.outgoing, name.incoming} and member not in handovers.list_missing(context)


def _name(context: MessageContext, words: Words) -> str:
    """Return what a page is about, as short as it goes: a title holds no time and no name of a customer."""
    name = context.subject_name
    if isinstance(name, EscalationName):
        return f"CSP-{name.number}"
    labels_of = {GapName: N_("gap"), ShiftName: N_("shift"), HandoverName: N_("handover")}
    return words(labels_of.get(type(name), N_("reminder")))
