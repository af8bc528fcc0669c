"""What a delivery looks like when it is sent: drawn at that moment from current facts, so quick moves collapse.

It is called by the outbox worker and sends nothing itself.
"""

from handlers import delivery_failures
from handlers.blocks import block_kit, call, card, raise_form, timeline, vendor_text
from handlers.i18n.words import Words
from handlers.notifications import reminders
from handlers.notifications.context import RenderContext
from handlers.notifications.message import Message, NotReady, Sending
from handlers.notifications.rota_changes import TOLD, RenderedChange, RotaChangeMessages
from handlers.settings import Settings
from models.escalations.queries import MessageRef
from models.rules.delivery import Delivery, MessageKind
from models.rules.escalations.deadlines import AwaitedStep, find_awaited_step
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move
from models.rules.policy.reminders import CallMethod

OF_THE_DUTY = frozenset({
    MessageKind.CALL, MessageKind.CALL_REFRESH,
    MessageKind.GAP, MessageKind.GAP_REFRESH, MessageKind.GAPS, MessageKind.REMINDER, MessageKind.REMINDER_REFRESH,
    MessageKind.SHIFT, MessageKind.HANDOVER,
    MessageKind.HANDOVER_REFRESH, MessageKind.ON_NOW, MessageKind.TOPIC, MessageKind.GROUP, MessageKind.DIGEST,
    MessageKind.WEEK, MessageKind.PICTURE, MessageKind.REHEARSAL,
    MessageKind.REHEARSAL_REFRESH,
})  # fmt: skip


def draw(delivery: Delivery, render_context: RenderContext, news: RotaChangeMessages) -> Sending | None:
    """Draw any delivery; None when there is nothing to say any more. Raises NotYet while its card is under way."""
    if delivery.what in OF_THE_DUTY:
        return reminders.render(delivery, render_context)
    if delivery.what in TOLD:
        return _news(delivery, news.draw(delivery))
    if delivery.what is MessageKind.TROUBLE:
        return _trouble(delivery, render_context.settings)
    escalation = render_context.queries.escalation(delivery.number) if delivery.number else None
    if escalation is None:
        return None
    drawn = _Draw(delivery, escalation, render_context)
    return {
        MessageKind.CARD: drawn.card,
        MessageKind.REFRESH: drawn.refresh,
        MessageKind.LINE: drawn.line,
        MessageKind.RECEIPT: drawn.receipt,
    }[delivery.what]()


def _trouble(delivery: Delivery, settings: Settings) -> Message | None:
    place = delivery_failures.place(delivery, settings)
    if place is None:
        return None
    said = delivery_failures.sentence(delivery.note, Words.of(settings.language))
    return Message(said, [block_kit.section(said)], place[0], thread_ts=place[1])


def _news(delivery: Delivery, drawn: RenderedChange | None) -> Message | None:
    if drawn is None:
        return None
    if drawn.waits:
        raise NotReady
    channel, user = drawn.channel or delivery.channel, None if drawn.channel else delivery.user
    return Message(drawn.text, drawn.blocks, channel, user=user, update_ts=drawn.ts)


class _Draw:
    """The drawings of one delivery."""

    def __init__(self, delivery: Delivery, escalation: Escalation, render_context: RenderContext) -> None:
        self.delivery, self.escalation, self.render_context = delivery, escalation, render_context
        self.queries, self.settings, self.policy = (
            render_context.queries,
            render_context.settings,
            render_context.policy,
        )
        self.words = Words.of(self.settings.language)

    def card(self) -> Message:
        raiser, ringing = self.queries.name_of(self.escalation.raised_by), self._ringing()
        blocks = card.blocks(self.escalation, self.words, self.policy, raiser, self.render_context.now(), ringing)
        return Message(block_kit.spoken(blocks), blocks, self.escalation.channel)

    def _ringing(self) -> list[block_kit.Element]:
        """Who is mentioned on the card while it waits to be acknowledged: the on-call user group, or who was called."""
        e = self.escalation
        if (
            find_awaited_step(e) is not AwaitedStep.ACKNOWLEDGEMENT
            or self.policy.reminder_times.call[e.severity] is not CallMethod.MENTION
        ):
            return []
        called = self.queries.call_targets(e.number)
        if self.settings.oncall_usergroup and (called.people or called.channel):
            return [block_kit.user_group(self.settings.oncall_usergroup)]
        return [block_kit.person(user) for user in called.people]

    def refresh(self) -> Message | None:
        # First whether it is under way, then where it is: the card may settle between the two looks.
        if self.queries.is_card_under_way(self.escalation.number):
            raise NotReady
        place = self.queries.card_place(self.escalation.number)
        if place is None:
            return None  # the card will be drawn from the same facts when it is posted
        drawn = self.card()
        return Message(drawn.text, drawn.blocks, place.channel, update_ts=place.ts)

    def line(self) -> Message | None:
        entry, place = self._entry(), self._place()
        if entry is None:
            return None
        name = self.queries.name_of(entry.by)  # no mention: it would ring for the very person who did it
        called = self._called(entry.seq, self.words)
        blocks = [block_kit.rich(*timeline.entry(entry, self.words, block_kit.run(name, "bold"), self.policy, called))]
        if entry.move is Move.RAISE:
            zone = self.settings.timezone
            blocks.append(timeline.details(self.escalation, self.words, zone))
        text = f"{self.escalation.name} · {block_kit.spoken(blocks)}"
        return Message(text, blocks, place.channel, thread_ts=place.ts)

    def receipt(self) -> Message:
        words = self._words_of(self.delivery.user or "")
        text = vendor_text.text(self.escalation, self.policy, self.settings.timezone)
        said = words("*{name}* is recorded. Its card appears in the escalation channel.", name=self.escalation.name)
        way = vendor_text.way(self.escalation, words, self.policy)
        called = self._called(self.delivery.seq or 1, words)
        told = f"✅ {said}\n📟 {block_kit.escape(called)}" if called else f"✅ {said}"
        blocks = [block_kit.section(told), *raise_form.paste(text, way, words)]
        return Message(block_kit.spoken(blocks), blocks, None, user=self.delivery.user)

    def _called(self, seq: int, words: Words) -> str:
        """Who was called by an entry; empty when nobody was."""
        render_context, called = self.render_context, self.queries.call_targets(self.escalation.number, seq)
        duty = render_context.on_duty(render_context.now())
        return call.outcome(call.outcome_of(self.escalation, called, duty, render_context.name_of), words)

    def _entry(self) -> HistoryEntry | None:
        return self.queries.entry(self.escalation.number, self.delivery.seq or 0)

    def _place(self) -> MessageRef:
        place = self.queries.card_place(self.escalation.number)
        if place is None:
            raise NotReady
        return place

    def _words_of(self, user: str) -> Words:
        known = self.queries.person(user)
        return Words.of(known[0].language if known else self.settings.language)
