"""Two leads decide at the same moment, and one press is delivered twice: one decision, one entry."""

from functools import partial

from models.escalations.commands import EscalationCommands, SentForm
from models.escalations.queries import EscalationQueries
from models.rules.errors import Refused
from models.rules.escalations.escalation import Escalation, Move
from models.rules.escalations.reviews import ReviewPolicy
from models.rules.people import Actor
from models.rules.policy import reader
from tests.models.concurrent_writers import opened, together
from tests.models.samples import CHANNEL, LI, NOW, TEAM, WANG, customer_request, step

POLICY = ReviewPolicy(reader.load_packaged().review, reader.load_packaged().reminder_times.review)
OTHER = Actor("U0OTHER", TEAM, is_lead=True)


def asked(commands: EscalationCommands) -> int:
    """A case that a lead should look at; its number."""
    request = customer_request(answers={"area": "how_to"})
    return commands.raise_escalation(request, CHANNEL, WANG, NOW, "view", SentForm(review=POLICY)).number


def test_of_two_leads_at_once_one_decides_and_the_other_hears_who(url: str) -> None:
    def attempt(commands: EscalationCommands, move: Move, by: Actor) -> Escalation | Refused:
        try:
            return commands.move(number, step(move, by), f"click-{by.id}")
        except Refused as refused:
            return refused

    with opened(url, 30) as one, opened(url, 30) as other:
        number = asked(EscalationCommands(one))
        answers = together(
            [
                lambda: attempt(EscalationCommands(one), Move.APPROVE, LI),
                lambda: attempt(EscalationCommands(other), Move.SEND_BACK, OTHER),
            ]
        )

        (won,) = [answer for answer in answers if isinstance(answer, Escalation)]
        (lost,) = [answer for answer in answers if isinstance(answer, Refused)]
        assert lost.refusals[0].values["who"] == won.reviewed_by
        assert len(EscalationQueries(one).history(number)) == 2


def test_a_press_that_is_delivered_several_times_decides_once(url: str) -> None:
    with opened(url, 30) as one, opened(url, 30) as other:
        number = asked(EscalationCommands(one))
        desks = [EscalationCommands(one), EscalationCommands(other)] * 2
        moved = together([partial(desk.move, number, step(Move.APPROVE, LI), "click") for desk in desks])

        assert {escalation.reviewed_by for escalation in moved} == {LI.id}
        assert len(EscalationQueries(one).history(number)) == 2
