"""Labels of statuses, moves, severities and answers. Terms are 21Vianet's own where it has them (docs/domain.md)."""

from collections.abc import Iterable

from handlers.i18n.words import N_, Words
from models.rules.customers.informed import InformReason
from models.rules.escalations.deadlines import AwaitedStep
from models.rules.escalations.escalation import Escalation, InformedBy, Move, ReviewState, Status, Turn
from models.rules.escalations.request import (
    IssueCategory,
    MissingMeans,
    ProblemScope,
    RequestKind,
    ServiceHealth,
    Severity,
)

KIND = {
    RequestKind.CUSTOMER: N_("Customer request"),
    RequestKind.PARTNER_CENTER: N_("Partner Center request"),
}
KIND_MEANS = {
    RequestKind.CUSTOMER: N_("Escalate a customer's issue to 21Vianet"),
    RequestKind.PARTNER_CENTER: N_("Our own technical, billing or subscription issue"),
}
STATUS = {
    Status.OPEN: N_("Open"),
    Status.ACKNOWLEDGED: N_("Acknowledged"),
    Status.SUBMITTED: N_("Submitted to 21Vianet"),
    Status.RESOLVED: N_("Resolved"),
    Status.CLOSED: N_("Closed"),
    Status.REOPENED: N_("Reopened"),
    Status.WITHDRAWN: N_("Withdrawn"),
}
STATUS_SIGN = {
    Status.OPEN: "🆕",
    Status.ACKNOWLEDGED: "👀",
    Status.SUBMITTED: "📨",
    Status.RESOLVED: "✅",
    Status.CLOSED: "🔒",
    Status.REOPENED: "🔓",
    Status.WITHDRAWN: "↩️",
}
SEVERITY = {
    Severity.A: N_("A (critical)"),
    Severity.B: N_("B (high)"),
    Severity.C: N_("C (non-critical)"),
}
SEVERITY_MEANS = {
    Severity.A: N_("Service unusable; severe for many users or a deadline"),
    Severity.B: N_("Usable but impaired; can wait for business hours"),
    Severity.C: N_("Little effect now; one user, or a workaround exists"),
}
SEVERITY_SIGN = {Severity.A: "🔴", Severity.B: "🟠", Severity.C: "🔵"}
SCOPE = {
    ProblemScope.ONE_USER: N_("One user"),
    ProblemScope.SOME_USERS: N_("Some users"),
    ProblemScope.WHOLE_TENANT: N_("The whole tenant"),
    ProblemScope.SEVERAL_CUSTOMERS: N_("Several customers"),
}
CATEGORY = {
    IssueCategory.TECHNICAL: N_("Technical issue"),
    IssueCategory.BILLING: N_("Billing issue"),
    IssueCategory.CUSTOMER_SUBSCRIPTION: N_("Customer and subscription management issue"),
}
HEALTH = {
    ServiceHealth.NORMAL: N_("Checked: no incident"),
    ServiceHealth.INCIDENT: N_("Checked: an incident is listed"),
    ServiceHealth.ADVISORY: N_("Checked: an advisory is listed"),
    ServiceHealth.NO_ACCESS: N_("Could not check: no access"),
}
LACK = {
    MissingMeans.TRAINING: N_("Training"),
    MissingMeans.DOCUMENTATION: N_("Documentation"),
    MissingMeans.TOOLS: N_("Support tools"),
}
MOVE = {
    Move.ACKNOWLEDGE: N_("Acknowledge"),
    Move.HAND_OVER: N_("Reassign"),
    Move.NOTE: N_("Add a note"),
    Move.RECORD: N_("Request number"),
    Move.TELL: N_("Mark customer informed"),
    Move.RESOLVE: N_("Resolve"),
    Move.CLOSE: N_("Close"),
    Move.CLOSE_UNINFORMED: N_("Close without informing"),
    Move.REOPEN: N_("Reopen"),
    Move.WITHDRAW: N_("Withdraw"),
    Move.CORRECT: N_("Correct"),
    Move.SNOOZE: N_("Snooze"),
    Move.WAKE: N_("End snooze"),
    Move.TAKE_OVER: N_("Take over with the shift"),
    Move.ASK_LEAD: N_("Ask a lead"),
    Move.APPROVE: N_("Approve"),
    Move.SEND_BACK: N_("Send back"),
    Move.RELEASE: N_("Go without a lead"),
    Move.DISCARD: N_("Discard a message"),
    Move.RETRY: N_("Send a discarded message"),
    Move.TURN: N_("Whose turn"),
    Move.CONTACT: N_("21Vianet responded"),
    Move.TELL_DETAILS: N_("How informed"),
    Move.DUPLICATE: N_("Duplicate of"),
    Move.PARENT: N_("Attach to incident"),
    Move.RETURNED: N_("Returned by 21Vianet"),
}
TURN = {
    Turn.OURS: N_("With us"),
    Turn.VENDOR: N_("With 21Vianet"),
    Turn.CUSTOMER: N_("With the customer"),
}
INFORMED_BY = {
    InformedBy.PHONE: N_("by phone"),
    InformedBy.EMAIL: N_("by e-mail"),
    InformedBy.WECOM: N_("by WeCom"),
    InformedBy.IN_PERSON: N_("in person"),
}
INFORM_REASONS = {
    InformReason.NEW: N_("never informed"),
    InformReason.NEW_SERVICE: N_("new service"),
    InformReason.CHANGED: N_("the statement changed"),
    InformReason.A_YEAR: N_("a year ago"),
}
AWAITED = {
    AwaitedStep.ACKNOWLEDGEMENT: N_("acknowledge it"),
    AwaitedStep.SOLUTION: N_("solve it, or ask a lead"),
    AwaitedStep.SENT_BACK: N_("add what is missing, or solve it"),
    AwaitedStep.NUMBER: N_("submit it and record the number"),
    AwaitedStep.FIRST_ANSWER: N_("follow up 21Vianet's first answer"),
    AwaitedStep.ANSWER: N_("ask 21Vianet for an update"),
    AwaitedStep.OURS: N_("answer 21Vianet"),
    AwaitedStep.CUSTOMER: N_("ask the customer"),
    AwaitedStep.PROMISE: N_("give the customer the promised update"),
    AwaitedStep.INFORMING: N_("inform the customer"),
    AwaitedStep.CLOSING: N_("close it"),
}
"""What whoever's turn it is does next."""
ANSWER_OR_SOLVE = N_("solve it, or answer 21Vianet")


def name_awaited(step: AwaitedStep, case: Escalation) -> str:
    """Return what is done next, as a key of the catalogue; a case that was returned is ours to solve."""
    return ANSWER_OR_SOLVE if step is AwaitedStep.OURS and case.returned_on else AWAITED[step]


DONE = {
    Move.RAISE: N_("raised this escalation"),
    Move.ACKNOWLEDGE: N_("acknowledged it"),
    Move.HAND_OVER: N_("reassigned it to"),
    Move.NOTE: N_("added a note"),
    Move.RECORD: N_("recorded the service request number"),
    Move.TELL: N_("informed the customer"),
    Move.RESOLVE: N_("resolved it"),
    Move.CLOSE: N_("closed it"),
    Move.CLOSE_UNINFORMED: N_("closed it without informing the customer"),
    Move.REOPEN: N_("reopened it"),
    Move.WITHDRAW: N_("withdrew it"),
    Move.CORRECT: N_("corrected it"),
    Move.SNOOZE: N_("snoozed it until"),
    Move.WAKE: N_("ended the snooze"),
    Move.TAKE_OVER: N_("took it over with the shift"),
    Move.ASK_LEAD: N_("asked a lead to look at it"),
    Move.APPROVE: N_("approved that it goes to 21Vianet"),
    Move.SEND_BACK: N_("sent it back"),
    Move.RELEASE: N_("let it go to 21Vianet: no lead looked at it in time"),
    Move.DISCARD: N_("discarded a message about it"),
    Move.RETRY: N_("sends a discarded message about it after all"),
    Move.TURN: N_("set whose turn it is"),
    Move.CONTACT: N_("recorded the first response of 21Vianet"),
    Move.TELL_DETAILS: N_("added how the customer was informed"),
    Move.DUPLICATE: N_("marked it as no duplicate"),
    Move.PARENT: N_("detached it from its incident"),
    Move.RETURNED: N_("recorded that 21Vianet returned it as inappropriate"),
}
REVIEW = {
    ReviewState.OURS: N_("Ours to solve"),
    ReviewState.PENDING: N_("A lead looks at it until"),
    ReviewState.APPROVED: N_("Approved"),
    ReviewState.SENT_BACK: N_("Sent back"),
    ReviewState.RELEASED: N_("No lead in time; may go since"),
}
ADD_DETAILS = N_("Add details")
"""The button that asks for the missing answers of a case."""

FIELD = {
    "kind": N_("Kind of request"),
    "customer_name": N_("Customer"),
    "tenant_id": N_("Tenant ID (Microsoft ID)"),
    "domain": N_("Primary domain"),
    "category": N_("Kind of issue"),
    "service": N_("Service"),
    "workload": N_("Workload"),
    "scope": N_("Affected scope"),
    "affected": N_("Number affected"),
    "severity": N_("Severity"),
    "title": N_("Title"),
    "details": N_("Details"),
    "impact": N_("Business impact"),
    "health": N_("Service health"),
    "incident_id": N_("Incident ID"),
    "tried": N_("Steps already tried"),
    "lacks": N_("We can't resolve it because we lack"),
    "why": N_("Why 21Vianet is needed"),
    "health_at": N_("Service health looked at"),
    "area": N_("Area of support"),
    "matter": N_("Is it about one of these?"),
    "incident_over": N_("Is the listed incident over?"),
    "several": N_("Is it more than one problem?"),
    "admin_center": N_("In the customer's admin center"),
    "sold": N_("Did we sell this subscription?"),
    "entitled": N_("Entitled to severity A"),
    "available": N_("Somebody available around the clock"),
    "delegated": N_("Delegated privileges"),
    "agreement": N_("Agreement"),
    "page": N_("Partner Center page"),
    "correlation_id": N_("Correlation ID and time"),
    "invoice": N_("Invoice number"),
    "charge_period": N_("Charge period"),
    "order_id": N_("Order ID"),
    "subscription_id": N_("Subscription ID"),
    "started": N_("Started at"),
    "steps": N_("Steps to reproduce"),
    "contact": N_("Our contact"),
    "language": N_("Language of the text for 21Vianet"),
    "source": N_("Message it came from"),
    "owner": N_("Owner"),
    "status": N_("Status"),
    "request_number": N_("Service request number"),
    "severity_given": N_("Severity given by 21Vianet"),
    "through": N_("How was the customer informed?"),
    "next_update": N_("When do they hear from us next?"),
    "original": N_("This is a duplicate of"),
    "parent": N_("Case of the incident"),
    "fix": N_("Resolution"),
    "solved_from": N_("Solved as"),
    "note": N_("Note"),
    "reason": N_("Reason"),
    "until": N_("Until when?"),
    "returned_on": N_("Returned on"),
    "returned_number": N_("21Vianet's reference number"),
    "returned_words": N_("What 21Vianet said"),
    "informed_customers": N_("Customers"),
    "informed_on": N_("Informed on"),
    "statement": N_("Support statement"),
    "evidence": N_("Evidence"),
}


LISTED = FIELD | {"lacks": N_("What we lack")}
"""Labels that are short enough to stand in a list."""


def describe_severity(case: Escalation, words: Words) -> str:
    """Return the severity; where 21Vianet gave another one, both."""
    asked, given = case.severity, case.severity_given
    if given is None or given is asked:
        return words(SEVERITY[asked])
    return f"{words(SEVERITY[given])} · {words('we asked for {asked}', asked=asked)}"


def shorten_severity(case: Escalation, words: Words) -> str:
    """Return the letter of the severity; where 21Vianet gave another one, both letters."""
    if case.current_severity is case.severity:
        return str(case.severity)
    return f"{case.current_severity}{words.in_brackets(words(N_('asked: {asked}'), asked=case.severity))}"


def name_with_severity(case: Escalation, words: Words) -> str:
    """Return the name of a case within a sentence: “CSP-1 (severity A)”, “CSP-1（严重性 A）”."""
    return f"{case.name}{words.in_brackets(words('severity {severity}', severity=case.current_severity))}"


def list_fields(names: Iterable[str], words: Words) -> str:
    """Return the labels of fields of the form, one after the other."""
    return words.join_items(words(LISTED[name]) for name in names)


CAME_BY = {"link": N_("by link"), "terminal": N_("at the terminal")}
"""How a move came that was not made in Slack."""


def name_way(came_by: str | None, words: Words) -> str:
    """Return how something came, as the end of a line; empty for what was done in Slack."""
    return f" · {words(CAME_BY[came_by])}" if came_by else ""
