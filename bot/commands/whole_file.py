"""Writes a file whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bot.commands.session import CommandError, why
from handlers.i18n.words import N_, Words


@contextmanager
def whole_file(output: Path, words: Words) -> Iterator[BinaryIO]:
    """Open a file beside the wanted one that takes its place when it is complete; only its owner may read it.

    Raises CommandError when it can't be written; then the wanted file is as it was.
    """
    place = output.resolve()
    try:
        if place.exists() and not place.is_file():
            raise FileExistsError(0, words(N_("it is not a file")))
        handle, draft = tempfile.mkstemp(prefix=f".{place.name[:80]}.", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as target:
                yield target
                target.flush()
                os.fsync(target.fileno())
            os.replace(draft, place)
        except BaseException:  # also Ctrl-C: nothing half-written stays behind
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        says = words(N_("{file} can't be written: {why}"), file=output, why=why(error, words))
        raise CommandError(says, code=2) from None
