"""A new version of the rota made from the newest: what it would change, saved only over what it was made from."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from models.oncall.rota_store import WEEKS, Revision, RotaStore, revision
from models.oncall.rota_versions import NEWEST_FIRST, add_version, lock, versions
from models.outbox import recipients
from models.outbox.messages import tell
from models.rules.errors import refuse
from models.rules.people import Actor
from models.rules.rota.impact import Impact, RotaState, find_impact
from models.rules.rota.rota import Member, Rota
from models.rules.rota.toml import reader, writer
from models.store.database import Store

NO_ROTA = RotaState(Rota(seats=()))


@dataclass(frozen=True)
class RotaProposal:
    """A file that could be the rota: its text and plan, what is there ``before`` it (None for none), and what would
    change ``until`` then. ``instead_of`` and ``seen`` tell what it was compared with.
    """

    text: str
    rota: Rota
    before: RotaState | None
    outcome: Impact
    until: datetime
    instead_of: str
    seen: Revision

    @property
    def is_new(self) -> bool:
        """False when the file is the rota already, to the letter."""
        return self.before is None or self.text != self.instead_of

    @property
    def takes_away(self) -> bool:
        """Whether somebody loses or moves a shift they have, or a gap opens."""
        return bool(self.outcome.opened_gaps or any(one.before for one in self.outcome.reassigned))


class RotaEditor:
    """Versions of the rota made in the conversation."""

    def __init__(self, store: Store, rota_store: RotaStore) -> None:
        self._store, self._rota_store = store, rota_store

    def newest(self, now: datetime) -> tuple[int | None, str]:
        """The number and the text of the newest file as it was written; None and empty when there is none."""
        version = next(iter(versions(self._store, now)), None)
        return (version.number, version.text) if version else (None, "")

    def rota(self, now: datetime) -> Rota:
        """The newest plan; one with the usual seats and nobody in it when there is none."""
        return self._rota_store.rota(now) or Rota()

    def proposed(self, text: str, now: datetime, ahead: timedelta = WEEKS) -> RotaProposal:
        """Return what a file would change in the time ahead. Raises BadPlan with every fault."""
        rota, seen = reader.read_rota(text), self._rota_store.revision()
        newest = self._store.read(lambda connection: connection.execute(NEWEST_FIRST).first())
        before = self._rota_store.rota_state(now)
        known = before or NO_ROTA
        end = (now + ahead).replace(hour=0, minute=0, second=0, microsecond=0)  # the same for a second look
        outcome = find_impact(known, RotaState(rota, known.overrides, known.absences), now, end)
        return RotaProposal(text, rota, before, outcome, end, newest.text if newest else "", seen)

    def outcome(self, wanted: Rota, now: datetime) -> Impact:
        """What a plan would change in the coming weeks. Raises BadPlan with every fault."""
        return self.proposed(writer.write_rota(wanted), now).outcome

    def save(self, wanted: Rota, instead_of: str, by: Actor, now: datetime, channel: str) -> bool:
        """Make a plan the newest version, unless the file is another than ``instead_of`` by now, or something else
        was changed while this looked; whether it is new.

        Everybody concerned is told in the same transaction. Raises Refused, BadPlan, NotSaved.
        """
        if not by.is_lead:
            raise refuse("leads_only")
        proposal = self.proposed(writer.write_rota(wanted), now)
        if proposal.is_new and proposal.instead_of != instead_of:
            raise refuse("changed_meanwhile")
        return self.adopt(proposal, by.id, now, channel)

    def add(self, user: str, name: str, by: Actor, now: datetime, channel: str) -> bool:
        """Put somebody (a Slack id, and what they are called) on the rota as a member without turns; whether they were
        not on it yet. Raises as :meth:`save`.
        """
        if not by.is_lead:
            raise refuse("leads_only")
        members = self.rota(now).members
        if any(member.slack_id == user for member in members.values()):
            return False
        there = members.get(name, Member(name))
        if there.slack_id:
            there = Member(f"{name} ({user})")
        text = writer.add_member(self.newest(now)[1], replace(there, slack_id=user))
        return self.adopt(self.proposed(text, now), by.id, now, channel)

    def adopt(self, proposal: RotaProposal, by: str, now: datetime, channel: str, quiet: str = "") -> bool:
        """Make a proposed file the newest version, as :meth:`save`, by a Slack id or ``TERMINAL``; with a reason to be
        ``quiet`` nobody is told, and the reason is kept. Raises Refused, NotSaved.
        """

        def unit(connection: Connection) -> bool:
            lock(connection)
            newest = connection.execute(NEWEST_FIRST).first()
            if newest is not None and newest.text == proposal.text:
                return False
            if (newest.text if newest else "") != proposal.instead_of or revision(connection) != proposal.seen:
                raise refuse("changed_meanwhile")
            number = add_version(connection, proposal.text, by, now, quiet)
            if not quiet:
                plans = [proposal.rota, (proposal.before or NO_ROTA).rota]
                tell(connection, recipients.of_rota(number, proposal.outcome, plans, by, channel), now)
            return True

        return self._store.write(unit)
