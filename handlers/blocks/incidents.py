"""One incident, many customers: what the form offers, one text to all, and the cases that end with their parent."""

from collections.abc import Iterator, Sequence

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.card_buttons import INFORM_ALL
from handlers.blocks.interactive_elements import several
from handlers.i18n import labels
from handlers.i18n.words import LANGUAGES, N_, Words
from models.rules.escalations.escalation import ENDED, Escalation, Move, Status
from models.rules.escalations.parents import BondReason, find_bond_reason
from models.rules.escalations.request import RequestKind
from models.rules.policy.vendor import VendorPolicy

MOST_OFFERED = 3
"""How many incidents the form offers."""
MOST_CASES = 100
"""Slack's limit for the options of one menu."""
OPENING = N_("21Vianet, which operates the service, has confirmed an incident that affects a service you use.")
SOLVED = N_("The incident that affected a service you use has been resolved.")
WORKING = N_("21Vianet is working on it. We are following its progress. You don't need to do anything now.")
CHECK = N_("Please check that everything works. If it doesn't, reply to this message and we'll get back to it at once.")


WHY_CALLED = {
    BondReason.QUIET: N_("Nobody was called: {name} is acknowledged, and this severity is not higher."),
    BondReason.SEVERITY_A: N_("Somebody is called although {name} is open: severity A always reaches somebody."),
    BondReason.MORE_SEVERE: N_("Somebody is called: this severity is higher than that of {name}."),
    BondReason.PARENT_WAITS: N_("Somebody is called: nobody has acknowledged {name} yet."),
}


def offer(parents: Sequence[Escalation], words: Words) -> Iterator[block_kit.Block]:
    """Yield for the form the open cases of the same incident or service, each with a button that attaches to it."""
    for parent in parents[:MOST_OFFERED]:
        label = words(
            "Also hit by {incident} ({name})", incident=block_kit.clip(parent.incident_id, 30), name=parent.name
        )
        text = words(
            "{name} is open for this incident. One press raises this request attached to it.", name=parent.name
        )
        yield {"type": "section", "text": block_kit.plain(f"🧩 {text}")}
        yield block_kit.actions([block_kit.button(label, ids.ATTACH_TO, parent.name)])


def confirm(child: Escalation, parent: Escalation, called: str, words: Words) -> list[block_kit.Block]:
    """Return what a press in the form did, above the card of the new case: who was called, or why nobody was."""
    attached = words("*{name}* is attached to CSP-{parent}.", name=child.name, parent=child.parent or 0)
    why = words(WHY_CALLED[find_bond_reason(child, parent)], name=parent.name)
    rest = words("It needs no number of its own. Its customer is informed on its own.")
    return [block_kit.section(f"🧩 {attached} {why} {rest}"), *([block_kit.section(called)] if called else [])]


def can_inform(case: Escalation) -> bool:
    """Return whether the customer of a case can be marked as informed."""
    is_told = case.status is Status.RESOLVED and case.told_at is not None
    return case.kind is RequestKind.CUSTOMER and case.status not in ENDED and not is_told


def can_inform_all(parent: Escalation, children: Sequence[Escalation]) -> bool:
    """Return whether a customer of a case that is attached to an incident's can be informed, with the others."""
    return any(can_inform(child) for child in children) and bool(parent.incident_id and not parent.parent)


def can_resolve(child: Escalation) -> bool:
    """Return whether a child can be resolved."""
    return child.status not in {Status.RESOLVED, *ENDED}


def inform_form(parent: Escalation, cases: Sequence[Escalation], words: Words, policy: VendorPolicy) -> block_kit.Block:
    """Return the text for all customers, in both languages, and the form that marks the customers of cases as told."""
    texts = [block_kit.preformatted(text(parent, Words.of(language), policy)) for language in LANGUAGES]
    ways = {str(way): words(name) for way, name in labels.INFORMED_BY.items()}
    fields = [
        block_kit.rich(block_kit.line(block_kit.run(words("Text for all customers, to copy:"))), *texts),
        _cases_field(cases, words("Customers who were told"), ids.INFORM_CHILDREN),
        block_kit.field(
            "through", words(labels.FIELD["through"]), block_kit.select(f"{ids.INFORM_CHILDREN}.through", ways)
        ),
    ]  # fmt: skip
    return _form(ids.INFORM_CHILDREN, words("Inform all customers"), fields, parent, words, words("Record as informed"))


def resolve_form(parent: Escalation, children: Sequence[Escalation], words: Words) -> block_kit.Block:
    """Return the proposal to resolve these children of a case that was resolved: all of them, or some."""
    count = words.plural(
        "{name} is resolved; {n} attached case is open.", "{name} is resolved; {n} attached cases are open.",
        len(children), name=parent.name,
    )  # fmt: skip
    hint = words("Those that you leave out go on alone. Each customer is informed on its own.")
    fields = [
        block_kit.section(f"🧩 {count}"),
        _cases_field(children, words("Resolve them too"), ids.RESOLVE_CHILDREN),
        block_kit.context(hint),
    ]
    return _form(ids.RESOLVE_CHILDREN, words("Attached cases"), fields, parent, words, words(labels.MOVE[Move.RESOLVE]))


def done(
    says: str, children: Sequence[Escalation], words: Words, to_inform: Escalation | None = None
) -> block_kit.Block:
    """Return what a form becomes; ``to_inform`` is the incident's case when its customers are to be informed next."""
    named = words.join_items(_name(child) for child in children)
    blocks = [block_kit.section(f"✅ {says}"), block_kit.aside(block_kit.plain(named))]
    if to_inform:
        label, action_id = INFORM_ALL
        value = str(ids.EscalationSubject(to_inform.number, to_inform.version))
        blocks.append(block_kit.actions([block_kit.button(words(label), action_id, value, "primary")]))
    return block_kit.modal(ids.DONE, words("Attached cases"), blocks, words("Done"))


def text(parent: Escalation, words: Words, policy: VendorPolicy) -> str:
    """Return the text for the customers of an incident. It holds nothing that was typed but the incident's ID."""
    service = policy.service(parent.service)
    is_solved = parent.status in {Status.RESOLVED, Status.CLOSED}
    said = [
        words("Dear customer,"),
        words(SOLVED) if is_solved else words(OPENING),
        words.colon.join([words(labels.FIELD["service"]), words.pick(service.en, service.zh)]),
        words.colon.join([words(labels.FIELD["incident_id"]), parent.incident_id]),
        words(CHECK) if is_solved else words(WORKING),
    ]
    return "\n".join(said)


def _cases_field(cases: Sequence[Escalation], label: str, form: str) -> block_kit.Block:
    choices = {str(child.number): _name(child) for child in cases[:MOST_CASES]}
    return block_kit.field("cases", label, several(f"{form}.cases", choices, initial=list(choices)))


def _name(child: Escalation) -> str:
    return block_kit.clip(f"{child.name} · {child.customer_name or child.title}", block_kit.OPTION)


def _form(
    callback: str, title: str, fields: Sequence[block_kit.Block], parent: Escalation, words: Words, send: str
) -> block_kit.Block:
    metadata = str(ids.EscalationSubject(parent.number, parent.version))
    return block_kit.modal(callback, title, fields, words("Cancel"), submit=send, private_metadata=metadata)
