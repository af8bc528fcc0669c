"""How commands of the rota show instants, gaps and warnings to people."""

from handlers.i18n.rota_labels import PLAN_WARNING, reason_name
from handlers.i18n.words import Words
from models.rules.rota.gaps import Gap
from models.rules.rota.rota import Rota
from models.rules.rota.rota_warnings import find_rota_warnings


def oddities(rota: Rota, words: Words) -> list[str]:
    """Return what is odd in a valid rota, a sentence each."""
    return [
        words(PLAN_WARNING[warning.kind], layer=warning.layer, names=words.join_items(warning.names))
        for warning in find_rota_warnings(rota)
    ]


def reason_of(gap: Gap, words: Words) -> str:
    """Return why there is a gap, and whom or what it is about."""
    about = words.join_items((*gap.people, *gap.missing))
    reason = reason_name(gap, words)
    return f"{reason}{words.colon}{about}" if about else reason
