"""What the running bot counts and times, and the names of all metrics. Numbers only: no names, texts or addresses.

Every label has a fixed set of values, so that the number of series stays small.
"""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum


class MetricKind(StrEnum):
    """The kinds of metric, as Prometheus names them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True)
class Metric:
    """One metric: its name, what it says, and its labels."""

    name: str
    kind: MetricKind
    says: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """The upper limits of a histogram's buckets, in seconds."""


_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_SLOW = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 300.0, 900.0)
COUNTER, GAUGE, HISTOGRAM = MetricKind.COUNTER, MetricKind.GAUGE, MetricKind.HISTOGRAM

DELIVERIES = Metric(
    "csp_deliveries_total", COUNTER, "Deliveries that were settled, by kind of message and result.", ("kind", "result")
)
DELIVERY_SECONDS = Metric(
    "csp_delivery_seconds", HISTOGRAM, "From when a message was due until Slack had it, by kind.", ("kind",), _SLOW
)
PAGE_TRIES = Metric(
    "csp_page_tries_total", COUNTER, "Tries to reach a person by another way than Slack, by channel and end.",
    ("channel", "end"),
)  # fmt: skip
PAGE_SECONDS = Metric(
    "csp_page_seconds", HISTOGRAM,
    "From when a page that does not wait for Slack might be sent until its service took it, by channel and severity.",
    ("channel", "severity"),
    (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 300.0, 3600.0),
)  # fmt: skip
TICKS = Metric("csp_tick_seconds", HISTOGRAM, "How long a tick took.", (), _QUICK)
REMINDERS = Metric("csp_reminders_total", COUNTER, "Reminders made.")
DATABASE_SECONDS = Metric(
    "csp_database_seconds", HISTOGRAM, "Time in transactions, waiting for their turn included.", ("operation",), _QUICK
)
STORE_UP = Metric("csp_store_up", GAUGE, "1 while the database answers.")
SLACK_CONNECTED = Metric("csp_slack_connected", GAUGE, "1 while Slack can reach the bot.")
SLACK_REFUSES = Metric("csp_slack_refuses", GAUGE, "1 while Slack refuses every call: token revoked, scope missing.")
HTTP_CONNECTIONS = Metric("csp_http_connections", GAUGE, "Open connections to the bot's own HTTP server.")
DATABASE_CONNECTIONS = Metric("csp_database_connections", GAUGE, "Connections to the database in use.")
WRITES_WAITING = Metric("csp_database_writes_waiting", GAUGE, "Writes of this process that wait for their turn.")
TICK_AGE = Metric("csp_tick_age_seconds", GAUGE, "Since the last tick ended.")
REMINDER_AGE = Metric("csp_reminder_age_seconds", GAUGE, "Since what is due was last looked at as a whole.")
NOT_UNDERSTOOD = Metric("csp_subjects_not_understood", GAUGE, "Subjects of which nobody is reminded: unreadable facts.")
OUTBOX_MESSAGES = Metric("csp_outbox_messages", GAUGE, "Messages that are not in Slack, by state.", ("state",))
OUTBOX_OLDEST = Metric("csp_outbox_oldest_seconds", GAUGE, "Age of the message that has waited longest.")
PAGES_HELD_BACK = Metric("csp_pages_held_back", GAUGE, "Pages that wait because a service or phone was used up.")
WEBHOOK_WAITING = Metric("csp_webhook_moves_waiting", GAUGE, "Moves that the webhook's receiver has not taken yet.")
WEBHOOK_OLDEST = Metric("csp_webhook_oldest_seconds", GAUGE, "Age of the move that has waited longest for it.")
CASES_OPEN = Metric(
    "csp_cases_open", GAUGE, "Open cases, by whose turn it is and by severity.", ("turn", "severity")
)  # fmt: skip
GAPS_OPEN = Metric("csp_gaps_open", GAUGE, "Gaps of the rota that are open now, or begin within a day.", ("within",))
UNCOVERED_MINUTES = Metric(
    "csp_uncovered_minutes",
    GAUGE,
    "Minutes of the last 24 hours in which a place was not covered, all places together.",
)
BUILD = Metric("csp_build_info", GAUGE, "Always 1.", ("version", "database"))
METRICS = (
    DELIVERIES, DELIVERY_SECONDS, PAGE_TRIES, PAGE_SECONDS, TICKS, REMINDERS, DATABASE_SECONDS, STORE_UP,
    SLACK_CONNECTED, SLACK_REFUSES, HTTP_CONNECTIONS, DATABASE_CONNECTIONS, WRITES_WAITING, TICK_AGE, REMINDER_AGE,
    NOT_UNDERSTOOD, OUTBOX_MESSAGES, OUTBOX_OLDEST, PAGES_HELD_BACK, WEBHOOK_WAITING, WEBHOOK_OLDEST, CASES_OPEN,
    GAPS_OPEN, UNCOVERED_MINUTES, BUILD,
)  # fmt: skip
"""Every metric of the page, in its order."""
Labels = tuple[str, ...]


@dataclass
class Histogram:
    """The counts of one series: by bucket, not yet added up, with one more for what is above the last limit."""

    counts: list[int]
    total: float = 0.0


class Measurements:
    """The counters and histograms of one process. Any thread may add to them."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._counters: dict[tuple[str, Labels], float] = defaultdict(float)
        self._histograms: dict[tuple[str, Labels], Histogram] = {}

    def count(self, metric: Metric, *labels: str, by: float = 1) -> None:
        """Add to a counter."""
        with self._lock:
            self._counters[metric.name, labels] += by

    def observe(self, metric: Metric, seconds: float, *labels: str) -> None:
        """Add a time to a histogram."""
        place = bisect_left(metric.buckets, seconds)
        with self._lock:
            series = self._histograms.get((metric.name, labels))
            if series is None:
                series = self._histograms[metric.name, labels] = Histogram([0] * (len(metric.buckets) + 1))
            series.counts[place] += 1
            series.total += seconds

    @contextmanager
    def timing(self, metric: Metric, *labels: str) -> Iterator[None]:
        """Add the time of the block to a histogram, also when it fails."""
        began = self._monotonic()
        try:
            yield
        finally:
            self.observe(metric, self._monotonic() - began, *labels)

    def database_time(self, operation: str) -> AbstractContextManager[None]:
        """Time a transaction, which is a ``read`` or a ``write``."""
        return self.timing(DATABASE_SECONDS, operation)

    def counters(self, metric: Metric) -> Sequence[tuple[Labels, float]]:
        """Return the series of a counter; one without labels is there from the start."""
        with self._lock:
            series = [(labels, value) for (name, labels), value in self._counters.items() if name == metric.name]
        return series or ([] if metric.labels else [((), 0.0)])

    def histograms(self, metric: Metric) -> Sequence[tuple[Labels, Histogram]]:
        """Return copies of the series of a histogram."""
        with self._lock:
            return [
                (labels, Histogram(list(series.counts), series.total))
                for (name, labels), series in self._histograms.items()
                if name == metric.name
            ]
