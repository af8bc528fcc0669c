"""The reach file of the sandbox: everybody in it has a phone, which the page shows beside Slack."""

from collections.abc import Iterable

from bot.sandbox import feishu_tenant
from bot.sandbox.feishu_tenant import OPEN_ID
from bot.sandbox.phone import APP_SECRET, DINGTALK_SECRET, HOOK_SECRET

FEISHU_USERS = frozenset({"U0EMMA"})
"""Who is reached by the app of Feishu, which also rings; all others by WeCom and a gateway."""

_SERVICES = """\
[[service]]
name = "WeCom of the sandbox"
channel = "wecom_app"
url = "{base}/phone/wecom"
corp_id = "ww-sandbox"
agent_id = "1"
secret = "{app}"

[[service]]
name = "Feishu of the sandbox"
channel = "feishu_app"
url = "{base}/phone/feishu_app"
app_id = "{feishu_id}"
secret = "{feishu}"

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
_FEISHU_PERSON = """
[[person]]
name = "{user}"
sheet = "{sheet}"

[[person.address]]
service = "Feishu of the sandbox"
to = "{open_id}{user}"
urgent = "phone"
"""
_PERSON = """
[[person]]
name = "{user}"
sheet = "{sheet}"

[[person.address]]
service = "WeCom of the sandbox"
to = "{user}"

[[person.address]]
service = "phones of the sandbox"
to = "{user}"
severities = ["A"]
"""


_NUMBER = "+86 138 0000 {:04}"
"""What the duty sheet says of how to call a person: invented, another one for each."""


def write_reach_file(base_url: str, users: Iterable[str]) -> str:
    """Return the text of a reach file for people (Slack ids) whose channels a sandbox plays."""
    services = _SERVICES.format(
        base=base_url, app=APP_SECRET, hook=HOOK_SECRET, dingtalk=DINGTALK_SECRET, feishu_id=feishu_tenant.APP_ID,
        feishu=feishu_tenant.APP_SECRET,
    )  # fmt: skip
    return services + "".join(
        (_FEISHU_PERSON if user in FEISHU_USERS else _PERSON).format(
            user=user, open_id=OPEN_ID, sheet=_NUMBER.format(1001 + at)
        )
        for at, user in enumerate(users)
    )
