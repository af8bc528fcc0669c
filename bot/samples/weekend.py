"""A weekend, as a story: nobody follows a backup, who stays on; gaps are taken in part and as a whole."""

from datetime import UTC, datetime

from bot.samples.oncall import override
from bot.samples.team import SampleTeam
from handlers import ids

BEGINS = datetime(2026, 9, 19, 0, 0, tzinfo=UTC)
"""Saturday, 08:00 in China: an hour later the backup's last shift of the week ends."""
LEAD, WANG, EMMA, NEXT, ZHAO = "U0LINA", "U0WANG", "U0EMMA", "U0CHEN", "U0ZHAO"


async def play(team: SampleTeam) -> None:
    """Stay on where nobody follows, say that one can't, and take gaps."""
    await team.wait(seconds=5)
    for user in team.find_readers(ids.ROTA_CONFIRM):
        await team.press(user, ids.ROTA_CONFIRM)
    begins = int(BEGINS.timestamp())
    await override(team, LEAD, "leave", member=NEXT, start=begins, end=begins + 36 * 3600)
    await team.wait(minutes=50)
    user = team.find_readers(ids.ROTA_STAY)[0]
    await team.press(user, ids.ROTA_STAY)
    await team.press(user, ids.ROTA_CANNOT_STAY)
    await team.wait(seconds=10)
    await team.submit(user)
    await team.wait(seconds=10)
    await team.command(EMMA, "gaps")
    await team.press(EMMA, ids.ROTA_TAKE_LISTED)
    await team.submit_if_asked(EMMA)
    await team.skip(hours=24)
    for user in (WANG, ZHAO):
        await team.press(user, ids.ROTA_TAKE_PART)
        await team.submit(user)
    for user in (WANG, ZHAO):
        await team.submit(user)
    await team.wait(seconds=10)
