"""The files for operators in ``deploy/``: alert rules and the dashboard name metrics that the bot has."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from bot.measurements import METRICS, Metric, MetricKind
from models.rules.delivery import MessageKind, MessageStatus

DEPLOY = Path(__file__).parents[1] / "deploy"
ALERTS, DASHBOARD = DEPLOY / "prometheus-alerts.yml", DEPLOY / "grafana-dashboard.json"
_NAME = re.compile(r"\b(?:csp|process)_[a-z_]+\b")
OF_THE_LIBRARY = {"process_resident_memory_bytes", "process_cpu_seconds_total"}


def series() -> set[str]:
    """The names of all series that /metrics shows."""
    ends = {MetricKind.HISTOGRAM: ("_bucket", "_sum", "_count")}
    return {metric.name + end for metric in METRICS for end in ends.get(metric.kind, ("",))}


def expressions() -> list[str]:
    rules = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [rule["expr"] for rule in rules] + [one["expr"] for panel in panels for one in panel["targets"]]


def test_every_metric_that_is_asked_for_exists_and_every_metric_is_asked_for() -> None:
    named = {name for expression in expressions() for name in _NAME.findall(expression)}

    assert named <= series() | OF_THE_LIBRARY
    unused = {metric.name for metric in METRICS if not any(name.startswith(metric.name) for name in named)}
    assert unused == set()


def test_every_label_value_that_is_asked_for_exists() -> None:
    asked = re.findall(r'(kind|state|within)=~?"([^"]+)"', " ".join(expressions()))
    allowed = {"kind": {*MessageKind}, "state": {*MessageStatus}, "within": {"now", "24h"}}

    assert asked
    assert [
        (label, value) for label, values in asked for value in values.split("|") if value not in allowed[label]
    ] == []


def test_every_alert_says_what_is_wrong_what_to_do_and_how_urgent_it_is() -> None:
    for rule in yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]:
        assert {*rule["annotations"]} == {"summary", "action"}, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_panels_do_not_overlap_and_have_ids_of_their_own() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        area = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not area & taken, panel["title"]
        taken |= area
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_prometheus_accepts_the_rules_where_its_tool_is_installed(tmp_path: Path) -> None:
    tool = shutil.which("promtool")
    commands = [[tool, "check", "rules", str(ALERTS)]] if tool else []

    for command in commands:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_operations_explain_every_metric(metric: Metric) -> None:
    assert f"`{metric.name}`" in (DEPLOY.parent / "docs/operations.md").read_text()
