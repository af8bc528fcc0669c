"""``escalations verify``: whether every typed text is the one that a history names by its hash."""

from collections import Counter
from itertools import chain

from bot.commands.session import CommandError, Session
from handlers.i18n.words import N_
from models.escalations import text_rows
from models.rules.escalations.typed_text import TextCheck
from models.store import remediation_rows


def verify(session: Session) -> None:
    """Count the texts that are whole, erased, changed and missing. Raises CommandError when one is changed."""
    words = session.words
    with session.store() as store:
        stored = store.read(text_rows.count)  # First: what is written meanwhile is named, and is no trouble.
        counts = store.read(lambda c: Counter(chain(text_rows.check_all(c), remediation_rows.check_all(c))))
    unnamed = max(0, stored - counts.total() + counts[TextCheck.MISSING])
    says = words(
        N_("Typed texts: {whole} whole, {erased} erased."),
        whole=counts[TextCheck.WHOLE], erased=counts[TextCheck.ERASED],
    )  # fmt: skip
    session.out.print_lines(says)
    if counts[TextCheck.CHANGED] or counts[TextCheck.MISSING] or unnamed:
        raise CommandError(
            words(
                N_("Somebody changed the database: {changed} texts changed, {missing} missing, {unnamed} unnamed."),
                changed=counts[TextCheck.CHANGED], missing=counts[TextCheck.MISSING], unnamed=unnamed,
            )
        )  # fmt: skip
