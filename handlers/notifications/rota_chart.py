"""Renders the rota of the next four weeks: a picture, and the most important of it in words."""

from dataclasses import replace
from datetime import timedelta

from handlers.blocks import block_kit
from handlers.chart import month
from handlers.chart.drawing import Drawing
from handlers.i18n.dates import interval, midnight, zone_name
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import Words
from handlers.notifications.context import MessageContext
from handlers.notifications.message import ImageAttachment, Message
from handlers.notifications.missing_files import explain_missing_picture
from models.rules.rota import holidays
from models.rules.rota.rota import DayKind

PERIOD = timedelta(days=28)
OWN_LISTED = 10
"""Shifts of the reader that are listed in words; the others are counted."""


def render_chart(context: MessageContext) -> Message | None:
    """Return the chart for a channel or a person; None without a rota, or when a newer one waits for the same place."""
    rota, words, now, user = context.snapshot.rota, context.words, context.now, context.user
    if context.is_outdated or not rota.seats:
        return None
    first = now.astimezone(rota.zone).date()
    viewer = next((member.name for member in rota.members.values() if user and member.slack_id == user), "")
    chart = month.MonthChart(rota, context.snapshot.shifts, context.snapshot.gaps, first, now, viewer=viewer)
    period, counts = month.describe(chart, words)
    title, coming_gaps = words("The next four weeks"), month.find_coming_gaps(chart, words)

    def draw() -> Drawing:
        return month.draw_four_weeks(_add_holidays(chart, words), words)

    intro = "\n".join([f"🗓️ *{title}* · {period}", counts, *_list_own_shifts(chart, words)])
    text = "\n".join([intro, *(f"• {block_kit.escape(line)}" for line in coming_gaps)])
    alt = "\n".join([f"{title} · {period}", counts, *coming_gaps])
    picture = ImageAttachment(f"rota-{first}.png", alt, draw, lambda error: explain_missing_picture(error, words))
    fallback, blocks = block_kit.cut(text, block_kit.FALLBACK // 2), [block_kit.section(intro)]
    return Message(fallback, blocks, context.delivery.channel, context.delivery.user, picture=picture)


def _add_holidays(chart: month.MonthChart, words: Words) -> month.MonthChart:
    days = holidays.find_days(chart.first, chart.first + PERIOD, chart.rota.calendar)
    off = {day.date: words.pick(day.name_en, day.name_zh) for day in days if day.kind is DayKind.HOLIDAY}
    made_up = [day.date for day in days if day.kind is DayKind.WORKDAY]
    return replace(chart, holidays=off, workdays=made_up)


def _list_own_shifts(chart: month.MonthChart, words: Words) -> list[str]:
    """Return the reader's next shifts in words: on a phone the picture is too small to read."""
    until = midnight(chart.first + PERIOD, chart.rota.zone)
    own = [shift for shift in chart.shifts if shift.member == chart.viewer and not shift.absent]
    ahead = sorted(
        (shift for shift in own if chart.now < shift.end and shift.start < until), key=lambda shift: shift.start
    )
    if not own:
        return []
    lines = [
        f"• {interval(shift.start, shift.end, chart.rota.zone, words)} · {_format_seat(shift.seat, words)}"
        for shift in ahead
    ]
    more = len(lines) - OWN_LISTED
    rest = [words.plural("and {n} more", "and {n} more", more)] if more > 0 else []
    return [f"*{words('Your shifts')}* · {zone_name(chart.now, chart.rota.zone, words)}", *lines[:OWN_LISTED], *rest]


def _format_seat(seat: str, words: Words) -> str:
    return block_kit.escape(block_kit.clip(seat_name(seat, words), 60))
