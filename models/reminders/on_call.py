"""Find who can be called right now, from the rota and the settings. This module only reads."""

from datetime import datetime

from sqlalchemy.exc import DBAPIError

from models.oncall.snapshot import SnapshotCache
from models.reminders.settings import ReminderSettings
from models.rules.errors import NotSaved
from models.rules.escalations.acknowledgement_calls import OnCallPeople


class OnCallLookup:
    """Answers at once: the snapshot is kept until the rota or a shift event differs."""

    def __init__(self, snapshots: SnapshotCache, settings: ReminderSettings) -> None:
        self._snapshots, self._settings = snapshots, settings

    def at(self, now: datetime) -> OnCallPeople:
        """Return who can be called at an instant.

        When the rota is not valid these are only the leads, so that an escalation can still be raised. Raises NotSaved.
        """
        settings = self._settings
        nobody = OnCallPeople(
            leads=settings.leads,
            channel=settings.oncall_channel,
            reach=settings.reach,
            reminder_times=settings.reminder_times,
        )
        try:
            snapshot = self._snapshots.at(now)
            absent = snapshot.find_absent(now)
            leads = tuple(user for user in settings.leads if user not in absent)
            return OnCallPeople(
                snapshot.on_call(now),
                snapshot.backup(now),
                leads,
                settings.oncall_channel,
                absent,
                snapshot.names,
                settings.reach,
                settings.reminder_times,
            )
        except (NotSaved, DBAPIError):
            raise
        except Exception:  # the tick reports what is wrong with the rota; escalations must still be raised
            return nobody
