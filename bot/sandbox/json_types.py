"""The types of what travels: JSON objects in Slack's own shapes. No behaviour."""

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
