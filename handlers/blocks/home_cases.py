"""The cases on the Home tab: those a person owns by what falls due next, and those nobody owns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from handlers import ids
from handlers.blocks import block_kit, card, case_row, command_answers, open_escalations
from handlers.blocks.turn_line import by
from handlers.i18n import labels
from handlers.i18n.durations import span
from handlers.i18n.words import N_, Words
from models.rules.escalations.deadlines import AwaitedStep, Deadline, is_snoozed
from models.rules.escalations.escalation import Escalation, Turn
from models.rules.escalations.export_request import CaseList, ExportFormat

PAGE_SIZE = 10
"""Own cases on one page; Slack takes 100 blocks in a view."""
MOST_UNOWNED = 5
ORDER = (Turn.OURS, Turn.VENDOR, Turn.CUSTOMER)
OVERDUE = N_("Overdue")
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class OwnCase:
    """An open case of the reader, and the deadline that runs; None for a duplicate that follows its original."""

    case: Escalation
    deadline: Deadline | None

    @property
    def due_at(self) -> datetime:
        """When it falls due; without a deadline after all others."""
        return self.deadline.due_at if self.deadline else NEVER

    def is_overdue(self, now: datetime) -> bool:
        """Return whether its deadline has passed and it is not snoozed."""
        return self.due_at <= now and not is_snoozed(self.case, now)


@dataclass(frozen=True)
class HomeCases:
    """What the Home tab shows of cases."""

    own: Sequence[OwnCase]  # all of them
    unowned: Sequence[Escalation]  # the first of them
    unowned_count: int
    open_count: int  # of the whole team
    offset: int = 0  # of the page of own cases


def sort_cases(cases: Sequence[OwnCase], now: datetime) -> list[OwnCase]:
    """Return the cases in the order of the tab: overdue first, then by whose turn it is, each by what is due next."""
    return sorted(cases, key=lambda own: (_rank(own, now), own.due_at, own.case.number))


def _rank(own: OwnCase, now: datetime) -> int:
    return -1 if own.is_overdue(now) else ORDER.index(own.case.turn)


def blocks(shown: HomeCases, words: Words, zone: ZoneInfo, now: datetime) -> list[block_kit.Block]:
    """Return the blocks: how many are open, one's own cases of this page, and those that nobody owns."""
    new = block_kit.button(words("New escalation"), ids.HOME_NEW, style="primary")
    said = words.plural("{n} escalation is open.", "{n} escalations are open.", shown.open_count)
    said = said if shown.open_count else words("No escalations are open.")
    quick = block_kit.button(words("Quick raise"), ids.HOME_QUICK)
    head = block_kit.header(words("Escalations to 21Vianet"))
    buttons = block_kit.actions([new, quick])
    if not shown.open_count:
        return [head, block_kit.section(said), buttons]
    export = command_answers.export_button(CaseList.OPEN, "", ExportFormat.XLSX, words("Export"))
    drawn = [head, block_kit.section(said, export), buttons]
    drawn += [block_kit.divider(), *_own(shown, words, zone, now)]
    if shown.unowned:
        drawn += [block_kit.divider(), *_unowned(shown, words, now)]
    return drawn


def _own(shown: HomeCases, words: Words, zone: ZoneInfo, now: datetime) -> list[block_kit.Block]:
    """Return one page of own cases, with a heading wherever another group begins."""
    ordered = sort_cases(shown.own, now)
    page = ordered[shown.offset : shown.offset + PAGE_SIZE]
    drawn = [block_kit.list_title(words.plural("You own {n} open case", "You own {n} open cases", len(ordered)))]
    group = ""
    for own in page:
        title = words(OVERDUE) if own.is_overdue(now) else words(labels.TURN[own.case.turn])
        if title != group:
            drawn.append(block_kit.context(f"*{title}*"))
            group = title
        drawn.append(_row(own, words, zone, now))
    return [*drawn, *_pages(shown.offset, len(ordered), words)]


def _row(own: OwnCase, words: Words, zone: ZoneInfo, now: datetime) -> block_kit.Block:
    """Return one case: what it is, for whom, the next step, and until when."""
    state = f"{card.status(own.case, words)} · {case_row.customer(own.case, words)}"
    if own.deadline is None:
        return case_row.row(own.case, [state, case_row.follows(own.case, words)], words)
    step = words(labels.name_awaited(own.deadline.step, own.case))
    return case_row.row(own.case, [state, f"{step} · {_due(own, words, zone, now)}"], words)


def _due(own: OwnCase, words: Words, zone: ZoneInfo, now: datetime) -> str:
    at = by(own.due_at, zone, words, now)
    if is_snoozed(own.case, now):
        return f"💤 {words('until {at}', at=at)}"
    if own.is_overdue(now):
        return f"⏰ {words('overdue for {lasts}', lasts=span(now - own.due_at, words))}"
    return words("until {at}", at=at)


def _unowned(shown: HomeCases, words: Words, now: datetime) -> list[block_kit.Block]:
    """Return the first cases that nobody owns; all others are counted."""
    counted = words.plural("{n} case has no owner", "{n} cases have no owner", shown.unowned_count)
    drawn = [block_kit.list_title(f"🆕 {counted}")]
    step = words(labels.AWAITED[AwaitedStep.ACKNOWLEDGEMENT])
    for case in shown.unowned:
        ages = open_escalations.ages(case, words, now)
        drawn.append(case_row.row(case, [case_row.customer(case, words), " · ".join([step, *ages])], words))
    if (more := shown.unowned_count - len(shown.unowned)) > 0:
        drawn.append(block_kit.context(words("… and {n} more. `/csp-escalate list` lists them.", n=more)))
    return drawn


def _pages(offset: int, count: int, words: Words) -> list[block_kit.Block]:
    """Return the buttons to the pages before and after, where there are any."""
    back, ahead = str(max(0, offset - PAGE_SIZE)), str(offset + PAGE_SIZE)
    elements = [block_kit.button(words("‹ Back"), f"{ids.HOME_PAGE}.back", back)] if offset else []
    if offset + PAGE_SIZE < count:
        elements.append(block_kit.button(words("More ›"), f"{ids.HOME_PAGE}.more", ahead))
    return [block_kit.actions(elements)] if elements else []
