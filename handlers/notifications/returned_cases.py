"""Renders the warning that 21Vianet returned many cases, and what replaces it once they are fewer again."""

from handlers.blocks import block_kit, returned_rates
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.rules.escalations.returned_rates import ReturnedRates, find_level, find_window


def render_reminder(context: MessageContext) -> Message | None:
    """Return the warning with the numbers as they are now; None when they are below the threshold again.

    The areas are for leads alone: in a channel only the totals are shown.
    """
    words, rates = context.words, _find_rates(context)
    if not _is_above(rates, context):
        return None
    totals = returned_rates.totals_line(rates, words)
    text = words("21Vianet returned {share} of our cases as inappropriate in the last 90 days.", share=totals)
    advice = words(
        "21Vianet may ask for a meeting about a remediation plan. Look at the areas: `/csp-escalate returned`"
    )
    by_area = [
        f"{returned_rates.draw_bar(share)} {returned_rates.say(share, words)} · "
        f"{returned_rates.area_name(share.name, words)}"
        for share in rates.areas
        if share.returned
    ]
    limits = returned_rates.limits_line(context.render_context.policy.reminder_times.returned, words)
    shown = [block_kit.section(block_kit.escape("\n".join(by_area)))] if context.user and by_area else []
    build = context.build_message if context.user else context.build_mentioning_message
    return build(f"📮 {text}\n{advice}", [*shown, block_kit.context(limits)])


def describe_end(context: MessageContext) -> str:
    """Return the text that replaces the warning once the numbers are below the threshold; empty before."""
    rates = _find_rates(context)
    if _is_above(rates, context):
        return ""
    totals = returned_rates.totals_line(rates, context.words)
    return "✅ " + context.words("21Vianet's returned cases are below the threshold again: {share}.", share=totals)


def _find_rates(context: MessageContext) -> ReturnedRates:
    shared = context.render_context
    return shared.returned_cases.rates(find_window(context.now, shared.settings.timezone))


def _is_above(rates: ReturnedRates, context: MessageContext) -> bool:
    limits = context.render_context.policy.reminder_times.returned
    return find_level(rates.returned, rates.cases, limits) > 0
