"""From a reminder that is owed to the messages that carry it out: which, where, to whom. Writes nothing itself."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime

from models.oncall.gap_register import Kept
from models.oncall.snapshot import Scene
from models.outbox.messages import Owed
from models.reminders.changeover import people_of
from models.reminders.due import Subject
from models.reminders.settings import House
from models.rules.delivery import What
from models.rules.escalations.escalation import Escalation
from models.rules.reminders import subjects
from models.rules.reminders.candidates import candidates
from models.rules.reminders.digest import week_of
from models.rules.reminders.escalation import FIRST
from models.rules.reminders.step import Audience, Spoken, Step

A = Audience
WITH_THE_CARD = frozenset({"found", "14d"})
"""Steps with which a gap's card is posted: nothing is left to say in its thread but whom it calls."""
PEOPLE_TOLD = 10
"""So many candidates are written to at most."""


def note(step: Step) -> str:
    """What a message carries of its reminder: the key, and whom it is for."""
    return f"{step.key} {'+'.join(sorted(step.to))}"


def key_and_audience(text: str) -> tuple[str, frozenset[Audience]]:
    """Read what :func:`note` wrote."""
    key, _, to = text.rpartition(" ")
    return key, frozenset(Audience(one) for one in to.split("+") if one)


class Telling:
    """Makes the messages of one tick."""

    def __init__(self, scene: Scene, house: House, now: datetime) -> None:
        self._scene, self._house, self._now = scene, house, now

    def messages(self, subject: Subject, spoken: Spoken) -> list[Owed]:
        """The messages of one reminder; far gaps have none of their own (see :meth:`far_gaps`)."""
        step = spoken.step
        facts = subject.facts
        if isinstance(facts, Kept):
            return list(self._gap(facts, step))
        if isinstance(facts, Escalation):
            return list(self._escalation(facts, step, subject.called))
        ways: dict[What, Callable[[Step], Iterator[Owed]]] = {
            What.SHIFT: self._private, What.NAG: self._shift_or_handover, What.HANDOVER: self._handover,
            What.HANDOVER_REFRESH: self._redrawn, What.NAG_REFRESH: self._nothing, What.ON_NOW: self._on_now,
            What.DIGEST: self._digest, What.WEEK: self._week, What.PICTURE: self._picture,
            What.REHEARSAL: self._picture, What.REHEARSAL_REFRESH: self._redrawn,
        }  # fmt: skip
        return list(ways[step.what](step))

    def far_gaps(self, steps: Iterable[Step]) -> tuple[str, list[Owed]]:
        """One list for all far gaps of a look: the key of the reminder that speaks for the others, and the message."""
        first = min(steps, key=lambda step: (subjects.number_of(step.subject), step.key))
        key = f"gaps/{first.key}"
        return first.key, [Owed(What.GAPS, key, "gaps", "gaps", self._house.oncall_channel, reminder=note(first))]

    # Gaps ----------------------------------------------------------------------------------------------------------

    def _gap(self, gap: Kept, step: Step) -> Iterator[Owed]:
        """The card is posted before anything else is said of it, once; its lane keeps that order."""
        name, lane = step.subject, step.subject
        if step.what is What.GAPS:
            return
        channel = self._house.oncall_channel
        yield Owed(What.GAP, f"{name}/card", name, lane, channel)
        if step.step.partition("@")[0] not in WITH_THE_CARD or step.to & {A.LEADS, A.EVERYONE}:
            yield Owed(What.NAG, step.key, name, lane, channel, reminder=note(step))
        if step.step == "ended" or step.step.startswith("open0@"):
            yield Owed(What.GAP_REFRESH, f"{step.key}/card", name, f"{lane}/card", channel)
        if A.CANDIDATES in step.to:
            known = self._scene.situation
            able = candidates(known, self._scene.shifts, gap.gap, self._now) if known else []
            yield from self._direct(step, (one.slack_id for one in able[:PEOPLE_TOLD]))

    # Shifts and handovers ------------------------------------------------------------------------------------------

    def _private(self, step: Step) -> Iterator[Owed]:
        yield from self._direct(step, self._people(step))

    def _shift_or_handover(self, step: Step) -> Iterator[Owed]:
        if A.CHANNEL in step.to:
            lane = step.subject if step.subject.startswith(subjects.HANDOVER) else subjects.DUTY
            yield Owed(What.NAG, step.key, step.subject, lane, self._house.oncall_channel, reminder=note(step))
        yield from self._direct(step, self._people(step))

    def _handover(self, step: Step) -> Iterator[Owed]:
        channel = self._house.oncall_channel
        yield Owed(What.HANDOVER, step.key, step.subject, step.subject, channel, reminder=note(step))
        yield from self._direct(step, self._people(step))

    def _redrawn(self, step: Step) -> Iterator[Owed]:
        lane = f"{step.subject}/card"
        yield Owed(step.what, step.key, step.subject, lane, self._house.oncall_channel)

    def _nothing(self, step: Step) -> Iterator[Owed]:  # noqa: ARG002 - every step is asked alike
        """Only what was said before is drawn anew (see ``models.reminders.engine``)."""
        return iter(())

    def _on_now(self, step: Step) -> Iterator[Owed]:
        """What was said, and what is to be so: only the newest of it counts, so each waits behind the one before."""
        channel = self._house.oncall_channel
        yield Owed(What.ON_NOW, step.key, step.subject, subjects.DUTY, channel, reminder=note(step))
        yield Owed(What.TOPIC, f"{step.key}/topic", step.subject, "topic", channel)
        if self._house.usergroup:
            yield Owed(What.GROUP, f"{step.key}/group", step.subject, "group", channel)

    # Escalations and what comes at its time ------------------------------------------------------------------------

    def _escalation(self, case: Escalation, step: Step, called: Collection[str]) -> Iterator[Owed]:
        """A line in its thread, a word to each who is called, and from some step on a line in the on-call channel; when
        a snooze is over, only the card is drawn anew."""
        if step.what is What.REFRESH:
            yield Owed(step.what, step.key, step.subject, f"{case.name}/card", case.channel, number=case.number)
            return
        yield Owed(What.NAG, step.key, step.subject, case.name, case.channel, reminder=note(step), number=case.number)
        people = list(self._people(step))
        yield from self._direct(step, self._to_be_called(people or self._house.leads, step, called), case.number)
        if A.CHANNEL in step.to or not people:
            yield Owed(
                What.NAG, f"{step.key}/channel", step.subject, subjects.DUTY, self._house.oncall_channel,
                reminder=note(step), number=case.number,
            )  # fmt: skip

    def _to_be_called(self, people: Sequence[str], step: Step, called: Collection[str]) -> Sequence[str]:
        """Those a step is for. The first of an escalation nobody took leaves out who was called at once: it is the
        backup's, and without a backup the leads'."""
        if not step.step.startswith(FIRST) or not called:
            return people
        fresh = [user for user in people if user not in called]
        if fresh or self._scene.backup(self._now):
            return fresh
        return [user for user in self._house.leads if user not in called] or people

    def _digest(self, step: Step) -> Iterator[Owed]:
        channel = self._house.escalation_channel
        yield Owed(step.what, step.key, step.subject, step.subject, channel, reminder=note(step))

    def _week(self, step: Step) -> Iterator[Owed]:
        """To each who has not confirmed all of their shifts in that week."""
        start, end = week_of(step.step, self._house.zone)
        open_ = [one for one in self._scene.unconfirmed() if start <= one.start < end]
        for user in sorted({self._scene.user_of(one.member) for one in open_} - {""}):
            yield Owed(What.WEEK, f"{step.key}/{user}", step.subject, f"dm:{user}", user=user, reminder=note(step))

    def _picture(self, step: Step) -> Iterator[Owed]:
        channel = self._house.oncall_channel
        yield Owed(step.what, step.key, step.subject, step.subject, channel, reminder=note(step))

    # People --------------------------------------------------------------------------------------------------------

    def _people(self, step: Step) -> Iterator[str]:
        """Everybody a step calls, by Slack id, who is in the workspace."""
        called = people_of(step, self._scene, self._house.leads, self._now)
        yield from (user for user in called if not self._scene.is_gone(user, self._now))

    def _direct(self, step: Step, people: Iterable[str], number: int | None = None) -> Iterator[Owed]:
        what = What.SHIFT if step.what is What.SHIFT else What.NAG
        for user in dict.fromkeys(people):
            key, lane = f"{step.key}/{user}", f"dm:{user}"
            yield Owed(what, key, step.subject, lane, user=user, reminder=note(step), number=number)
