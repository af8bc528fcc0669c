"""``person …``: what is recorded of a person, for them to read; and erasing it without breaking the history."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from bot.commands.escalation_show import find_case_number
from bot.commands.rota_input import BY, now_of
from bot.commands.session import CommandError, Session
from bot.commands.whole_file import whole_file
from handlers.i18n.words import N_, Words
from models.customers import record_rows
from models.customers.record_rows import ContactRow
from models.escalations import erasing, person_rows, personal_data
from models.escalations.articles import Articles
from models.escalations.erasing import ErasureFindings
from models.escalations.personal_data import PersonTerms
from models.oncall import rota_versions
from models.rules.customers.customer import fold
from models.rules.escalations.erasure import ErasureRequest
from models.rules.people import Person
from models.rules.rota.rota import Member
from models.rules.rota.toml import reader
from models.rules.toml.tables import InvalidFile
from models.store.database import Store

SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,}")


@dataclass(frozen=True)
class RecordedPerson:
    """Everybody on record who is meant by what was typed: one person, at several places."""

    members: Sequence[Person]  # of the workspace
    contacts: Sequence[ContactRow]
    in_rota: Sequence[Member]  # of any version of the rota

    @property
    def ids(self) -> frozenset[str]:
        """The Slack ids under which the person acts."""
        in_rota = (member.slack_id for member in self.in_rota)
        return frozenset(filter(None, (*(member.id for member in self.members), *in_rota)))


def list_(session: Session, typed: str) -> None:
    """List the people on record whose name has this part."""
    words = session.words
    with session.store() as store:
        people = store.read(person_rows.find_all)
        contacts = store.read(record_rows.find_contacts)
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for heading in (N_("Name"), N_("Who"), N_("Slack ID or customer")):
        table.add_column(words(heading), overflow="fold")
    for member in people:
        if fold(typed) in fold(member.name):
            table.add_row(Text(member.name), words(N_("member of the workspace")), member.id)
    for row in contacts:
        if fold(typed) in fold(row.contact.name):
            table.add_row(Text(row.contact.name), words(N_("contact of a customer")), row.customer_id)
    session.out.print(table)


def export(session: Session, typed: str, output: Path) -> None:
    """Write everything that is recorded of a person to a file. Raises CommandError with code 2."""
    words, now, typed = session.words, now_of(session), typed.strip()
    with session.store() as store:
        person = _find(store, typed, now, words)
        terms = _terms(person, typed)
        recorded = {
            "person": typed,
            "exported_at": now.isoformat(),
            "found_by": {"slack_ids": sorted(terms.ids), "words": terms.written},
            "rows": store.read(lambda c: personal_data.find_rows(c, terms)),
            "typed": store.read(lambda c: personal_data.find_typed(c, terms)),
            "mentions": store.read(lambda c: personal_data.find_mentions(c, terms)),
        }
    with whole_file(output, words) as target:
        target.write(json.dumps(recorded, ensure_ascii=False, indent=1).encode())
    says = words(
        N_("Written to {file}: {typed} typed texts, {mentions} mentions to look through, rows of {tables} tables."),
        file=output, typed=len(recorded["typed"]), mentions=len(recorded["mentions"]), tables=len(recorded["rows"]),
    )  # fmt: skip
    session.err.print(Text(says), soft_wrap=True)


def erase(session: Session, typed: str, cases: Sequence[str], why: str, yes: bool) -> None:
    """Show what is erased and what stays; erase it with ``yes``. Raises CommandError with code 2."""
    words, now, typed = session.words, now_of(session), typed.strip()
    if not why.strip() or not (typed or cases):
        raise CommandError(words(N_("Say whom or which case, and why.")), code=2)
    with session.store() as store:
        person = _find(store, typed, now, words) if typed else RecordedPerson((), (), ())
        wanted = ErasureRequest(
            _only_id(person, typed, words),
            tuple(sorted({member.name for member in person.in_rota})),
            tuple(find_case_number(case, words) for case in cases),
            tuple(row.id for row in person.contacts),
        )
        findings = erasing.preview(store, wanted)
        for number in findings.no_such_cases:
            says = N_("There is no {name}. See: csp-escalate escalations list --all")
            raise CommandError(words(says, name=f"CSP-{number}"), code=2)
        for line in (*_describe(findings, person, words), *_list_articles(store, findings, words)):
            session.out.print(Text(line), soft_wrap=True)
        if yes:
            erasing.erase(store, wanted, BY, why.strip(), now)
    if not findings:
        return
    says = N_("Erased.") if yes else N_("Nothing was erased yet. To erase it, add --yes.")
    session.out.print(Text(words(says)), soft_wrap=True)


def _find(store: Store, typed: str, now: datetime, words: Words) -> RecordedPerson:
    """Return who is meant: by Slack id, name, phone number or address. Raises CommandError with code 2 for nobody."""
    wanted = fold(typed)
    people = store.read(person_rows.find_all)
    contacts = store.read(record_rows.find_contacts)
    listed = _rota_members(store, now)
    in_rota = [member for member in listed if wanted in {fold(member.name), fold(member.slack_id), fold(member.email)}]
    ids = {member.slack_id for member in in_rota if member.slack_id}
    members = [person for person in people if wanted in {fold(person.id), fold(person.name)} or person.id in ids]
    ids |= {person.id for person in members}
    person = RecordedPerson(
        members,
        [row for row in contacts if wanted in {fold(value) for value in row.contact[:4]}],
        [member for member in listed if member in in_rota or member.slack_id in ids],
    )
    if not (person.members or person.contacts or person.in_rota):
        if SLACK_ID.fullmatch(typed):  # A profile that was erased: the texts may still be there.
            return RecordedPerson([Person(id=typed, team_id="", name=typed)], (), ())
        says = N_("“{typed}” is nobody on record. See: csp-escalate person list")
        raise CommandError(words(says, typed=typed), code=2)
    return person


def _rota_members(store: Store, now: datetime) -> list[Member]:
    """Return the members of all versions of the rota, each as every version describes them."""
    members: dict[Member, None] = {}
    for version in rota_versions.versions(store, now):
        try:
            members |= dict.fromkeys(reader.read_rota(version.text).members.values())
        except InvalidFile:
            continue  # of an older program; its text is searched all the same
    return list(members)


def _terms(person: RecordedPerson, typed: str) -> PersonTerms:
    contacts = [row.contact for row in person.contacts]
    names = {
        *(person.name for person in person.members if person.name != person.id),
        *(member.name for member in person.in_rota), *(contact.name for contact in contacts),
    }  # fmt: skip
    reached_by = {
        *(member.email for member in person.in_rota),
        *(value for contact in contacts for value in (contact.phone, contact.email, contact.wecom)),
    }  # fmt: skip
    is_id = typed in person.ids
    return PersonTerms(
        person.ids, frozenset(filter(None, {*names, *([] if is_id else [typed])})), frozenset(filter(None, reached_by))
    )


def _only_id(person: RecordedPerson, typed: str, words: Words) -> str:
    """Return the Slack id that is meant; empty for a contact of a customer. Raises CommandError for several."""
    ids = sorted(person.ids)
    if len(ids) > 1:
        says = N_("“{typed}” may be {people}. Use the Slack ID.")
        raise CommandError(words(says, typed=typed, people=words.join_items(ids)), code=2)
    return ids[0] if ids else ""


def _describe(findings: ErasureFindings, person: RecordedPerson, words: Words) -> Iterator[str]:
    """Yield what goes, what stays and why, and what this program can't reach."""
    if not findings:
        yield words(N_("There is nothing to erase."))
        return
    by_case = findings.texts_by_case
    cases = words.join_items(f"CSP-{number}" for number in sorted(by_case))
    texts = len(findings.texts)
    if texts:
        yield words(
            N_("To erase: {n} typed texts in {cases}, also in the search and in cards and threads."),
            n=texts,
            cases=cases,
        )
    if findings.drafts:
        yield words.plural("To erase: {n} draft.", "To erase: {n} drafts.", findings.drafts)
    if n := findings.reasons:
        yield words.plural(
            "To erase: {n} reason or note beside a shift, by or about this person.",
            "To erase: {n} reasons or notes beside shifts, by or about this person.",
            n,
        )
    if findings.articles:
        yield words.plural(
            "To erase: {n} version of a knowledge article.", "To erase: {n} versions of knowledge articles.",
            len(findings.articles),
        )  # fmt: skip
    if findings.has_profile:
        yield words(N_("To erase: the profile from Slack. The Slack ID stands for the name."))
    for row in findings.contacts:
        yield words(N_("To erase: the contact of customer {customer}."), customer=row.customer_id)
    if findings.contacts:
        yield words(N_("A list that still has this contact brings it back: change the list before the next import."))
    yield words(N_("Kept: who did what and when, by Slack ID; choices, times and numbers. They prove the duty."))
    if person.in_rota:
        yield words(
            N_("Kept: the name in the rota's versions, confirmations and coverage. They prove who was on call.")
        )
    yield words(
        N_("Out of reach: reminders, daily lists, files and pictures in Slack, exports, backups. Delete them there.")
    )


def _list_articles(store: Store, findings: ErasureFindings, words: Words) -> Iterator[str]:
    """Yield which articles of the team were kept from these cases: somebody has to read them."""
    cases = set(findings.texts_by_case)
    names = [f"KB-{article.number}" for article in Articles(store).all(retired=True) if article.case in cases]
    if names:
        says = N_("Kept: {articles}, written from these cases. Read them, and edit those that name somebody.")
        yield words(says, articles=words.join_items(sorted(names)))
