"""Who is in the workspace: people, bots, guests, strangers from other organisations, and user groups."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.sandbox.json_types import Json

HOME_TEAM = "T0SANDBOX"
BOT_USER, BOT_ID, APP_ID = "U0BOT", "B0BOT", "A0CSP"


@dataclass
class SandboxUser:
    """A person or bot of the workspace."""

    id: str
    name: str
    real_name: str
    display_name: str = ""
    title: str = ""
    email: str = ""
    locale: str = "en-US"
    tz: str = "Asia/Shanghai"
    team_id: str = HOME_TEAM
    is_guest: bool = False
    is_single_channel_guest: bool = False
    is_bot: bool = False
    is_deleted: bool = False
    is_admin: bool = False

    @property
    def is_stranger(self) -> bool:
        """Whether somebody is from another organisation, here through Slack Connect."""
        return self.team_id != HOME_TEAM

    def shown_name(self) -> str:
        """Return the name that Slack shows."""
        return self.display_name or self.real_name or self.name

    def user_object(self, now: float, *, with_locale: bool, with_email: bool) -> Json:
        """Return the person as ``users.info`` describes them. ``now`` decides on daylight saving time."""
        user: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.is_deleted,
            "real_name": self.real_name,
            "profile": self._profile(with_email=with_email),
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_guest,
            "is_ultra_restricted": self.is_single_channel_guest,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_stranger": self.is_stranger,
            "updated": 1_700_000_000,
            **self._zone(now),
        }
        return user | ({"locale": self.locale} if with_locale else {})

    def _profile(self, *, with_email: bool) -> Json:
        profile = {
            "title": self.title,
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "team": self.team_id,
        }
        return profile | ({"email": self.email} if with_email and self.email else {})

    def _zone(self, now: float) -> Json:
        local = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(self.tz))
        offset = local.utcoffset()
        seconds = int(offset.total_seconds()) if offset else 0
        return {"tz": self.tz, "tz_label": self.tz, "tz_offset": seconds}


@dataclass
class SandboxUserGroup:
    """A user group and its members."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)
    enabled: bool = True
    updated_by: str = "U0LINA"

    def group_object(self, now: float, *, with_users: bool) -> Json:
        """Return the group as ``usergroups.list`` describes it."""
        group: Json = {
            "id": self.id,
            "team_id": HOME_TEAM,
            "is_usergroup": True,
            "handle": self.handle,
            "name": self.name,
            "description": "",
            "is_external": False,
            "date_create": 1_700_000_000,
            "date_update": int(now),
            "date_delete": 0 if self.enabled else int(now),
            "updated_by": self.updated_by,
            "user_count": len(self.users),
        }
        return group | ({"users": list(self.users)} if with_users else {})


# id, handle, name, title, locale, zone
THE_FOUR = (
    ("U0LINA", "lina", "李娜 Li Na", "服务经理 · 组长", "zh-CN", "Asia/Shanghai"),
    ("U0WANG", "wangwei", "王伟 Wang Wei", "支持工程师", "zh-CN", "Asia/Shanghai"),
    ("U0EMMA", "emma", "Emma Clarke", "Support engineer", "en-GB", "Europe/London"),
    ("U0TOM", "tom", "Tom Guest", "Contractor", "en-US", "America/New_York"),
)


def the_four() -> list[SandboxUser]:
    """Return the people of a new sandbox: two languages, an admin, a single-channel guest."""
    lina, *others, tom = [
        SandboxUser(id_, handle, name, name, title, f"{handle}@example.com", locale, zone)
        for id_, handle, name, title, locale, zone in THE_FOUR
    ]
    lina.is_admin = True
    tom.is_guest = tom.is_single_channel_guest = True
    return [lina, *others, tom]
