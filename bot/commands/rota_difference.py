"""What a file would change of the rota, for the terminal: who moves, which gaps open and close, who is told."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.commands.rota_output import reason_of
from handlers.i18n.dates import numeric_moment, short_zone_name
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import N_, Words
from models.oncall.rota_editor import NO_ROTA, RotaProposal
from models.rules.rota.gaps import Gap
from models.rules.rota.impact import ReassignedTime

MOST_ROWS = 20


def difference(proposal: RotaProposal, quiet: str, words: Words) -> list[str]:
    """Return the difference a line each; with a reason to be ``quiet`` nobody is told."""
    outcome, zone = proposal.outcome, proposal.rota.zone
    until = f"{proposal.until.astimezone(zone):%Y-%m-%d}"
    if not (outcome.reassigned or outcome.opened_gaps or outcome.closed_gaps):
        return [words(N_("Until {until} nobody's shifts change, and no gap opens or closes."), until=until)]
    opens, closes = len(outcome.opened_gaps), len(outcome.closed_gaps)
    return [
        words(N_("What would change until {until} ({zone}):"), until=until, zone=short_zone_name(zone, words)),
        *_list_rows(
            words(N_("👥 Changes of cover:")), [_moved(change, proposal, words) for change in outcome.reassigned], words
        ),
        *_list_rows(
            "🕳️ " + words.plural("This opens {n} gap:", "This opens {n} gaps:", opens),
            [_gap(change, proposal, words) for change in outcome.opened_gaps], words,
        ),
        *_list_rows(
            "✅ " + words.plural("This closes {n} gap:", "This closes {n} gaps:", closes),
            [_gap(change, proposal, words) for change in outcome.closed_gaps], words,
        ),
        *_describe_recipients(proposal, quiet, words),
    ]  # fmt: skip


def _list_rows(title: str, rows: Sequence[str], words: Words) -> Iterator[str]:
    if rows:
        yield title
        yield from (f"  {row}" for row in rows[:MOST_ROWS])
    if (hidden := len(rows) - MOST_ROWS) > 0:
        yield "  " + words.plural("and {n} more", "and {n} more", hidden)


def _moved(change: ReassignedTime, proposal: RotaProposal, words: Words) -> str:
    place = seat_name(change.seat, words) + (f" {change.slot_number}" if change.slot_number > 1 else "")
    before, after = (name or words(N_("nobody")) for name in (change.before, change.after))
    return f"{_times(change.start, change.end, proposal, words)} · {place}{words.colon}{before} → {after}"


def _gap(gap: Gap, proposal: RotaProposal, words: Words) -> str:
    return f"{_times(gap.start, gap.end, proposal, words)} · {seat_name(gap.seat, words)} · {reason_of(gap, words)}"


def _times(start: datetime, end: datetime, proposal: RotaProposal, words: Words) -> str:
    """Return when something is; what goes on for as long as was looked ahead is told without an end."""
    zone = proposal.rota.zone
    if end >= proposal.until:
        return words(N_("{start} and on"), start=numeric_moment(start, zone))
    same_day = start.astimezone(zone).date() == end.astimezone(zone).date()
    return f"{numeric_moment(start, zone)} – {numeric_moment(end, zone)[11 if same_day else 0 :]}"


def _describe_recipients(proposal: RotaProposal, quiet: str, words: Words) -> Iterator[str]:
    """Return who gets a message once it is saved: everybody concerned who has an account."""
    if quiet:
        yield words(N_("Nobody will be notified: {reason}"), reason=quiet)
        return
    members = {**(proposal.before or NO_ROTA).rota.members, **proposal.rota.members}
    informed = sorted(name for name in proposal.outcome.people if name in members and members[name].slack_id)
    if informed:
        yield words(N_("Notified after saving: {people}"), people=words.join_items(informed))
