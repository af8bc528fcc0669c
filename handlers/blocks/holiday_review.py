"""The card of a holiday week that is ahead: which days, what is thin, who worked it last time, who can work now."""

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


def title(it: HolidayReview, viewer: ViewContext) -> str:
    """What a notification says."""
    return f"{_named(it.week, viewer.words)} · {_left(it, viewer)}"


def card(it: HolidayReview, viewer: ViewContext, calls: Sequence[str] = ()) -> list[block_kit.Block]:
    """The whole card; ``calls`` are those who are called, as mentions."""
    words = viewer.words
    duty = words("Customers get support on these days as on any other. Please plan them now.")
    said = "\n".join([f"*{_left(it, viewer)}* · {duty}", *calls])
    open_ = words("The days are provisional until the State Council announces them.")
    can = block_kit.button(words("I can work then"), ids.WEEK_CAN, it.name, "primary")
    return [
        block_kit.header(_named(it.week, words)), block_kit.section(said),
        *([block_kit.context(open_)] if it.week.provisional else []),
        *_thin(it.staffing, viewer), block_kit.section(_volunteers(it, words)), block_kit.actions([can]), _hints(it,
        words),
    ]  # fmt: skip


def begun(week: HolidayWeek, words: Words) -> str:
    """What is left of a card once its days are there."""
    said = words("These days have begun. What nobody covers: `/csp-escalate gaps`")
    return f"*{_named(week, words)}*\n{said}"


def followed(week: HolidayWeek, url: str, words: Words) -> str:
    """What is left of a card once a newer one was posted, at an address where that is known."""
    said = words("A newer card shows the current state.")
    return f"*{_named(week, words)}*\n" + (f"<{url}|{said}>" if url else said)


def _left(it: HolidayReview, viewer: ViewContext) -> str:
    today = viewer.now.astimezone(viewer.rota.zone).date()
    return viewer.words.plural("in {n} day", "in {n} days", (it.week.start - today).days)


def _named(week: HolidayWeek, words: Words) -> str:
    name, days = words(NAME[week.festival]), span_of_days(week.start, week.last, words)
    return f"{SIGN[week.festival]} {name}{words.colon}{days}"


def span_of_days(first: date, last: date, words: Words) -> str:
    """“Fri 5 Feb – Wed 10 Feb”; one day alone."""
    return dates.day(first, words) if first == last else f"{dates.day(first, words)} – {dates.day(last, words)}"


def _thin(staffing: HolidayStaffing, viewer: ViewContext) -> list[block_kit.Block]:
    """What is thin, the next gap first, each with its button; and whose clock it is."""
    words = viewer.words
    rows = [gap_row(gap, viewer) for gap in staffing.gaps[:GAPS_SHOWN]]
    more = len(staffing.gaps) - GAPS_SHOWN
    hints = [words("… and {n} more. `/csp-escalate gaps` lists them.", n=more)] if more > 0 else []
    for start, end in staffing.alone[:TIMES_SHOWN]:
        hints.append("⚠️ " + words("Only one person is on call: {time}", time=viewer.stretch(start, end)))
    if (more := len(staffing.alone) - TIMES_SHOWN) > 0:
        hints.append(words.plural("… and {n} more such time.", "… and {n} more such times.", more))
    for one in staffing.over_limit[:PEOPLE_SHOWN]:
        values = {"who": block_kit.escape(block_kit.clip(one.person, 60)), "hours": f"{one.hours:g}"}
        said = words.plural(
            "{who}: {n} shift, {hours} h in all", "{who}: {n} shifts, {hours} h in all", one.shifts, **values
        )
        hints.append(f"⚠️ {said}")
    told = [block_kit.section("\n".join(hints))] if hints else []
    whole = [] if staffing.gaps else [block_kit.section("✅ " + words("Every shift on these days is covered."))]
    clock = [zone_note(viewer.now, viewer)] if staffing.gaps or staffing.alone else []
    return [*whole, *rows, *told, *clock]


def _volunteers(it: HolidayReview, words: Words) -> str:
    if not it.volunteers:
        return "✋ " + words("Who can work then? Nobody has volunteered yet.")
    names = ", ".join(block_kit.escape(block_kit.clip(name, 60)) for name in it.volunteers[:PEOPLE_SHOWN])
    if (more := len(it.volunteers) - PEOPLE_SHOWN) > 0:
        names += " " + words.plural("and {n} more", "and {n} more", more)
    return "✋ " + words("Can work then: {names}", names=f"*{names}*")


def _hints(it: HolidayReview, words: Words) -> block_kit.Block:
    """Who stood in the year before, a reason to let others go first; and what leads do with all this."""
    lines = [words("Leads can assign somebody with `/csp-escalate cover`.")]
    if it.worked:
        shown = [f"{block_kit.escape(block_kit.clip(who, 60))} {hours:g} h" for who, hours in it.worked[:PEOPLE_SHOWN]]
        days, people = span_of_days(it.last.start, it.last.last, words), ", ".join(shown)
        year = it.last.start.year
        lines.insert(0, words("Last time ({year}, {days}): {people}", year=year, days=days, people=people))
    return block_kit.context("\n".join(lines))


def answered(can: bool, week: str, words: Words) -> list[block_kit.Block]:
    """The private answer to whoever said that they can, or can't after all."""
    if not can:
        return [block_kit.section("✅ " + words("Noted: you are no longer listed as able to work then."))]
    said = words("Thank you. The card shows it, and a lead will plan it with you. You have no new shift yet.")
    back = block_kit.button(words("I can't after all"), ids.WEEK_CANNOT, week)
    return [block_kit.section(f"✅ {said}"), block_kit.actions([back])]
