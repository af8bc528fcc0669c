"""The picture of each Monday reaches the channel of a simulation, as one dot."""

from tests.bot.simulation.conftest import Live


def test_on_monday_morning_the_channel_sees_a_picture(live: Live) -> None:
    world = live(3, 0.1, fault_rate=0.001)

    said = world.sandbox.slack.workspace.conversations["C0ONCALL"].messages.values()
    shown = [block["slack_file"]["id"] for one in said for block in one.get("blocks") or [] if block["type"] == "image"]
    assert [world.sandbox.slack.workspace.files[id_].is_picture for id_ in shown] == [True]
