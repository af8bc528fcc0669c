"""What to do about each setting that is missing or wrong, as messages of the catalogue."""

from handlers.i18n.words import N_

REACH_EXAMPLE, REMINDERS_EXAMPLE = "csp-escalate reach example", "csp-escalate reminders example"
"""The commands that print a file without faults."""

BOT_TOKEN = N_("Copy the Bot User OAuth Token (it starts with xoxb-) from OAuth & Permissions of your Slack app.")
APP_TOKEN = N_(
    "Create an app-level token (it starts with xapp-) with the scope connections:write under Basic Information, "
    "or use --http."
)
SIGNING = N_("Copy the Signing Secret from Basic Information of your Slack app.")
YES_NO = N_("Write yes or no.")
CHANNEL_ID = N_("Set the channel's ID (C…), not its name. It is at the end of the channel's details.")
GROUP_ID = N_("Set the user group's ID (S…), or leave it unset.")
TEAM_ID = N_("Set workspace IDs (T…) with commas between them, or leave it unset.")
LEADS = N_("Set user IDs (U… or W…) with commas between them.")
LANGUAGE = N_("Use en, zh_CN or both.")
TIMEZONE = N_("Use a name such as Asia/Shanghai or Europe/Berlin.")
API_URL = N_("Leave it unset for Slack; otherwise use https, or http on this machine.")
DEADMAN = N_("Set the https URL of your dead-man's-switch service, or leave it unset.")
DATABASE = N_("Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.")
KEEP = N_("Set 30 days or more, or 0 to keep everything.")
LOG = N_("Use text or json.")
LOG_LEVEL = N_("Use debug, info, warning or error.")
REMINDERS = N_(
    "Correct it, or leave it unset; csp-escalate reminders example prints one to start from: keep only what differs."
)
WEBHOOK = N_("Use https, or http on this machine; or leave it unset.")
WEBHOOK_SECRET = N_("csp-escalate webhook secret prints one; the receiver gets the same.")
REACH = N_("Correct it, or leave it unset; csp-escalate reach example prints one to start from.")
COMMAND = N_("Write / and up to 31 small letters, figures, - and _, as in the app's manifest.")
PUBLIC = N_("Set the bot's public address, such as https://bot.example.cn, or leave it unset.")
OFFSET = N_("Leave it unset: a shifted clock would write wrong times into the history.")
