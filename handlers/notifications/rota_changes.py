"""Renders messages about changes of the rota and about swap offers."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.blocks import block_kit, rota_changes, swap
from handlers.blocks.rota_changes import NameChange
from handlers.blocks.schedule import ViewContext, zone_note
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message, NotReady
from models.oncall.gap_register import GapRegister
from models.oncall.rota_store import AppliedChange
from models.oncall.rota_versions import TERMINAL
from models.oncall.swaps import SwapOffer
from models.rules.errors import Refused
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders.subjects import OfferName, OverrideName, RotaVersionName
from models.rules.rota.gaps import Gap
from models.rules.rota.impact import Impact
from models.rules.rota.overrides import OverrideKind


def render_change(context: MessageContext) -> Message | None:
    """Return the notice of a rota change; None where the gap cards already show all of it."""
    applied = _find_change(context)
    if applied is None:
        return None
    delivery, queries = context.delivery, context.render_context.queries
    viewer = context.build_view(applied.rota, applied.at)
    by = "" if applied.by == TERMINAL else queries.name_of(applied.by)
    if delivery.user:
        names = _find_names(delivery.user, applied)
        blocks = rota_changes.private(applied.changes, applied.outcome, by, names, viewer)
    else:
        impact = _find_unannounced_impact(applied, context.render_context.gap_register)
        if impact is None:
            return None
        blocks = rota_changes.public(applied.changes, impact, by, viewer)
    return Message(block_kit.fallback_text(blocks), blocks, delivery.channel, user=delivery.user)


def render_offer(context: MessageContext) -> Message | None:
    """Return the card of a swap offer, as a new message or in place of the posted one."""
    offer, delivery = _find_offer(context), context.delivery
    if offer is None:
        return None
    blocks = _build_offer_blocks(offer, context)
    text = block_kit.fallback_text(blocks)
    if delivery.what is MessageKind.OFFER:
        return Message(text, blocks, delivery.channel, user=delivery.user)
    key = f"{delivery.subject}/{delivery.user}" if delivery.user else str(delivery.subject)
    posted = context.render_context.swap_offers.card(key)
    if posted is None or posted.state not in {DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.UNKNOWN}:
        return None  # it is rendered from the same facts when it is posted
    if posted.state is not DeliveryState.SENT:
        raise NotReady
    channel, user = posted.channel or delivery.channel, None if posted.channel else delivery.user
    return Message(text, blocks, channel, user=user, update_ts=posted.ts)


def render_declined_offer(context: MessageContext) -> Message | None:
    """Return who can't take an offered shift; None once the offer is over."""
    offer, delivery = _find_offer(context), context.delivery
    if offer is None or offer.is_over:
        return None
    viewer = _build_view_at_creation(context)
    name = context.render_context.queries.name_of(delivery.note)
    declined = viewer.words("{who} can't take the shift you offered.", who=name)
    line = block_kit.line(block_kit.run(f"🔁 {declined}\n{swap.times(offer, viewer)}"))
    blocks = [block_kit.rich(line), zone_note(offer.start, viewer)]
    return Message(block_kit.fallback_text(blocks), blocks, delivery.channel, user=delivery.user)


def _find_change(context: MessageContext) -> AppliedChange | None:
    name, rota_store = context.subject_name, context.render_context.rota_store
    if isinstance(name, RotaVersionName):
        return rota_store.find_version_change(name.number)
    return rota_store.find_change(context.subject_as(OverrideName).key)


def _find_offer(context: MessageContext) -> SwapOffer | None:
    try:
        return context.render_context.swap_offers.offer(context.subject_as(OfferName).number)
    except (ValueError, Refused):
        return None


def _build_offer_blocks(offer: SwapOffer, context: MessageContext) -> list[block_kit.Block]:
    viewer, queries = _build_view_at_creation(context), context.render_context.queries
    by, is_theirs = queries.name_of(offer.by), offer.taken_by == context.user
    taken_by = "" if is_theirs or not offer.taken_by else queries.name_of(offer.taken_by)
    own = viewer.rota.member_with(offer.by)
    whose = offer.member if own is None or own.name != offer.member else ""
    return swap.card(offer, by, taken_by, viewer, whose)


def _build_view_at_creation(context: MessageContext) -> ViewContext:
    """Return how its reader reads the rota that was in force when the message was enqueued."""
    created_at = context.delivery.created_at
    return context.build_view(context.render_context.rota_store.rota(created_at), created_at)


def _find_unannounced_impact(applied: AppliedChange, gaps: GapRegister) -> Impact | None:
    """Return the parts of a change that the gap cards and the gap list do not show; None when they show all of it.

    They say who closed a gap or accepted it, and who is on call there now.
    """
    outcome = applied.outcome
    if not applied.changes:
        return replace(outcome, closed_gaps=())
    if _only_opens(applied) and gaps.are_shown(outcome.opened_gaps, applied.at):
        return None
    announced = gaps.select_shown(outcome.closed_gaps, applied.at)
    if announced and len(announced) == len(outcome.closed_gaps) and _only_ends(applied, announced):
        return None
    return replace(outcome, closed_gaps=[gap for gap in outcome.closed_gaps if gap not in announced])


def _only_opens(applied: AppliedChange) -> bool:
    """Return whether all a change does is that somebody is away and nobody is on call instead."""
    outcome = applied.outcome
    is_away = all(change.kind is OverrideKind.TIME_OFF for change in applied.changes)
    return (
        is_away
        and bool(outcome.opened_gaps)
        and not outcome.closed_gaps
        and not any(shift.after for shift in outcome.reassigned)
    )


def _find_names(user: str, applied: AppliedChange) -> NameChange:
    """Return the rota name of a user before and after: a new rota may name them differently, or not at all."""
    before, after = (rota.member_with(user) for rota in (applied.before or applied.rota, applied.rota))
    return NameChange(before.name if before else "", after.name if after else "")


def _only_ends(applied: AppliedChange, gaps: Sequence[Gap]) -> bool:
    """Return whether all a change does is that somebody took these gaps themselves, or accepted them."""
    by = applied.rota.member_with(applied.by)
    own_kinds = {OverrideKind.OVERRIDE: by.name if by else "", OverrideKind.ACCEPT_GAP: ""}
    times = [(max(change.start, applied.at), change.end) for change in applied.changes]
    times += [(shift.start, shift.end) for shift in applied.outcome.reassigned]
    return (
        not applied.outcome.opened_gaps
        and all(own_kinds.get(change.kind) == change.member for change in applied.changes)
        and all(any(gap.start <= start and end <= gap.end for gap in gaps) for start, end in times)
    )
