"""Which packet of a remediation record somebody wants as a file, and in which language. Pure."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class PacketRequest:
    """The packet of one record of a team."""

    number: int
    language: str  # a catalogue
    team_id: str

    def __str__(self) -> str:
        return json.dumps(asdict(self))


def read_packet_request(text: str) -> PacketRequest:
    """Return the request that was written so. Raises ValueError."""
    try:
        written = json.loads(text)
        return PacketRequest(int(written["number"]), str(written["language"]), str(written["team_id"]))
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError("not a request for a packet") from error
