"""Ids and timestamps in order, never used twice, also across restarts. Nothing is random."""


class IdSequence:
    """The sequences of ids and timestamps of one workspace."""

    def __init__(self, last: int = 0, last_ts: int = 0) -> None:
        self.last = last
        self._last_ts = last_ts

    def next(self, prefix: str) -> str:
        """Return an id such as ``V0000000012``: the letter of its kind, then ten capitals and digits."""
        self.last += 1
        return f"{prefix}{self.last:010d}"

    def ts(self, now: float) -> str:
        """Return a message timestamp, ``seconds.microseconds``: unique, and later than every earlier one."""
        self._last_ts = max(round(now * 1_000_000), self._last_ts + 1)
        seconds, micros = divmod(self._last_ts, 1_000_000)
        return f"{seconds}.{micros:06d}"

    @property
    def last_ts(self) -> int:
        """Return the newest timestamp that was given out."""
        return self._last_ts
