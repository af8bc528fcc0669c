"""Two bots on one PostgreSQL database while Slack is off: each page goes once, and a link acts once, at either."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from models.rules.escalations.escalation import Move, Status
from tests.end_to_end.setup import another_bot
from tests.end_to_end.setup import world as making
from tests.end_to_end.test_night_without_slack import BEGINS, CASE, LAYERS, LINK, MEMBER, pages
from tests.end_to_end.world import PATIENCE, World
from tests.ports import find_free_ports
from tests.postgres import Databases

PEOPLE = {"李娜": "U0LINA", "Emma": "U0EMMA", "王伟": "U0WANG"}
OTHER = find_free_ports(1)[0]
"""Where the other bot has its web server."""


@pytest.fixture
def two(postgresql: Databases, tmp_path: Path) -> Iterator[World]:
    """A workspace with two bots, each with a web server, and people who are reached by phone."""
    rota = 'zone = "Asia/Shanghai"\n' + "".join(MEMBER.format(name=n, slack=s) for n, s in PEOPLE.items()) + LAYERS
    (tmp_path / "rota.toml").write_text(rota, encoding="utf-8")
    (tmp_path / "case.json").write_text(json.dumps(CASE), encoding="utf-8")
    with (
        postgresql.migrated() as url,
        making(tmp_path, url, language="en", begins=BEGINS, with_phones=True) as made,
        another_bot(made, OTHER),
    ):
        made.slack.connected(2, timeout=PATIENCE)
        made.run("rota", "import", str(tmp_path / "rota.toml"))
        made.quiet(1)
        yield made


def test_a_case_is_paged_once_for_each_address_and_its_link_acts_once_at_whichever_bot_it_is_pressed(
    two: World,
) -> None:
    two.slack.settings(slack_off=True)
    two.run("escalations", "raise", "--from", str(two.folder / "case.json"), "--as", "王伟")
    rang = two.until(
        lambda: [page for page in pages(two, "U0LINA") if page["channel"] == "hook" and "CSP-1" in page["text"]],
        "the phone", stride=0,
    )  # fmt: skip
    found = LINK.search(rang[0]["text"])
    assert found
    number, address = found.groups()
    bots = [urlsplit(address).netloc, f"127.0.0.1:{OTHER}"]

    with ThreadPoolExecutor(4) as pool:
        presses = [pool.submit(press, bot, urlsplit(address).path, number) for bot in bots * 2]
        answers = sorted(pressed.result() for pressed in presses)

    case, moves = two.escalation(), [entry.move for entry in two.queries.history(1)]
    assert set(answers) <= {200, 410}  # done, or used already
    assert 200 in answers
    assert (case.status, case.owner, moves) == (Status.ACKNOWLEDGED, "U0LINA", [Move.RAISE, Move.ACKNOWLEDGE])
    assert two.queries.history(1)[-1].changes["came_by"] == [None, "link"]
    assert len(rang) == 1
    assert press(bots[1], urlsplit(address).path, number) == 410  # the other bot knows it too


def press(bot: str, path: str, number: str) -> int:
    """Press the button of a link at one of the bots; the status of its answer."""
    with closing(HTTPConnection(bot, timeout=PATIENCE)) as connection:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, urlencode({"number": number}), form)
        return connection.getresponse().status
