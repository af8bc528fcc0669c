"""The message that shows the next four weeks: a picture, and in words what matters most of it."""

from datetime import datetime, timedelta

from handlers.blocks import kit
from handlers.picture import month
from handlers.picture.scene import Scene as Drawing
from handlers.sending import Message, Picture
from handlers.words import Words
from models.rota import calendar
from models.rota.plan import DayKind
from models.scene import Scene

WEEKS = timedelta(days=28)


def message(scene: Scene, now: datetime, words: Words, channel: str | None, user: str | None) -> Message | None:
    """To a channel or a person; None while there is no rota."""
    plan = scene.plan
    if not plan.seats:
        return None
    first = now.astimezone(plan.zone).date()
    rota = month.Rota(plan, scene.shifts, scene.gaps, first, now)
    period, counted = month.told(rota, words)
    title, coming = words("The next four weeks"), month.coming(rota, words)

    def draw() -> Drawing:
        return month.four_weeks(_with_holidays(rota, words), words)

    said = f"🗓️ *{title}* · {period}\n{counted}"
    text = "\n".join([said, *(f"• {kit.escape(line)}" for line in coming)])
    alt = "\n".join([f"{title} · {period}", counted, *coming])
    picture = Picture(f"rota-{first}.png", alt, draw, lambda error: _lack(error, words))
    return Message(kit.cut(text, kit.FALLBACK // 2), [kit.section(said)], channel, user, picture=picture)


def _with_holidays(rota: month.Rota, words: Words) -> month.Rota:
    days = calendar.days(rota.first, rota.first + WEEKS, rota.plan.calendar)
    off = {day.date: words.pick(day.name_en, day.name_zh) for day in days if day.kind is DayKind.HOLIDAY}
    made_up = [day.date for day in days if day.kind is DayKind.WORKDAY]
    return month.Rota(rota.plan, rota.shifts, rota.gaps, rota.first, rota.now, holidays=off, workdays=made_up)


def _lack(error: str, words: Words) -> str:
    if not error:
        return words("The picture is missing: it could not be drawn.")
    return words("The picture is missing: Slack did not take it ({error}).", error=kit.escape(error))
