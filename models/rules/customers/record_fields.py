"""What a list may say of a customer beside who it is: services, agreement, contacts … Words as people write them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from models.rules.customers.customer import fold

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
_LANGUAGE_TAG = re.compile(r"(zh|en)([-_][a-z0-9]+)*")
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
