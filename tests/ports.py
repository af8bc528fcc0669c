"""Ports for servers that are not started yet, or that end and come back."""

import socket
from contextlib import ExitStack, suppress
from random import SystemRandom

FIRST, LAST = 20_000, 32_000
"""Below the ports that a system gives out by itself: no other test is given one of these while nobody listens on it."""


def find_free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    random, found = SystemRandom(), list[int]()
    with ExitStack() as stack:
        while len(found) < count:
            with suppress(OSError):  # somebody listens there
                listener = socket.create_server(("127.0.0.1", random.randrange(FIRST, LAST)))
                stack.enter_context(listener)
                found.append(int(listener.getsockname()[1]))
    return found
