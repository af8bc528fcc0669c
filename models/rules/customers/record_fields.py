"""What a list may say of a customer beside who it is: services, agreement, contacts … Words as people write them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from models.rules.customers.customer import fold
from models.rules.errors import Refusal

# Folded, letters and digits only, like ``models.rules.customers.csv_columns.HEADINGS``.
RECORD_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "services": ("services", "service", "服务", "所购服务", "已购服务", "产品", "products", "product"),
    "agreement": ("agreement", "agreementtype", "协议", "协议类型", "客户协议"),
    "delegated": (
        "delegatedadminprivileges", "delegatedprivileges", "delegatedadministrationprivileges", "delegated", "dap",
        "委派的管理权限", "委派管理权限", "委派权限",
    ),
    "entitled_to_a": (
        "entitledtoa", "entitledtoseveritya", "severityaentitled", "severitya", "严重性a", "可用严重性a", "可报a级",
        "紧急程度a",
    ),
    "language": ("language", "supportlanguage", "preferredlanguage", "语言", "支持语言", "首选语言"),
    "contact_name": ("contactname", "contact", "contactperson", "联系人", "联系人姓名"),
    "contact_phone": ("contactphone", "phone", "telephone", "phonenumber", "联系电话", "电话", "手机", "联系人电话"),
    "contact_email": (
        "contactemail", "email", "emailaddress", "联系邮箱", "邮箱", "电子邮件", "电子邮箱", "联系人邮箱",
    ),
    "contact_wecom": ("contactwecom", "wecom", "企业微信", "企业微信号"),
    "contact_hours": ("contacthours", "hours", "联系时间", "可联系时间"),
    "informed_on": (
        "statementsent", "statementsenton", "informedon", "告知日期", "已告知日期", "支持说明发送日期",
    ),
    "informed_through": ("statementchannel", "informedthrough", "告知方式", "告知渠道"),
}  # fmt: skip


class Agreement(StrEnum):
    """The agreement under which a customer buys."""

    OSPA = "ospa"
    INDIRECT_OSPA = "indirect_ospa"
    VCA = "21vca"
    STANDARD = "standard"
    UNKNOWN = "unknown"


class Contact(NamedTuple):
    """Somebody at the customer; empty where nothing is known."""

    name: str = ""
    phone: str = ""
    email: str = ""
    wecom: str = ""
    hours: str = ""


class Informed(NamedTuple):
    """That the customer was informed of our support before."""

    day: str  # 2026-01-05, in the installation's zone
    through: str = ""  # an InformedBy; empty when not known


@dataclass(frozen=True)
class CustomerRecord:
    """What lists said of one customer beside who it is; empty where nothing is known."""

    services: tuple[str, ...] = ()
    agreement: str = ""  # an Agreement
    delegated: str = ""  # "yes" or "no"
    entitled_to_a: str = ""  # "yes" or "no"
    language: str = ""  # "zh", "en", or as a list names it
    contacts: tuple[Contact, ...] = ()


YES, NO = "yes", "no"
_AGREEMENTS = {
    "ospa": Agreement.OSPA, "premier": Agreement.OSPA, "在线服务高级协议": Agreement.OSPA,
    "在线服务高级协议ospa": Agreement.OSPA,
    "indirectospa": Agreement.INDIRECT_OSPA, "ospaindirect": Agreement.INDIRECT_OSPA,
    "间接ospa": Agreement.INDIRECT_OSPA,
    "21vca": Agreement.VCA, "21vcae": Agreement.VCA,
    "standard": Agreement.STANDARD, "ossa": Agreement.STANDARD, "标准": Agreement.STANDARD,
    "标准协议": Agreement.STANDARD, "在线服务标准协议": Agreement.STANDARD, "在线服务标准协议ossa": Agreement.STANDARD,
    "unknown": Agreement.UNKNOWN, "未知": Agreement.UNKNOWN, "不详": Agreement.UNKNOWN, "不清楚": Agreement.UNKNOWN,
}  # fmt: skip
_YES = frozenset({"yes", "y", "true", "1", "是", "有", "可以", "✓", "√"})
_NO = frozenset({"no", "n", "false", "0", "否", "无", "没有", "不可以", "×"})
_LANGUAGES = {
    "中文": "zh",
    "简体中文": "zh",
    "汉语": "zh",
    "chinese": "zh",
    "英文": "en",
    "英语": "en",
    "english": "en",
}
_CHANNELS = {
    "phone": "phone", "telephone": "phone", "电话": "phone", "手机": "phone",
    "email": "email", "mail": "email", "邮件": "email", "电子邮件": "email", "邮箱": "email",
    "wecom": "wecom", "企业微信": "wecom", "微信": "wecom",
    "inperson": "in_person", "meeting": "in_person", "当面": "in_person", "面谈": "in_person",
}  # fmt: skip
CHANNELS = frozenset(_CHANNELS.values())
"""The values of ``InformedBy`` in ``models.rules.escalations.escalation``; a test compares them."""
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
_LANGUAGE_TAG = re.compile(r"(zh|en)([-_][a-z0-9]+)*")
_EMAIL = re.compile(r"[^\s@<>(),;:]+@[^\s@<>(),;:.]+(\.[^\s@<>(),;:.]+)+")
SHOWN = 40
"""Characters of a text that is not understood."""
_BETWEEN_SERVICES = re.compile(r"\s*[,;|，；、]\s*")


def read_services(text: str) -> tuple[str, ...]:
    """Return the services that a tidy text lists, each once."""
    by_folded = {fold(service): service for service in reversed(_BETWEEN_SERVICES.split(text)) if service}
    return tuple(reversed(by_folded.values()))


def read_agreement(text: str) -> str:
    """Return the :class:`Agreement` that a tidy text means; an unknown text as it is."""
    return _AGREEMENTS.get("".join(filter(str.isalnum, fold(text))), text)


def read_answer(text: str) -> str:
    """Return :data:`YES` or :data:`NO` for the word that means it; an unknown text as it is."""
    folded = fold(text)
    return YES if folded in _YES else NO if folded in _NO else text


def read_language(text: str) -> str:
    """Return ``zh`` or ``en`` for a word or tag that means it; another language as it is."""
    folded = fold(text)
    tag = _LANGUAGE_TAG.fullmatch(folded)
    return tag[1] if tag else _LANGUAGES.get(folded, text)


def read_day(text: str) -> str:
    """Return the day that a text such as 2026/1/5 or 2026年1月5日 means, as 2026-01-05; an unknown text as it is."""
    parts = _DAY.fullmatch(text)
    try:
        return date(*map(int, parts.groups())).isoformat() if parts else text
    except ValueError:
        return text


def is_day(text: str) -> bool:
    """Return whether a text is a day as :func:`read_day` writes it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def find_contact_faults(contact: Contact) -> Iterator[Refusal]:
    """Yield why a contact can't be called or written to: a phone without any digit, no address at a domain."""
    if contact.phone and not any(map(str.isdigit, contact.phone)):
        yield Refusal("line_phone", values={"found": contact.phone[:SHOWN]})
    if contact.email and not _EMAIL.fullmatch(contact.email):
        yield Refusal("line_email", values={"found": contact.email[:SHOWN]})


def read_channel(text: str) -> str:
    """Return the channel that a tidy text means; an unknown text as it is."""
    return _CHANNELS.get("".join(filter(str.isalnum, fold(text))), text)
