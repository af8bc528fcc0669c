"""The colleagues of the example rota who are not in a local Slack by themselves."""

from bot.sandbox import Sandbox
from bot.sandbox.people import SandboxUser

COLLEAGUES = {
    "U0ZHANG": "张敏 Zhang Min", "U0LIUYANG": "刘洋 Liu Yang", "U0CHEN": "陈静 Chen Jing",
    "U0YANG": "杨帆 Yang Fan", "U0ZHAO": "赵磊 Zhao Lei",
}  # fmt: skip
CHANNELS = ("C0ESCAL", "C0ONCALL")


def invite(sandbox: Sandbox) -> None:
    """Let everybody on the example rota in who is not in the workspace yet."""
    workspace = sandbox.slack.workspace
    for user, name in COLLEAGUES.items():
        if user not in workspace.people:
            workspace.add_person(SandboxUser(user, user.lower(), name, name, locale="zh-CN"))
        for channel in CHANNELS:
            workspace.conversations[channel].members.add(user)
