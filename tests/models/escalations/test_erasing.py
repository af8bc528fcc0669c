"""Personal data is erased everywhere at once, the history stays whole, and nothing erased comes back."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, event, insert, inspect, select

from models.customers import informing, record_rows
from models.customers.informing import SentStatement
from models.escalations import erasing, erasure_rows, text_rows
from models.escalations.commands import EscalationCommands
from models.escalations.draft_rows import DraftOwner, EscalationDrafts
from models.escalations.queries import EscalationQueries
from models.remediation.records import RemediationRecords
from models.rules.customers.customer import mentions
from models.rules.customers.record_fields import Contact, CustomerRecord
from models.rules.escalations.draft import Draft
from models.rules.escalations.erasure import ErasureRequest
from models.rules.escalations.escalation import Move
from models.rules.escalations.selection import CaseSelection
from models.rules.escalations.typed_text import ERASED, TextCheck
from models.rules.people import Person, label_erased
from models.rules.remediation.moves import RemediationStep
from models.rules.remediation.record import RemediationMove
from models.store import remediation_rows
from models.store.database import Store
from models.store.oncall_tables import ROTA_CHANGE
from tests.models.samples import LI, NOW, TEAM, WANG, raised, step

LATER = NOW + timedelta(days=30)
WANG_ONLY = ErasureRequest(user=WANG.id)
ESCAPED = "\\\\u"
"""How a text shows that JSON has escaped a letter."""
CALLED = "Call Zhao Lei, 138 0013 8000"


def told(commands: EscalationCommands) -> int:
    """A case that Wang raised and noted, and that Li corrected and resolved."""
    number = raised(commands, answers={"contact": CALLED, "impact": "Shop closed"}).number
    commands.move(number, step(Move.NOTE, WANG, text="Zhao Lei rang twice"), "note")
    commands.move(number, step(Move.CORRECT, LI, changes={"title": "Mail", "contact": "Wu Di"}), "correct")
    commands.move(number, step(Move.RESOLVE, LI, text="Connector renewed"), "resolve")
    return number


def erase(store: Store, wanted: ErasureRequest = WANG_ONLY) -> erasing.ErasureFindings:
    return erasing.erase(store, wanted, "cli", "asked in writing", LATER)


def anywhere(store: Store, *words: str) -> set[tuple[str, str]]:
    """Which of these words are still stored, and in which table."""

    texts = {name: rows.encode("ascii", "backslashreplace").decode() for name, rows in kept(store).items()}
    escaped = {word: word.encode("ascii", "backslashreplace").decode() for word in words}
    return {(word, name) for word in words for name in texts if escaped[word] in texts[name].replace(ESCAPED, "\\u")}


def test_a_persons_texts_are_gone_and_the_history_is_whole(store: Store) -> None:
    commands, queries = EscalationCommands(store), EscalationQueries(store)
    number = told(commands)
    before = queries.history(number)

    findings = erase(store)

    after = queries.history(number)
    assert findings.texts_by_case == {number: 3}
    assert [(e.seq, e.move, e.by, e.at, e.status_to) for e in after] == [
        (e.seq, e.move, e.by, e.at, e.status_to) for e in before
    ]
    assert [entry.erased_at for entry in after] == [LATER, LATER, None, None]
    assert (after[1].text, after[3].text) == (ERASED, "Connector renewed")
    assert after[2].changes == {"title": [ERASED, "Mail"], "contact": [ERASED, "Wu Di"]}
    assert after[0].changes["customer_name"] == "上海蓝天科技有限公司"
    assert after[0].changes["answers"]["impact"] == ERASED


def test_the_case_as_it_is_now_keeps_what_others_typed(store: Store) -> None:
    commands, queries = EscalationCommands(store), EscalationQueries(store)
    number = told(commands)

    erase(store)

    case = queries.escalation(number)
    assert case
    assert (case.title, case.details, case.fix) == ("Mail", ERASED, "Connector renewed")
    assert (case.answers["contact"], case.answers["impact"], case.answers["lacks"]) == ("Wu Di", ERASED, ["tools"])


def test_erased_words_are_in_no_table(store: Store) -> None:
    told(EscalationCommands(store))
    words = ("Zhao Lei", "rang twice", "Shop closed", "无法收发邮件")
    before = anywhere(store, *words)

    erase(store)

    assert {word for word, _ in before} == set(words)
    assert anywhere(store, *words) == set()


def test_the_search_finds_what_is_left_and_not_what_was_erased(store: Store) -> None:
    queries = EscalationQueries(store)
    number = told(EscalationCommands(store))

    erase(store)

    def found(words: str) -> list[int]:
        return [case.number for case in queries.search_page(CaseSelection(words=words), TEAM, 5).escalations]

    assert [found(words) for words in ("Zhao", "twice", "bounces", "erased", "删除")] == [[]] * 5
    assert [found(words) for words in ("connector", "蓝天", f"CSP-{number}", "Wu Di")] == [[number]] * 4


def test_the_database_still_proves_every_text_that_is_left(store: Store) -> None:
    told(EscalationCommands(store))

    erase(store)

    checks = store.read(lambda c: list(text_rows.check_all(c)))
    assert (checks.count(TextCheck.WHOLE), checks.count(TextCheck.ERASED), len(checks)) == (2, 3, 5)


def test_erasing_again_changes_nothing_and_is_recorded_once(store: Store) -> None:
    told(EscalationCommands(store))
    erase(store)

    again = erase(store)

    assert not again
    assert len(store.read(erasure_rows.find_all)) == 1


def test_drafts_and_profile_go_and_a_label_stands_for_the_name(store: Store) -> None:
    commands, queries = EscalationCommands(store), EscalationQueries(store)
    wang = Person(id=WANG.id, team_id=TEAM, name="Wang Wei")
    commands.remember((wang, NOW))
    EscalationDrafts(store).save(DraftOwner(TEAM, WANG.id), Draft("k", '{"title": "x"}', NOW), "sent")

    findings = erase(store)

    assert (findings.drafts, findings.has_profile) == (1, True)
    assert queries.name_of(WANG.id) == label_erased(WANG.id)
    assert EscalationDrafts(store).find(DraftOwner(TEAM, WANG.id), NOW) == []


def test_who_was_erased_gets_no_name_from_slack_again(store: Store) -> None:
    commands, queries = EscalationCommands(store), EscalationQueries(store)
    wang = Person(id=WANG.id, team_id=TEAM, name="Wang Wei", locale="en-GB")
    commands.remember((wang, NOW))
    erase(store)

    commands.remember((wang, LATER))

    known = queries.person(WANG.id)
    assert known
    assert (known[0].name, known[0].locale) == (label_erased(WANG.id), "en-GB")


def add_absences(store: Store) -> None:
    """Wang is ill, as a lead wrote; and so is Emma."""
    common = {
        "at": NOW, "by": LI.id, "kind": "time_off", "start": NOW, "end": LATER, "seat": "", "instead_of": "",
        "batch": "b",
    }  # fmt: skip
    rows = [{**common, "key": name, "member": name, "why": f"{name} has the flu"} for name in ("老王", "Emma")]
    store.write(lambda c: c.execute(insert(ROTA_CHANGE), rows))


def test_the_reason_of_an_absence_is_erased_and_the_absence_stays(store: Store) -> None:
    add_absences(store)

    findings = erase(store, ErasureRequest(WANG.id, names=("老王",)))

    kept_rows = store.read(lambda c: c.execute(select(ROTA_CHANGE.c.member, ROTA_CHANGE.c.why)).all())
    assert findings.reasons == 1
    assert {row.member: row.why for row in kept_rows} == {"老王": ERASED, "Emma": "Emma has the flu"}


def add_plan(store: Store) -> None:
    """A plan that Li began and Wang worded, with Wang among those who attend; and customers whom Wang informed."""
    records, today = RemediationRecords(store), NOW.date()
    opening = {"requested_on": today, "requested_by": "Liu Gong", "ours": "Li Na, 老王", "plan": "Ask Zhao Lei"}
    records.carry_out(RemediationStep(RemediationMove.OPEN, LI, NOW, today, values=opening), "open")
    lead = replace(WANG, is_lead=True)
    worded = {**opening, "plan": "Train the night shift", "minutes": ""}
    records.carry_out(RemediationStep(RemediationMove.CHANGE, lead, NOW, today, values=worded), "change", 1)
    later = {**worded, "plan": "Train all shifts"}
    records.carry_out(RemediationStep(RemediationMove.CHANGE, LI, NOW, today, values=later), "later", 1)
    facts = (("C1-1", WANG.id, "mail-1.msg"), ("C1-2", "老王", "mail-2.msg"), ("C1-3", "Emma", "mail-老王.msg"),
             ("C1-4", "Emma", "mail-4.msg"))  # fmt: skip
    informing.record_sent(store, [SentStatement(customer, 1, NOW, "email", by, of) for customer, by, of in facts])


def what_is_kept(store: Store) -> list[tuple[str, str]]:
    """Who informed, and the evidence."""
    return [(sent.by, sent.evidence) for sent in store.read(informing.find_all_sent)]


CALLED_WANG = ErasureRequest(WANG.id, names=("老王",), called=("Wang Wei",))
KEPT_EVIDENCE = [(WANG.id, ERASED), (ERASED, ERASED), ("Emma", ERASED), ("Emma", "mail-4.msg")]


def test_a_person_goes_from_remediation_plans_and_evidence_and_the_agreement_stays(store: Store) -> None:
    add_plan(store)

    findings = erase(store, CALLED_WANG)

    [record] = RemediationRecords(store).find_of_team()
    assert (len(findings.plans), findings.informed) == (2, 3)
    assert (record.requested_by, record.ours, record.plan) == ("Liu Gong", ERASED, "Train all shifts")
    entries = RemediationRecords(store).find_entries(1)
    assert [entry.changes.get("plan") for entry in entries] == [
        ["", "Ask Zhao Lei"], ["Ask Zhao Lei", ERASED], [ERASED, "Train all shifts"],
    ]  # fmt: skip
    assert [entry.by for entry in entries] == [LI.id, WANG.id, LI.id]
    assert what_is_kept(store) == KEPT_EVIDENCE
    assert anywhere(store, "老王", "night shift", "mail-1") == set()
    checks = Counter(store.read(lambda c: list(remediation_rows.check_all(c))))
    assert checks == {TextCheck.WHOLE: 3, TextCheck.ERASED: 2}


def test_a_short_latin_name_is_found_as_a_word_only() -> None:
    assert [mentions(text, ["Li"]) for text in ("client list.pdf", "Li Na, Emma", "mail-LI.msg", "李娜Li")] == [
        False, True, True, True,
    ]  # fmt: skip
    assert mentions("王伟（组长）", ["王伟"])


def test_all_texts_of_a_remediation_plan_can_be_erased(store: Store) -> None:
    add_plan(store)

    findings = erase(store, ErasureRequest(remediations=(1, 7)))

    [record] = RemediationRecords(store).find_of_team()
    assert (record.requested_by, record.plan, record.requested_on) == (ERASED, ERASED, NOW.date())
    assert findings.no_such_plans == [7]
    assert store.read(erasure_rows.find_all)[0].remediations == (1, 7)


def test_all_texts_of_a_case_can_be_erased_whoever_typed_them(store: Store) -> None:
    commands, queries = EscalationCommands(store), EscalationQueries(store)
    number, other = told(commands), raised(commands, "view-2").number

    findings = erase(store, ErasureRequest(cases=(number, 999)))

    case = queries.escalation(number)
    assert case
    assert (case.title, case.fix, case.request_number) == (ERASED, ERASED, None)
    assert findings.no_such_cases == [999]
    assert [entry.erased_at for entry in queries.history(number)] == [LATER] * 4
    assert [entry.erased_at for entry in queries.history(other)] == [None]


def test_a_contact_of_a_customer_is_erased_and_the_others_stay(store: Store) -> None:
    people = (Contact("Zhao Lei", "138"), Contact("Wu Di", "139"))
    store.write(lambda c: record_rows.write(c, {"C1-1": CustomerRecord(contacts=people)}, 1))
    wanted = [row.id for row in store.read(record_rows.find_contacts) if row.contact.name == "Zhao Lei"]

    erase(store, ErasureRequest(contacts=tuple(wanted)))

    assert [row.contact.name for row in store.read(record_rows.find_contacts)] == ["Wu Di"]
    assert anywhere(store, "Zhao Lei") == set()


def test_an_erasure_is_repeated_in_a_restored_database_and_only_once(store: Store, sqlite_url: str) -> None:
    people = (Contact("Zhao Lei", "138"), Contact("Wu Di", "139"))
    restored = Store(sqlite_url.replace("csp.db", "restored.db"))
    restored.upgrade()
    for one in (store, restored):
        told(EscalationCommands(one))
        add_plan(one)
        EscalationCommands(one).remember((Person(id=WANG.id, team_id=TEAM, name="Wang Wei"), NOW))
        add_absences(one)
        one.write(lambda c: record_rows.write(c, {"C1-1": CustomerRecord(contacts=people)}, 1))
    first = next(row.id for row in store.read(record_rows.find_contacts))
    erase(store, replace(CALLED_WANG, contacts=(first,)))
    erasures = store.read(erasure_rows.find_all)

    counts = [restored.write(lambda c: erasing.repeat(c, erasures, LATER)) for _ in range(2)]

    assert counts == [1, 0]
    assert anywhere(restored, "Zhao Lei, ", "rang twice", "老王 has the flu", "Wang Wei") == set()
    assert what_is_kept(restored) == KEPT_EVIDENCE
    assert [row.contact.name for row in restored.read(record_rows.find_contacts)] == ["Wu Di"]
    restored.dispose()


def test_a_program_that_dies_at_any_statement_has_erased_nothing(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    told(EscalationCommands(store))
    add_plan(store)
    written: list[str] = []
    dies_at = 0

    def die(*statement: object) -> None:
        if str(statement[2]).startswith(("INSERT", "UPDATE", "DELETE")) and "'merge'" not in str(statement[2]):
            written.append(str(statement[2]))
            if len(written) == dies_at:
                raise KeyboardInterrupt

    event.listen(store.engine, "before_cursor_execute", die)
    before, statements = kept(store), 0
    while len(written) >= dies_at:
        written.clear()
        statements, dies_at = dies_at, dies_at + 1
        with suppress(KeyboardInterrupt):
            erase(store, CALLED_WANG)
        if len(written) >= dies_at:
            assert kept(store) == before, written[-1]
    store.dispose()

    assert statements > 8
    assert kept(store) != before


def kept(store: Store) -> dict[str, str]:
    """Every row of every table."""

    def unit(connection: Connection) -> dict[str, str]:
        names = inspect(connection).get_table_names()
        return {name: str(connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()) for name in names}  # noqa: S608

    return store.read(unit)


def test_an_sqlite_file_holds_no_byte_of_erased_words(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    told(EscalationCommands(store))
    store.dispose()
    before = read_bytes(store)

    erase(store)

    assert all(word in before for word in (b"Zhao Lei", b"zhao", b"rang twice"))
    assert [word for word in (b"Zhao", b"zhao", b"rang twice") if word in read_bytes(store)] == []
    store.dispose()


def read_bytes(store: Store) -> bytes:
    """The file of a database, and those that SQLite keeps beside it."""
    return b"".join(path.read_bytes() for path in store.path.parent.glob(f"{store.path.name}*"))
