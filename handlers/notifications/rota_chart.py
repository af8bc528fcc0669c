"""The message that shows the next four weeks: a picture, and in words what matters most of it."""

from dataclasses import replace
from datetime import datetime, timedelta

from handlers.blocks import block_kit
from handlers.chart import month
from handlers.chart.drawing import Drawing
from handlers.i18n.dates import interval, midnight, zone_name
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import Words
from handlers.notifications.context import MessageContext
from handlers.notifications.message import ImageAttachment, Message
from models.oncall.snapshot import OnCallSnapshot
from models.rules.rota import holidays
from models.rules.rota.rota import DayKind

WEEKS = timedelta(days=28)
OWN_LISTED = 10
"""So many of the reader's own shifts are told in words."""


def chart(context: MessageContext) -> Message | None:
    """Return the rota of the next four weeks; None when a newer one waits for the same place."""
    if context.is_outdated:
        return None
    delivery = context.delivery
    return message(context.snapshot, context.now, context.words, delivery.channel, delivery.user)


def message(
    snapshot: OnCallSnapshot, now: datetime, words: Words, channel: str | None, user: str | None
) -> Message | None:
    """To a channel or a person; None while there is no rota."""
    rota = snapshot.rota
    if not rota.seats:
        return None
    first = now.astimezone(rota.zone).date()
    viewer = next((member.name for member in rota.members.values() if user and member.slack_id == user), "")
    month_chart = month.MonthChart(rota, snapshot.shifts, snapshot.gaps, first, now, viewer=viewer)
    period, counted = month.describe(month_chart, words)
    title, coming = words("The next four weeks"), month.find_coming_gaps(month_chart, words)

    def draw() -> Drawing:
        return month.draw_four_weeks(_with_holidays(month_chart, words), words)

    said = "\n".join([f"🗓️ *{title}* · {period}", counted, *_own(month_chart, words)])
    text = "\n".join([said, *(f"• {block_kit.escape(line)}" for line in coming)])
    alt = "\n".join([f"{title} · {period}", counted, *coming])
    picture = ImageAttachment(f"rota-{first}.png", alt, draw, lambda error: _lack(error, words))
    return Message(
        block_kit.cut(text, block_kit.FALLBACK // 2), [block_kit.section(said)], channel, user, picture=picture
    )


def _with_holidays(chart: month.MonthChart, words: Words) -> month.MonthChart:
    days = holidays.find_days(chart.first, chart.first + WEEKS, chart.rota.calendar)
    off = {day.date: words.pick(day.name_en, day.name_zh) for day in days if day.kind is DayKind.HOLIDAY}
    made_up = [day.date for day in days if day.kind is DayKind.WORKDAY]
    return replace(chart, holidays=off, workdays=made_up)


def _own(chart: month.MonthChart, words: Words) -> list[str]:
    """The reader's next shifts in words: on a phone a picture in a direct message is too small to be read."""
    until = midnight(chart.first + WEEKS, chart.rota.zone)
    mine = [shift for shift in chart.shifts if shift.member == chart.viewer and not shift.absent]
    ahead = sorted((one for one in mine if chart.now < one.end and one.start < until), key=lambda one: one.start)
    if not ahead:
        return []
    lines = [f"• {interval(one.start, one.end, chart.rota.zone, words)} · {_seat(one.seat, words)}" for one in ahead]
    more = len(lines) - OWN_LISTED
    rest = [words.plural("and {n} more", "and {n} more", more)] if more > 0 else []
    return [f"*{words('Your shifts')}* · {zone_name(chart.now, chart.rota.zone, words)}", *lines[:OWN_LISTED], *rest]


def _seat(seat: str, words: Words) -> str:
    return block_kit.escape(block_kit.clip(seat_name(seat, words), 60))


def _lack(error: str, words: Words) -> str:
    if not error:
        return words("The picture is missing: it could not be drawn.")
    return words("The picture is missing: Slack did not take it ({error}).", error=block_kit.escape(error))
