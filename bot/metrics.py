"""The page /metrics: what was counted and timed, and the present values, in the format of Prometheus."""

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector, CollectorRegistry

from bot.gauges import Sample
from bot.measurements import METRICS, Measurements, Metric, MetricKind

CONTENT_TYPE = CONTENT_TYPE_LATEST


class MetricsPage(Collector):
    """Collects the metrics of one process. ``read_gauges`` reads the present values."""

    def __init__(self, measurements: Measurements, read_gauges: Callable[[], Iterable[Sample]]) -> None:
        self._measurements, self._read_gauges = measurements, read_gauges
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def render(self) -> bytes:
        """Return the page."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Family]:
        """Yield every metric with its series; a gauge of which nothing is known has none."""
        samples = list(self._read_gauges())
        for metric in METRICS:
            match metric.kind:
                case MetricKind.COUNTER:
                    yield self._counter(metric)
                case MetricKind.HISTOGRAM:
                    yield self._histogram(metric)
                case MetricKind.GAUGE:
                    yield _gauge(metric, samples)

    def _counter(self, metric: Metric) -> Family:
        family = CounterMetricFamily(metric.name, metric.says, labels=metric.labels)
        for labels, value in self._measurements.counters(metric):
            family.add_metric(labels, value)
        return family

    def _histogram(self, metric: Metric) -> Family:
        family = HistogramMetricFamily(metric.name, metric.says, labels=metric.labels)
        limits = [*(f"{limit:g}" for limit in metric.buckets), "+Inf"]
        for labels, series in self._measurements.histograms(metric):
            family.add_metric(labels, list(zip(limits, accumulate(series.counts), strict=True)), series.total)
        return family


def _gauge(metric: Metric, samples: Iterable[Sample]) -> Family:
    family = GaugeMetricFamily(metric.name, metric.says, labels=metric.labels)
    for about, labels, value in samples:
        if about is metric:
            family.add_metric(labels, value)
    return family
