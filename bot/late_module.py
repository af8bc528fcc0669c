"""A module that is imported when it is first used, because its import takes long and few runs need it."""

from importlib import import_module
from typing import Any


class LateModule:
    """Stands in for a module by its full name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)
