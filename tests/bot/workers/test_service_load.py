"""A service that hangs never takes the last free thread, and one that was slow is trusted again when it answers."""

from bot.workers.service_load import SLOW, ServiceLoad


def loaded(*services: str) -> ServiceLoad:
    """A load of at most two for each service, with these calls since instant 0, named by their place."""
    load = ServiceLoad(2)
    for n, service in enumerate(services):
        load.begin(str(n), service, 0.0)
    return load


def test_a_service_takes_so_many_threads_and_no_more() -> None:
    load = loaded("a", "a", "b")

    assert load.find_full() == {"a"}
    load.end("0", 0.1)
    assert load.find_full() == set()


def test_one_call_that_hangs_holds_back_no_other_to_its_service() -> None:
    load = loaded("a", "a")
    load.end("1", SLOW + 1.0)
    load.begin("2", "a", SLOW + 1.0)
    load.end("2", SLOW + 1.1)

    assert load.find_full() == set()


def test_after_a_slow_answer_one_thread_at_a_time_tries_until_one_is_quick() -> None:
    load = loaded("a")
    load.end("0", SLOW)
    free = load.find_full()
    load.begin("1", "a", SLOW)
    alone = load.find_full()
    load.end("1", SLOW + 0.1)
    load.begin("2", "a", SLOW + 0.2)

    assert (free, alone) == (frozenset(), frozenset({"a"}))
    assert load.find_full() == set()


def test_what_was_never_begun_ends_without_a_word() -> None:
    load = loaded()
    load.end("9", 1.0)

    assert load.find_full() == set()
