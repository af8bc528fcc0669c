"""Keeps what the bot shows in a local Slack: of each thing with the same name the longest that was drawn."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from bot.http_client.transport import HttpResponse
from bot.sandbox.local_slack import LocalSlack
from bot.simulation.crash_points import CrashPoints
from bot.simulation.outbound import Outbound, read_arguments
from handlers import ids
from handlers.blocks.samples import Sample, Surface
from handlers.i18n.message_kinds import MESSAGE_KINDS
from handlers.i18n.words import N_, Words
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders import subjects

Json = dict[str, Any]
MESSAGES = frozenset({"chat.postMessage", "chat.update", "files.completeUploadExternal"})
REMINDING = frozenset({MessageKind.REMINDER, MessageKind.REMINDER_REFRESH, MessageKind.SHIFT})
VIEWS = frozenset({"views.open", "views.push", "views.update", "views.publish"})


class Recorder:
    """All samples so far, named in the language of ``naming``."""

    def __init__(self, naming: Words, language: str) -> None:
        """Name ``language``, in which the samples are drawn, behind each name."""
        self._naming, self._language = naming, language
        self._samples: dict[str, Sample] = {}
        self.act = ""
        """What a person does now, as it is typed or as the id of a button."""

    @property
    def samples(self) -> list[Sample]:
        """Everything that was shown so far."""
        return list(self._samples.values())

    def keep_message(self, delivery: Delivery, blocks: list[Json]) -> None:
        """Keep a message of the outbox, under its kind and what it is about; but no pictures, which are files here."""
        subject, prefix = delivery.subject or "", str(delivery.subject).partition(":")[0]
        about = [prefix, delivery.reminder.step] if delivery.what in REMINDING else []
        shown = [block for block in blocks if "slack_file" not in block]
        name = subjects.read_name(subject)
        self._keep(
            Sample(
                self._name(self._naming(MESSAGE_KINDS[delivery.what]), *about), Surface.MESSAGE, shown, delivery.what,
                type(name) if name else None,
            )
        )  # fmt: skip

    def keep_answer(self, blocks: list[Json]) -> None:
        """Keep a private answer, under what was done."""
        name = self._naming(N_("answer to {what}"), what=self.act)
        self._keep(Sample(self._name(name), Surface.MESSAGE, blocks, about=self.act))

    def keep_view(self, view: Json) -> None:
        """Keep a modal or the Home tab, under its id and what was done."""
        id_ = view.get("callback_id") or view["type"]
        if id_ == ids.DONE:
            id_ = f"{id_} “{view['title']['text']}”"
        name = self._naming(N_("view {id} after {what}"), id=id_, what=self.act)
        self._keep(Sample(self._name(name), Surface.VIEW, view, about=self.act))

    def _name(self, *parts: str) -> str:
        return self._naming.join_items([part for part in (*parts, self._language) if part])

    def _keep(self, sample: Sample) -> None:
        shorter = self._samples.get(sample.name)
        if shorter is None or len(sample.written()) > len(shorter.written()):
            self._samples[sample.name] = sample


class RecordedOutbound(Outbound):
    """A local Slack whose answers are not changed, and whose calls are kept."""

    def __init__(self, slack: LocalSlack, crash_points: CrashPoints, recorder: Recorder) -> None:
        super().__init__(slack, crash_points)
        self._recorder = recorder
        self.delivery: Callable[[], Delivery | None] = lambda: None
        """Returns the message of the outbox that is being sent."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpResponse:
        """Keep what a call shows, and answer it."""
        name = url.rpartition("/")[2]
        if name in MESSAGES | VIEWS or "/response/" in url:
            self._keep(name, read_arguments(body, headers))
        return super().post(url, body, headers, timeout)

    def _keep(self, name: str, args: Json) -> None:
        if name in VIEWS:
            self._recorder.keep_view(_read(args["view"]))
            return
        blocks, delivery = _read(args.get("blocks")), self.delivery() if name in MESSAGES else None
        if blocks and delivery:
            self._recorder.keep_message(delivery, blocks)
        elif blocks:
            self._recorder.keep_answer(blocks)


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
