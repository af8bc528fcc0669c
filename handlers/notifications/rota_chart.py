"""The message that shows the next four weeks: a picture, and in words what matters most of it."""

from dataclasses import replace
from datetime import datetime, timedelta

from handlers.blocks import block_kit
from handlers.chart import month
from handlers.chart.drawing import Scene as Drawing
from handlers.i18n.dates import midnight, stretch, zone_name
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import Words
from handlers.notifications.message import Message, Picture
from models.oncall.snapshot import Scene
from models.rules.rota import holidays
from models.rules.rota.rota import DayKind

WEEKS = timedelta(days=28)
OWN_LISTED = 10
"""So many of the reader's own shifts are told in words."""


def message(scene: Scene, now: datetime, words: Words, channel: str | None, user: str | None) -> Message | None:
    """To a channel or a person; None while there is no rota."""
    plan = scene.plan
    if not plan.seats:
        return None
    first = now.astimezone(plan.zone).date()
    reader = next((one.name for one in plan.members.values() if user and one.slack_id == user), "")
    rota = month.Rota(plan, scene.shifts, scene.gaps, first, now, reader=reader)
    period, counted = month.told(rota, words)
    title, coming = words("The next four weeks"), month.coming(rota, words)

    def draw() -> Drawing:
        return month.four_weeks(_with_holidays(rota, words), words)

    said = "\n".join([f"🗓️ *{title}* · {period}", counted, *_own(rota, words)])
    text = "\n".join([said, *(f"• {block_kit.escape(line)}" for line in coming)])
    alt = "\n".join([f"{title} · {period}", counted, *coming])
    picture = Picture(f"rota-{first}.png", alt, draw, lambda error: _lack(error, words))
    return Message(
        block_kit.cut(text, block_kit.FALLBACK // 2), [block_kit.section(said)], channel, user, picture=picture
    )


def _with_holidays(rota: month.Rota, words: Words) -> month.Rota:
    days = holidays.days(rota.first, rota.first + WEEKS, rota.plan.calendar)
    off = {day.date: words.pick(day.name_en, day.name_zh) for day in days if day.kind is DayKind.HOLIDAY}
    made_up = [day.date for day in days if day.kind is DayKind.WORKDAY]
    return replace(rota, holidays=off, workdays=made_up)


def _own(rota: month.Rota, words: Words) -> list[str]:
    """The reader's next shifts in words: on a phone a picture in a direct message is too small to be read."""
    until = midnight(rota.first + WEEKS, rota.plan.zone)
    mine = [one for one in rota.shifts if one.member == rota.reader and not one.absent]
    ahead = sorted((one for one in mine if rota.now < one.end and one.start < until), key=lambda one: one.start)
    if not ahead:
        return []
    lines = [f"• {stretch(one.start, one.end, rota.plan.zone, words)} · {_seat(one.seat, words)}" for one in ahead]
    more = len(lines) - OWN_LISTED
    rest = [words.plural("and {n} more", "and {n} more", more)] if more > 0 else []
    return [f"*{words('Your shifts')}* ({zone_name(rota.now, rota.plan.zone)})", *lines[:OWN_LISTED], *rest]


def _seat(seat: str, words: Words) -> str:
    return block_kit.escape(block_kit.clip(seat_name(seat, words), 60))


def _lack(error: str, words: Words) -> str:
    if not error:
        return words("The picture is missing: it could not be drawn.")
    return words("The picture is missing: Slack did not take it ({error}).", error=block_kit.escape(error))
