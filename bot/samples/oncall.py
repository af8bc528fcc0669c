"""On call, as a story: shifts, handovers, gaps, leave, covers, swaps, and the rota itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.samples.team import SampleTeam
from handlers import ids

BEGINS = datetime(2026, 9, 14, 1, 30, tzinfo=UTC)
"""Monday, 09:30 in China: Li Na is on call, then Wang Wei, then Emma."""
LEAD, WANG, EMMA, OTHER_LEAD = "U0LINA", "U0WANG", "U0EMMA", "U0ZHOU"
LISTS = ("who", "who at tomorrow 02:30", "rota", "gaps", "my", "load", "calendar", "rota picture")


def at(days: float) -> int:
    """Return a time so many days after the shifts of the first day began, in seconds."""
    return int((BEGINS + timedelta(days=days) - timedelta(minutes=30)).timestamp())


async def override(team: SampleTeam, user: str, command: str, **answers: Any) -> None:
    """Change the rota by a command: its form, the preview, and the result."""
    await team.command(user, command)
    await team.fill(user, **answers)
    await team.submit(user)
    await team.press(user, ids.ROTA_BACK)
    await team.submit(user)
    await team.submit(user)
    await team.close_form(user)


async def play(team: SampleTeam) -> None:
    """Let two weeks pass."""
    await team.wait(minutes=5)
    for command in LISTS:
        await team.command(LEAD, command)
    await team.press(LEAD, ids.ROTA_CONFIRM)
    await team.command(LEAD, "my")
    await team.press(LEAD, ids.ROTA_CONFIRM_ALL)
    await team.press(LEAD, ids.ROTA_REMIND)
    await team.fill(LEAD)
    await team.submit(LEAD)
    await change(team)
    await swap(team)
    await hand_over(team)
    await edit(team)
    await team.skip(days=14)


async def change(team: SampleTeam) -> None:
    """Cover, leave, accepted gap; each is previewed and saved."""
    await override(team, LEAD, "cover", seat="backup", start=at(12), end=at(13))
    await override(team, WANG, "leave", start=at(9), end=at(12))
    await team.command(WANG, "my")
    await team.press(WANG, ids.ROTA_UNDO)
    await team.submit(WANG)
    await override(team, LEAD, "intend", start=at(6), end=at(6.5))
    await team.wait(minutes=5)


async def swap(team: SampleTeam) -> None:
    """Offer shifts to everybody and to one person, decline, take and withdraw them."""
    await offer(team, ask=EMMA)
    await team.press(EMMA, ids.OFFER_DECLINE)
    await offer(team, ask=EMMA)
    await team.press(EMMA, ids.OFFER_TAKE)
    await team.submit(EMMA)
    await offer(team)
    await team.command(WANG, "my")
    await team.press(WANG, ids.OFFER_WITHDRAW)
    await team.wait(minutes=5)


async def offer(team: SampleTeam, **answers: Any) -> None:
    """Offer the next shift."""
    await team.command(WANG, "swap")
    await team.fill(WANG, **answers)
    await team.submit(WANG)
    await team.close_form(WANG)
    await team.wait(minutes=5)


async def hand_over(team: SampleTeam) -> None:
    """Let shifts begin that nobody confirmed, hand one over with a note, and take another person's."""
    await team.skip(hours=22, minutes=20)
    await team.wait(minutes=40)
    await team.press(LEAD, ids.ROTA_NOTE)
    await team.fill(LEAD)
    await team.submit(LEAD)
    await team.press(LEAD, ids.ROTA_HAND_OVER)
    await team.wait(minutes=35)
    await team.press(OTHER_LEAD, ids.ROTA_STEP_IN)
    await team.press(OTHER_LEAD, f"{ids.ROTA_JOIN}{ids.ROTA_STEP_IN}")
    await team.press(WANG, ids.ROTA_TAKE_OVER)
    await team.skip(days=3)
    await team.press(EMMA, ids.WEEK_CAN)
    await team.wait(minutes=1)


async def edit(team: SampleTeam) -> None:
    """Edit each part of the rota."""
    await team.command(LEAD, "rota")
    await team.press(LEAD, f"{ids.ROTA_EDIT}.open")
    await team.press(LEAD, f"{ids.ROTA_EDIT}.file")
    for part in ("member", "layer", "seat", "limits"):
        await team.command(LEAD, "rota")
        await team.press(LEAD, f"{ids.ROTA_EDIT}.open")
        await team.press(LEAD, f"{ids.ROTA_EDIT}.pick.{part}")
    await team.fill(LEAD)
    await team.submit(LEAD)
    await team.submit(LEAD)
