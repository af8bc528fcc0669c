"""New versions of the rota, made from the newest one: preview what would change, save only if nothing else changed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from models.oncall.rota_store import WEEKS, RotaRevision, RotaStore, find_revision
from models.oncall.rota_versions import add_version, find_newest, lock, versions
from models.outbox import recipients
from models.outbox.messages import enqueue_messages
from models.rules.errors import refuse
from models.rules.people import Actor
from models.rules.rota.impact import Impact, RotaState, find_impact
from models.rules.rota.rota import Member, Rota
from models.rules.rota.toml import reader, writer
from models.store.database import Store

NO_ROTA = RotaState(Rota(seats=()))


@dataclass(frozen=True)
class RotaProposal:
    """A file that could become the rota, and what it would change."""

    text: str
    rota: Rota
    before: RotaState | None  # None when there is no rota yet
    outcome: Impact
    until: datetime  # the end of the comparison
    instead_of: str  # the text of the newest file when they were compared
    seen: RotaRevision  # the revision when they were compared

    @property
    def is_new(self) -> bool:
        """Return False when the file is the rota already, to the letter."""
        return self.before is None or self.text != self.instead_of

    @property
    def takes_away(self) -> bool:
        """Return whether somebody loses or moves a shift they have, or a gap opens."""
        return bool(self.outcome.opened_gaps or any(move.before for move in self.outcome.reassigned))


class RotaEditor:
    """Makes versions of the rota that people edit in Slack or import at the terminal."""

    def __init__(self, store: Store, rota_store: RotaStore) -> None:
        self._store, self._rota_store = store, rota_store

    def newest(self, now: datetime) -> tuple[int | None, str]:
        """Return number and text of the newest file as it was written; None and an empty text when there is none."""
        version = next(iter(versions(self._store, now)), None)
        return (version.number, version.text) if version else (None, "")

    def rota(self, now: datetime) -> Rota:
        """Return the newest plan; when there is none, one with the usual seats and nobody in it."""
        return self._rota_store.rota(now) or Rota()

    def propose(self, text: str, now: datetime, ahead: timedelta = WEEKS) -> RotaProposal:
        """Return what a file would change in the time ahead. Raises InvalidFile with every fault."""
        rota, seen = reader.read_rota(text), self._rota_store.revision()
        newest = self._store.read(find_newest)
        before = self._rota_store.rota_state(now)
        state = before or NO_ROTA
        end = (now + ahead).replace(hour=0, minute=0, second=0, microsecond=0)  # the same when compared again today
        impact = find_impact(state, RotaState(rota, state.overrides, state.absences), now, end)
        return RotaProposal(text, rota, before, impact, end, newest.text if newest else "", seen)

    def preview(self, wanted: Rota, now: datetime) -> Impact:
        """Return what a plan would change in the coming weeks. Raises InvalidFile with every fault."""
        return self.propose(writer.write_rota(wanted), now).outcome

    def save(self, wanted: Rota, instead_of: str, by: Actor, now: datetime, channel: str) -> bool:
        """Make a plan the newest version; return whether it is new.

        ``instead_of`` is the file it was made from. Everybody concerned is informed in the same transaction.
        Raises Refused, also when another file or change was saved in the meantime, InvalidFile, NotSaved.
        """
        if not by.is_lead:
            raise refuse("leads_only")
        proposal = self.propose(writer.write_rota(wanted), now)
        if proposal.is_new and proposal.instead_of != instead_of:
            raise refuse("changed_meanwhile")
        return self.adopt(proposal, by.id, now, channel)

    def add_member(self, user: str, name: str, by: Actor, now: datetime, channel: str) -> bool:
        """Add somebody (a Slack id and their name) as a member without turns; return False for a member already there.

        Raises as :meth:`save`.
        """
        if not by.is_lead:
            raise refuse("leads_only")
        members = self.rota(now).members
        if any(member.slack_id == user for member in members.values()):
            return False
        member = members.get(name, Member(name))
        if member.slack_id:
            member = Member(f"{name} ({user})")
        text = writer.add_member(self.newest(now)[1], replace(member, slack_id=user))
        return self.adopt(self.propose(text, now), by.id, now, channel)

    def adopt(self, proposal: RotaProposal, by: str, now: datetime, channel: str, quiet: str = "") -> bool:
        """Make a proposed file the newest version, as :meth:`save`; ``by`` is a Slack id or ``TERMINAL``.

        With ``quiet``, a reason, nobody is informed, and the reason is kept. Raises Refused, NotSaved.
        """

        def unit(connection: Connection) -> bool:
            lock(connection)
            newest = find_newest(connection)
            if newest is not None and newest.text == proposal.text:
                return False
            if (newest.text if newest else "") != proposal.instead_of or find_revision(connection) != proposal.seen:
                raise refuse("changed_meanwhile")
            number = add_version(connection, proposal.text, by, now, quiet)
            if not quiet:
                plans = [proposal.rota, (proposal.before or NO_ROTA).rota]
                enqueue_messages(connection, recipients.of_rota(number, proposal.outcome, plans, by, channel), now)
            return True

        return self._store.write(unit)
