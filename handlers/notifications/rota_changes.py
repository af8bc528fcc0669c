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
from models.rules.delivery import DeliveryState, MessageKind
from models.rules.errors import Refused
from models.rules.rota.gaps import Gap
from models.rules.rota.impact import Impact
from models.rules.rota.overrides import OverrideKind


def change(context: MessageContext) -> Message | None:
    """Return what somebody changed of the rota; None where the cards of the gaps say it all."""
    happened = _applied_change(context)
    if happened is None:
        return None
    delivery, queries = context.delivery, context.render_context.queries
    viewer = context.view(happened.rota, happened.at)
    by = "" if happened.by == TERMINAL else queries.name_of(happened.by)
    if delivery.user:
        names = _names(delivery.user, happened)
        blocks = rota_changes.private(happened.changes, happened.outcome, by, names, viewer)
    else:
        impact = _unannounced_impact(happened, context.render_context.gaps)
        if impact is None:
            return None
        blocks = rota_changes.public(happened.changes, impact, by, viewer)
    return Message(block_kit.fallback_text(blocks), blocks, delivery.channel, user=delivery.user)


def offer_card(context: MessageContext) -> Message | None:
    """Return the card of a swap offer, as a new message or in place of the posted one."""
    offer, delivery = _offer(context), context.delivery
    if offer is None:
        return None
    blocks = _offer_blocks(offer, context)
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


def declined_offer(context: MessageContext) -> Message | None:
    """Return who can't take an offered shift; None once the offer is over."""
    offer, delivery = _offer(context), context.delivery
    if offer is None or offer.is_over:
        return None
    viewer = _view_at_creation(context)
    name = context.render_context.queries.name_of(delivery.note)
    declined = viewer.words("{who} can't take the shift you offered.", who=name)
    line = block_kit.line(block_kit.run(f"🔁 {declined}\n{swap.times(offer, viewer)}"))
    blocks = [block_kit.rich(line), zone_note(offer.start, viewer)]
    return Message(block_kit.fallback_text(blocks), blocks, delivery.channel, user=delivery.user)


def _applied_change(context: MessageContext) -> AppliedChange | None:
    kind, _, name = context.subject.partition(":")
    rota_store = context.render_context.rota_store
    return rota_store.find_version_change(int(name)) if kind == "plan" else rota_store.find_change(name)


def _offer(context: MessageContext) -> SwapOffer | None:
    try:
        return context.render_context.swap_offers.offer(int(context.subject.partition(":")[2]))
    except (ValueError, Refused):
        return None


def _offer_blocks(offer: SwapOffer, context: MessageContext) -> list[block_kit.Block]:
    viewer, queries = _view_at_creation(context), context.render_context.queries
    by, is_theirs = queries.name_of(offer.by), offer.taken_by == context.user
    taken_by = "" if is_theirs or not offer.taken_by else queries.name_of(offer.taken_by)
    own = viewer.rota.member_with(offer.by)
    whose = offer.member if own is None or own.name != offer.member else ""
    return swap.card(offer, by, taken_by, viewer, whose)


def _view_at_creation(context: MessageContext) -> ViewContext:
    """Return how its reader reads the rota that was in force when the message was enqueued."""
    created_at = context.delivery.created_at
    return context.view(context.render_context.rota_store.rota(created_at), created_at)


def _unannounced_impact(happened: AppliedChange, gaps: GapRegister) -> Impact | None:
    """Return what of a change the cards and the list of gaps do not say themselves; None when they say it all.

    They say who closed a gap or accepted it, and who is on call there now.
    """
    outcome = happened.outcome
    if not happened.changes:
        return replace(outcome, closed_gaps=())
    if _only_opens(happened) and gaps.are_shown(outcome.opened_gaps, happened.at):
        return None
    announced = gaps.select_shown(outcome.closed_gaps, happened.at)
    if announced and len(announced) == len(outcome.closed_gaps) and _is_only(happened, announced):
        return None
    return replace(outcome, closed_gaps=[gap for gap in outcome.closed_gaps if gap not in announced])


def _only_opens(happened: AppliedChange) -> bool:
    """Whether all that happened is that somebody is away, and nobody stands there instead."""
    outcome = happened.outcome
    away = all(change.kind is OverrideKind.TIME_OFF for change in happened.changes)
    return (
        away
        and bool(outcome.opened_gaps)
        and not outcome.closed_gaps
        and not any(one.after for one in outcome.reassigned)
    )


def _names(user: str, happened: AppliedChange) -> NameChange:
    """What somebody was called and is called now: a new plan may name them otherwise, or not at all."""
    was, now = (rota.member_with(user) for rota in (happened.before or happened.rota, happened.rota))
    return NameChange(was.name if was else "", now.name if now else "")


def _is_only(happened: AppliedChange, gaps: Sequence[Gap]) -> bool:
    """Whether all that happened is that somebody took these gaps themselves, or declared them intended."""
    by = happened.rota.member_with(happened.by)
    ours = {OverrideKind.OVERRIDE: by.name if by else "", OverrideKind.ACCEPT_GAP: ""}
    times = [(max(change.start, happened.at), change.end) for change in happened.changes]
    times += [(one.start, one.end) for one in happened.outcome.reassigned]
    return (
        not happened.outcome.opened_gaps
        and all(ours.get(change.kind) == change.member for change in happened.changes)
        and all(any(gap.start <= start and end <= gap.end for gap in gaps) for start, end in times)
    )
