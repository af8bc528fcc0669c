"""Find the known name that was probably meant by one that is not known."""

from collections.abc import Collection
from difflib import get_close_matches
from zoneinfo import available_timezones

_IN_CHINA = {"beijing", "peking", "shanghai", "shenzhen", "guangzhou", "canton", "chengdu", "china"}
"""What people write for the zone of China, whose IANA name is Asia/Shanghai."""
_SHORT = 3  # characters of a Chinese name


def find_nearest(name: str, known_names: Collection[str]) -> str:
    """Return the known name that is most like this one; empty when none is."""
    folded = {known_name.casefold(): known_name for known_name in sorted(known_names)}
    # A Chinese name has two or three characters: one that differs is half of it.
    like = get_close_matches(name.casefold(), folded, 1, 0.5 if len(name) <= _SHORT else 0.7)
    return folded[like[0]] if like else ""


def find_nearest_zone(name: str) -> str:
    """Return the IANA zone that was probably meant; empty when none is.

    Many towns are spelt alike, so a name may differ by a letter or two only. Towns of China that are no zone are known.
    """
    folded = name.casefold()
    if folded.rpartition("/")[2] in _IN_CHINA:
        return "Asia/Shanghai"
    zones = {timezone.casefold(): timezone for timezone in sorted(available_timezones())}
    like = get_close_matches(folded, zones, 1, 0.85)
    return zones[like[0]] if like else ""
