"""Similar past cases in the form: what each was, and what solved it."""

from collections.abc import Iterator, Sequence
from typing import Any

from handlers import ids
from handlers.blocks import block_kit
from handlers.i18n import labels
from handlers.i18n.words import Words
from models.escalations.similar_cases import SimilarCase

FIX_SHOWN = 300
"""Characters of a fix that are shown in the form; the case itself shows all."""


def blocks(similar: Sequence[SimilarCase], words: Words) -> Iterator[block_kit.Block]:
    """Yield a heading, and each case with its buttons; nothing when there is none."""
    if similar:
        yield block_kit.section(f"💡 *{words('Solved before: is it one of these?')}*")
    for case in similar:
        yield _describe(case, words)
        value = str(ids.EscalationSubject(case.escalation.number, case.escalation.version))
        yield block_kit.actions([block_kit.button(words("Show"), ids.SIMILAR_SHOW, value)])


def read_numbers(view: dict[str, Any]) -> list[int]:
    """Return the numbers of the similar cases that a form shows, in order."""
    block_ids = (str(block.get("block_id") or "") for block in view.get("blocks") or ())
    named = (block_id.removeprefix(ids.SIMILAR) for block_id in block_ids if block_id.startswith(ids.SIMILAR))
    return [int(name) for name in named if name.isdecimal()]


def _describe(case: SimilarCase, words: Words) -> block_kit.Block:
    """Return name, title and time of a case, what solved it, and how often that solved others."""
    escalation = case.escalation
    fix = block_kit.clip(" ".join((escalation.fix or "").split()), FIX_SHOWN)
    title = block_kit.clip(escalation.title, block_kit.HEADER)
    line = [
        block_kit.run(f"{escalation.name} · {title}", "bold"),
        block_kit.run(" · "),
        block_kit.when(escalation.closed_at or escalation.changed_at),
        block_kit.run(f"\n✅ {words(labels.FIELD['fix'])}{words.colon}{fix}"),
    ]
    if case.uses:
        used = words.plural("solved {n} more case", "solved {n} more cases", case.uses)
        line.append(block_kit.run(f" · {used}", "italic"))
    return block_kit.rich(block_kit.line(*line), block_id=f"{ids.SIMILAR}{escalation.number}")
