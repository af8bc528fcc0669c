"""Who can be called right now: from the rota as it is known, and from the installation. Reads only."""

from datetime import datetime

from sqlalchemy.exc import DBAPIError

from models.oncall.snapshot import SnapshotCache
from models.reminders.settings import ReminderSettings
from models.rules.errors import NotSaved
from models.rules.escalations.calls import OnCallPeople


class OnCallLookup:
    """Answers at once: the scene is kept until the rota or a press differs."""

    def __init__(self, snapshots: SnapshotCache, services: ReminderSettings) -> None:
        self._snapshots, self._services = snapshots, services

    def at(self, now: datetime) -> OnCallPeople:
        """Who can be called at an instant. When the rota can't be understood that is nobody but the leads: a case is
        raised all the same. Raises NotSaved.
        """
        services = self._services
        nobody = OnCallPeople(
            leads=services.leads, channel=services.oncall_channel, reminder_times=services.reminder_times
        )
        try:
            snapshot = self._snapshots.at(now)
            absent = frozenset(user for user in snapshot.workspace_absences if snapshot.is_gone(user, now))
            leads = tuple(user for user in services.leads if user not in absent)
            return OnCallPeople(
                snapshot.on_call(now),
                snapshot.backup(now),
                leads,
                services.oncall_channel,
                absent,
                snapshot.names,
                services.reminder_times,
            )
        except (NotSaved, DBAPIError):
            raise
        except Exception:  # the tick tells what is wrong with the rota; it must not keep a case from being raised
            return nobody
