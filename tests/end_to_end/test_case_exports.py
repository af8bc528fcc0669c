"""*Export* below a list brings one file to who pressed, in a direct message, also when the bot is killed meanwhile."""

import zipfile
from io import BytesIO
from urllib.parse import urljoin
from urllib.request import urlopen

from handlers import ids
from models.rules.escalations.export_request import ExportFormat
from tests.end_to_end.world import Json, World


def _files(world: World) -> list[Json]:
    """The files in 李娜's direct messages."""
    return [file for message in world.slack.dms("U0LINA") for file in message.get("files") or ()]


def test_the_file_of_a_list_arrives_once_after_a_kill(either: World) -> None:
    either.raised()
    either.lina.command("/csp-escalate list")
    shown = either.until(lambda: either.slack.ephemerals(user="U0LINA"), "the list")[-1]

    either.lina.click(shown, f"{ids.EXPORT}.{ExportFormat.XLSX}")
    either.kill()
    either.start()
    [file] = either.until(lambda: _files(either), "the file")
    either.quiet()

    assert len(_files(either)) == 1
    with urlopen(urljoin(either.sandbox.page_url, f"/control/file/{file['id']}")) as content:  # noqa: S310 - our own Slack
        sheet = zipfile.ZipFile(BytesIO(content.read())).read("xl/worksheets/sheet1.xml").decode()
    assert "标题" in sheet
    assert "CSP-1" in sheet
