"""The thread pools: accepted work is finished when the program stops."""

import threading

from bot.executors import make_executors
from tests.bot.stubs import PATIENCE


def test_a_listener_in_hand_may_still_give_work_to_the_background_while_the_pools_shut_down() -> None:
    executors, begun, go_on, done = make_executors(), threading.Event(), threading.Event(), threading.Event()

    def listen() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        executors.background.submit(done.set)

    heard = executors.listeners.submit(listen)
    assert begun.wait(PATIENCE)
    stopping = threading.Thread(target=executors.shut_down)
    stopping.start()
    go_on.set()
    stopping.join(PATIENCE)
    assert heard.exception() is None
    assert done.is_set()


def test_work_that_nobody_waits_for_is_dropped_after_the_shutdown() -> None:
    executors = make_executors()
    executors.shut_down()
    assert executors.background.submit(threading.Event).cancelled()
