"""Who a person is to us, and whether they may work on escalations at all."""

from collections.abc import Collection
from dataclasses import dataclass

from pydantic import ConfigDict
from sqlmodel import SQLModel

from models.rules.errors import refuse


class Person(SQLModel):
    """What Slack's ``users.info`` says of a person; ``tz`` is an IANA zone, ``locale`` an IETF tag."""

    model_config = ConfigDict(frozen=True)  # type: ignore[assignment]  # SQLModel narrows pydantic's type

    id: str
    team_id: str
    name: str
    locale: str = "zh-CN"
    tz: str = "Asia/Shanghai"
    is_guest: bool = False
    is_bot: bool = False
    is_deleted: bool = False

    @property
    def language(self) -> str:
        """The catalogue that serves this person: Chinese of any region gets Simplified Chinese, else English."""
        return "zh_CN" if self.locale.lower().startswith("zh") else "en"


@dataclass(frozen=True)
class Actor:
    """Somebody who was admitted: a full member of the home workspace. Made only by :func:`admit`."""

    id: str
    team_id: str
    is_lead: bool = False


def admit(person: Person, home_team: str, leads: Collection[str]) -> Actor:
    """Let a full member in; guests, people of other organisations, bots and leavers are refused.

    Slack Connect puts strangers into our channels, so being able to click proves nothing.
    Raises :class:`models.rules.errors.Refused`.
    """
    if person.team_id != home_team:
        raise refuse("stranger")
    if person.is_bot:
        raise refuse("bot")
    if person.is_deleted:
        raise refuse("left")
    if person.is_guest:
        raise refuse("guest")
    return Actor(person.id, person.team_id, is_lead=person.id in leads)
