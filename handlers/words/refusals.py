"""Every reason why something is refused, as a sentence that says what to do next."""

from handlers.words import N_

REFUSALS = {
    "stranger": N_("Only members of this workspace can work on escalations. Ask a member to do it for you."),
    "guest": N_("Guests can't work on escalations. Ask a full member of this workspace."),
    "bot": N_("Bots can't work on escalations."),
    "left": N_("This account is deactivated."),
    "missing": N_("Please fill this in."),
    "too_long": N_("Please shorten this to {limit} characters."),
    "unknown_choice": N_("Please choose one of the offered answers."),
    "not_a_number": N_("Please enter a number, for example 25."),
    "billing_is_never_a": N_("21Vianet accepts billing requests at severity B at most. Choose B or C."),
    "does_not_follow": N_("{name} is {status} now, so this can't be done. Last change: {who}, {at}."),
    "already_acknowledged": N_("{owner} already acknowledged {name}, {at}."),
    "already_told": N_("{who} already told the customer, {at}."),
    "nobody_to_tell": N_("A Partner Center request has no customer to tell."),
    "tell_customer_first": N_("First tell the customer and press “Customer told”, then close."),
    "only_owner_or_lead": N_("Only {owner} or a lead can do this."),
    "cannot_own": N_("This person can't own escalations. Choose a full member of this workspace."),
    "only_on_duty_or_lead": N_("Nobody owns {name} yet: only the person on call or a lead can do this."),
    "already_sent": N_("{name} was already sent to 21Vianet ({sent}), so it can't be withdrawn. Resolve it instead."),
    "not_snoozed": N_("{name} is not snoozed."),
    "already_over": N_("This moment is over. Choose a later one."),
    "too_far_ahead": N_("This is too far ahead: at severity {severity} choose an end within {longest}."),
    "nothing_changed": N_("Nothing would change. Choose something else, or cancel."),
    "which_escalation": N_("Which one? For example `/csp-escalate {command} CSP-1`."),
    "which_words": N_("What are you looking for? For example `/csp-escalate search invoice`."),
    "no_such_escalation": N_("There is no CSP-{number}. See `/csp-escalate list`."),
    "unreadable": N_("This form or button can't be read any more. Open it again."),
}
NOT_SAVED = N_("Not saved. Please try again in a moment.")
UNREACHABLE = N_("Slack did not answer just now. Please try again in a moment.")
UNEXPECTED = N_("Something went wrong, and nothing was changed. Please try again; if it stays, report {reference}.")
WRONG_WORKSPACE = N_("This app is not set up for this workspace.")
