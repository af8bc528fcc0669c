"""21Vianet's first response and the hours of its desks, in words. Desk hours are Beijing time."""

from handlers.i18n.dates import clock_of_minutes
from handlers.i18n.words import N_, Words
from models.rules.policy.vendor import Desk, OpenDays, ResponseTarget

DAYS = {OpenDays.EVERY_DAY: N_("daily"), OpenDays.WORKDAYS: N_("workdays")}


def target(target: ResponseTarget, words: Words) -> str:
    """Return “4 hours, desk daily 09:00-24:00”."""
    return words("{time}, {hours}", time=time_allowed(target, words), hours=desk_hours(target.desk, words))


def time_allowed(target: ResponseTarget, words: Words) -> str:
    """Return “4 hours” or “1 workday”."""
    if target.workdays is not None:
        return words.plural("{n} workday", "{n} workdays", target.workdays)
    minutes = target.minutes or 0
    if minutes % 60:
        return words.plural("{n} minute", "{n} minutes", minutes)
    return words.plural("{n} hour", "{n} hours", minutes // 60)


def desk_hours(desk: Desk, words: Words) -> str:
    """Return “around the clock”, or “desk workdays 09:00-18:00”."""
    if desk.is_always_open:
        return words("around the clock")
    opens, closes = clock_of_minutes(desk.opens), clock_of_minutes(desk.closes)
    return words("desk {days} {opens}-{closes}", days=words(DAYS[desk.days]), opens=opens, closes=closes)
