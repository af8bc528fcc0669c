"""How often 21Vianet returned cases as inappropriate: all of it for leads, one's own cases for everybody else."""

from collections.abc import Mapping, Sequence

from handlers.blocks import block_kit, card, case_row
from handlers.i18n import review_labels
from handlers.i18n.words import N_, Words
from models.escalations.returned_cases import ReturnedOverview
from models.rules.escalations.returned_rates import WINDOW, ReturnedRates, ReturnedShare, share_in_percent
from models.rules.policy.reminders import ReturnedLimits
from models.rules.policy.review_rules import SupportArea

AREAS: Mapping[str, str] = {
    **{str(area): label for area, label in review_labels.AREA.items()},
    SupportArea.NONE: N_("None of these areas"),
    "": N_("No area was given"),
}
SEEN_BY_LEADS = N_(
    "Leads see areas, customers and the returned cases, but no figures by person: yours are shown to you alone."
)
"""What a person reads below their own figures."""
BAR = 10
"""Cells of the bar that draws a share."""


def blocks(overview: ReturnedOverview, limits: ReturnedLimits, words: Words, *, is_lead: bool) -> list[block_kit.Block]:
    """Return the rates of the last 90 days, drawn as bars, and the last returned cases."""
    rates = overview.rates
    title = words("Returned by 21Vianet") if is_lead else words("Your cases that 21Vianet returned")
    days = words.plural("The last {n} day", "The last {n} days", WINDOW.days)
    shown = [block_kit.list_title(title), block_kit.context(days)]
    if not rates.cases:
        return [*shown, block_kit.context(words("No case was escalated in this time."))]
    shown.append(block_kit.rich(block_kit.facts(_totals(rates, words), words.colon)))
    if is_lead:
        shown += _bars(words("By area"), [_rename(share, area_name(share.name, words)) for share in rates.areas], words)
        customers = [_rename(share, share.name or words("Our own requests")) for share in overview.customers]
        shown += _bars(words("By customer"), customers, words)
        shown.append(block_kit.context(limits_line(limits, words)))
    shown += [case_row.row(case, [card.finding(case)], words) for case in overview.cases]
    private = words("Only you see this.")
    hint = private if is_lead else f"{private} {words(SEEN_BY_LEADS)}"
    return [*shown, block_kit.context(hint)]


def area_name(area: str, words: Words) -> str:
    """Return an area as a person reads it."""
    return words(AREAS[area]) if area in AREAS else area


def totals_line(rates: ReturnedRates, words: Words) -> str:
    """Return how many cases were returned, of how many, and the share."""
    return say(ReturnedShare("", rates.cases, rates.returned), words)


def limits_line(limits: ReturnedLimits, words: Words) -> str:
    """Return from when on leads are warned."""
    return words(
        "Leads are warned from {count} returned cases on, or from {percent}% of at least {least} cases.",
        count=limits.count, percent=limits.percent, least=limits.least_cases,
    )  # fmt: skip


def _totals(rates: ReturnedRates, words: Words) -> list[tuple[str, Sequence[block_kit.Element]]]:
    ours = ReturnedShare("", rates.cases, rates.in_reseller_areas)
    unchecked = ReturnedShare("", rates.cases, rates.without_checks)
    return [
        (words("Returned"), [block_kit.run(totals_line(rates, words), "bold")]),
        (words("In an area of ours"), [block_kit.run(say(ours, words))]),
        (words("Checks missing"), [block_kit.run(say(unchecked, words))]),
    ]


def _bars(title: str, shares: Sequence[ReturnedShare], words: Words) -> list[block_kit.Block]:
    """Return one line for each share: a bar, the share, the name."""
    if not shares:
        return []
    lines = [
        block_kit.line(
            block_kit.run(f"{draw_bar(share)} ", "code"),
            block_kit.run(f" {say(share, words)} · {block_kit.clip(share.name, 60)}"),
        )
        for share in shares
    ]
    return [block_kit.rich(block_kit.line(block_kit.run(title, "bold")), *lines)]


def draw_bar(share: ReturnedShare) -> str:
    """Return the share as a bar; the smallest share has one cell."""
    filled = -(-BAR * share.returned // share.cases) if share.cases else 0
    return "█" * filled + "░" * (BAR - filled)


def say(share: ReturnedShare, words: Words) -> str:
    """Return a share: “3 of 40 (8%)”."""
    percent = share_in_percent(share.returned, share.cases)
    return words("{part} of {whole} ({percent}%)", part=share.returned, whole=share.cases, percent=percent)


def _rename(share: ReturnedShare, name: str) -> ReturnedShare:
    return ReturnedShare(name, share.cases, share.returned)
