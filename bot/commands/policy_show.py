"""``policy show``: the rules that count, each with its page and the day it was read there."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Any

from rich.text import Text

from bot.commands.output import ShowFormat, print_out
from bot.commands.output_rows import utc
from bot.commands.session import Session
from bot.commands.text_table import TextTable
from bot.config import Requirement
from handlers.i18n import labels, response_times, review_labels
from handlers.i18n.dates import clock_of_minutes, numeric_moment
from handlers.i18n.words import N_, Words
from models.escalations import policy_versions
from models.escalations.policy_versions import PACKAGED, PolicyVersion
from models.rules.escalations.request import RequestKind
from models.rules.policy import reader
from models.rules.policy.review_rules import ReviewPoint, ReviewRules
from models.rules.policy.sources import PolicySource
from models.rules.policy.vendor import CloudService, Desk, ResponseTarget, VendorPolicy

Cells = Sequence[str]


def show(session: Session, form: ShowFormat) -> None:
    """Print the rules that count now."""
    zone = session.config(Requirement.DATABASE).timezone
    with session.store() as store:
        version = policy_versions.newest(store)
    policy = reader.parse_policy(version.text) if version else reader.load_packaged()
    if form is ShowFormat.JSON:
        print_out(json.dumps(build_object(policy, version), ensure_ascii=False, indent=2) + "\n")
        return
    session.out.print_lines(_title(version, zone, session.words), style="bold")
    tables = _Tables(policy, session.words)
    for title, table in tables.build():
        session.out.print(title, table, sep="\n")
    session.out.print_lines(session.words(N_("Pages")), style="bold")
    for number, page in enumerate(tables.pages, 1):
        session.out.print_lines(f" {number:>2}  {page}")  # whole, so that a terminal can open it


def _title(version: PolicyVersion | None, zone: tzinfo, words: Words) -> str:
    if version is None:
        return words(N_("21Vianet's rules as packaged with this program (version 0)"))
    since = numeric_moment(version.at, zone)
    return words(N_("21Vianet's rules, version {number}, since {since}"), number=version.number, since=since)


class _Tables:
    """Draws one policy as tables. Addresses of pages are long: each row has the number of its page in a list."""

    def __init__(self, policy: VendorPolicy, words: Words) -> None:
        self._policy, self._words = policy, words
        self.pages: list[str] = []

    def build(self) -> Iterator[tuple[Text, TextTable]]:
        """Yield the tables. Afterwards ``pages`` holds every page that they name."""
        yield self._table(N_("Desks (Beijing time)"), (N_("Desk"), N_("Responds to")), self._desks())
        yield self._table(
            N_("First responses"), (N_("Service"), N_("Severity"), N_("Expected within"), N_("Desk")), self._targets()
        )
        yield self._table(N_("Services"), (N_("Service"), N_("Workloads"), N_("Portal")), self._services())
        yield self._table(N_("Hotlines"), (N_("Number"), N_("Services")), self._hotlines())
        yield self._table(N_("Click paths"), (N_("Request"), N_("Path")), self._paths())
        yield self._table(N_("Review before it goes"), (N_("Outcome"), N_("Point")), self._points())
        yield self._table(N_("Ours to solve"), (N_("Point"), N_("Path")), self._own_work())

    def _desks(self) -> Iterator[tuple[Cells, Iterable[PolicySource]]]:
        words, billing = self._words, self._policy.billing
        for desk in self._policy.desks.values():
            yield (response_times.desk_hours(desk, words), "\n".join(self._users_of(desk))), [desk.source]
        yield (response_times.desk_hours(billing, words), words(N_("Billing requests"))), [self._policy.billing_source]

    def _users_of(self, desk: Desk) -> Iterator[str]:
        """Yield the services and workloads to which a desk responds, each with its severities."""
        severities: dict[str, list[str]] = {}
        for service in self._policy.services.values():
            for target in service.targets:
                if target.desk.key == desk.key:
                    severities.setdefault(self._name_target(service, target), []).append(target.severity)
        for name, each in severities.items():
            yield f"{name}{self._words.colon}{self._words.join_items(each)}"

    def _name_target(self, service: CloudService, target: ResponseTarget) -> str:
        name = self._words.pick(service.en, service.zh)
        if not target.workload:
            return name
        workload = service.workload(target.workload)
        return f"{name} · {self._words.pick(workload.name, workload.zh)}"

    def _targets(self) -> Iterator[tuple[Cells, Iterable[PolicySource]]]:
        words = self._words
        for service in self._policy.services.values():
            for target in service.targets:
                name = self._name_target(service, target)
                allowed, hours = (
                    response_times.time_allowed(target, words),
                    response_times.desk_hours(target.desk, words),
                )
                yield (name, target.severity, allowed, hours), [target.source]

    def _services(self) -> Iterator[tuple[Cells, Iterable[PolicySource]]]:
        words = self._words
        for service in self._policy.services.values():
            workloads = words.join_items([words.pick(workload.name, workload.zh) for workload in service.workloads])
            yield (words.pick(service.en, service.zh), workloads, service.portal), service.sources

    def _hotlines(self) -> Iterator[tuple[Cells, Iterable[PolicySource]]]:
        words = self._words
        for hotline in self._policy.hotlines:
            named = [service for key, service in self._policy.services.items() if key in hotline.services]
            services = words.join_items([words.pick(service.en, service.zh) for service in named])
            yield (hotline.number, services or words(N_("all"))), [hotline.source]

    def _paths(self) -> Iterator[tuple[Cells, Iterable[PolicySource]]]:
        words = self._words
        for kind, path in self._policy.paths.items():
            clicks = words.pick(" › ".join(path.en), " › ".join(path.zh))
            yield (words(labels.KIND[RequestKind(kind)]), f"{clicks}\n{path.portal}"), [path.source]

    def _points(self) -> Iterator[tuple[Cells, Iterable[PolicySource]]]:
        words = self._words
        for key, rule in self._policy.review.points.items():
            said = words(review_labels.WEIGHT[rule.weight]), words(review_labels.POINT[ReviewPoint(key)])
            yield said, [rule.source] if rule.source else []

    def _own_work(self) -> Iterator[tuple[Cells, Iterable[PolicySource]]]:
        words = self._words
        for key, work in self._policy.review.own_work.items():
            clicks = words.pick(" › ".join(work.en), " › ".join(work.zh))
            yield (words(review_labels.POINT[ReviewPoint(key)]), f"{clicks}\n{work.portal}"), [work.source]

    def _table(
        self, title: str, headings: Cells, rows: Iterable[tuple[Cells, Iterable[PolicySource]]]
    ) -> tuple[Text, TextTable]:
        words = self._words
        table = TextTable(map(words, (*headings, N_("Read on"), N_("Page"))), words.colon)
        for cells, sources in rows:
            pages = {source.url: source for source in sources}.values()
            days = "\n".join(f"{source.read_on}" for source in pages)
            numbers = "\n".join(str(self._number(source.url)) for source in pages)
            table.add_row(*cells, days, numbers)
        return Text(words(title), "bold"), table

    def _number(self, page: str) -> int:
        if page not in self.pages:
            self.pages.append(page)
        return self.pages.index(page) + 1


# For programs: the keys are a contract -----------------------------------------------------------------------------


def build_object(policy: VendorPolicy, version: PolicyVersion | None) -> dict[str, Any]:
    """Return a policy for programs; each fact has its ``source`` and ``read_on``."""
    return {
        "version": version.number if version else PACKAGED,
        "since": utc(version.at) if version else None,
        "by": version.by if version else None,
        "desks": [{"key": key, **_desk_hours(desk), **_cited(desk.source)} for key, desk in policy.desks.items()],
        "billing": {"desk": policy.billing.key, **_cited(policy.billing_source)},
        "services": [_service(service) for service in policy.services.values()],
        "hotlines": [
            {"number": hotline.number, "services": sorted(hotline.services), **_cited(hotline.source)}
            for hotline in policy.hotlines
        ],
        "paths": [
            {"kind": kind, "portal": path.portal, "en": path.en, "zh": path.zh, **_cited(path.source)}
            for kind, path in policy.paths.items()
        ],
        "review": _review(policy.review),
    }


def _review(rules: ReviewRules) -> dict[str, Any]:
    return {
        "areas": sorted(rules.areas), **_cited(rules.source),
        "points": [
            {
                "key": key, "decides": rule.weight, "section": rule.section or None,
                "section_zh": rule.section_zh or None,
                **(_cited(rule.source) if rule.source else {"source": None, "read_on": None}),
            }
            for key, rule in rules.points.items()
        ],
        "own_work": [
            {"key": key, "portal": work.portal, "en": work.en, "zh": work.zh, **_cited(work.source)}
            for key, work in rules.own_work.items()
        ],
    }  # fmt: skip


def _service(service: CloudService) -> dict[str, Any]:
    return {
        "key": service.key, "en": service.en, "zh": service.zh, "portal": service.portal or None,
        "workloads": [{"name": workload.name, "zh": workload.zh} for workload in service.workloads],
        "sources": [_cited(source) for source in service.sources],
        "first_responses": [
            {
                "severity": target.severity, "workload": target.workload or None, "minutes": target.minutes,
                "workdays": target.workdays, "desk": target.desk.key, **_cited(target.source),
            }
            for target in service.targets
        ],
    }  # fmt: skip


def _desk_hours(desk: Desk) -> dict[str, Any]:
    opens, closes = (clock_of_minutes(minutes) for minutes in (desk.opens, desk.closes))
    return {"days": desk.days, "opens": opens, "closes": closes, "runs_only_when_open": desk.runs_only_when_open}


def _cited(source: PolicySource) -> dict[str, str]:
    return {"source": source.url, "read_on": f"{source.read_on}"}
