"""Prometheus itself raises each alert of deploy/prometheus-alerts.yml with some series, and not with others."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.programs import find_program

RULES = Path(__file__).parents[1] / "deploy/prometheus-alerts.yml"
SINCE = 40
"""Minutes that each series goes on."""
Series = Mapping[str, str]


def always(value: float) -> str:
    """A series with one value, as promtool writes it."""
    return f"{value}x{SINCE}"


def buckets(name: str, labels: str, limit: str, *, is_slow: bool) -> Series:
    """A histogram of one observation a second, above or below a limit in seconds."""
    growing = f"0+60x{SINCE}"
    return {
        f'{name}_bucket{{{labels}le="{limit}"}}': always(0) if is_slow else growing,
        f'{name}_bucket{{{labels}le="60"}}': growing,
        f'{name}_bucket{{{labels}le="+Inf"}}': growing,
    }


CALLS, PAGES, DATABASE = (
    ("csp_delivery_seconds", 'kind="call",', "10"),
    ("csp_page_seconds", 'channel="wecom_bot",severity="A",', "10"),
    ("csp_database_seconds", 'operation="write",', "1"),
)
ALERTS: Mapping[str, tuple[Series, Series]] = {
    "CspEscalateMissing": ({"up": always(1)}, {"csp_build_info": always(1)}),
    "CspEscalateNotTicking": (
        {
            'csp_tick_age_seconds{instance="a"}': always(5),
            'csp_store_up{instance="a"}': always(1),
            'csp_tick_age_seconds{instance="b"}': always(16),
            'csp_store_up{instance="b"}': always(1),
        },
        {
            'csp_tick_age_seconds{instance="a"}': always(15),
            'csp_store_up{instance="a"}': always(1),
            'csp_tick_age_seconds{instance="b"}': always(99),
            'csp_store_up{instance="b"}': always(0),
        },
    ),
    "CspEscalateRemindersLate": (
        {"csp_reminder_age_seconds": always(31)},
        {'csp_reminder_age_seconds{instance="a"}': always(31), 'csp_reminder_age_seconds{instance="b"}': always(5)},
    ),
    "CspEscalateDatabaseDown": ({"csp_store_up": always(0)}, {"csp_store_up": always(1)}),
    "CspEscalateSlackAway": (
        {"csp_slack_connected": always(0)},
        {'csp_slack_connected{instance="a"}': always(0), 'csp_slack_connected{instance="b"}': always(1)},
    ),
    "CspEscalateSlackRefuses": ({"csp_slack_refuses": always(1)}, {"csp_slack_refuses": always(0)}),
    "CspEscalateMessagesLate": ({"csp_outbox_oldest_seconds": always(901)}, {"csp_outbox_oldest_seconds": always(900)}),
    "CspEscalateCallsSlow": (buckets(*CALLS, is_slow=True), buckets(*CALLS, is_slow=False)),
    "CspEscalatePagesSlow": (buckets(*PAGES, is_slow=True), buckets(*PAGES, is_slow=False)),
    "CspEscalateMessagesSetAside": (
        {'csp_outbox_messages{state="set-aside"}': always(1)},
        {'csp_outbox_messages{state="waiting"}': always(9)},
    ),
    "CspEscalateWebhookLate": (
        {"csp_webhook_oldest_seconds": always(901), "csp_webhook_moves_waiting": always(1)},
        {"csp_webhook_oldest_seconds": always(901), "csp_webhook_moves_waiting": always(0)},
    ),
    "CspEscalateGapOpen": (
        {'csp_gaps_open{within="now"}': always(1)},
        {'csp_gaps_open{within="now"}': always(0), 'csp_gaps_open{within="24h"}': always(2)},
    ),
    "CspEscalateFactsNotUnderstood": (
        {"csp_subjects_not_understood": always(1)},
        {"csp_subjects_not_understood": always(0)},
    ),
    "CspEscalateDatabaseSlow": (buckets(*DATABASE, is_slow=True), buckets(*DATABASE, is_slow=False)),
}
"""By alert, series with which it is raised and series with which it is not."""


def test_every_alert_has_its_series() -> None:
    assert set(ALERTS) == {rule["alert"] for rule in yaml.safe_load(RULES.read_text())["groups"][0]["rules"]}


@pytest.mark.parametrize("is_raised", [True, False])
def test_prometheus_raises_each_alert_when_it_should(tmp_path: Path, *, is_raised: bool) -> None:
    cases = [write_case(alert, ALERTS[alert][0 if is_raised else 1], is_raised=is_raised) for alert in ALERTS]
    path = tmp_path / "cases.yml"
    path.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": cases}))

    done = subprocess.run(
        [find_program("promtool"), "test", "rules", str(path)], check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr


def write_case(alert: str, series: Series, *, is_raised: bool) -> dict[str, Any]:
    """A unit test of one alert, in promtool's format."""
    expected = [{"labels": f'{{alertname="{alert}"}}', "value": 1}] if is_raised else []
    expression = f'count by (alertname) (ALERTS{{alertname="{alert}",alertstate="firing"}})'
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": expression, "eval_time": "30m", "exp_samples": expected}],
    }
