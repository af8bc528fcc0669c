"""The words by which a case is found: the answers of its form, and what people wrote about it. Pure."""

from models.rules.escalations.escalation import Escalation, HistoryEntry, Move


def find_searchable_text(escalation: Escalation, entry: HistoryEntry) -> str:
    """Return the text by which an entry makes a case findable: the form's answers and what people wrote."""
    answers = list_form_texts(escalation) if entry.move in {Move.RAISE, Move.CORRECT} else []
    return " ".join([entry.text, *answers]).strip()


def list_form_texts(escalation: Escalation) -> list[str]:
    """Return the name of a case and every answer of its form, as text."""
    names = ("name", "customer_name", "tenant_id", "domain", "service", "title", "details")
    answers = [str(value) for value in escalation.answers.values()]
    return [*(str(getattr(escalation, name)) for name in names), *answers]
