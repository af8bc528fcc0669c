"""The customer list on real databases: all or nothing, beside a running bot, and fast."""

import random
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from models.customers import customer_rows, importer, record_rows
from models.customers.importer import import_customers
from models.customers.informing import find_all_sent, find_informing, import_statement
from models.escalations.queries import EscalationQueries
from models.rules.customers.csv_columns import CsvLine, CustomerDraft, read_sheet
from models.rules.customers.informed import InformReason
from models.rules.customers.matching import ImportPlan
from models.rules.customers.record_fields import CHANNELS, Contact, CustomerRecord
from models.rules.escalations.escalation import InformedBy
from models.store.database import Store

NOW = datetime(2026, 11, 28, 6, tzinfo=UTC)
BEIJING = ZoneInfo("Asia/Shanghai")
STATEMENT = "".join(
    f"[{language}]\n" + "".join(f"{key} = 'x'\n" for key in ("types", "hours", "site", "email", "phone", "price"))
    for language in ("zh", "en")
)
T1 = "0c6dd9b5-3f25-4b6b-9c7a-3a2b1f0e9d11"


def lines(*drafts: CustomerDraft) -> list[CsvLine]:
    return [CsvLine(number, draft) for number, draft in enumerate(drafts, 2)]


def names(queries: EscalationQueries, typed: str = "") -> list[str]:
    return [customer.name for customer in queries.customers(typed)]


def test_an_import_is_found_by_typing(store: Store, queries: EscalationQueries) -> None:
    plan = import_customers(
        store, lines(CustomerDraft("Contoso", "contoso.cn", T1), CustomerDraft("上海蓝天科技有限公司")), NOW
    )

    assert plan.lines == {"added": 2, "changed": 0, "unchanged": 0}
    assert names(queries, "蓝天") == ["上海蓝天科技有限公司"]
    assert names(queries, T1.upper()) == ["Contoso"]


@pytest.mark.parametrize("typed", ["ysjm", "yunshan", "YUNSHAN", "szys", "yunshan jingmi", "yinhang", "xiamen"])
def test_a_chinese_name_is_found_by_its_pinyin(store: Store, queries: EscalationQueries, typed: str) -> None:
    import_customers(store, lines(CustomerDraft("苏州云杉精密 (China)"), CustomerDraft("厦门银行")), NOW)

    assert len(names(queries, typed)) == 1


def test_an_import_of_another_process_is_seen_at_the_next_key(store: Store, queries: EscalationQueries) -> None:
    import_customers(store, lines(CustomerDraft("Contoso")), NOW)
    assert names(queries) == ["Contoso"]

    elsewhere = Store(store.url.render_as_string(hide_password=False))
    import_customers(elsewhere, lines(CustomerDraft("Contoso"), CustomerDraft("Fabrikam")), NOW)
    elsewhere.dispose()

    assert names(queries) == ["Contoso", "Fabrikam"]


def test_a_customer_keeps_its_id_when_it_becomes_better_known(store: Store, queries: EscalationQueries) -> None:
    import_customers(store, lines(CustomerDraft("Contoso")), NOW)
    [before] = queries.customers("contoso")

    import_customers(store, lines(CustomerDraft("Contoso", "contoso.cn", T1)), NOW)
    import_customers(store, lines(CustomerDraft("Contoso China", "", T1)), NOW)

    after = queries.customer(before.id)
    assert after is not None
    assert (after.name, after.domain, after.tenant_id) == ("Contoso China", "contoso.cn", T1)
    assert queries.customer("C0-0") is None


def test_the_same_import_again_writes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import_customers(store, lines(CustomerDraft("Contoso", "", T1), CustomerDraft("Fabrikam")), NOW)
    monkeypatch.setattr(Store, "write", lambda *_: pytest.fail("written"))

    plan = import_customers(store, lines(CustomerDraft("Contoso", "", T1), CustomerDraft("Fabrikam")), NOW)

    assert plan.lines == {"added": 0, "changed": 0, "unchanged": 2}


def test_an_import_that_dies_half_way_leaves_nothing(
    store: Store, queries: EscalationQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_rows, "BATCH", 1)
    import_customers(store, lines(CustomerDraft("Contoso")), NOW)

    def die(done: int, _all: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_customers(
            store,
            lines(CustomerDraft("Contoso", "contoso.cn"), CustomerDraft("Fabrikam"), CustomerDraft("Litware")),
            NOW,
            die,
        )

    assert [(customer.name, customer.domain) for customer in queries.customers("")] == [("Contoso", "")]


def test_an_import_in_between_is_taken_into_account(
    store: Store, queries: EscalationQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = importer._lock
    others = iter([lines(CustomerDraft("Contoso", "", T1), CustomerDraft("Fabrikam"))])

    def come_second(connection: Connection) -> None:
        lock(connection)
        for other in others:
            importer.write(connection, importer._plan(connection, other)[1], 1, NOW, lambda *_: None)

    monkeypatch.setattr(importer, "_lock", come_second)

    plan = import_customers(store, lines(CustomerDraft("Contoso", "contoso.cn", T1)), NOW)

    assert plan.lines == {"added": 0, "changed": 1, "unchanged": 0}
    assert [(customer.name, customer.domain) for customer in queries.customers("")] == [
        ("Contoso", "contoso.cn"),
        ("Fabrikam", ""),
    ]


def test_what_a_list_says_of_customers_is_kept_and_a_list_of_names_takes_none_of_it_away(store: Store) -> None:
    said = (
        "Company name,Services,Agreement,DAP,Severity A,Language,Contact,Phone\n"
        "Contoso,Azure; Microsoft 365,indirect OSPA,yes,no,zh-CN,Li Lei,+86 10 1234\n"
        "Contoso,,,,,,Han Mei,\n"
    )
    import_customers(store, read_sheet(said.encode()).lines, NOW)
    again = import_customers(store, read_sheet(said.encode()).lines, NOW)
    import_customers(store, lines(CustomerDraft("Contoso"), CustomerDraft("Fabrikam")), NOW)

    [record] = store.read(record_rows.find_all).values()
    assert again.changed == []
    assert record == CustomerRecord(
        services=("Azure", "Microsoft 365"), agreement="indirect_ospa", delegated="yes", entitled_to_a="no",
        language="zh", contacts=(Contact("Li Lei", "+86 10 1234"), Contact("Han Mei")),
    )  # fmt: skip


def test_the_import_that_brought_a_new_service_is_kept(store: Store) -> None:
    for services in ("Azure", "azure", "Azure, Power BI", "Power BI"):
        text = f'Company name,Services\nContoso,"{services}"\n'
        import_customers(store, read_sheet(text.encode()).lines, NOW)

    [(services, revision)] = store.read(lambda c: record_rows._find_services(c, ["C1-1"])).values()

    assert (services, revision) == ("Power BI", 3)


def test_a_list_records_once_that_customers_were_informed_before(store: Store) -> None:
    import_statement(store, STATEMENT, "cli", NOW - timedelta(days=30))
    said = (
        "客户名称,告知日期,告知方式\nContoso,2026年11月2日,邮件\nFabrikam,2026/3/1,\nLitware,,电话\n"
        "Tailspin,2026-11-29,\n"
    )
    plan = import_customers(store, read_sheet(said.encode()).lines, NOW, zone=BEIJING)
    again = import_customers(store, read_sheet(said.encode()).lines, NOW, zone=BEIJING)

    sent = [vars(one) for one in store.read(find_all_sent)]

    at = [datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 11, 1, 16, tzinfo=UTC)]
    assert [(one["statement"], one["at"], one["through"]) for one in sent] == [(0, at[0], ""), (1, at[1], "email")]
    assert (again.new, again.changed) == ([], [])
    assert [(line.number, line.refusals[0].reason) for line in plan.refused] == [(5, "line_informed_later")]
    due = {one.name: one.due.reason if one.due else None for one in store.read(lambda c: find_informing(c, NOW))}
    assert due == {"Contoso": None, "Fabrikam": None, "Litware": InformReason.NEW}


def test_a_day_or_a_channel_that_is_none_is_refused() -> None:
    sheet = read_sheet(b"Customer,Informed on,Statement channel\nA,2026-13-01,\nB,2026-01-05,pigeon\n")

    assert [line.refusals[0].reason for line in sheet.refused] == ["line_informed_on", "line_channel"]
    assert set(InformedBy) == CHANNELS


IN_TIME = 0.05
"""Seconds in which who types reads which customers fit."""


def test_a_long_list_is_imported_and_found_in_time(store: Store, queries: EscalationQueries) -> None:
    tenth, _ = imported(store, 1_000)
    took, plan = imported(store, 10_000)

    assert plan.lines["added"] == 9_000
    # Seconds; 1 on the machine it was written on, whose benchmark takes 50,000. A slow one is slow with a tenth too.
    assert took < max(12, 20 * tenth)
    assert max(timed(queries, typed) for typed in ("公司", "toso", "zzzz", "有限公司 ltd", "4999")) < IN_TIME


def imported(store: Store, count: int) -> tuple[float, ImportPlan]:
    """How long it took to take in the first so many of a long list, in seconds, and what became of them."""
    data = "\n".join(("Microsoft ID,Company name,Primary domain name,Relationship", *made_up(count))).encode()
    started = time.perf_counter()
    plan = import_customers(store, read_sheet(data).lines, NOW)
    return time.perf_counter() - started, plan


def made_up(count: int) -> Iterator[str]:
    chance = random.Random(21)
    for n in range(count):
        chinese = "".join(chance.choices("北京上海广州深圳杭州成都科技信息网络软件贸易", k=6)) + "有限公司"
        name = chinese if n % 2 else f"{chance.choice(['Contoso', 'Fabrikam', 'Litware'])} {n} Ltd"
        yield f"{uuid.UUID(int=chance.getrandbits(128))},{name},c{n}.partner.onmschina.cn,Cloud Reseller"


def timed(queries: EscalationQueries, typed: str) -> float:
    """Seconds to answer, the best of at most fifty: the machine may be busy with something else."""
    best = 1.0
    for _ in range(50):
        if best < IN_TIME:
            break
        started = time.perf_counter()
        queries.customers(typed)
        best = min(best, time.perf_counter() - started)
    return best
