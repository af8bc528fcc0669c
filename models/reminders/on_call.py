"""Who can be called right now: from the rota as it is known, and from the installation. Reads only."""

from datetime import datetime

from sqlalchemy.exc import DBAPIError

from models.oncall.snapshot import Scenes
from models.reminders.settings import House
from models.rules.errors import NotSaved
from models.rules.escalations.calls import OnDuty


class OnCall:
    """Answers at once: the scene is kept until the rota or a press differs."""

    def __init__(self, scenes: Scenes, house: House) -> None:
        self._scenes, self._house = scenes, house

    def at(self, now: datetime) -> OnDuty:
        """Who can be called at an instant. When the rota can't be understood that is nobody but the leads: a case is
        raised all the same. Raises NotSaved."""
        house = self._house
        nobody = OnDuty(leads=house.leads, channel=house.oncall_channel, nagging=house.nagging)
        try:
            scene = self._scenes.at(now)
            left = frozenset(user for user in scene.left if scene.is_gone(user, now))
            leads = tuple(user for user in house.leads if user not in left)
            return OnDuty(
                scene.on_call(now), scene.backup(now), leads, house.oncall_channel, left, scene.names, house.nagging
            )
        except (NotSaved, DBAPIError):
            raise
        except Exception:  # the tick tells what is wrong with the rota; it must not keep a case from being raised
            return nobody
