"""Words for the questions of a review, its outcomes, and the rule behind each point."""

from collections.abc import Mapping
from typing import Any

from handlers.i18n.words import N_
from models.rules.escalations.review_questions import AdminCenter, ProblemMatter
from models.rules.policy.review_rules import Outcome, PointWeight, ReviewPoint, SupportArea

AREA = {
    SupportArea.ACCOUNT_SETUP: N_("Account set-up"),
    SupportArea.BILLING: N_("Accounts and billing"),
    SupportArea.HOW_TO: N_("How-to and FAQ"),
    SupportArea.UPDATES: N_("Service and software updates"),
    SupportArea.SOFTWARE: N_("Software configuration"),
    SupportArea.CLIENT: N_("Client connectivity and desktop"),
    SupportArea.PERFORMANCE: N_("Performance and availability within our control"),
    SupportArea.NONE: N_("None of these"),
}
MATTER = {
    ProblemMatter.LICENCES: N_("Licences, or a change of the subscription"),
    ProblemMatter.PASSWORD: N_("A password reset"),
    ProblemMatter.CHARGES: N_("Charges or an invoice"),
    ProblemMatter.NETWORK: N_("The customer's or our own network"),
    ProblemMatter.THIRD_PARTY: N_("A third-party product"),
    ProblemMatter.CUSTOM_CODE: N_("The customer's own code or macros"),
    ProblemMatter.NONE: N_("None of these"),
}
ADMIN_CENTER = {
    AdminCenter.TRIED: N_("We tried it there"),
    AdminCenter.COACHED: N_("We guided the customer there"),
    AdminCenter.BOTH: N_("Both"),
    AdminCenter.NO_PRIVILEGES: N_("Not possible: no delegated privileges"),
    AdminCenter.NOT_TRIED: N_("Not tried"),
}
CHOICES: Mapping[str, Mapping[Any, str]] = {"area": AREA, "matter": MATTER, "admin_center": ADMIN_CENTER}
"""The choices of a question; all others are answered by yes or no."""
OUTCOME = {
    Outcome.FIT: N_("Fit to escalate."),
    Outcome.REVIEW: N_("A lead looks at it before it goes to 21Vianet."),
    Outcome.OURS: N_("This is ours to solve."),
}
WEIGHT = {
    PointWeight.OURS: N_("ours to solve"),
    PointWeight.REVIEW: N_("a lead looks at it"),
    PointWeight.HINT: N_("a hint"),
    PointWeight.OFF: N_("left out"),
}
OUTCOME_SIGN = {Outcome.FIT: "🟢", Outcome.REVIEW: "🔎", Outcome.OURS: "🔧"}
POINT = {
    ReviewPoint.LICENCES: N_("Only the reseller can change licences and subscriptions, in Partner Center."),
    ReviewPoint.PASSWORD: N_("Passwords are reset by the user, or in the customer's admin center."),
    ReviewPoint.INDIRECT_BILLING: N_("Under indirect OSPA the partner supports billing, not 21Vianet."),
    ReviewPoint.OPEN_INCIDENT: N_(
        "A listed incident is open: watch it and inform the customer. Escalate when the problem goes on after its end."
    ),
    ReviewPoint.NO_REASON: N_("The area is the reseller's own, and no reason says why 21Vianet is needed."),
    ReviewPoint.NOT_TRIED: N_("Try to solve it in the customer's admin center first, or guide the customer there."),
    ReviewPoint.NETWORK: N_("Problems of the customer's network are outside what 21Vianet supports."),
    ReviewPoint.THIRD_PARTY: N_("Third-party products are within our own control, not 21Vianet's."),
    ReviewPoint.CUSTOM_CODE: N_("The customer's own code is within our own control, not 21Vianet's."),
    ReviewPoint.SEVERAL_PROBLEMS: N_("Several problems in one: raise one request for each."),
    ReviewPoint.SOLD_BY_ANOTHER: N_("Another partner sold this subscription: the customer asks that partner."),
    ReviewPoint.NOT_ENTITLED: N_(
        "The customer's entitlement to severity A (OSPA) is not confirmed: 21Vianet may lower it."
    ),
    ReviewPoint.NOBODY_AVAILABLE: N_("21Vianet lowers severity A when nobody is available around the clock."),
    ReviewPoint.NO_IMPACT: N_("Severity A needs a statement of the business impact."),
    ReviewPoint.NO_PRIVILEGES: N_(
        "We have no delegated privileges: the way through Partner Center may fail. Request a reseller relationship."
    ),
    ReviewPoint.NO_STEPS: N_("Steps to reproduce help 21Vianet: “Add more details” asks for them."),
}
"""The rule behind each point, and what to do."""
OUR_PRACTICE = N_("our own practice")
