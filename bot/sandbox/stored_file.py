"""One file of the workspace: its bytes, what kind it really is, and how Slack describes it."""

import mimetypes
import struct
from dataclasses import dataclass

from bot.sandbox.json_types import Json

OCTETS = "application/octet-stream"
PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


@dataclass
class StoredFile:
    """A file.

    ``length`` is the announced size of an upload; before ``ready_at`` (Unix seconds) Slack still works on it.
    """

    id: str
    name: str
    mimetype: str
    content: bytes
    owner: str
    created: int
    title: str = ""
    alt_txt: str = ""
    length: int = 0
    ready_at: float = 0.0

    def take(self, content: bytes) -> None:
        """Take the bytes of the upload."""
        self.content, self.mimetype = content, kind_of(self.name, content)

    @property
    def is_picture(self) -> bool:
        """Whether blocks may show it: PNG, JPEG and GIF only."""
        return self.mimetype in PICTURES.values() and kind_of(self.name, self.content) == self.mimetype

    def file_object(self) -> Json:
        """Return the file as ``files.info`` describes it."""
        file_object = {
            "id": self.id,
            "created": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2].lower(),
            "size": len(self.content),
            "user": self.owner,
            "mode": "hosted",
            "url": f"/control/file/{self.id}",
            "url_private": f"/files/{self.id}",
            "url_private_download": f"/files/{self.id}/download",
            **self._measures(),
        }
        return file_object | ({"alt_txt": self.alt_txt} if self.alt_txt else {})

    def _measures(self) -> Json:
        """Return width and height of a PNG, from its first chunk. Those of other pictures are not read."""
        if self.mimetype != "image/png" or len(self.content) < 24:
            return {}
        width, height = struct.unpack(">II", self.content[16:24])
        return {"original_w": width, "original_h": height}


def kind_of(name: str, content: bytes) -> str:
    """Return a MIME type: of pictures by their first bytes, else by the name. A wrong picture name makes no picture."""
    for start, kind in PICTURES.items():
        if content.startswith(start):
            return kind
    guessed = mimetypes.guess_type(name)[0] or OCTETS
    return OCTETS if guessed in PICTURES.values() else guessed
