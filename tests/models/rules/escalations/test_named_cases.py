"""What a text names: cases, and numbers that 21Vianet may have given."""

import pytest

from models.rules.escalations.named_cases import MOST_NAMES, find_names


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("CSP-7", (7,)), ("re: csp-7 and CSP-12, again CSP-7", (7, 12)), ("关于CSP-7的回复", (7,)),
        ("ＣＳＰ－７", (7,)), ("csp_7 csp8", (7, 8)), ("CSP-7x", ()), ("acsp-7", ()), ("CSP 2026", ()),
        ("CSP-1234567890", ()),
    ],
)  # fmt: skip
def test_cases_are_read_by_their_names_only(text: str, numbers: tuple[int, ...]) -> None:
    assert find_names(text).numbers == numbers


@pytest.mark.parametrize(
    ("text", "requests"),
    [
        ("[SR 625112200012345]", ("625112200012345",)), ("服务请求编号：625112200012345。", ("625112200012345",)),
        ("TrackingID#2611280040001234", ("2611280040001234",)), ("CAS-00123456-X1 / 09:00 2026", ("cas-00123456-x1",)),
        ("２６１１２８００", ("26112800",)), ("CSP-1234567", ()), ("at 12:30, 2,500 users", ()),
    ],
)  # fmt: skip
def test_words_with_many_digits_may_be_request_numbers(text: str, requests: tuple[str, ...]) -> None:
    assert find_names(text).request_numbers == requests


def test_a_text_of_nothing_but_names_costs_no_more_than_a_few_of_them() -> None:
    names = find_names(" ".join(f"CSP-{n} 62511{n:010d}" for n in range(500)))

    assert len(names.numbers) == len(names.request_numbers) == MOST_NAMES
