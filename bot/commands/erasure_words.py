"""What ``person erase`` says: what goes, what stays and why, and what this program can't reach."""

from collections.abc import Iterator, Sequence

from handlers.i18n.words import N_, Words
from models.escalations.erasing import ErasureFindings


def describe_erasure(
    findings: ErasureFindings, label: str, mentioning: Sequence[str], words: Words, *, in_rota: bool
) -> Iterator[str]:
    """Yield the sentences; ``label`` stands for the name from then on, ``in_rota`` says that a rota has the person.

    ``mentioning`` are the cases and plans with texts that mention the person and stay.
    """
    if not findings:
        yield words(N_("There is nothing to erase."))
        yield from _name_mentioning(mentioning, words)
        return
    yield from _list_texts(findings, words)
    yield from _list_records(findings, words)
    if findings.has_profile:
        says = N_("To erase: the profile from Slack. “{label}” stands for the name.")
        yield words(says, label=label)
    for row in findings.contacts:
        yield words(N_("To erase: the contact of customer {customer}."), customer=row.customer_id)
    if findings.contacts:
        yield words(N_("A list that still has this contact brings it back: change the list before the next import."))
    yield words(
        N_(
            "Kept: who did what and when, by Slack ID, also in remediation plans; when and how customers were "
            "informed; choices, times and numbers. They prove the duty."
        )
    )
    if in_rota:
        yield words(
            N_(
                "Kept: the name in the rota's versions, confirmations and coverage. They prove who was on call; the "
                "rota file is yours: take the person out of it and import it."
            )
        )
    yield from _name_mentioning(mentioning, words)
    yield words(
        N_(
            "Out of reach: daily lists, private answers, files and pictures in Slack, mentions (@name), exports, "
            "backups. docs/privacy.md says how to delete each."
        )
    )


def _name_mentioning(mentioning: Sequence[str], words: Words) -> Iterator[str]:
    """Yield which texts mention the person and stay, and how to erase these too."""
    if not mentioning:
        return
    says = N_(
        "NOT erased: what others wrote that mentions this person, in {cases}. To erase every text there too, add "
        "{options}. The export lists these texts."
    )
    options = " ".join(f"--case {name}" for name in mentioning)
    yield words(says, cases=words.join_items(mentioning), options=options)


def _list_texts(findings: ErasureFindings, words: Words) -> Iterator[str]:
    """Yield which texts of cases, drafts and remediation plans go."""
    if texts := len(findings.texts):
        cases = words.join_items(f"CSP-{number}" for number in sorted(findings.texts_by_case))
        says = N_("To erase: {n} typed texts in {cases}, also in the search and in cards and threads.")
        yield words(says, n=texts, cases=cases)
    if findings.copies:
        yield words.plural(
            "{n} of them is a copy that a correction keeps of these words; the export does not list it.",
            "{n} of them are copies that corrections keep of these words; the export does not list them.",
            findings.copies,
        )
    if findings.open_cases:
        yield words.plural(
            "⚠️ {n} of these cases is still open: {cases}. Without its title or details nobody can work on it. Finish "
            "it before you erase, or write its request again afterwards with Correct.",
            "⚠️ {n} of these cases are still open: {cases}. Without their titles or details nobody can work on them. "
            "Finish them before you erase, or write their requests again afterwards with Correct.",
            len(findings.open_cases), cases=words.join_items(f"CSP-{number}" for number in findings.open_cases),
        )  # fmt: skip
    if findings.drafts:
        yield words.plural("To erase: {n} draft.", "To erase: {n} drafts.", findings.drafts)
    if texts := len(findings.plans):
        plans = words.join_items(f"R-{number}" for number in sorted({text.number for text in findings.plans}))
        yield words(N_("To erase: {n} texts and attendees in remediation plans {plans}."), n=texts, plans=plans)


def _list_records(findings: ErasureFindings, words: Words) -> Iterator[str]:
    """Yield what goes beside shifts, in records of who was informed, and in knowledge articles."""
    if n := findings.reasons:
        yield words.plural(
            "To erase: {n} reason or note beside a shift, by or about this person.",
            "To erase: {n} reasons or notes beside shifts, by or about this person.",
            n,
        )
    if n := findings.informed:
        yield words.plural(
            "To erase: who informed a customer or the evidence, in {n} record.",
            "To erase: who informed customers or the evidence, in {n} records.",
            n,
        )
    if findings.articles:
        yield words.plural(
            "To erase: {n} version of a knowledge article.", "To erase: {n} versions of knowledge articles.",
            len(findings.articles),
        )  # fmt: skip
