"""Let Bolt read the names of our listeners' arguments from their code, instead of building their whole signatures.

Nearly every test of a conversation makes an app, and Bolt asks several times for each listener: half of the time that
an app takes.
"""

import inspect
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

from slack_bolt.util.utils import get_arg_names_of_callable

_NAME = get_arg_names_of_callable.__name__


def _find_names(func: Callable[..., Any]) -> list[str]:
    function = inspect.unwrap(func)
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if isinstance(code, CodeType):
        return list(code.co_varnames[: code.co_argcount])
    return list(get_arg_names_of_callable(func))


def install() -> None:
    """Make Bolt ask here from now on."""
    for name, module in list(sys.modules.items()):
        if name.startswith("slack_bolt.") and hasattr(module, _NAME):
            setattr(module, _NAME, _find_names)
