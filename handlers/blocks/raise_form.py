"""The request form: one screen that grows with the answers. Fields that depend on an answer appear only after it.

Block ids are the names of the fields, so a refusal of a field finds its place. A field that leaves the screen takes
its answer into ``private_metadata`` and gets it back when it returns: switching loses nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers import ids
from handlers.blocks import block_kit, correction, draft_list, incidents, review_fields, similar_cases, vendor_text
from handlers.blocks.draft_list import DraftLine
from handlers.blocks.interactive_elements import reported_while_typed
from handlers.blocks.needed_answers import NEEDED_TO_SOLVE, list_missing
from handlers.i18n import labels, response_times
from handlers.i18n.words import LANGUAGES, N_, Words
from models.escalations.similar_cases import SimilarCase
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.request import (  # fmt: skip
    ANSWER_LIMIT,
    LINE_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
    IssueCategory,
    ProblemScope,
    RequestKind,
    ServiceHealth,
    Severity,
)
from models.rules.escalations.review_questions import OURS_TO_DO
from models.rules.policy.sources import PolicySource
from models.rules.policy.vendor import SEVERITIES, ResponseTarget, VendorPolicy

PEOPLE_KNOWN = frozenset({ProblemScope.SOME_USERS, ProblemScope.SEVERAL_CUSTOMERS})
HINTS = {
    "title": N_("One issue per request."),
    "details": N_("What happened, what you expected, the exact error message."),
    "tried": N_("Steps already tried, including in the customer's admin center, and the result."),
    "impact": N_("Who is affected, since when, and with what consequences. Required for severity A."),
    "health": N_("Partner Center > Customers > the customer > Service management. Look there first."),
    "lacks": N_("21Vianet accepts a case only if you can't reasonably resolve it without these."),
    "contact": N_("Your own name, phone and hours (not the customer's)."),
}
OUR_OWN_HINTS = {"tried": N_("Steps already tried, and the result.")}
URGENT_HINTS = {"contact": N_("Your own name and phone. 21Vianet needs somebody who can be reached around the clock.")}
SAFETY = N_(
    "Add screenshots to the card's thread afterwards. Never share passwords, mailbox content or HAR files in Slack."
)
SEVERITY_A = N_("Severity A is a request: 21Vianet grants it only to customers with its premier agreement (OSPA).")

ON_CALL, TAKE = "on_call", "take"
"""Whether the raiser was on call when the form was opened, and whether they acknowledge what they raise."""
QUICK = "quick"
"""Whether it is the short form."""


@dataclass(frozen=True)
class FormValues:
    """The answers so far.

    ``customer`` is text and value of the chosen customer, ``source`` a message's permalink, ``draft`` the key of the
    draft that is continued. ``record_answers`` is what the customer's record answers.
    """

    answers: Mapping[str, Any]
    customer: tuple[str, str] | None = None
    source: str = ""
    draft: str = ""
    record_answers: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        """Return one answer, or None."""
        return self.answers.get(name)


def view(
    filled: FormValues, words: Words, policy: VendorPolicy, metadata: str = "", drafts: Sequence[DraftLine] = (),
    similar: Sequence[SimilarCase] = (), open_incidents: Sequence[Escalation] = (),
) -> block_kit.Block:  # fmt: skip
    """Return the form for these answers, with drafts to continue instead, similar solved cases, and open incidents."""
    form, quick = _Form(filled, words, policy, similar, open_incidents), filled.get(QUICK) == "yes"
    return block_kit.modal(
        ids.FORM,
        words("Quick raise") if quick else words("New escalation"),
        [*(form.quick_blocks() if quick else form.blocks()), *draft_list.blocks(drafts, words)],
        words("Cancel"),
        submit=words("Escalate"),
        private_metadata=metadata,
        notify_on_close=True,
    )


class _Form:
    """Builds the fields one after the other; every method yields blocks."""

    def __init__(
        self, filled: FormValues, words: Words, policy: VendorPolicy, similar: Sequence[SimilarCase] = (),
        open_incidents: Sequence[Escalation] = (),
    ) -> None:  # fmt: skip
        self.filled, self.words, self.policy, self.similar = filled, words, policy, similar
        self.open_incidents, self.missing = open_incidents, list_missing(filled, NEEDED_TO_SOLVE)

    def quick_blocks(self) -> Iterator[block_kit.Block]:
        """Yield the short form: a customer request of which the rest follows."""
        yield block_kit.context(self.words("The rest is asked for in the thread, before it is filed with 21Vianet."))
        yield self._customer()
        yield self._text("title", TITLE_LIMIT, dispatch=True)
        yield from self._brought_along()
        yield from similar_cases.blocks(self.similar, self.words, self.missing)
        yield self._severity()  # last: choosing it tells the bot, which then keeps all three as a draft
        if self.filled.get(ON_CALL):
            yield self._take()
        yield block_kit.actions([block_kit.button(self.words("All questions"), ids.QUICK, "no")])

    def blocks(self) -> Iterator[block_kit.Block]:
        yield self._kind()
        kind = self.filled.get("kind")
        if not kind:
            said = self.words("No time? A title, the severity and the customer are enough for now.")
            yield block_kit.section(said, block_kit.button(self.words("Quick raise"), ids.QUICK, "yes"))
            yield from self._brought_along()
            yield from similar_cases.blocks(self.similar, self.words, self.missing)
            return
        yield from self._who() if kind == RequestKind.CUSTOMER else self._category()
        yield self._severity()
        yield from self._expected()
        if self._is_a:
            yield block_kit.context(self.words(SEVERITY_A))
            if kind == RequestKind.CUSTOMER and self.filled.get("scope") == ProblemScope.ONE_USER:
                yield block_kit.aside(block_kit.plain(f"⚠️ {self.words(correction.CONTRADICTIONS['a_for_one_user'])}"))
        if self.filled.get(ON_CALL):
            yield self._take()
        yield self._text("title", TITLE_LIMIT, dispatch=True)
        yield self._text("details", TEXT_LIMIT, lines=True, dispatch=True)
        yield from similar_cases.blocks(self.similar, self.words, self.missing)
        yield self._text("impact", ANSWER_LIMIT, lines=True, optional=not self._is_a)
        if self._is_urgent:
            yield self._text("contact", LINE_LIMIT)
        yield from self._health(kind)
        yield from review_fields.fields(self.filled, self.words, self.policy)
        yield from self._means(kind)
        yield from self._more(kind)
        yield block_kit.context("📎 " + self.words(SAFETY))

    def _brought_along(self) -> Iterator[block_kit.Block]:
        """Yield the text of a message that is escalated: it is too long to be carried unseen."""
        if self.filled.get("details"):
            yield self._text("details", TEXT_LIMIT, lines=True, optional=True, dispatch=True)

    @property
    def _is_billing(self) -> bool:
        category, kind = self.filled.get("category"), self.filled.get("kind")
        return bool(category == IssueCategory.BILLING and kind == RequestKind.PARTNER_CENTER)

    @property
    def _is_a(self) -> bool:
        return bool(self.filled.get("severity") == Severity.A and not self._is_billing)

    @property
    def _is_urgent(self) -> bool:
        """Whether only what 21Vianet needs to begin is asked: a customer's request of severity A."""
        return self._is_a and self.filled.get("kind") == RequestKind.CUSTOMER

    def _is_shown(self, name: str) -> bool:
        """Return whether a check is shown: at severity A only when it was answered before, or with more details."""
        return bool(not self._is_urgent or self.filled.get(name) or self.filled.get("more"))

    def _kind(self) -> block_kit.Block:
        options = [
            block_kit.option(self.words(labels.KIND[kind]), kind, self.words(labels.KIND_MEANS[kind]))
            for kind in RequestKind
        ]
        chosen = self.filled.get("kind") or ""
        return self._field("kind", block_kit.radio(self._id("kind"), options, initial=chosen, dispatch=True))

    def _customer(self) -> block_kit.Block:
        search = block_kit.typeahead(ids.CUSTOMER, self.words("Name, domain or tenant ID"), self.filled.customer)
        hint = self.words("Not in the list? Type the full name and select it.")
        return block_kit.field("customer_name", self.words(labels.FIELD["customer_name"]), search, hint=hint)

    def _who(self) -> Iterator[block_kit.Block]:
        yield self._customer()
        services = {key: self.words.pick(s.en, s.zh) for key, s in self.policy.services.items()}
        yield self._select("service", services, dispatch=True)
        if workloads := self.policy.service(self.filled.get("service") or "").workloads:
            names = {workload.name: self.words.pick(workload.name, workload.zh) for workload in workloads}
            yield self._select("workload", names, dispatch=True, optional=True)
        if self._is_shown("scope"):
            yield self._select("scope", self._named(labels.SCOPE), dispatch=True, optional=self._is_urgent)
        if self.filled.get("scope") in PEOPLE_KNOWN:
            yield self._text("affected", 9, optional=True)

    def _category(self) -> Iterator[block_kit.Block]:
        yield self._select("category", self._named(labels.CATEGORY), dispatch=True)
        by_category = {
            IssueCategory.TECHNICAL: ("page", "correlation_id"),
            IssueCategory.BILLING: ("invoice", "charge_period", "order_id"),
            IssueCategory.CUSTOMER_SUBSCRIPTION: ("subscription_id",),
        }
        for name in by_category.get(self.filled.get("category"), ()):
            yield self._text(name, LINE_LIMIT, optional=True)

    def _severity(self) -> block_kit.Block:
        allowed = [severity for severity in Severity if not (self._is_billing and severity is Severity.A)]
        options = [
            block_kit.option(self.words(labels.SEVERITY[s]), s, self.words(labels.SEVERITY_MEANS[s])) for s in allowed
        ]
        chosen = self.filled.get("severity") or ""
        return self._field("severity", block_kit.radio(self._id("severity"), options, initial=chosen, dispatch=True))

    def _take(self) -> block_kit.Block:
        """Return the field for a raiser who is on call: they are not called for what they raise."""
        choice = {"yes": self.words("I'll take it myself")}
        box = block_kit.checkboxes(self._id(TAKE), choice, initial=self.filled.get(TAKE) or ())
        hint = self.words("You are on call, so you are not called. Unless you take it, the backup is called next.")
        return block_kit.field(TAKE, self.words("On call"), box, hint=hint, optional=True)

    def _expected(self) -> Iterator[block_kit.Block]:
        """Yield 21Vianet's expected first response, as its page said; nothing where we know nothing."""
        words = self.words
        if self._is_billing:
            hours = response_times.desk_hours(self.policy.billing, words)
            sentence = words("21Vianet handles billing requests: {hours}", hours=hours)
            yield _cited(sentence, self.policy.billing_source, words)
        if self.filled.get("kind") != RequestKind.CUSTOMER:
            return
        if targets := list(self._targets()):
            lines = [f"{target.severity}{words.colon}{response_times.target(target, words)}" for target in targets]
            sentence = words("Expected first response of 21Vianet:") + "".join(f"\n• {line}" for line in lines)
            yield _cited(sentence, targets[0].source, words)

    def _targets(self) -> Iterator[ResponseTarget]:
        """Yield the targets of the chosen service: of the chosen severity, or of each."""
        service, workload = self.policy.service(self.filled.get("service") or ""), self.filled.get("workload") or ""
        chosen = self.filled.get("severity")
        for severity in [chosen] if chosen else SEVERITIES:
            if target := service.find_target(severity, workload):
                yield target

    def _health(self, kind: str) -> Iterator[block_kit.Block]:
        """Yield what service health showed."""
        if kind != RequestKind.CUSTOMER or not self._is_shown("health"):
            return
        yield self._select("health", self._named(labels.HEALTH), dispatch=True, optional=self._is_urgent)
        if self.filled.get("health") == ServiceHealth.INCIDENT:
            yield self._text("incident_id", LINE_LIMIT, optional=self._is_urgent)
            yield from incidents.offer(self.open_incidents, self.words)

    def _means(self, kind: str) -> Iterator[block_kit.Block]:
        """Yield what was tried, and what is lacking; of what is ours to do, neither has to be answered."""
        is_customer, is_ours = kind == RequestKind.CUSTOMER, self.filled.get("matter") in OURS_TO_DO
        may_wait = self._is_urgent or is_ours
        if self._is_shown("tried"):
            yield self._text("tried", ANSWER_LIMIT, lines=True, optional=may_wait or not is_customer)
        if is_customer and self._is_shown("lacks"):
            yield self._choices("lacks", labels.LACK, optional=may_wait)

    def _more(self, kind: str) -> Iterator[block_kit.Block]:
        shown = bool(self.filled.get("more"))
        choice = {"yes": self.words("Add more details (all optional)")}
        box = block_kit.checkboxes(ids.MORE, choice, initial=["yes"] if shown else [], dispatch=True)
        yield block_kit.field("more", self.words("More"), box, optional=True)
        if not shown:
            return
        started = block_kit.date_and_time(self._id("started"), self.filled.get("started"))
        yield self._field("started", started, optional=True)
        yield self._text("steps", ANSWER_LIMIT, lines=True, optional=True)
        if kind == RequestKind.CUSTOMER:
            yield self._text("subscription_id", LINE_LIMIT, optional=True)
        if not self._is_urgent:
            yield self._text("contact", LINE_LIMIT, optional=True)
        yield self._select("language", LANGUAGES, optional=True)

    # The shapes -------------------------------------------------------------------------------------------------

    def _id(self, name: str) -> str:
        return ids.FORM_FIELD + name

    def _named(self, names: Mapping[Any, str]) -> dict[str, str]:
        return {str(key): self.words(name) for key, name in names.items()}

    def _field(self, name: str, element: block_kit.Element, *, optional: bool = False) -> block_kit.Block:
        hints = HINTS | (OUR_OWN_HINTS if self.filled.get("kind") == RequestKind.PARTNER_CENTER else {})
        hints |= URGENT_HINTS if self._is_urgent else {}
        hint = self.words(hints[name]) if name in hints else ""
        return block_kit.field(name, self.words(labels.FIELD[name]), element, hint=hint, optional=optional)

    def _text(
        self, name: str, limit: int, *, lines: bool = False, optional: bool = False, dispatch: bool = False
    ) -> block_kit.Block:
        initial = str(self.filled.get(name) or "")
        box = block_kit.text_input(self._id(name), limit, lines=lines, initial=initial)
        box = reported_while_typed(box) if dispatch else box
        return self._field(name, box, optional=optional)

    def _select(
        self, name: str, choices: Mapping[str, str], *, dispatch: bool = False, optional: bool = False
    ) -> block_kit.Block:
        element = block_kit.select(self._id(name), choices, initial=self.filled.get(name) or "", dispatch=dispatch)
        return self._field(name, element, optional=optional)

    def _choices(self, name: str, names: Mapping[Any, str], *, optional: bool = False) -> block_kit.Block:
        chosen = self.filled.get(name) or []
        boxes = block_kit.checkboxes(self._id(name), self._named(names), initial=chosen)
        return self._field(name, boxes, optional=optional)


def _cited(sentence: str, source: PolicySource, words: Words) -> block_kit.Block:
    """Return a fact with its source and the day it was read."""
    cited = words("its page, read on {day}", day=f"{source.read_on}")
    return block_kit.rich(block_kit.line(block_kit.run(f"{sentence}\n"), block_kit.link(source.url, cited)))


def created_view(
    name: str, text: str, filing_path: vendor_text.FilingPath, words: Words, then: str = "",
    asked: Sequence[block_kit.Block] = (),
    review: Sequence[block_kit.Block] = (),
) -> block_kit.Block:  # fmt: skip
    """Return what the raiser sees after submitting: the number, the click path, the text to paste.

    ``then`` says who was called; ``asked`` stands in place of the text while answers are missing, or when it is ours
    to solve. ``review`` is what the request was looked at for.
    """
    blocks = [
        block_kit.section(
            "✅ " + words("*{name}* was created. Its card appears in the escalation channel.", name=name)
        ),
        *([block_kit.aside(block_kit.plain(then))] if then else []),
        *review,
        *(asked or vendor_text.paste(text, filing_path, words)),
    ]
    return block_kit.modal(ids.DONE, words("Escalation created"), blocks, words("Done"))
