"""The members of the example rota who are not in a local Slack by default."""

from bot.sandbox import Sandbox
from bot.sandbox.people import SandboxUser

EXAMPLE_TEAM = {
    "U0ZHANG": "张敏 Zhang Min", "U0LIUYANG": "刘洋 Liu Yang", "U0CHEN": "陈静 Chen Jing",
    "U0YANG": "杨帆 Yang Fan", "U0ZHAO": "赵磊 Zhao Lei",
}  # fmt: skip
CHANNELS = ("C0ESCAL", "C0ONCALL")
"""The channels that every member of the team joins."""


def add_example_team(sandbox: Sandbox) -> None:
    """Add the members of the example rota to the workspace and its channels."""
    workspace = sandbox.slack.workspace
    for user, name in EXAMPLE_TEAM.items():
        if user not in workspace.people:
            workspace.add_person(SandboxUser(user, user.lower(), name, name, locale="zh-CN"))
        for channel in CHANNELS:
            workspace.conversations[channel].members.add(user)
