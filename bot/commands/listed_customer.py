"""The customer whom somebody means at the terminal: found on the list, or told apart from others like it."""

from collections.abc import Iterator
from difflib import get_close_matches

from bot.commands.session import CommandError, Session
from handlers.i18n.rota_labels import NEAREST
from handlers.i18n.words import N_, Words
from models.escalations.queries import EscalationQueries
from models.rules.customers.customer import Customer, describe_in_request, find_named, fold
from models.rules.escalations.request import Request

NAMES_SHOWN = 5
SHORTEST_PART, SHORTEST_ASCII_PART = 2, 4
"""Fewer characters are no part of a name by which a customer is found."""
LOOKED_AT = 200
"""How many customers with a like beginning or end are compared."""
ALIKE = 0.6
NO_CUSTOMER = N_("“{typed}” is the name of no customer. See: csp-escalate informed list --all")


def read_customer(request: Request, queries: EscalationQueries, session: Session) -> Request:
    """Return a request with what the customer list knows of the customer that it names, by its id or its name.

    A name that is not on the list is taken, with a warning: at night nobody should have to correct a list first.
    Raises CommandError with code 2 for an unknown id, and for a name that fits several.
    """
    words, typed = session.words, request.customer_name
    if request.customer_id:
        customer = queries.customer(request.customer_id)
        if customer is None:
            says = words(N_("No customer on the list has the id {id}."), id=request.customer_id)
            raise CommandError(says, code=2)
        return request.model_copy(update=describe_in_request(customer))
    if not typed:
        return request
    near = queries.customers(typed)
    if named := find_named(typed, near):
        return request.model_copy(update=describe_in_request(named))
    if not near or not _is_part_of_name(typed):
        _warn(typed, queries, session)
        return request
    if len(near) > 1:
        raise CommandError(_say_several(typed, near, words), code=2)
    said = words(N_("The customer on the list is meant: {name}"), name=near[0].name)
    session.warn(said)
    return request.model_copy(update=describe_in_request(near[0]))


def _warn(typed: str, queries: EscalationQueries, session: Session) -> None:
    """Warn that a customer is not on the list, with the names that were probably meant; not without any list."""
    words = session.words
    if not queries.customers("", 1):
        return
    says = N_("“{typed}” is not on the customer list. The case has only what the file says of this customer.")
    lines = [f"⚠️ {words(says, typed=typed)}"]
    if names := find_like_names(typed, queries):
        meant = N_("Was one of these meant? {names}. Then correct the customer in Slack: /csp-escalate correct CSP-n")
        lines.append(words(meant, names=words.join_items(names)))
    session.warn("\n".join(lines))


def find_like_names(typed: str, queries: EscalationQueries) -> list[str]:
    """Return the customers whose names are most like a typed one, of those that begin or end a word as it does."""
    like_names = {each.name for part in set(_list_parts(typed)) for each in queries.customers(part, LOOKED_AT)}
    folded = {fold(name): name for name in sorted(like_names)}
    return [folded[like] for like in get_close_matches(fold(typed), folded, NAMES_SHOWN, ALIKE)]


def _list_parts(typed: str) -> Iterator[str]:
    for word in fold(typed).split():
        length = SHORTEST_ASCII_PART if word.isascii() else SHORTEST_PART
        yield from (word[:length], word[-length:])


def _is_part_of_name(typed: str) -> bool:
    """Return whether a text is long enough to find a customer by: two Chinese characters say more than two letters."""
    folded = fold(typed)
    return len(folded) >= (SHORTEST_ASCII_PART if folded.isascii() else SHORTEST_PART)


def _say_several(typed: str, near: list[Customer], words: Words) -> str:
    says = N_("“{typed}” fits several customers: {names}. Give the whole name, or customer_id.")
    return words(says, typed=typed, names=_list_names(near, words))


def _list_names(customers: list[Customer], words: Words) -> str:
    names = [customer.name for customer in customers[:NAMES_SHOWN]]
    return words.join_items(names + ["…"] * (len(customers) > NAMES_SHOWN))


def find_customer(queries: EscalationQueries, typed: str, words: Words) -> Customer:
    """Return the only customer that is meant; one with exactly this name, domain or tenant ID wins.

    Raises CommandError with code 2 for none and for several.
    """
    matching = queries.customers(typed, LOOKED_AT)
    exact = [
        customer for customer in matching if fold(typed) in {fold(customer.name), customer.domain, customer.tenant_id}
    ]
    candidates = exact or matching
    if len(candidates) > 1:
        says = N_("“{typed}” may mean several customers: {names}. Give the whole name, the domain or the tenant ID.")
        raise CommandError(words(says, typed=typed, names=_list_names(candidates, words)), code=2)
    if not candidates:
        raise CommandError(_say_none(typed, find_like_names(typed, queries), words), code=2)
    return candidates[0]


def _say_none(typed: str, like_names: list[str], words: Words) -> str:
    said = words(NO_CUSTOMER, typed=typed)
    return "\n".join([said, *(f"  {words(NEAREST, nearest=name)}" for name in like_names[:1])])
