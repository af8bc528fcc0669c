"""``csp-escalate`` and ``python -m bot``: the same program."""

import gc

# All that is imported stays. Looking for garbage among it meanwhile would take a tenth of the start; bot.cli.on_demand
# goes on with it as soon as the command is there.
gc.disable()

from bot.cli.command_line import main  # noqa: E402

if __name__ == "__main__":
    main()
