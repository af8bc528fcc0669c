"""Where a fact of the policy file was read."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PolicySource:
    """The page of a fact, and the day on which a person read it there."""

    url: str
    read_on: date
