"""Run a local Slack alone, for a bot that is started by hand: ``python -m bot.sandbox``."""

import argparse
import asyncio
import signal
from pathlib import Path

from bot.sandbox.options import MANIFEST, SandboxOptions
from bot.sandbox.sandbox import Sandbox


def main() -> None:
    """Serve until Ctrl-C. Prints the address and the environment that a bot needs."""
    args = _arguments()
    sandbox = Sandbox(
        SandboxOptions(manifest=args.manifest, port=args.port, state_file=args.state, http_url=args.http_url, echo=True)
    )
    asyncio.run(_serve(sandbox))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--manifest", type=Path, default=MANIFEST, help="the app's manifest")
    parser.add_argument("--port", type=int, default=0, help="0 = any free port")
    parser.add_argument("--state", type=Path, help="a file that keeps channels and messages")
    parser.add_argument("--http-url", help="the bot's request URL, for signed HTTP instead of Socket Mode")
    return parser.parse_args()


async def _serve(sandbox: Sandbox) -> None:
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, sandbox.ask_to_stop)
    await sandbox.serve_forever(lambda: _announce(sandbox))


def _announce(sandbox: Sandbox) -> None:
    print(f"The local Slack is open at {sandbox.page_url}\n", flush=True)
    for name, value in sandbox.env.items():
        print(f"{name}={value}", flush=True)


if __name__ == "__main__":
    main()
