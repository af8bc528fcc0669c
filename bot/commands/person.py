"""``person …``: what is recorded of a person, for them to read; and erasing it without breaking the history."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.commands.erasure_words import describe_erasure
from bot.commands.escalation_show import find_case_number
from bot.commands.output import ShowFormat, print_out
from bot.commands.output_rows import as_json
from bot.commands.rota_input import BY, now_of
from bot.commands.session import CommandError, Session
from bot.commands.text_table import TextTable
from bot.commands.whole_file import whole_file
from handlers.i18n.erased_words import in_words
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
from models.rules.people import Person, is_unnamed, label_erased
from models.rules.rota.rota import Member
from models.rules.rota.toml import reader
from models.rules.toml.tables import InvalidFile
from models.store.database import Store

SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,}")
PLAN = re.compile(r"[Rr]-?0*([1-9][0-9]{0,8})")
"""The name of a remediation record."""


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


def list_(session: Session, typed: str, form: ShowFormat) -> None:
    """List the people on record whose name has this part."""
    words = session.words
    with session.store() as store:
        people = store.read(person_rows.find_all)
        contacts = store.read(record_rows.find_contacts)
    rows = [(member.name, "member", member.id) for member in people]
    rows += [(row.contact.name, "contact", row.customer_id) for row in contacts]
    listed = [row for row in rows if fold(typed) in fold(row[0])]
    if form is ShowFormat.JSON:
        print_out(as_json(("name", "kind", "id"), listed))
        return
    if not listed:
        says = words(N_("Nobody on record has “{typed}” in their name."), typed=typed)
        session.out.print_lines(says)
        return
    kinds = {"member": N_("member of the workspace"), "contact": N_("contact of a customer")}
    table = TextTable(map(words, (N_("Name"), N_("Who"), N_("Slack ID or customer"))), words.colon)
    for name, kind, identifier in listed:
        table.add_row(name, words(kinds[kind]), identifier)
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
        customers = list(_list_customers(store, terms, words))
    with whole_file(output, words) as target:
        target.write(json.dumps(recorded, ensure_ascii=False, indent=1).encode())
    says = words(
        N_("Written to {file}: {typed} typed texts, {mentions} mentions to look through, rows of {tables} tables."),
        file=output, typed=len(recorded["typed"]), mentions=len(recorded["mentions"]), tables=len(recorded["rows"]),
    )  # fmt: skip
    session.err.print_lines(says, *customers)


def erase(session: Session, typed: str, cases: Sequence[str], why: str, yes: bool) -> None:
    """Show what is erased and what stays; erase it with ``yes``. Raises CommandError with code 2."""
    words, now, typed = session.words, now_of(session), typed.strip()
    if not why.strip() or not (typed or cases):
        raise CommandError(words(N_("Say whom or which case, and why.")), code=2)
    with session.store() as store:
        person = _find(store, typed, now, words) if typed else RecordedPerson((), (), ())
        terms = _terms(person, typed)
        plans = [match[1] for case in cases if (match := PLAN.fullmatch(case.strip()))]
        wanted = ErasureRequest(
            _only_id(person, typed, words),
            tuple(sorted({member.name for member in person.in_rota})),
            tuple(find_case_number(case, words) for case in cases if not PLAN.fullmatch(case.strip())),
            tuple(row.id for row in person.contacts),
            tuple(terms.written),
            tuple(map(int, plans)),
        )
        findings = erasing.preview(store, wanted)
        _refuse_unknown(findings, words)
        label, in_rota = _label(person, words), bool(person.in_rota)
        erased = {*(text.hash for text in findings.texts), *(text.hash for text in findings.plans)}
        mentioning = store.read(lambda c: personal_data.list_mentioning(c, terms, erased))
        lines = (
            *describe_erasure(findings, label, mentioning, words, in_rota=in_rota),
            *_list_articles(store, findings, words),
            *_list_customers(store, terms, words),
        )  # fmt: skip
        session.out.print_lines(*lines)
        if yes:
            erasing.erase(store, wanted, BY, why.strip(), now)
    if not findings:
        return
    says = N_("Erased.") if yes else N_("Nothing was erased yet. To erase it, add --yes.")
    session.out.print_lines(words(says))


def _refuse_unknown(findings: ErasureFindings, words: Words) -> None:
    """Raise CommandError with code 2 for a case or a remediation record that is not there."""
    for number in findings.no_such_cases:
        says = N_("There is no {name}. See: csp-escalate escalations list --all")
        raise CommandError(words(says, name=f"CSP-{number}"), code=2)
    for number in findings.no_such_plans:
        says = N_("There is no remediation plan “{typed}”. See: csp-escalate remediation list")
        raise CommandError(words(says, typed=f"R-{number}"), code=2)


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
        if store.read(lambda c: personal_data.is_named(c, typed)):
            return RecordedPerson((), (), ())
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
        *(member.name for member in person.members if not is_unnamed(member.id, member.name)),
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


def _label(person: RecordedPerson, words: Words) -> str:
    """Return what stands for the name of the person from now on."""
    return in_words(label_erased(next(iter(sorted(person.ids)), "")), words)


def _list_customers(store: Store, terms: PersonTerms, words: Words) -> Iterator[str]:
    """Yield where the person's name is that of a customer, and how to rename it."""
    named = store.read(lambda c: personal_data.find_customers_named(c, sorted(terms.names)))
    if named:
        places = words.join_items([*named.ids, *(f"CSP-{number}" for number in named.cases)])
        yield words(N_("This is also the name of a customer: {places}."), places=places)
        yield words(
            N_(
                "To rename the customer, import a list with the same tenant ID or domain and the new name, and correct "
                "its open cases. The history keeps the name of then."
            )
        )


def _list_articles(store: Store, findings: ErasureFindings, words: Words) -> Iterator[str]:
    """Yield which articles of the team were kept from these cases: somebody has to read them."""
    cases = set(findings.texts_by_case)
    names = [f"KB-{article.number}" for article in Articles(store).all(retired=True) if article.case in cases]
    if names:
        says = N_("Kept: {articles}, written from these cases. Read them, and edit those that name somebody.")
        yield words(says, articles=words.join_items(sorted(names)))
