"""The number beside a link: a program that guesses seldom finds it."""

import random

from models.rules.reach.link import MAX_WRONG_NUMBERS, NUMBERS, number_of

LINKS = 60_000
EXPECTED, SPREAD = LINKS * MAX_WRONG_NUMBERS / len(NUMBERS), 14.1
"""How many links a guessing program hits on average, and the standard deviation of that."""


def test_a_program_that_guesses_hits_one_link_in_three_hundred() -> None:
    chance = random.Random(7)

    hits = sum(
        number_of(f"token {n}") in {str(guess) for guess in chance.sample(NUMBERS, MAX_WRONG_NUMBERS)}
        for n in range(LINKS)
    )

    assert EXPECTED == LINKS / 300
    assert abs(hits - EXPECTED) < 4 * SPREAD


def test_every_number_has_three_digits_and_comes_equally_often() -> None:
    found = [number_of(f"token {n}") for n in range(LINKS)]

    assert {len(number) for number in found} == {3}
    assert set(found) == {str(number) for number in NUMBERS}
    assert max(found.count(number) for number in ("100", "555", "999")) < 2 * LINKS / len(NUMBERS)
