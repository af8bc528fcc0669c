"""The reach file of the sandbox: everybody in it has a phone, which the page shows beside Slack."""

from collections.abc import Iterable

from bot.sandbox.phone import APP_SECRET, DINGTALK_SECRET, HOOK_SECRET

_SERVICES = """\
[[service]]
name = "WeCom of the sandbox"
channel = "wecom_app"
url = "{base}/phone/wecom"
corp_id = "ww-sandbox"
agent_id = "1"
secret = "{app}"

[[service]]
name = "phones of the sandbox"
channel = "hook"
url = "{base}/phone/call"
secret = "{hook}"

[[person]]
name = "everybody"

[[person.address]]
channel = "dingtalk_bot"
url = "{base}/phone/dingtalk/robot/send?access_token=sandbox"
secret = "{dingtalk}"
severities = ["A"]
"""
_PERSON = """
[[person]]
name = "{user}"

[[person.address]]
service = "WeCom of the sandbox"
to = "{user}"

[[person.address]]
service = "phones of the sandbox"
to = "{user}"
severities = ["A"]
"""


def write_reach_file(base_url: str, users: Iterable[str]) -> str:
    """Return the text of a reach file for people (Slack ids) whose channels a sandbox plays."""
    services = _SERVICES.format(base=base_url, app=APP_SECRET, hook=HOOK_SECRET, dingtalk=DINGTALK_SECRET)
    return services + "".join(_PERSON.format(user=user) for user in users)
