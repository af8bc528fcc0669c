"""The customer list on real databases: all or nothing, beside a running bot, and fast."""

import random
import time
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from models.customers import importer
from models.customers.importer import take_in
from models.escalations.queries import Board
from models.rules.customers.csv_columns import Draft, Line, read_sheet
from models.rules.customers.matching import Plan
from models.store.database import Store

T1 = "0c6dd9b5-3f25-4b6b-9c7a-3a2b1f0e9d11"


def lines(*drafts: Draft) -> list[Line]:
    return [Line(number, draft) for number, draft in enumerate(drafts, 2)]


def names(board: Board, typed: str = "") -> list[str]:
    return [customer.name for customer in board.customers(typed)]


def test_an_import_is_found_by_typing(store: Store, board: Board) -> None:
    plan = take_in(store, lines(Draft("Contoso", "contoso.cn", T1), Draft("上海蓝天科技有限公司")))

    assert plan.lines == {"added": 2, "changed": 0, "unchanged": 0}
    assert names(board, "蓝天") == ["上海蓝天科技有限公司"]
    assert names(board, T1.upper()) == ["Contoso"]


def test_an_import_of_another_process_is_seen_at_the_next_key(store: Store, board: Board) -> None:
    take_in(store, lines(Draft("Contoso")))
    assert names(board) == ["Contoso"]

    elsewhere = Store(store.url.render_as_string(hide_password=False))
    take_in(elsewhere, lines(Draft("Contoso"), Draft("Fabrikam")))
    elsewhere.dispose()

    assert names(board) == ["Contoso", "Fabrikam"]


def test_a_customer_keeps_its_id_when_it_becomes_better_known(store: Store, board: Board) -> None:
    take_in(store, lines(Draft("Contoso")))
    [before] = board.customers("contoso")

    take_in(store, lines(Draft("Contoso", "contoso.cn", T1)))
    take_in(store, lines(Draft("Contoso China", "", T1)))

    after = board.customer(before.id)
    assert after is not None
    assert (after.name, after.domain, after.tenant_id) == ("Contoso China", "contoso.cn", T1)
    assert board.customer("C0-0") is None


def test_the_same_import_again_writes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(store, lines(Draft("Contoso", "", T1), Draft("Fabrikam")))
    monkeypatch.setattr(Store, "write", lambda *_: pytest.fail("written"))

    plan = take_in(store, lines(Draft("Contoso", "", T1), Draft("Fabrikam")))

    assert plan.lines == {"added": 0, "changed": 0, "unchanged": 2}


def test_an_import_that_dies_half_way_leaves_nothing(
    store: Store, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "BATCH", 1)
    take_in(store, lines(Draft("Contoso")))

    def die(done: int, _all: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_in(store, lines(Draft("Contoso", "contoso.cn"), Draft("Fabrikam"), Draft("Litware")), die)

    assert [(one.name, one.domain) for one in board.customers("")] == [("Contoso", "")]


def test_an_import_in_between_is_taken_into_account(
    store: Store, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = importer._lock
    others = iter([lines(Draft("Contoso", "", T1), Draft("Fabrikam"))])

    def come_second(connection: Connection) -> None:
        lock(connection)
        for other in others:
            importer._write(connection, *importer._rows(importer._planned(connection, other)[1], 1), lambda *_: None)

    monkeypatch.setattr(importer, "_lock", come_second)

    plan = take_in(store, lines(Draft("Contoso", "contoso.cn", T1)))

    assert plan.lines == {"added": 0, "changed": 1, "unchanged": 0}
    assert [(one.name, one.domain) for one in board.customers("")] == [("Contoso", "contoso.cn"), ("Fabrikam", "")]


def test_a_long_list_is_imported_and_found_in_time(store: Store, board: Board) -> None:
    tenth, _ = imported(store, 1_000)
    took, plan = imported(store, 10_000)

    assert plan.lines["added"] == 9_000
    # Seconds; 1 on the machine it was written on, whose benchmark takes 50,000. A slow one is slow with a tenth too.
    assert took < max(12, 20 * tenth)
    assert max(timed(board, typed) for typed in ("公司", "toso", "zzzz", "有限公司 ltd", "4999")) < 0.05


def imported(store: Store, count: int) -> tuple[float, Plan]:
    """How long it took to take in the first so many of a long list, in seconds, and what became of them."""
    data = "\n".join(("Microsoft ID,Company name,Primary domain name,Relationship", *made_up(count))).encode()
    started = time.perf_counter()
    plan = take_in(store, read_sheet(data).lines)
    return time.perf_counter() - started, plan


def made_up(count: int) -> Iterator[str]:
    chance = random.Random(21)
    for n in range(count):
        chinese = "".join(chance.choices("北京上海广州深圳杭州成都科技信息网络软件贸易", k=6)) + "有限公司"
        name = chinese if n % 2 else f"{chance.choice(['Contoso', 'Fabrikam', 'Litware'])} {n} Ltd"
        yield f"{uuid.UUID(int=chance.getrandbits(128))},{name},c{n}.partner.onmschina.cn,Cloud Reseller"


def timed(board: Board, typed: str) -> float:
    """Seconds to answer, the best of five: the machine may be busy with something else."""
    best = 1.0
    for _ in range(5):
        started = time.perf_counter()
        board.customers(typed)
        best = min(best, time.perf_counter() - started)
    return best
