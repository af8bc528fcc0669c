"""What is told after simulated days: each line is a fact with what it means."""

from datetime import timedelta

from bot.simulation.checks.audit_names import format_time
from bot.simulation.checks.evidence import Violation
from bot.simulation.summary import SimulationSummary
from handlers.i18n.words import N_, Words


def write_report(summary: SimulationSummary, lived: timedelta, words: Words, slack_off: int = 0) -> str:
    """Describe what happened, in the operator's language; ``slack_off`` are the hours without Slack."""
    happened = summary.events
    team = words(
        N_("In the team: leave {leave}, sickness {sickness}, shifts offered or swapped {offers}. Cases: {cases}."),
        leave=happened.get("leave", 0), sickness=happened.get("sickness", 0),
        offers=happened.get("offer", 0) + happened.get("swap", 0), cases=summary.escalations,
    )  # fmt: skip
    trouble = words(
        N_("Trouble made on purpose: failures of Slack {outages}, stops of the bot {ends}."),
        outages=happened.get("outage", 0) + happened.get("hiccup", 0), ends=happened.get("down", 0),
    )  # fmt: skip
    return "\n".join(
        (
            words(N_("{days} days passed in the simulation."), days=f"{lived / timedelta(days=1):.1f}"), team, trouble,
            words(
                N_("The bot sent {n} messages to Slack. {m} reminders came due; one message may stand for several."),
                n=summary.messages, m=summary.reminders,
            ),
            *([_tell_elsewhere(summary, slack_off, words)] if slack_off else []), *_tell_gaps(summary, words),
            words(
                N_("Shifts confirmed by their person before or as they began: {n}. Presses of “I take over”: {m}."),
                n=summary.confirmed, m=summary.handed_over,
            ),
            _tell_record(summary, words), *_tell_guarantees(summary, words),
        )
    )  # fmt: skip


def _tell_elsewhere(summary: SimulationSummary, slack_off: int, words: Words) -> str:
    """Return who was told how while Slack was off."""
    return words(
        N_(
            "Slack was off for {hours} hours. Meanwhile {n} messages went to {people} people and groups by WeCom, "
            "phone and other ways. Actions by a link in them: {links}."
        ),
        hours=slack_off, n=summary.told_elsewhere, people=summary.people_told, links=summary.acted_by_link,
    )  # fmt: skip


def _tell_gaps(summary: SimulationSummary, words: Words) -> tuple[str, str]:
    """Return the gaps by how they ended, and for how long a seat was empty."""
    other = summary.gaps - summary.gaps_closed - summary.gaps_open
    how_ended = (
        (summary.gaps, N_("Gaps found in the rota, which are times without enough people on call: {n}.")),
        (summary.gaps_closed, N_("Somebody took {n} of them.")),
        (summary.gaps_open, N_("Still ahead, or going on: {n}.")),
        (other, N_("Ended in another way: {n}.")),
    )
    empty = (
        N_("Nobody was on call for {n} hours, all seats together.")
        if summary.uncovered
        else N_("So far no seat was empty at any minute.")
    )
    gaps = words.join_sentences(words(says, n=count) for count, says in how_ended if count)
    return (
        gaps or words(N_("No gap was found in the rota: enough people are on call at any time.")),
        words(empty, n=f"{summary.uncovered:.1f}"),
    )


def _tell_record(summary: SimulationSummary, words: Words) -> str:
    """Return whether it is recorded of every hour who was on call."""
    owed, entered = f"{summary.expected_hours:.1f}", f"{sum(summary.ledger.values()):.1f}"
    if summary.is_complete:
        return words(
            N_(
                "The coverage record is complete: {n} hours, all seats together, each with who was on call. A shift "
                "that still runs is recorded when it ends."
            ),
            n=owed,
        )
    says = N_("The coverage record is incomplete: it shows who was on call in {n} of {m} hours of the seats.")
    return words(says, n=entered, m=owed)


def _tell_guarantees(summary: SimulationSummary, words: Words) -> list[str]:
    """Return what the audit found, line by line."""
    if not summary.violations:
        says = N_(
            "The audit found no fault: no message was lost or sent twice, and every gap, deadline and shift was "
            "reported in time."
        )
        return [words(says)]
    says = N_(
        "The audit found faults of the bot. Please report these lines with the command that repeats the days (above):"
    )
    return [words(says), *(_describe_violation(violation, words) for violation in summary.violations)]


def _describe_violation(violation: Violation, words: Words) -> str:
    return f"  {format_time(violation.at)} UTC  {words(violation.promise)}{words.colon}{violation.about}"
