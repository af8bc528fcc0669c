"""Find unused code: first in the packages alone, so that code which only tests use is found; then with the tests.

Run ``python -m tests.unused_code``. Each file is read once for both; ``[tool.vulture]`` in pyproject.toml is the
configuration.
"""

import sys

from vulture.config import make_config
from vulture.core import Vulture


def main() -> int:
    """List what is unused; return 0 when nothing is."""
    config = make_config([])
    finder = Vulture(ignore_names=config["ignore_names"], ignore_decorators=config["ignore_decorators"])
    finder.scavenge(config["paths"], config["exclude"])
    code = finder.report(config["min_confidence"]) or 0
    finder.scavenge(["tests"], config["exclude"])
    return int(code or finder.report(config["min_confidence"]))


if __name__ == "__main__":
    sys.exit(main())
