"""``python -m bot`` is ``csp-escalate``."""

from bot.cli import main

main()
