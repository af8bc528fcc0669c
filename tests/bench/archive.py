"""A database of years: 150,000 escalations with 1,000,000 history rows, Chinese and English, written in bulk.

Bulk rows go past the commands into their tables, with the search terms that the commands would have written.
"""

import json
import random
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import make_url

from models.escalations import search
from models.rules.escalations import similarity
from models.rules.escalations.escalation import Move, Status, Turn
from models.rules.escalations.request import Severity
from models.rules.escalations.selection import CaseSelection
from models.rules.escalations.typed_text import TypedText, hash_text
from models.store.database import Store
from models.store.tables import ESCALATION, HISTORY, PERSON, TYPED_TEXT

ESCALATIONS = 150_000
HISTORY_ROWS = 1_000_000
OPEN = 1_000
TEAM = "T0SANDBOX"
BEGAN = datetime(2021, 1, 4, 1, 0, tzinfo=UTC)
LIFE = (Move.RAISE, Move.ACKNOWLEDGE, Move.RECORD, Move.NOTE, Move.TELL, Move.RESOLVE, Move.CLOSE)
MEMBERS = [f"U0MEMBER{number:02d}" for number in range(60)]
SERVICES = ("m365", "azure", "dynamics365")
TURNS = tuple(Turn)
CITIES = ("上海", "北京", "深圳", "广州", "杭州", "成都", "苏州", "南京", "武汉", "西安", "青岛", "厦门")
NAMES = ("蓝天", "远洋", "华信", "中联", "恒达", "天成", "银河", "新纪元", "宏图", "Contoso", "Fabrikam", "Northwind")
TRADES = (
    "科技有限公司",
    "贸易有限公司",
    "物流股份有限公司",
    "医疗器械有限公司",
    "教育集团",
    "Trading Ltd.",
    "Logistics",
)
SENTENCES = tuple(
    """用户从今天上午九点开始无法收发邮件
Outlook 提示需要密码，反复弹出登录窗口
SharePoint 站点打开很慢，超过三十秒
Teams 会议中听不到声音，重新安装客户端无效
管理中心里看不到新购买的许可证
账单金额与订单不一致，多收了两个席位
OneDrive 同步停在处理更改，已经持续两天
The invoice page stays blank after signing in
邮件流规则在昨天的更新之后失效
Mail to external recipients bounces with 550 5.7.708
客户的全局管理员无法通过多重身份验证登录
Azure virtual machines in China North 3 cannot be started
订阅被意外暂停，续订之后仍然不可用
Exchange Online 迁移批次停在百分之九十五
合作伙伴中心中无法委派管理权限
Intune policies are not applied to new devices
存储帐户的出口流量费用异常升高
Power BI 网关断开，数据集刷新失败
The tenant was created in the wrong region
已经按照文档重新启动服务，问题依旧存在
We restarted the connector and cleared the cache, no change
世纪互联答复说后台正在修复，请等待通知
工程师要求提供跟踪编号和发生时间
Customer confirmed that mail flows again""".splitlines()
)
Row = tuple[Any, ...]
Tables = Mapping[str, tuple[list[str], Iterable[Row]]]


def build(url: str) -> None:
    """Fill an empty database. Takes half a minute or so."""
    store = Store(url)
    store.upgrade()
    store.dispose()
    chance = random.Random(21)
    tables = {
        "person": ([c.name for c in PERSON.columns], _people()),
        "escalation": ([c.name for c in ESCALATION.columns], _escalations(chance)),
        "typed_text": ([c.name for c in TYPED_TEXT.columns], _texts()),
        "history": ([c.name for c in HISTORY.columns if c.name != "id"], _history()),
    }
    (_fill_sqlite if url.startswith("sqlite") else _fill_postgresql)(url, tables)


def queries() -> list[str]:
    """What people would search for: frequent and rare, Chinese and English, one word and several, parts of words that
    stand nowhere together, single characters, and nothing."""
    return [
        "邮件", "许可证", "上海蓝天", "CSP-149000", "outlook 密码", "mail", "550", "深圳 sharepoint 很慢",
        "invoice blank", "世纪互联 修复", "这个词没有人写过", "contoso 医疗器械", "迁移批次 百分之九十五", "teams",
        "21212", "客户 登录", "海天", "户登录", "上", "x", "物流股份 5507", "上海 北京",
    ]  # fmt: skip


def problems() -> list[str]:
    """What is typed into the form: one sentence, many, codes that few cases have, words nobody used, and a novel."""
    every = "\n".join(SENTENCES)
    return [
        SENTENCES[1], SENTENCES[9], "\n".join(SENTENCES[3:9]), f"无法登录，提示 {_error_code(777)}",
        "许可证 000700 看不到", "这个词没有人写过", "a printer on fire",
        f"{SENTENCES[11]} 0x80070005 {_error_code(12)}", every, (every * 5)[:3000],
    ]  # fmt: skip


def selections() -> dict[str, CaseSelection]:
    """Return what people would filter by: frequent and rare, one filter and several, with words and without."""
    ended, active, month = frozenset([Status.CLOSED]), frozenset([Status.ACKNOWLEDGED]), timedelta(days=30)
    nobody_has = frozenset([Status.WITHDRAWN])
    severe, theirs = frozenset([Severity.A]), frozenset([Turn.VENDOR])
    member, azure = frozenset[str | None]([MEMBERS[3]]), frozenset([SERVICES[1]])
    return {
        "state:active": CaseSelection(states=active), "state:closed": CaseSelection(states=ended),
        "state:withdrawn": CaseSelection(states=nobody_has), "turn:21v": CaseSelection(turns=theirs),
        "severity:A state:active": CaseSelection(severities=severe, states=active),
        "owner": CaseSelection(owners=member), "owner:nobody": CaseSelection(owners=frozenset([None])),
        "service": CaseSelection(services=azure), "customer:上海": CaseSelection(customers=("上海",)),
        "customer:contoso state:active": CaseSelection(customers=("contoso",), states=active),
        "customer:邮件": CaseSelection(customers=("邮件",)),
        "two customers": CaseSelection(customers=("蓝天", "远洋医疗")),
        "number:CSP-777": CaseSelection(numbers=("CSP-777",)), "number:2177": CaseSelection(numbers=("2177",)),
        "number:6251": CaseSelection(numbers=("6251",)), "two numbers": CaseSelection(numbers=("2177", "CSP-5")),
        "an old month": CaseSelection(raised_from=BEGAN + month, raised_before=BEGAN + 2 * month),
        "邮件 state:active": CaseSelection(words="邮件", states=active),
        "邮件 state:withdrawn": CaseSelection(words="邮件", states=nobody_has),
        "客户 owner, old": CaseSelection(words="客户", owners=member, raised_before=BEGAN + month),
        "mail severity:A service": CaseSelection(words="mail", severities=severe, services=azure),
        "nothing": CaseSelection(words="这个词没有人写过", states=ended),
        "everything at once": CaseSelection(
            "密码", ended, theirs, severe, azure, member, ("深圳",), ("21",), BEGAN, BEGAN + 99 * month
        ),
    }  # fmt: skip


def _people() -> Iterator[Row]:
    facts = {"locale": "zh-CN", "tz": "Asia/Shanghai", "team_id": TEAM, "seen_at": _stamp(BEGAN)}
    for member in MEMBERS:
        row = {**facts, "id": member, "name": f"成员 {member[-2:]}", "is_guest": 0, "is_bot": 0, "is_deleted": 0}
        yield tuple(row[column.name] for column in PERSON.columns)


def _escalations(chance: random.Random) -> Iterator[Row]:
    names = [column.name for column in ESCALATION.columns]
    for number in range(1, ESCALATIONS + 1):
        at, ended = _raised_at(number), number <= ESCALATIONS - OPEN
        member = MEMBERS[number % len(MEMBERS)]
        row = {
            "kind": "customer", "customer_id": None, "customer_name": _customer(number), "tenant_id": "",
            "domain": "",
            "service": SERVICES[number % 50 // 20], "severity": "ABC"[number % 3],
            "title": chance.choice(SENTENCES), "number": number,
            "details": "。".join(chance.choices(SENTENCES, k=4)) + f" {number * 7:06d}", "team_id": TEAM,
            "answers": json.dumps({"tried": chance.choice(SENTENCES), "scope": "some_users"}, ensure_ascii=False),
            "policy_version": 0, "turn": TURNS[number % 3],
            "severity_given": "C" if number % 40 == 1 else None,
            "channel": "C0ESCAL", "status": Status.CLOSED if ended else Status.ACKNOWLEDGED,
            "version": _entries(number),
            "raised_by": member, "raised_at": _stamp(at), "changed_at": _stamp(at + timedelta(days=2)),
            "owner": MEMBERS[number * 7 % len(MEMBERS)], "acknowledged_at": _stamp(at + timedelta(hours=1)),
            "request_number": _request_number(number), "told_by": member, "told_at": _stamp(at + timedelta(days=1)),
            "fix": chance.choice(SENTENCES), "closed_by": member if ended else None,
            "closed_at": _stamp(at + timedelta(days=2)) if ended else None, "reopened": 0,
            "returned_on": str((at + timedelta(days=5)).date()) if ended and number % 60 == 0 else None,
        }  # fmt: skip
        yield tuple(row.get(name) for name in names)


def _texts() -> Iterator[Row]:
    names = [column.name for column in TYPED_TEXT.columns]
    for number in range(1, ESCALATIONS + 1):
        for seq in range(1, _entries(number) + 1):
            if text := _text(number, seq):
                yield tuple(text.get(name) for name in names)


def _text(number: int, seq: int) -> dict[str, str] | None:
    """The words of an entry, as they are kept apart; None for an entry without words."""
    if seq <= 2 or LIFE[seq - 1] is Move.RECORD:
        return None
    salt, body = f"{number}:{seq}", TypedText(SENTENCES[(number * 7 + seq) % len(SENTENCES)]).body
    return {"hash": hash_text(salt, body), "salt": salt, "body": body}


def _history() -> Iterator[Row]:
    names = [column.name for column in HISTORY.columns if column.name != "id"]
    statuses = [Status.OPEN, Status.ACKNOWLEDGED, *[Status.SUBMITTED] * 3, Status.RESOLVED, Status.CLOSED]
    for number in range(1, ESCALATIONS + 1):
        at = _raised_at(number)
        for seq, move in enumerate(LIFE[: _entries(number)], 1):
            text = _text(number, seq)
            row = {
                "seq": seq, "move": move, "by": MEMBERS[(number + seq) % len(MEMBERS)], "number": number,
                "at": _stamp(at + timedelta(hours=seq)), "status_from": statuses[seq - 2] if seq > 1 else None,
                "status_to": statuses[seq - 1], "text": _request_number(number) if move is Move.RECORD else "",
                "changes": _changes(number, move), "text_hash": text and text["hash"],
                "replaced_hash": None,
            }  # fmt: skip
            yield tuple(row[name] for name in names)


def _changes(number: int, move: Move) -> str:
    """What a move changed: what the clocks need of the first one and of the number, else an owner."""
    if move is Move.RAISE:
        service, severity = SERVICES[number % 50 // 20], "ABC"[number % 3]
        return json.dumps({"service": service, "severity": severity, "answers": {}})
    if move is Move.RECORD:
        return json.dumps({"request_number": [None, _request_number(number)]})
    return '{"owner": [null, "U0MEMBER01"]}'


def _words() -> Iterator[tuple[int, list[str]]]:
    """The terms of each escalation, in the order in which the commands would have indexed them."""
    chance = random.Random(22)
    for number in range(1, ESCALATIONS + 1):
        said = [
            f"CSP-{number}", _customer(number), *chance.choices(SENTENCES, k=5), f"{number * 7:06d}",
            _request_number(number),
        ]  # fmt: skip
        yield number, [term for text in said for term in _terms(text)]


def _solution_words() -> Iterator[tuple[int, list[str]]]:
    """The terms by which each solved escalation is found as a similar one: few words that all share, and codes."""
    chance = random.Random(23)
    for number in range(1, ESCALATIONS - OPEN + 1):
        said = [*chance.choices(SENTENCES, k=6), f"{number * 7:06d}", _error_code(number)]
        yield number, list(dict.fromkeys(term for text in said for term in _solution_terms(text)))


@lru_cache(maxsize=10_000)
def _solution_terms(text: str) -> tuple[str, ...]:
    return tuple(similarity.find_terms(text))


def _error_code(number: int) -> str:
    return f"AADSTS{50_000 + number % 3_000}"


@lru_cache(maxsize=5000)
def _terms(text: str) -> tuple[str, ...]:
    return tuple(search.index_terms(text))


def _customer(number: int) -> str:
    return CITIES[number % 12] + NAMES[number // 12 % 12] + TRADES[number // 144 % 7]


def _request_number(number: int) -> str:
    return f"{6251122000000 + number}"


def _entries(number: int) -> int:
    return 7 if number <= HISTORY_ROWS - 6 * ESCALATIONS else 6


def _raised_at(number: int) -> datetime:
    return BEGAN + timedelta(minutes=17 * number)


def _stamp(at: datetime) -> str:
    """As SQLModel keeps instants in SQLite; PostgreSQL takes it for UTC as well, because the session says so."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _fill_sqlite(url: str, tables: Tables) -> None:
    with closing(sqlite3.connect(str(make_url(url).database))) as database:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-200000"):
            database.execute(f"PRAGMA {pragma}")
        guards = list(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        for name, _ in guards:
            database.execute(f"DROP TRIGGER {name}")
        for name, (columns, rows) in tables.items():
            marks, named = ", ".join("?" * len(columns)), ", ".join(f'"{column}"' for column in columns)
            database.executemany(f"INSERT INTO {name} ({named}) VALUES ({marks})", rows)  # noqa: S608 - our own names
        words = ((number, " ".join(terms)) for number, terms in _words())
        database.executemany("INSERT INTO escalation_words (rowid, words) VALUES (?, ?)", words)
        solved = ((number, " ".join(terms)) for number, terms in _solution_words())
        database.executemany("INSERT INTO solution_words (rowid, words) VALUES (?, ?)", solved)
        for _, guard in guards:
            database.execute(guard)
        database.commit()


def _fill_postgresql(url: str, tables: Tables) -> None:
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as database:
        database.execute("SET session_replication_role = replica")  # no look-up of each row's foreign key
        database.execute("SET timezone = 'UTC'")
        for name, (columns, rows) in tables.items():
            named = ", ".join(f'"{column}"' for column in columns)
            _copy(database, f"COPY {name} ({named}) FROM STDIN", rows)
        _copy(database, "COPY escalation_words (number, words) FROM STDIN", _vectors())
        _copy(database, "COPY solution_words (number, words) FROM STDIN", _solution_words())
        database.commit()
        database.execute("ANALYZE")


def _vectors() -> Iterator[Row]:
    for number, terms in _words():
        yield number, " ".join(f"'{term}':{place}" for place, term in enumerate(terms, 1))


def _copy(database: "psycopg.Connection[Any]", statement: str, rows: Iterable[Row]) -> None:
    with database.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for row in rows:
            copy.write_row(row)
