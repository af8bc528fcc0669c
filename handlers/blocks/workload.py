"""How hours are shared, and public holidays: private, readable on a phone. These are hints, no verdicts."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby

from handlers.blocks import block_kit
from handlers.blocks.schedule import NAME, ViewContext
from handlers.i18n import dates
from handlers.i18n.rota_labels import NOT_LEGAL_ADVICE, UNIT, WARNED, WARNING, seat_name
from handlers.i18n.words import Words
from models.rules.rota.holidays import HolidayDay, HolidayRun, shorten_name
from models.rules.rota.rota import DayKind
from models.rules.rota.workload import LoadWarning, WorkloadShare

PEOPLE_SHOWN, NAMED, RUNS_SHOWN = 20, 6, 30


def page(
    people: Sequence[WorkloadShare], warnings: Sequence[LoadWarning], period: tuple[date, date], viewer: ViewContext
) -> list[block_kit.Block]:
    """Return the warnings, grouped by kind, and everybody's share."""
    words = viewer.words
    first, last = (dates.day(day, words) for day in period)
    title = block_kit.line(block_kit.run(words("Hours from {first} to {last}", first=first, last=last), "bold"))
    warning_lines = [block_kit.line(block_kit.run(line)) for line in _warned(warnings, words)]
    if not warnings:
        warning_lines = [block_kit.line(block_kit.run("✅ " + words("No warnings.")))]
    shown = [block_kit.run(f"\n{_share(person, words)}") for person in people[:PEOPLE_SHOWN]]
    rest = [block_kit.run(f"\n{line}") for line in _more(len(people) - PEOPLE_SHOWN, words)]
    heading = block_kit.run(words("Everybody's share"), "bold")
    return [
        block_kit.rich(title, *warning_lines),
        *([block_kit.rich(block_kit.line(heading, *shown, *rest))] if people else []),
        block_kit.context(f"{words(NOT_LEGAL_ADVICE)}\n{_next_step(words)}"),
    ]  # fmt: skip


def _next_step(words: Words) -> str:
    return words(
        "To share differently: `/csp-escalate swap`, leads also `cover`. "
        "Leads set the limits: `/csp-escalate rota`, “Edit”, “Limits”."
    )


def _warned(warnings: Sequence[LoadWarning], words: Words) -> list[str]:
    lines = []
    for kind, together in groupby(warnings, key=lambda warning: warning.kind):
        of_kind = list(together)
        if kind not in WARNED:
            lines += [f"⚠️ {sentence(warning, words)}" for warning in of_kind[:NAMED]]
            continue
        who = words.join_items(
            [*(_person(warning, words) for warning in of_kind[:NAMED]), *_more(len(of_kind) - NAMED, words)]
        )
        lines.append(f"⚠️ {words(WARNED[kind], limit=f'{of_kind[0].limit:g}')}{words.colon}{who}")
    return lines


def _more(count: int, words: Words) -> list[str]:
    return [words.plural("and {n} more", "and {n} more", count)] if count > 0 else []


def _person(warning: LoadWarning, words: Words) -> str:
    times = f" ×{warning.count}" if warning.count > 1 else ""
    return f"{block_kit.clip(warning.person, NAME)} {words(UNIT[warning.kind], n=f'{warning.value:g}')}{times}"


def sentence(warning: LoadWarning, words: Words, start: str = "") -> str:
    """Return a warning as a whole sentence; ``start`` is when the worst of several began."""
    seat = block_kit.clip(seat_name(warning.seat, words), NAME)
    facts = {"who": warning.person, "seat": seat, "start": start, "times": warning.count}
    return words(WARNING[warning.kind], found=f"{warning.value:g}", limit=f"{warning.limit:g}", **facts)


def _share(share: WorkloadShare, words: Words) -> str:
    hours = words("{n} h a week", n=f"{share.week:g}")
    nights = words.plural("{n} night", "{n} nights", share.nights)
    weekends = words.plural("{n} weekend", "{n} weekends", share.weekends)
    off = words.plural("{n} holiday", "{n} holidays", share.holidays)
    return f"{block_kit.clip(share.person, NAME)}  {hours} · {nights} · {weekends} · {off}"


def hint(count: int, words: Words) -> str:
    """Return that there are warnings, and where."""
    return words.plural(
        "⏱️ {n} hint about hours: `/csp-escalate load`", "⏱️ {n} hints about hours: `/csp-escalate load`", count
    )


# The calendar ------------------------------------------------------------------------------------------------------


def calendar(runs: Sequence[HolidayRun], viewer: ViewContext) -> list[block_kit.Block]:
    """Return public holidays and make-up workdays, the next first, a line each."""
    words = viewer.words
    title = block_kit.run(words("Public holidays and make-up workdays of the next 365 days"), "bold")
    lines = [block_kit.run(f"\n{run_line(run, words)}") for run in runs[:RUNS_SHOWN]]
    has_provisional = any(run.provisional for run in runs)
    notes = [words("Support continues on all of these days; the calendar changes no shift.")]
    if has_provisional:
        notes.append(words("† provisional, until the State Council announces it"))
    notes.append(words("Put corrections into [[calendar]] in the rota file."))
    return [block_kit.rich(block_kit.line(title, *lines)), block_kit.context("\n".join(notes))]


def run_line(run: HolidayRun, words: Words) -> str:
    """Format “🏮 Fri 5 Feb – Wed 10 Feb · Chinese New Year†”; the dagger means provisional."""
    first, last = (dates.day(day, words) for day in (run.first, run.last))
    days = first if run.first == run.last else f"{first} – {last}"
    name = block_kit.clip(run_name(run, words), 2 * NAME)
    return f"{'💼' if run.kind is DayKind.WORKDAY else '🏮'} {days} · {name}{'†' if run.provisional else ''}"


def run_name(run: HolidayRun, words: Words) -> str:
    """Return the name of these days."""
    english, chinese = ", ".join(run.names_en), "、".join(run.names_zh)
    return words.pick(english, chinese) or words("day off")


def marks(days: Sequence[HolidayDay], words: Words) -> Mapping[date, str]:
    """Return the mark beside each date of the rota."""
    signs = {DayKind.HOLIDAY: "🏮", DayKind.WORKDAY: "💼"}
    return {
        day.date: f"{signs[day.kind]} {words.pick(shorten_name(day.name_en), shorten_name(day.name_zh))}"
        + ("†" if day.provisional else "")
        for day in days
    }
