"""Similar past cases in the form: what each was, and what solved it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from handlers import ids
from handlers.blocks import block_kit, card
from handlers.blocks.interactive_elements import asking
from handlers.i18n import labels
from handlers.i18n.fix_words import name_origin
from handlers.i18n.words import Words
from models.escalations.similar_cases import SimilarCase
from models.rules.escalations.escalation import Escalation, Move
from models.rules.escalations.request import TEXT_LIMIT, RequestKind

FIX_SHOWN = 300
"""Characters of a fix that are shown in the form; the case itself shows all."""


def blocks(similar: Sequence[SimilarCase], words: Words, missing: Sequence[str] = ()) -> Iterator[block_kit.Block]:
    """Yield a heading, and each case or article with its buttons; nothing when there is none.

    ``missing`` are the fields without which none can be recorded as solved: then a press names them, and asks nothing.
    """
    if similar:
        yield block_kit.section(f"💡 *{words('Solved before: is it one of these?')}*")
    if similar and missing:
        needs = words(
            "Before you press “This solved it”, fill in: {fields}.", fields=labels.list_fields(missing, words)
        )
        yield block_kit.context(needs)
    for case in similar:
        yield _describe(case, words)
        solved = block_kit.button(words("This solved it"), ids.SIMILAR_SOLVED, case.name)
        asking_first = solved if missing else _ask_first(solved, case, words)
        yield block_kit.actions([block_kit.button(words("Show"), ids.SIMILAR_SHOW, case.name), asking_first])


def _ask_first(button: block_kit.Element, case: SimilarCase, words: Words) -> block_kit.Element:
    text = words("Your request is recorded as solved in this way. Nobody is called, and nothing goes to 21Vianet.")
    asked = words("Solved as {name} says?", name=case.name)
    return asking(button, asked, text, words("This solved it"), words("Cancel"))


def describe_as_text(case: SimilarCase, words: Words) -> str:
    """Return name, title and fix of a case or article in one line of plain text."""
    fix = block_kit.clip(" ".join(case.fix.split()), FIX_SHOWN)
    title = block_kit.clip(case.title, block_kit.HEADER)
    return f"{case.name} · {title} ✅ {words(labels.FIELD['fix'])}{words.colon}{fix}"


def name_similar(similar: Sequence[SimilarCase], words: Words) -> list[block_kit.Block]:
    """Return what may solve a case that was just raised, for somebody who did not see it in the form."""
    lines = [block_kit.aside(block_kit.plain(describe_as_text(case, words))) for case in similar]
    if not lines:
        return []
    said = words("Solved before: is it one of these?")
    hint = words("If so, press “{press}” on the card and name it.", press=words(labels.MOVE[Move.RESOLVE]))
    return [block_kit.section(f"💡 *{said}* {hint}"), *lines]


def word_fix(name: str, fix: str, words: Words) -> str:
    """Return what is recorded as the fix of a case that was solved as another one was, or as an article says."""
    return block_kit.clip(name_origin(fix, name, words), TEXT_LIMIT)


def confirm(escalation: Escalation, words: Words) -> list[block_kit.Block]:
    """Return what was recorded, and what is left to do: above the card of the new case."""
    said = words("*{name}* is recorded as solved. Nobody was called.", name=escalation.name)
    is_customers = escalation.kind is RequestKind.CUSTOMER
    rest = (
        words("Inform the customer, then press “{press}”.", press=words(labels.MOVE[Move.TELL])) if is_customers else ""
    )
    return [block_kit.section(f"✅ {said} {rest}".rstrip())]


def read_names(view: Mapping[str, Any]) -> list[str]:
    """Return the names of the similar cases and articles that a form shows, in order."""
    block_ids = (str(block.get("block_id") or "") for block in view.get("blocks") or ())
    return [block_id.removeprefix(ids.SIMILAR) for block_id in block_ids if block_id.startswith(ids.SIMILAR)]


def does_ask_first(view: Mapping[str, Any]) -> bool:
    """Return whether the buttons of a form that record it as solved ask a question first."""
    elements = (element for block in view.get("blocks") or () for element in block.get("elements") or ())
    return any(element.get("action_id") == ids.SIMILAR_SOLVED and "confirm" in element for element in elements)


def _describe(case: SimilarCase, words: Words) -> block_kit.Block:
    """Return name, title and time of a case or article, what solved it, and how often that solved others."""
    fix = block_kit.clip(" ".join(case.fix.split()), FIX_SHOWN)
    title = block_kit.clip(case.title, block_kit.HEADER)
    sign = "📖 " if case.is_article else ""
    line = [
        block_kit.run(f"{sign}{case.name} · {title}", "bold"),
        block_kit.run(f" · {words('Confirmed on') if case.is_article else words('Solved on')}{words.colon}"),
        block_kit.when(case.at),
        block_kit.run(f"\n✅ {words(labels.FIELD['fix'])}{words.colon}{fix}"),
    ]
    if case.uses:
        line.append(block_kit.run(f" · {card.count_uses(case.uses, words)}", "italic"))
    return block_kit.rich(block_kit.line(*line), block_id=f"{ids.SIMILAR}{case.name}")
