"""The types of JSON objects in Slack's own shapes."""

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
