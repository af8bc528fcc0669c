"""The subcommands about the rota, and what answers each."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.blocks import block_kit
from handlers.context import CurrentUser, SlackResponder
from handlers.oncall.chart_request import ASKED, ChartRequest
from handlers.oncall.schedule_views import ScheduleViews
from handlers.oncall.workload import WorkloadViews

Answer = Callable[[str, CurrentUser], list[block_kit.Block]]
Opening = Callable[[str, CurrentUser, str, SlackResponder], None]


class OnCallCommands:
    """Answers the subcommands about the rota."""

    def __init__(
        self,
        schedule_views: ScheduleViews,
        workload_views: WorkloadViews,
        chart_request: ChartRequest,
        openings: Mapping[str, Opening],
    ) -> None:
        self._chart_request = chart_request
        self._answers: Mapping[str, Answer] = {
            "who": schedule_views.who, "rota": schedule_views.rota, "gaps": schedule_views.gaps,
            "my": schedule_views.my, "load": workload_views.load, "calendar": workload_views.calendar,
        }  # fmt: skip
        self._openings = openings

    def handles(self, verb: str) -> bool:
        """Return whether a subcommand is about the rota."""
        return verb in {*self._answers, *self._openings}

    def stores(self, verb: str, rest: str) -> bool:
        """Return whether the command stores something. Then Slack is told ok only after the commit."""
        return verb == "rota" and rest.lower() in ASKED

    def answer(
        self, verb: str, rest: str, current_user: CurrentUser, body: dict[str, Any], client: SlackResponder
    ) -> list[block_kit.Block] | None:
        """Answer a subcommand; None when a form was opened instead. Raises Refused."""
        if verb in self._openings:
            self._openings[verb](rest, current_user, body["trigger_id"], client)
            return None
        if self.stores(verb, rest):
            return self._chart_request.typed(current_user, str(body["trigger_id"]))
        return self._answers[verb](rest, current_user)
