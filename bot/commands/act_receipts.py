"""What a desk at the terminal reads after it raised or moved a case: what was done, who is called, and what is next."""

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.commands.escalation_show import describe_entry
from bot.services import Repositories
from handlers.blocks import call
from handlers.blocks.missing_answers import ASKED
from handlers.i18n import labels
from handlers.i18n.dates import numeric_moment, short_zone_name
from handlers.i18n.erased_words import in_words
from handlers.i18n.words import N_, Words
from models.rules.escalations.deadlines import acknowledge_by, awaits_acknowledgement
from models.rules.escalations.escalation import ENDED, Escalation, Move, ReviewState, Status
from models.rules.escalations.transitions import missing_before_filing

NOT_CALLED = N_("You are on call, so you are not called. Unless you take it, the backup is called next.")


class ActReceipts:
    """Words what was done for the person at the terminal."""

    def __init__(
        self, repositories: Repositories, find_name: Callable[[str], str], zone: ZoneInfo, words: Words, now: datetime
    ) -> None:
        self._repositories, self._find_name = repositories, find_name
        self._zone, self._words, self._now = zone, words, now

    def describe(self, case: Escalation) -> list[str]:
        """Return the lines about a case and its last move: the case first, then what is next, with times."""
        return [in_words(line, self._words) for line in self._list_lines(case)]

    def _list_lines(self, case: Escalation) -> Iterator[str]:
        words, policy = self._words, self._repositories.policies.of_version(case.policy_version)
        status = words(labels.STATUS[case.status])
        about = case.customer_name or words(labels.KIND[case.kind])
        headline = words(N_("{name}: {status}"), name=case.name, status=status)
        yield f"{headline} · {labels.shorten_severity(case, words)} · {about} · {case.title}"
        entry = self._repositories.queries.whole_history(case.number)[-1]
        if entry.move is not Move.RAISE:
            done = next(iter(describe_entry(entry, self._find_name, self._zone, words, policy)))
            yield f"✓ {self._find_name(entry.by)}{words.colon}{done}"
        called = self._repositories.queries.call_targets(case.number, entry.seq)
        duty = self._repositories.on_call_at(self._now)
        if said := call.describe_outcome(call.find_outcome(case, called, duty, self._find_name), words):
            yield f"📟 {said}"
        elif entry.move is Move.RAISE and case.raised_by in duty.on_call and awaits_acknowledgement(case):
            yield f"📟 {words(NOT_CALLED)}"
        if due := acknowledge_by(case, policy.reminder_times):
            yield f"{words(N_('Acknowledge by'))}{words.colon}{self._say_when(due)}"
        yield from self._list_before_filing(case)

    def _list_before_filing(self, case: Escalation) -> Iterator[str]:
        """Yield what must be waited for or answered before the case can go to 21Vianet."""
        words = self._words
        if case.status in {*ENDED, Status.RESOLVED} or case.is_filed_elsewhere:
            return
        if case.review is ReviewState.PENDING and case.review_until and not case.is_escalated:
            until = f"{words(N_('A lead looks at it until'))}{words.colon}{self._say_when(case.review_until)}"
            stop, rest = words.pick(". ", "。"), words(N_("Submit it after that, or as soon as it is approved."))
            yield f"⏳ {until}{stop}{rest}"
        if missing := missing_before_filing(case):
            yield f"❓ {words(ASKED, fields=labels.list_fields(missing, words))}"

    def _say_when(self, at: datetime) -> str:
        named = short_zone_name(self._zone, self._words)
        local = numeric_moment(at, self._zone)
        return self._words.pick(f"{local} {named}", f"{named} {local}")
