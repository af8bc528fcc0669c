"""Any part of a name, domain or tenant ID is found, and what begins as typed comes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.customers.typeahead import Typeahead
from models.rules.customers.customer import fold, search_text, strip_accents

T1 = "0c6dd9b5-3f25-4b6b-9c7a-3a2b1f0e9d11"
CUSTOMERS = {
    "blue": ("上海蓝天科技有限公司", "lantian.partner.onmschina.cn", T1),
    "contoso": ("Contoso 100% 中国", "contoso.cn", ""),
    "tailspin": ("Tailspin_Toys ２０２６", "toys.cn", ""),
    "not": ("The Contoso Garage", "", ""),
}
TYPEAHEAD = Typeahead(1, [(customer, said[0], search_text(*said)) for customer, said in CUSTOMERS.items()])


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("蓝天", ["blue"]),
        ("科技", ["blue"]),
        ("公司 上海", ["blue"]),
        ("spin", ["tailspin"]),
        ("ＣＯＮＴＯＳＯ", ["contoso", "not"]),
        ("contoso", ["contoso", "not"]),
        ("2026", ["tailspin"]),
        ("２０２６", ["tailspin"]),
        ("1００%", ["contoso"]),
        ("%", ["contoso"]),
        ("_", ["tailspin"]),
        ("lantian.partner", ["blue"]),
        ("9C7A-3A2B", ["blue"]),
        ("garage contoso", ["not"]),
        ("contoso　中国", ["contoso"]),
        ("contoso toys", []),
        ("\\", []),
        ("\n", ["contoso", "tailspin", "not", "blue"]),
        ("", ["contoso", "tailspin", "not", "blue"]),
    ],
)
def test_typing_finds(typed: str, found: list[str]) -> None:
    assert TYPEAHEAD.find(typed, 20) == found


def test_no_more_than_the_limit_is_found() -> None:
    many = Typeahead(1, [(f"C{n}", f"Customer {n}", f"customer {n}") for n in range(500)])

    assert len(many.find("customer", 20)) == 20
    assert len(many.find("omer", 20)) == 20


def test_an_empty_list_finds_nothing() -> None:
    assert Typeahead(0, []).find("contoso", 20) == []


TEXTS = st.lists(st.text("ab中 ", max_size=6).map(lambda text: " ".join(text.split())), max_size=12)


@given(TEXTS, st.text("ab中 ", max_size=5))
def test_it_finds_what_looking_at_every_customer_finds(texts: list[str], typed: str) -> None:
    rows = [(f"C{n}", text, text) for n, text in enumerate(texts)]

    found = Typeahead(1, rows).find(typed, 100)

    assert sorted(found) == sorted(
        customer
        for customer, _, text in rows
        if all(w in strip_accents(text) for w in strip_accents(fold(typed)).split())
    )


def test_the_names_that_are_found_can_be_told_from_memory() -> None:
    assert TYPEAHEAD.names(TYPEAHEAD.find("contoso", 20)) == [
        ("contoso", "Contoso 100% 中国"), ("not", "The Contoso Garage"),
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["café", "cafe", "CAFÉ", "zür", "zur"])
def test_accents_are_folded(typed: str) -> None:
    rows = [("C1", "Café Zürich", "café zürich"), ("C2", "蓝天", "蓝天")]

    assert Typeahead(1, rows).find(typed, 10) == ["C1"]
