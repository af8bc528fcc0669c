"""The support statement for one customer, ready to copy, in the customer's language."""

from handlers.blocks import block_kit
from handlers.i18n.words import N_, Words
from models.rules.customers.statement import LANGUAGES, Statement, SupportText

CATALOGUES = {"zh": "zh_CN", "en": "en"}


def letters(name: str, preferred: str, statement: Statement) -> list[str]:
    """Return the statement for a customer in its preferred language; in both while that is not known."""
    languages = [preferred] if preferred in LANGUAGES else LANGUAGES
    return [_letter(name, statement.texts[language], Words.of(CATALOGUES[language])) for language in languages]


def blocks(name: str, language: str, statement: Statement, words: Words) -> list[block_kit.Block]:
    """Return the same for the person who asked for it."""
    opening = block_kit.line(block_kit.run(words("Support statement for {name}, to copy:", name=name)))
    texts = [block_kit.preformatted(letter) for letter in letters(name, language, statement)]
    return [block_kit.rich(opening, *texts), block_kit.context(words("Only you see this."))]


def _letter(name: str, said: SupportText, words: Words) -> str:
    """Return the statement in one language."""
    lines = {
        words(N_("Support")): said.types, words(N_("Support hours")): said.hours, words(N_("Website")): said.site,
        words(N_("E-mail")): said.email, words(N_("Phone")): said.phone, words(N_("Price")): said.price,
    }  # fmt: skip
    opening = words(N_("To {name}: this is how you reach our support."), name=name)
    return "\n".join([opening, *(words.colon.join(pair) for pair in lines.items()), ""])
