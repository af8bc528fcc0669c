"""What is erased on request: a person's texts, all texts of a case or plan, a customer's contact. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from models.rules.customers.customer import fold
from models.rules.customers.record_fields import Contact


@dataclass(frozen=True)
class ErasureRequest:
    """What is to be erased."""

    user: str = ""  # a Slack id: all texts that this person typed, their drafts and profile
    names: tuple[str, ...] = ()  # of this person in the rota: reasons by and about them
    cases: tuple[int, ...] = ()  # numbers: every text of these cases
    contacts: tuple[int, ...] = ()  # rows of customers' contacts
    called: tuple[str, ...] = ()  # how attendees, informers and evidence name this person
    remediations: tuple[int, ...] = ()  # numbers: every text of these remediation records


@dataclass(frozen=True)
class Erasure:
    """What was erased, without a name: enough to erase it again in a restored backup."""

    at: datetime
    by: str  # who erased: a Slack id, or the terminal
    why: str
    user: str
    cases: tuple[int, ...]
    contacts: tuple[str, ...]  # marks of contacts, of names in the rota, and of names in words
    remediations: tuple[int, ...] = ()


IN_ROTA, IN_WORDS = "rota", "words"
"""What stands for the customer in the mark of a name in the rota, and of a name that attendees and evidence hold."""


def mark_contact(customer_id: str, contact: Contact, salt: str) -> str:
    """Return a mark that tells whether a contact is the erased one, and from which nobody can read who it was."""
    hashed = hashlib.sha256(f"{salt}\n{fold(contact.name)}".encode()).hexdigest()
    return f"{customer_id}/{salt}/{hashed}"


def is_marked(customer_id: str, contact: Contact, mark: str) -> bool:
    """Return whether a mark is that of a contact."""
    _, _, salt = mark.rpartition("/")[0].rpartition("/")
    return mark == mark_contact(customer_id, contact, salt)
