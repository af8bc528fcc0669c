"""The files for operators: alert rules, dashboard, image, compose and the service of systemd."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.measurements import METRICS, Metric, MetricKind
from models.rules.outbox.delivery import MessageStatus
from models.rules.outbox.message_kinds import MessageKind
from tests.http_stub import HttpAnswer, http_server
from tests.programs import find_program

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
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
    allowed = {"kind": {kind.label for kind in MessageKind}, "state": {*MessageStatus}, "within": {"now", "24h"}}

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


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_operations_explain_every_metric(metric: Metric) -> None:
    assert f"`{metric.name}`" in (DEPLOY.parent / "docs/operations.md").read_text()


# The image, compose and the service of systemd ------------------------------------------------------------------


def test_a_container_runs_as_a_user_without_a_shell_and_checks_its_process_only() -> None:
    text = (ROOT / "Containerfile").read_text()
    last = text.rpartition("\nFROM ")[2]

    assert "--require-hashes -r requirements.txt" in text
    assert "\nUSER 10001:10001\n" in last
    assert "\nRUN " not in last
    assert '\nENTRYPOINT ["csp-escalate"]\n' in last
    assert "/livez" in last
    assert "/healthz" not in last


def test_no_start_of_a_container_compiles_the_library_of_python() -> None:
    stages = (ROOT / "Containerfile").read_text().split("\nFROM ")[1:]

    assert [stage.split("\n")[0] for stage in stages] == ["${BASE} AS python", "python AS build", "python"]
    assert "python3 -m compileall" in stages[0]


def test_the_check_of_a_containers_health_follows_livez() -> None:
    (check,) = re.findall(r'"(import http\.client.*)"\]', (ROOT / "Containerfile").read_text())
    outcomes = {status: _checked(check, status) for status in (200, 503)}

    assert outcomes == {200: 0, 503: 1}


def test_everything_that_the_image_copies_is_sent_to_the_builder() -> None:
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Containerfile").read_text(), re.MULTILINE)
        for name in line.split()
    }
    sent = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))

    assert copied == sent


def test_compose_starts_two_replicas_with_few_rights_beside_postgresql() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    bot = services["bot"]

    assert set(services) == {"database", "bot"}
    assert bot["deploy"]["replicas"] == 2
    assert (bot["read_only"], bot["cap_drop"]) == (True, ["ALL"])
    assert bot["environment"]["DATABASE_URL"].startswith("postgresql://csp:${POSTGRES_PASSWORD:?")
    assert not any("ports" in service for service in services.values())


def test_the_base_of_the_image_has_a_fixed_version_everywhere() -> None:
    (own,) = re.findall(r"^ARG BASE=(\S+)$", (ROOT / "Containerfile").read_text(), re.MULTILINE)
    (of_compose,) = re.findall(r"BASE:-([^}]+)}", (ROOT / "compose.yaml").read_text())

    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", own)
    assert own == of_compose


def test_files_that_settings_name_are_mounted_read_only_where_the_documents_say() -> None:
    mounts = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["bot"]["volumes"]
    operations = (ROOT / "docs/operations.md").read_text()
    service = (DEPLOY / "csp-escalate.service").read_text()

    assert mounts == ["./config:/etc/csp-escalate:ro"]
    assert operations.count("CSP_REACH_FILE=/etc/csp-escalate/reach.toml") == 2  # the service, and containers
    assert "chown -R 10001:10001 config" in operations
    assert "/etc/csp-escalate/reach.toml" in service
    assert "ProtectSystem=strict" in service  # /etc can be read


def test_only_the_proxy_has_a_port_of_the_machine() -> None:
    pages = yaml.safe_load((DEPLOY / "compose.pages.yaml").read_text())["services"]

    assert [name for name, service in pages.items() if "ports" in service] == ["proxy"]
    assert pages["proxy"]["ports"] == ["${HTTPS_PORT:-443}:443"]
    assert all(volume.endswith(":ro") for volume in pages["proxy"]["volumes"])


def test_a_release_has_every_file_for_operators() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\ndist:")[2]

    assert "cp requirements.txt deploy/* dist/" in recipe
    assert "cyclonedx_py environment" in recipe  # installed packages name their licences


def test_the_service_sees_what_the_metrics_of_the_process_are_read_from() -> None:
    set_here = re.findall(r"^(\w+)=", (DEPLOY / "csp-escalate.service").read_text(), re.MULTILINE)

    assert "ProcSubset" not in set_here  # it hides /proc/stat


def test_systemd_accepts_the_service_and_finds_it_well_protected(tmp_path: Path) -> None:
    unit = tmp_path / "csp-escalate.service"
    unit.write_text(
        (DEPLOY / unit.name).read_text().replace("ExecStart=/opt/csp-escalate/bin/csp-escalate", "ExecStart=/bin/true")
    )
    tool = find_program("systemd-analyze")
    commands = [
        [tool, "verify", "--man=no", str(unit)],
        [tool, "security", "--offline=true", "--threshold=15", "--no-pager", str(unit)],
    ]

    for command in commands:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def _checked(check: str, status: int) -> int:
    """The exit code of the image's health check where /livez answers with this status."""
    with http_server(lambda _method, path, _body: HttpAnswer(status if path == "/livez" else 404)) as port:
        return subprocess.run([sys.executable, "-I", "-c", check.replace("8080", str(port))], check=False).returncode
