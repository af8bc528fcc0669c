"""The card of a holiday week: its days, gaps in the coverage, who worked last time, who can work now."""

from collections.abc import Sequence
from datetime import date

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.schedule import ViewContext, gap_row, zone_note
from handlers.i18n import dates
from handlers.i18n.words import N_, Words
from models.oncall.holiday_review import HolidayReview
from models.rules.rota.holiday_staffing import HolidayStaffing
from models.rules.rota.holidays import Festival, HolidayWeek

NAME = {Festival.SPRING_FESTIVAL: N_("Spring Festival"), Festival.NATIONAL_DAY: N_("National Day")}
SIGN = {Festival.SPRING_FESTIVAL: "🧧", Festival.NATIONAL_DAY: "🏮"}
GAPS_SHOWN, TIMES_SHOWN, PEOPLE_SHOWN = 5, 3, 10
"""Entries of each list; the others are counted."""


def title(review: HolidayReview, viewer: ViewContext) -> str:
    """Return the text of the notification."""
    return f"{_week_title(review.week, viewer.words)} · {_days_ahead(review, viewer)}"


def card(review: HolidayReview, viewer: ViewContext, mentions: Sequence[str] = ()) -> list[block_kit.Block]:
    """Return the whole card. ``mentions`` are the people it notifies."""
    words = viewer.words
    request = words("Customers get support on these days as on any other. Please plan them now.")
    text = "\n".join([f"*{_days_ahead(review, viewer)}* · {request}", *mentions])
    provisional = words("The days are provisional until the State Council announces them.")
    volunteer = block_kit.button(words("I can work then"), ids.WEEK_CAN, review.name, "primary")
    return [
        block_kit.header(_week_title(review.week, words)),
        block_kit.section(text),
        *([block_kit.context(provisional)] if review.week.provisional else []),
        *_weak_spots(review.staffing, viewer),
        block_kit.section(_volunteers(review, words)),
        block_kit.actions([volunteer]),
        _hints(review, words),
    ]


def shows_times(review: HolidayReview) -> bool:
    """Return whether the card shows times, and names their zone."""
    return _shows_times(review.staffing)


def _shows_times(staffing: HolidayStaffing) -> bool:
    return bool(staffing.gaps or staffing.alone)


def week_begun(week: HolidayWeek, words: Words) -> str:
    """Return the text that replaces a card once its days have begun."""
    text = words("These days have begun. What nobody covers: `/csp-escalate gaps`")
    return f"*{_week_title(week, words)}*\n{text}"


def newer_card(week: HolidayWeek, url: str, words: Words) -> str:
    """Return the text that replaces a card once a newer one was posted, with its address where known."""
    text = words("A newer card shows the current state.")
    return f"*{_week_title(week, words)}*\n" + (f"<{url}|{text}>" if url else text)


def _days_ahead(review: HolidayReview, viewer: ViewContext) -> str:
    today = viewer.now.astimezone(viewer.rota.zone).date()
    return viewer.words.plural("in {n} day", "in {n} days", (review.week.start - today).days)


def _week_title(week: HolidayWeek, words: Words) -> str:
    name, days = words(NAME[week.festival]), span_of_days(week.start, week.last, words)
    return f"{SIGN[week.festival]} {name}{words.colon}{days}"


def span_of_days(first: date, last: date, words: Words) -> str:
    """Return “Fri 5 Feb – Wed 10 Feb”, or one day alone."""
    return dates.day(first, words) if first == last else f"{dates.day(first, words)} – {dates.day(last, words)}"


def _weak_spots(staffing: HolidayStaffing, viewer: ViewContext) -> list[block_kit.Block]:
    """Return gaps with their buttons, times with one person, and people with many shifts."""
    words = viewer.words
    rows = [gap_row(gap, viewer) for gap in staffing.gaps[:GAPS_SHOWN]]
    more = len(staffing.gaps) - GAPS_SHOWN
    hints = [words("… and {n} more. `/csp-escalate gaps` lists them.", n=more)] if more > 0 else []
    for start, end in staffing.alone[:TIMES_SHOWN]:
        hints.append("⚠️ " + words("Only one person is on call: {time}", time=viewer.interval(start, end)))
    if (more := len(staffing.alone) - TIMES_SHOWN) > 0:
        hints.append(words.plural("… and {n} more such time.", "… and {n} more such times.", more))
    for person in staffing.over_limit[:PEOPLE_SHOWN]:
        values = {"who": block_kit.escape(block_kit.clip(person.person, 60)), "hours": f"{person.hours:g}"}
        line = words.plural(
            "{who}: {n} shift, {hours} h in all", "{who}: {n} shifts, {hours} h in all", person.shifts, **values
        )
        hints.append(f"⚠️ {line}")
    hints += _count_more(len(staffing.over_limit), words)
    sections = [block_kit.section("\n".join(hints))] if hints else []
    all_covered = [] if staffing.gaps else [block_kit.section("✅ " + words("Every shift on these days is covered."))]
    clock = [zone_note(viewer.now, viewer)] if _shows_times(staffing) else []
    return [*all_covered, *rows, *sections, *clock]


def _volunteers(review: HolidayReview, words: Words) -> str:
    if not review.volunteers:
        return "✋ " + words("Who can work then? Nobody has volunteered yet.")
    return "✋ " + words.line_per_language(lambda each: _name_volunteers(review, each))


def _name_volunteers(review: HolidayReview, words: Words) -> str:
    names = ", ".join(block_kit.escape(block_kit.clip(name, 60)) for name in review.volunteers[:PEOPLE_SHOWN])
    names = " ".join([names, *_count_more(len(review.volunteers), words)])
    return words("Can work then: {names}", names=f"*{names}*")


def _count_more(people: int, words: Words) -> list[str]:
    more = people - PEOPLE_SHOWN
    return [words.plural("and {n} more person", "and {n} more people", more)] if more > 0 else []


def _hints(review: HolidayReview, words: Words) -> block_kit.Block:
    """Return who worked in the year before, so that others go first, and what leads can do."""
    lines = [words("Leads can assign somebody with `/csp-escalate cover`.")]
    if review.worked:
        shown = [
            f"{block_kit.escape(block_kit.clip(who, 60))} {hours:g} h" for who, hours in review.worked[:PEOPLE_SHOWN]
        ]
        shown += _count_more(len(review.worked), words)
        days, people = span_of_days(review.last.start, review.last.last, words), ", ".join(shown)
        year = review.last.start.year
        lines.insert(0, words("Last time ({year}, {days}): {people}", year=year, days=days, people=people))
    return block_kit.context("\n".join(lines))


def availability_answer(is_available: bool, week: str, words: Words) -> list[block_kit.Block]:
    """Return the private answer to who can work in a holiday week, or no longer can."""
    if not is_available:
        return [block_kit.section("✅ " + words("Noted: you are no longer listed as able to work then."))]
    text = words("Thank you. The card shows it, and a lead will plan it with you. You have no new shift yet.")
    take_back = block_kit.button(words("I can't after all"), ids.WEEK_CANNOT, week)
    return [block_kit.section(f"✅ {text}"), block_kit.actions([take_back])]
