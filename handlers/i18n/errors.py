"""A sentence for every refusal; each says what to do next."""

from handlers.i18n.words import N_
from models.rules.errors import Refusal

REFUSALS = {
    "not_a_month": N_("“{typed}” is not a month such as 2026-10."),
    "report_for_leads": N_("Only leads see this report. Every full member sees that of a customer."),
    "month_ahead": N_("{typed} has not begun. Choose an earlier month."),
    "needs_a_form": N_("This needs a form. Do it in Slack, or ask a lead."),
    "opens_gap": N_(
        "Taking this opens another gap: {what}. Nothing was done yet. Press again to take it all the same, or let "
        "somebody else take it."
    ),
    "link_outdated": N_(
        "{name} was reassigned or reopened after this link was sent. Nothing was done: who has to acknowledge it now "
        "has a newer message."
    ),
    "stranger": N_("Only full members of this workspace can use this app. Please ask one to do it for you."),
    "guest": N_("Guests can't use this app. Please ask a full member of this workspace to do it for you."),
    "bot": N_("Bots can't use this app."),
    "left": N_("This account is deactivated."),
    "missing": N_("Please fill this in."),
    "too_long": N_("Please shorten this to {limit} characters."),
    "unknown_choice": N_("Please choose one of the offered answers."),
    "not_of_the_service": N_("{workload} is not a workload of this service. Choose one of the service's."),
    "in_the_future": N_("That time is in the future. Choose when the problem began."),
    "not_a_number": N_("Please enter a number, for example 25."),
    "billing_is_never_a": N_("21Vianet accepts billing requests at severity B at most. Choose B or C."),
    "not_a_time": N_("Please give the time with its offset, such as 2026-11-28T01:40:00+08:00."),
    "does_not_follow": N_("{name} is {status} ({who}, {at}), so this can't be done."),
    "resolve_first": N_("{name} is {status} ({who}, {at}). Press “Resolve” first, then close it."),
    "number_already_recorded": N_("{name} already has the number {request_number}, so nothing was changed."),
    "needs_no_acknowledgement": N_("{name} is {status} ({who}, {at}), so there is nothing to acknowledge."),
    "already_acknowledged": N_("{name} was already acknowledged, {at}. Its owner is {owner}."),
    "already_told": N_("{who} already informed the customer, {at}."),
    "not_told_yet": N_("Press “Mark customer informed” first."),
    "turn_already": N_("{name} is already marked “{turn}”."),
    "vendor_knows_nothing": N_(
        "{name} has no number of 21Vianet, so it can't be 21Vianet's turn. Submit it there and record the number: "
        "press “Request number”, or type {name} SR and the number. Then it is their turn."
    ),
    "already_contacted": N_("The first response of 21Vianet was already recorded, {at}."),
    "nobody_to_tell": N_("A Partner Center request has no customer to inform."),
    "tell_customer_first": N_("Inform the customer and press “Mark customer informed” first, then close."),
    "only_owner_or_lead": N_("Only {owner} or a lead can do this."),
    "answers_missing": N_(
        "The number of {name} can be recorded once these answers are given: {fields}. {owner}, {who} or a lead can add"
        " them."
    ),
    "review_pending": N_("{name} waits for a lead to look at it. It may go without a lead from {until}."),
    "review_sent_back": N_(
        "{who} sent {name} back, {at}. Add what is missing and press “Ask a lead”, resolve it, or withdraw it."
    ),
    "review_ours": N_(
        "{name} is ours to solve: resolve it once it is done. If 21Vianet is needed all the same, press “Ask a lead”."
    ),
    "nothing_to_ask": N_("{name} is not waiting for a lead."),
    "nothing_to_review": N_("Nothing is left to decide: {name} no longer waits for a lead."),
    "already_approved": N_("{who} already approved {name}, {at}."),
    "already_sent_back": N_("{who} already sent {name} back, {at}."),
    "only_holders_ask": N_("Only {owner}, {who} or a lead can ask a lead."),
    "only_holders_add_answers": N_("Only {owner}, {who} or a lead can add the missing answers."),
    "cannot_own": N_("This person can't own escalations. Choose a full member of this workspace."),
    "only_on_duty_or_lead": N_("Nobody owns {name} yet: only the person on call or a lead can do this."),
    "already_sent": N_("{name} was already sent to 21Vianet ({sent}), so it can't be withdrawn. Resolve it instead."),
    "not_snoozed": N_("{name} is not snoozed."),
    "beyond_the_calendar": N_("That date is out of range. Choose one between the years 2000 and 2100."),
    "never_escalated": N_(
        "{name} has no number of 21Vianet, so 21Vianet can't have returned it. Record its number first."
    ),
    "found_in_the_future": N_("That day is in the future. Choose the day on which 21Vianet returned it."),
    "found_before_raised": N_(
        "{name} was raised on {day}. Choose that day, or a later one on which 21Vianet returned it."
    ),
    "already_over": N_("That time has passed. Choose a later one."),
    "too_far_ahead": N_("This is too far ahead: at severity {severity} choose an end within {longest}."),
    "no_such_message": N_("There is no message {number}. See: csp-escalate outbox list"),
    "message_was_sent": N_("Message {number} was sent, {at}. Nothing was changed."),
    "message_is_being_sent": N_("Message {number} is being sent now. Look again in a minute; nothing was changed."),
    "message_says_nothing": N_("Message {number} had nothing left to say, so it is not sent. Nothing was changed."),
    "message_was_discarded": N_(
        "{who} discarded it already, {at}. To send it after all: csp-escalate outbox retry {number}"
    ),
    "nothing_changed": N_("Nothing would change. Choose something else, or cancel."),
    "which_escalation": N_("Which one? For example `/csp-escalate {command} CSP-1`."),
    "which_words": N_("What are you looking for? For example `/csp-escalate search invoice`."),
    "which_customer": N_("Which customer? For example `/csp-escalate customer Contoso`."),
    "no_statement": N_(
        "There is no support statement yet. Whoever operates the bot adds it: `csp-escalate informed statement FILE`."
    ),
    "nobody_to_inform": N_("Every customer is informed of our support."),
    "informed_later": N_("That day is in the future. Choose today or an earlier day."),
    "no_such_customer": N_("No customer matches “{typed}”. Try a part of the name, the domain or the tenant ID."),
    "no_such_filter": N_(
        "There is no filter “{typed}”. Filters are: {allowed}. To look for these words, put them in quotes."
    ),
    "no_such_filter_near": N_(
        "There is no filter “{typed}”. Did you mean “{near}”? Filters are: {allowed}. To look for these words, put "
        "them in quotes."
    ),
    "no_such_value": N_("“{typed}” can't follow “{filter}”. What can: {allowed}."),
    "no_such_value_near": N_("“{typed}” can't follow “{filter}”. Did you mean “{near}”? What can follow: {allowed}."),
    "filter_without_value": N_("Something is missing after “{filter}”. What can follow: {allowed}."),
    "other_record": N_(
        "This message is from before the database was restored or replaced, so nothing was changed. See what is open "
        "now: `/csp-escalate list`."
    ),
    "not_https": N_("Please enter an address that begins with https://, without spaces or quotes."),
    "no_such_article": N_("There is no article {article}. See `/csp-escalate articles`."),
    "article_retired": N_("{article} is retired. See `/csp-escalate articles` for others."),
    "only_author_or_lead": N_("Only {who}, who wrote it, or a lead can do this."),
    "not_a_solution": N_("{solution} is not solved, or repeats another case. Name a case that tells what fixed it."),
    "own_solution": N_("A case can't be solved as itself. Name the other one."),
    "missing_to_solve": N_("Fill in {fields} first, then press “This solved it” again."),
    "names_no_case": N_("No case has this name or number. Type a name such as CSP-7, or a recorded request number."),
    "names_several_cases": N_("This names several cases: {names}. Type the name of one."),
    "missing_to_attach": N_("Fill in {fields} first, then press the button again."),
    "own_parent": N_("A case can't be attached to itself. Name the case of the incident."),
    "parent_over": N_("{original} is resolved, closed or withdrawn. Name an open case, or reopen {original} first."),
    "parent_follows": N_("{original} itself follows {first}. Name {first}."),
    "parent_without_incident": N_(
        "{original} names no incident of 21Vianet's list. Correct it first: service health and incident ID."
    ),
    "child_repeats": N_(
        "This case is a duplicate of {first}. Attach {first} instead, or mark this as no duplicate first."
    ),
    "has_followers": N_("{duplicate} follows this case. Attach {duplicate} to the incident, or free it, first."),
    "attached_first": N_("This case is attached to {parent}. Detach it first, then mark it as a duplicate."),
    "no_attached_cases": N_("No case that is attached to {original} needs this."),
    "resolve_parent_first": N_("{original} is not resolved. Resolve it first; then its attached cases are proposed."),
    "own_duplicate": N_("A case can't be a duplicate of itself. Name the other one."),
    "original_ended": N_("{original} is closed or withdrawn. Name an open case, or reopen {original} first."),
    "original_resolved": N_("{original} is resolved already. Resolve this case too, or reopen {original} first."),
    "original_repeats": N_("{original} is itself a duplicate of {first}. Name {first}."),
    "has_duplicates": N_(
        "{duplicate} is a duplicate of this case. Mark {duplicate} as a duplicate of the other first."
    ),
    "no_such_escalation": N_("There is no CSP-{number}. See `/csp-escalate list`."),
    "no_rota": N_("There is no rota yet. A lead can create one: `/csp-escalate rota`"),
    "no_rota_then": N_("There was no rota at that time."),
    "which_time": N_("Which time? For example `/csp-escalate who at 02:30`, “tomorrow 3 am” or “1 Dec 02:30”."),
    "changed_meanwhile": N_("The rota has changed in the meantime. Look at it again."),
    "past_shift": N_("That is in the past; past shifts can't be changed. Choose a later time."),
    "ends_before_it_begins": N_("This ends before it begins. Choose a later end."),
    "no_such_change": N_("This change no longer exists."),
    "no_such_member": N_("Nobody on the rota is called “{name}”."),
    "no_such_seat": N_("The rota has no seat “{name}”."),
    "leads_only": N_("Only leads can do this."),
    "leads_and_action_owners": N_("Only leads, and who owns an open action, can see remediation plans."),
    "no_such_remediation": N_("This remediation plan does not exist. See `/csp-escalate remediation`."),
    "remediation_is_open": N_("{remediation} is already open."),
    "remediation_closed": N_("{who} closed {remediation}, {at}. A lead can reopen it."),
    "action_done": N_("{who} already marked it as done, {at}."),
    "actions_open": N_("{remediation} still has open actions. Mark them as done first."),
    "requested_in_the_future": N_("That day is in the future. Choose the day on which 21Vianet asked for it."),
    "only_themselves": N_(
        "Only {who} can confirm this. Somebody else can take the shift with `/csp-escalate cover`, or when {who} "
        "offers it."
    ),
    "not_your_shift": N_(
        "This is a shift of {who}. Only {who} or a lead can change it; you can ask {who} to offer it to you."
    ),
    "not_yours_to_hand_over": N_("Only {who} or a lead can hand over this shift."),
    "not_on_the_rota": N_("You are not on the rota. {leads} can add you."),
    "no_such_offer": N_("This offer is no longer available."),
    "offer_over": N_("{who} took this shift first."),
    "offer_withdrawn": N_("{who} withdrew this offer."),
    "offer_taken_by_you": N_("You have already taken this shift."),
    "offer_withdrawn_by_you": N_("You have already withdrawn this offer."),
    "no_shift_to_offer": N_("You have no shift to offer in the next four weeks."),
    "has_the_watch": N_("{who} has confirmed this shift now. Nobody needs to step in."),
    "not_begun": N_("This shift has not begun yet: nobody needs to step in."),
    "not_due": N_("This handover is not due yet. You can hand over or take over from {at} on."),
    "gap_over": N_("This gap is already closed, or over."),
    "gap_taken": N_("{who} took it first, at {at}."),
    "outside_gap": N_("This reaches beyond the gap. Choose a part of it."),
    "shift_over": N_("This shift is over; past shifts can't be changed."),
    "week_over": N_("These days are over."),
    "not_your_offer": N_("Only the person who made this offer, or a lead, can withdraw it."),
    "your_own_offer": N_("This is your own offer. You can withdraw it."),
    "offer_not_for_you": N_("This offer was made to somebody else."),
    "no_such_shift": N_("This shift no longer exists; the rota has changed. See `/csp-escalate my`."),
    "name_is_taken": N_("There is a “{name}” already. Choose another name."),
    "seat_is_used": N_("The layer “{name}” fills this seat. Change or remove the layer first."),
    "not_a_whole_number": N_("Please enter a whole number from {least} to {most}."),
    "no_such_zone": N_("There is no time zone “{name}”. Use a name such as Asia/Shanghai."),
    "too_much_at_once": N_("This is too much for one form. Import a file instead: `csp-escalate rota import`"),
    "only_the_past": N_("Only past times can be corrected."),
    "why_needed": N_("Please give a reason."),
    "draft_gone": N_("This draft is gone: it was sent or deleted."),
    "kept_as_draft": N_("Slack opened no form just now. The text is kept as a draft: `/csp-escalate drafts`"),
    "unreadable": N_("This form or button can't be read any more. Open it again."),
}
SAME_PERSON = {
    "answers_missing": N_(
        "The number of {name} can be recorded once these answers are given: {fields}. {owner} or a lead can add them."
    ),
    "only_holders_ask": N_("Only {owner} or a lead can ask a lead."),
    "only_holders_add_answers": N_("Only {owner} or a lead can add the missing answers."),
}
"""Sentences for a case whose owner is who raised it: nobody is named twice."""


def find_sentence(refusal: Refusal) -> str:
    """Return the sentence of a refusal, a key of the catalogue."""
    is_same = refusal.values.get("owner") == refusal.values.get("who")
    return SAME_PERSON.get(refusal.reason, REFUSALS[refusal.reason]) if is_same else REFUSALS[refusal.reason]


NOT_SAVED = N_("Not saved. Please try again in a moment.")
UNREACHABLE = N_("Slack did not answer just now. Please try again in a moment.")
TOO_OFTEN = N_("Too many requests. Wait a minute, then open this page again.")
TOO_LATE = N_("That took more than three seconds, so Slack opened no form. Please try again.")
UNEXPECTED = N_(
    "Something went wrong, and nothing was changed. Please try again; if it happens again, report {reference}."
)
WRONG_WORKSPACE = N_("This app is not set up for this workspace.")
