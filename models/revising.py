"""A new version of the rota made from the newest: what it would change, saved only over what it was made from."""

from datetime import datetime

from sqlalchemy import Connection

from models import notices
from models.outgoing import tell
from models.people import Actor
from models.refusal import refuse
from models.rota import plan_file, plan_writing
from models.rota.outcome import Outcome, Situation, compare
from models.rota.plan import Plan
from models.rota_versions import NEWEST_FIRST, add_version, lock, versions
from models.rotas import WEEKS, Rotas, revision
from models.store import Store


class Revising:
    """Versions of the rota made in the conversation."""

    def __init__(self, store: Store, rotas: Rotas) -> None:
        self._store, self._rotas = store, rotas

    def newest(self, now: datetime) -> tuple[int | None, str]:
        """The number and the text of the newest file as it was written; None and empty when there is none."""
        version = next(iter(versions(self._store, now)), None)
        return (version.number, version.text) if version else (None, "")

    def plan(self, now: datetime) -> Plan:
        """The newest plan; one with the usual seats and nobody in it when there is none."""
        return self._rotas.plan(now) or Plan()

    def outcome(self, wanted: Plan, now: datetime) -> Outcome:
        """What a plan would change in the coming weeks. Raises BadPlan with every fault."""
        read = plan_file.read(plan_writing.write(wanted))
        known = self._rotas.situation(now) or Situation(Plan(seats=()))
        end = (now + WEEKS).replace(hour=0, minute=0, second=0, microsecond=0)  # the same for a second look
        return compare(known, Situation(read, known.changes, known.left), now, end)

    def save(self, wanted: Plan, instead_of: str, by: Actor, now: datetime, channel: str) -> bool:
        """Make a plan the newest version, unless the file is another than ``instead_of`` by now, or something else
        was changed while this looked; whether it is new.

        Everybody concerned is told in the same transaction. Raises Refused, BadPlan, NotSaved.
        """
        if not by.is_lead:
            raise refuse("leads_only")
        written = plan_writing.write(wanted)
        seen = self._rotas.revision()
        outcome = self.outcome(wanted, now)

        def unit(connection: Connection) -> bool:
            lock(connection)
            newest = connection.execute(NEWEST_FIRST).first()
            if newest is not None and newest.text == written:
                return False
            if (newest.text if newest else "") != instead_of or revision(connection) != seen:
                raise refuse("changed_meanwhile")
            number = add_version(connection, written, by.id, now)
            tell(connection, notices.of_plan(number, outcome, wanted.members, by.id, channel), now)
            return True

        return self._store.write(unit)
