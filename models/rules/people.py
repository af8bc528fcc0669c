"""Who a person is in Slack, and whether they may work on escalations."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from pydantic import ConfigDict
from sqlmodel import SQLModel

from models.rules.errors import refuse

PROGRAM = "csp-escalate"
"""Stands for a person where the program itself did something."""


class Person(SQLModel):
    """A person as Slack's ``users.info`` describes them."""

    model_config = ConfigDict(frozen=True)  # type: ignore[assignment]  # SQLModel narrows pydantic's type

    id: str
    team_id: str
    name: str
    locale: str = "zh-CN"  # an IETF language tag
    tz: str = "Asia/Shanghai"  # an IANA time zone
    is_guest: bool = False
    is_bot: bool = False
    is_deleted: bool = False

    @property
    def language(self) -> str:
        """The catalogue for this person: Simplified Chinese for every Chinese locale, else English."""
        return "zh_CN" if self.locale.lower().startswith("zh") else "en"


ERASED_PERSON = "已删除人员 erased person "
"""How the label of an erased person begins. ``handlers.i18n.erased_words`` says it in the reader's language."""
MARK_LENGTH = 4
"""Hexadecimal digits by which readers tell erased people apart."""


def label_erased(user: str) -> str:
    """Return what stands for the name of an erased person (a Slack id): always the same for the same person."""
    return f"{ERASED_PERSON}{hashlib.sha256(user.encode()).hexdigest()[:MARK_LENGTH]}"


def is_unnamed(user: str, name: str) -> bool:
    """Return whether what somebody (a Slack id) is called is no name: the bare id, or the label of an erased person."""
    return name in {user, label_erased(user)}


def hide_name(person: Person, erased: Collection[str]) -> Person:
    """Return a person without name, if they were erased (Slack ids): a label stands for it from then on."""
    return person.model_copy(update={"name": label_erased(person.id)}) if person.id in erased else person


@dataclass(frozen=True)
class Actor:
    """A person who was admitted: a full member of the home workspace. Made only by :func:`admit`."""

    id: str
    team_id: str
    is_lead: bool = False


def admit(person: Person, home_team: str, leads: Collection[str]) -> Actor:
    """Return the actor for a full member of the home workspace.

    Slack Connect brings people of other organisations into channels, so being able to press a button proves nothing.

    Raises :class:`models.rules.errors.Refused` for guests, bots, deactivated accounts and other organisations.
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
