"""The verbs of the rota, and which journey hears each."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.blocks import block_kit
from handlers.context import Slack, Visitor
from handlers.oncall.chart_request import ASKED, Picturing
from handlers.oncall.schedule_views import Seeing
from handlers.oncall.workload import Informing

Answer = Callable[[str, Visitor], list[block_kit.Block]]
Opening = Callable[[str, Visitor, str, Slack], None]


class Verbs:
    """What the command understands of the rota."""

    def __init__(
        self, seeing: Seeing, informing: Informing, picturing: Picturing, openings: Mapping[str, Opening]
    ) -> None:
        self._picturing = picturing
        self._answers: Mapping[str, Answer] = {
            "who": seeing.who, "rota": seeing.rota, "gaps": seeing.gaps, "my": seeing.my,
            "load": informing.load, "calendar": informing.calendar,
        }  # fmt: skip
        self._openings = openings

    def knows(self, verb: str) -> bool:
        """Whether a word is one of ours."""
        return verb in {*self._answers, *self._openings}

    def stores(self, verb: str, rest: str) -> bool:
        """Whether hearing it stores something, which comes before Slack is told ok; all else is acknowledged first."""
        return verb == "rota" and rest.lower() in ASKED

    def heard(
        self, verb: str, rest: str, visitor: Visitor, body: dict[str, Any], client: Slack
    ) -> list[block_kit.Block] | None:
        """The answer to a verb we know; None when a form was opened instead. Raises Refused."""
        if verb in self._openings:
            self._openings[verb](rest, visitor, body["trigger_id"], client)
            return None
        if self.stores(verb, rest):
            return self._picturing.typed(visitor, str(body["trigger_id"]))
        return self._answers[verb](rest, visitor)
