"""Rotas that tests begin with. A test that needs another one changes the text of one of these."""

DAILY_TURNS = """
zone = "UTC"
[[seat]]
name = "primary"
[[member]]
name = "ann"
slack = "U0ANN"
role = "admin_agent"
[[member]]
name = "bob"
slack = "U0BOB"
role = "admin_agent"
[[member]]
name = "cai"
slack = "U0CAI"
role = "helpdesk_agent"
[[layer]]
name = "days"
seat = "primary"
members = ["ann", "bob"]
starts = 2026-11-22
turn_hours = 24
handoff = 00:00:00
"""
"""Ann and Bob in turn as primary, a day each from 00:00 UTC; Ann first, on 22 November. Cai has no turn."""

DAILY_TURNS_WITH_SALES_AGENT = """
zone = "UTC"
[[seat]]
name = "primary"
[[member]]
name = "ann"
slack = "U0ANN"
role = "admin_agent"
[[member]]
name = "bob"
slack = "U0BOB"
role = "sales_agent"
[[layer]]
name = "days"
seat = "primary"
members = ["bob", "ann"]
starts = 2026-11-22
turn_hours = 24
handoff = 00:00:00
"""
"""Bob and Ann in turn as primary, a day each from 00:00 UTC; Bob first. Bob may not open requests."""

DAILY_TURNS_WITH_BACKUP = """
zone = "Asia/Shanghai"
[[seat]]
name = "primary"
[[seat]]
name = "backup"
[[member]]
name = "ann"
slack = "U0ANN"
role = "admin_agent"
[[member]]
name = "bob"
slack = "U0BOB"
role = "admin_agent"
[[member]]
name = "cid"
slack = "U0CID"
role = "admin_agent"
[[member]]
name = "dan"
slack = "U0DAN"
role = "admin_agent"
[[layer]]
name = "primary"
seat = "primary"
members = ["ann", "bob"]
starts = 2026-11-01
turn_hours = 24
handoff = 08:00:00
[[layer]]
name = "backup"
seat = "backup"
members = ["cid"]
starts = 2026-11-01
turn_hours = 24
handoff = 08:00:00
"""
"""Ann and Bob in turn as primary, a day each from 08:00 in Beijing. Cid is always backup. Dan has no turn."""

DAY_AND_NIGHT = """
zone = "Asia/Shanghai"
rest_hours = 8
[[seat]]
name = "primary"
[[seat]]
name = "backup"
needs_role = false
[[member]]
name = "李娜"
slack = "U0LINA"
role = "admin_agent"
[[member]]
name = "王伟"
slack = "U0WANG"
role = "helpdesk_agent"
[[member]]
name = "Emma <Clarke>"
slack = "U0EMMA"
role = "admin_agent"
[[member]]
name = "张敏"
[[layer]]
name = "days"
seat = "primary"
members = ["王伟"]
starts = 2026-01-05
turn_hours = 24
from = 08:00:00
to = 20:00:00
[[layer]]
name = "nights"
seat = "primary"
members = ["Emma <Clarke>"]
starts = 2026-01-05
turn_hours = 24
from = 20:00:00
to = 08:00:00
[[layer]]
name = "backup"
seat = "backup"
members = ["李娜"]
starts = 2026-01-05
turn_hours = 168
"""
"""王伟 by day and Emma by night as primary; 李娜 is always backup. 张敏 has no Slack account and no turn."""

EMMA_ALWAYS = """
zone = "Asia/Shanghai"

[[seat]]
name = "primary"

[[member]]
name = "Emma"
slack = "U0EMMA"
role = "admin_agent"

[[layer]]
name = "always"
seat = "primary"
members = ["Emma"]
starts = 2026-01-05
turn_hours = 24
"""
"""Emma is always primary."""

LI_AND_WANG_IN_TURN = """
[[member]]
name = "李娜"
slack = "U0LINA"
[[member]]
name = "王伟"
slack = "U0WANG"
[[layer]]
name = "days"
seat = "primary"
members = ["李娜", "王伟"]
starts = 2026-01-05
turn_hours = 24
"""
"""李娜 and 王伟 in turn as primary, a day each, from 5 January."""
