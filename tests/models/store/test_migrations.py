"""The schema: brought up to date once, by whoever comes first, and never by a program older than it."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, column, insert, select, table, text
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from models.customers import informing
from models.customers.importer import import_customers
from models.customers.informing import SentStatement
from models.escalations.queries import EscalationQueries
from models.escalations.similar_cases import SimilarCases
from models.oncall import rota_versions
from models.outbox.messages import NEW, details_from
from models.outbox.queue import Outbox
from models.remediation.records import RemediationRecords
from models.rules.customers.csv_columns import CsvLine, CustomerDraft
from models.rules.customers.informed import InformingDue, InformReason
from models.rules.customers.record_fields import CustomerRecord
from models.rules.escalations.typed_text import TextCheck
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import NO_REMINDER, Audience, ReminderDetails
from models.rules.people import Person
from models.store import departures, remediation_rows
from models.store.database import Store
from models.store.oncall_tables import APPEND_ONLY, REMINDER
from models.store.schema import MIGRATIONS, NEWEST, REVISIONS, DatabaseTooNew
from models.store.tables import ESCALATION, HISTORY, OUTBOX, PERSON
from tests import newest_schema
from tests.models.concurrent_writers import all_at_once, opened

NOW = datetime(2026, 11, 22, tzinfo=UTC)
UPGRADER = """
import sys
from models.store.database import Store
store = Store(sys.argv[1], timeout=30)
print("ready", flush=True)
sys.stdin.readline()
print(store.upgrade())
"""
NEVER_INFORMED = InformingDue(InformReason.NEW, None)
APPEND_ONLY_ROWS = [table.name for table in APPEND_ONLY]
GUARDS = {
    "sqlite": {
        "history_no_update", "history_no_delete", "history_no_replace", "history_in_sequence",
        "typed_text_only_erased", "typed_text_no_delete", "typed_text_no_replace",
        "escalation_no_delete", "escalation_no_replace", "escalation_keeps_origin",
        "rota_plan_no_update", "rota_plan_no_delete", "rota_plan_no_replace",
        "policy_version_no_update", "policy_version_no_delete", "policy_version_no_replace",
        "customer_import_no_update", "customer_import_no_delete", "customer_import_no_replace",
        "statement_no_update", "statement_no_delete", "statement_no_replace",
        "erasure_no_update", "erasure_no_delete", "erasure_no_replace",
        "statement_sent_only_erased", "statement_sent_no_delete", "statement_sent_no_replace",
        "remediation_no_update", "remediation_no_delete", "remediation_no_replace",
        *(f"{name}_no_{what}" for name in APPEND_ONLY_ROWS for what in ("update", "delete", "replace")),
    },
    "postgresql": {
        "history_no_change", "history_no_truncate", "history_in_sequence",
        "typed_text_only_erased", "typed_text_no_delete", "typed_text_no_truncate",
        "escalation_no_delete", "escalation_no_truncate", "escalation_keeps_origin",
        "rota_plan_no_change", "rota_plan_no_truncate",
        "policy_version_no_change", "policy_version_no_truncate",
        "customer_import_no_change", "customer_import_no_truncate",
        "erasure_no_change", "erasure_no_truncate",
        "statement_no_change", "statement_no_truncate",
        "statement_sent_only_erased", "statement_sent_no_delete", "statement_sent_no_truncate",
        "remediation_no_change", "remediation_no_truncate",
        *(f"{name}_only_erased" for name in ("rota_change", "rota_offer", "watch", "ledger")),
        *(f"{name}_no_{what}" for name in APPEND_ONLY_ROWS for what in ("change", "truncate")),
    },
}  # fmt: skip
CATALOGUE = {
    ("sqlite", "triggers"): "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    ("postgresql", "triggers"): "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'",
    ("sqlite", "indexes"): "SELECT name, sql FROM sqlite_master WHERE type = 'index'",
    ("postgresql", "indexes"): "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


def test_an_empty_database_is_brought_up_to_date_once(empty_url: str) -> None:
    with opened(empty_url) as store:
        assert store.revision() is None
        assert store.upgrade()
        assert store.revision()
        assert not store.upgrade()


def test_processes_that_start_at_once_upgrade_once(empty_url: str) -> None:
    printed = all_at_once(UPGRADER, [[empty_url]] * 2)

    assert sorted(line.strip() for line in printed) == ["False", "True"]


def test_a_database_of_a_newer_program_is_not_touched(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseTooNew, match="9999"):
        store.upgrade()
    assert store.revision() == "9999"


def test_the_store_knows_the_revisions_that_alembic_knows() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)

    assert [revision.revision for revision in script.walk_revisions()][::-1] == REVISIONS
    assert script.get_heads() == REVISIONS[-1:]


def test_the_store_reads_the_revision_that_alembic_reads(empty_url: str) -> None:
    with opened(empty_url) as store:
        before = alembics_revision(store), store.revision()
        store.upgrade()
        after = alembics_revision(store), store.revision()

    assert before == (None, None)
    assert after == (REVISIONS[-1], REVISIONS[-1])


def alembics_revision(store: Store) -> str | None:
    """What Alembic says of a database."""
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_a_database_of_the_first_version_comes_through_with_all_its_rows(empty_url: str) -> None:
    with opened(empty_url) as store:
        upgrade_to(store, "0001")
        people = [Person(id="U0LINA", team_id="T0", name="Li Na"), Person(id="U0TOM", team_id="T0", name="Tom")]
        people[1] = people[1].model_copy(update={"is_deleted": True})
        rows = [{**person.model_dump(), "seen_at": NOW} for person in people]
        store.write(lambda connection: connection.execute(insert(PERSON), rows))

        assert store.upgrade()

        assert rota_versions.import_rota(store, 'zone = "UTC"\n', "cli", NOW)
        assert store.read(departures.find_absences) == {"U0TOM": [(NOW, None)]}
        known = EscalationQueries(store).person("U0LINA")
        assert known
        assert known[0].name == "Li Na"


def test_older_escalations_are_found_by_parts_of_numbers_and_without_accents(empty_url: str) -> None:
    kept = {
        "sqlite": "INSERT INTO escalation_words (rowid, words) VALUES (1, 'café 625112200012345 csp 1')",
        "postgresql": "INSERT INTO escalation_words VALUES (1, CAST('café 625112200012345 csp 1' AS tsvector))",
    }
    with opened(empty_url) as store:
        upgrade_to(store, "0011")
        store.write(lambda connection: connection.execute(text(kept[connection.dialect.name])))

        assert store.upgrade()

        assert [_indexed(store, one) for one in ("cafe", "café", "2200", "625112200012345", "45", "9")] == [
            True, True, True, True, True, False,
        ]  # fmt: skip


def _indexed(store: Store, word: str) -> bool:
    """Whether the index has a word that begins so."""
    if store.engine.dialect.name == "sqlite":
        query, asked = "SELECT count(*) FROM escalation_words WHERE escalation_words MATCH :asked", f'"{word}"*'
    else:
        query = "SELECT count(*) FROM escalation_words WHERE words @@ CAST(:asked AS tsquery)"
        asked = f"'{word}':*"
    return bool(store.read(lambda connection: connection.scalar(text(query), {"asked": asked})))


def upgrade_to(store: Store, revision: str) -> None:
    """Bring a database as far as an older program would have brought it."""
    older = Config()
    older.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.begin() as connection:
        older.attributes["connection"] = connection
        command.upgrade(older, revision)


def test_what_reminders_need_of_older_escalations_is_read_from_their_history(empty_url: str) -> None:
    told = [
        (1, "raise", ""), (1, "acknowledge", ""), (1, "hand_over", ""), (1, "note", "Still"),
        (2, "raise", ""),
        (3, "raise", ""), (3, "withdraw", "Solved"), (3, "reopen", "It is back"), (3, "withdraw", "Gone"),
    ]  # fmt: skip
    with opened(empty_url) as store:
        upgrade_to(store, "0003")
        keep_older(store, told)

        assert store.upgrade()

        one, two, three = (EscalationQueries(store).escalation(number) for number in (1, 2, 3))
    assert one
    assert (one.waiting_since, one.active_at, one.withdrawn_by) == (NOW + 2 * MINUTE, NOW + 3 * MINUTE, None)
    assert two
    assert (two.waiting_since, two.active_at, two.snoozed_until, two.status_reason) == (None, None, None, None)
    assert three
    assert (three.withdrawn_by, three.withdrawn_at, three.status_reason) == ("U3", NOW + 3 * MINUTE, "Gone")
    assert three.waiting_since == NOW + 2 * MINUTE


def test_the_word_to_a_next_owner_that_waits_becomes_a_call(empty_url: str) -> None:
    with opened(empty_url) as store:
        upgrade_to(store, "0009")
        keep_older(store, [(1, "raise", "")])
        handed = {
            **{name: value for name, value in NEW.items() if name not in ADDED},
            "id": "older", "what": "handed", "dedupe_key": "handed:1:2", "number": 1, "seq": 2, "user": "U0EMMA",
            "lane": "dm:U0EMMA", "scope": "post:U0EMMA", "priority": 0, "created_at": NOW, "due_at": NOW,
        }  # fmt: skip
        _keep(store, [handed])

        assert store.upgrade()

        delivery = Outbox(store).claim(NOW, "w")
        assert delivery
        assert (delivery.what, delivery.user) == (MessageKind.CALL, "U0EMMA")
        listed = EscalationQueries(store).call_message(delivery.id)
        assert listed
        assert [(call.case.number, call.seq) for call in listed.calls] == [(1, 2)]


SHIFT = 'shift:["2026-11-22T12:00:00+00:00", "primary", 0, "ann"]'
HANDOVER = 'handover:["2026-11-22T12:00:00+00:00", "primary", 0, "ann", "bob"]'
OLDER_NOTES: list[tuple[str, str, str, str, ReminderDetails]] = [
    ("nag", "gap:1", "72h@20261125T000000", "candidates+channel",
     ReminderDetails("gap:1/72h@20261125T000000", "72h", datetime(2026, 11, 25, tzinfo=UTC), NOW,
                     frozenset({Audience.CANDIDATES, Audience.CHANNEL}))),
    ("nag", "gap:1", "open12@20261125T000000", "channel+everyone+leads",
     ReminderDetails("gap:1/open12@20261125T000000", "open", datetime(2026, 11, 25, tzinfo=UTC), NOW,
                     frozenset({Audience.CHANNEL, Audience.EVERYONE, Audience.LEADS}))),
    ("nag", "gap:1", "ended", "channel",
     ReminderDetails("gap:1/ended", "ended", None, NOW, frozenset({Audience.CHANNEL}))),
    ("nag", "escalation:7", "unacknowledged0@20261121T235900", "backup+on_call",
     ReminderDetails("escalation:7/unacknowledged0@20261121T235900", "unacknowledged",
                     datetime(2026, 11, 21, 23, 59, tzinfo=UTC), NOW,
                     frozenset({Audience.BACKUP, Audience.ON_CALL}))),
    ("shift", SHIFT, "30min", "person",
     ReminderDetails(f"{SHIFT}/30min", "30min", None, NOW, frozenset({Audience.PERSON}))),
    ("shift", SHIFT, "alone@20261123T000000", "person",
     ReminderDetails(f"{SHIFT}/alone@20261123T000000", "alone", datetime(2026, 11, 23, tzinfo=UTC), NOW,
                     frozenset({Audience.PERSON}))),
    ("handover", HANDOVER, "card", "channel+person",
     ReminderDetails(f"{HANDOVER}/card", "card", None, NOW, frozenset({Audience.CHANNEL, Audience.PERSON}))),
    ("nag", HANDOVER, "open3", "channel+leads+person",
     ReminderDetails(f"{HANDOVER}/open3", "open", None, NOW,
                     frozenset({Audience.CHANNEL, Audience.LEADS, Audience.PERSON}))),
    ("nag", "left:U0TOM@2026-11-20T00:00:00+00:00", "owns", "leads",
     ReminderDetails("left:U0TOM@2026-11-20T00:00:00+00:00/owns", "owns", None, NOW, frozenset({Audience.LEADS}))),
    ("on_now", "duty", "0123456789abcdef0123.4", "channel",
     ReminderDetails("duty/0123456789abcdef0123.4", "0123456789abcdef0123", None, NOW,
                     frozenset({Audience.CHANNEL}))),
    ("digest", "digest", "2026-11-20", "digest",
     ReminderDetails("digest/2026-11-20", "day", None, NOW, frozenset({Audience.DIGEST}))),
    ("week", "week", "2026-11-20", "digest",
     ReminderDetails("week/2026-11-20", "day", None, NOW, frozenset({Audience.DIGEST}))),
    ("picture", "picture", "2026-11-16", "digest",
     ReminderDetails("picture/2026-11-16", "day", None, NOW, frozenset({Audience.DIGEST}))),
    ("rehearsal", "rehearsal:spring_festival/2027", "30d", "channel+leads",
     ReminderDetails("rehearsal:spring_festival/2027/30d", "30d", None, NOW,
                     frozenset({Audience.CHANNEL, Audience.LEADS}))),
]  # fmt: skip
"""Of each older row its kind, subject, step and audience, and what it carries as columns."""


def test_older_reminders_keep_their_step_due_time_and_audience(empty_url: str) -> None:
    with opened(empty_url) as store:
        upgrade_to(store, "0013")
        rows = [
            _older(what, f"{subject}/{step}/U1", subject, f"{subject}/{step} {to}")
            for what, subject, step, to, _ in OLDER_NOTES
        ]
        made = [
            {"key": f"{subject}/{step}", "subject": subject, "step": step, "due_at": NOW, "made_at": NOW}
            for _, subject, step, _, _ in OLDER_NOTES
        ]
        _keep(store, [*rows, _older("gaps", "gaps/gap:2/found", "gaps", "gap:2/found digest")])
        _keep_reminders(store, [*made, {**made[0], "key": "gap:2/found", "subject": "gap:2", "step": "found"}])

        assert store.upgrade()

        carried = _carried(store)
    far = ReminderDetails("gap:2/found", "found", None, NOW, frozenset({Audience.DIGEST}))
    assert carried == [*(("", details) for *_, details in OLDER_NOTES), ("", far)]


def test_an_older_note_that_cannot_be_read_stays_and_its_row_is_still_sent(empty_url: str) -> None:
    notes = ["", "nonsense", "gap:1/72h@20261125T000000 nobody", " channel", "gap:9/ channel", "x\ny channel"]
    with opened(empty_url) as store:
        upgrade_to(store, "0013")
        _keep(store, [_older("nag", f"key{n}", "gap:1", note) for n, note in enumerate(notes)])

        assert store.upgrade()

        assert _carried(store) == [(note, NO_REMINDER) for note in notes]
        delivery = Outbox(store).claim(NOW, "w")
        assert delivery
        assert (delivery.subject, delivery.reminder) == ("gap:1", NO_REMINDER)


def test_an_older_note_of_a_reminder_that_is_not_on_record_is_read_without_its_due_time(empty_url: str) -> None:
    with opened(empty_url) as store:
        upgrade_to(store, "0013")
        _keep(store, [_older("nag", "key", SHIFT, f"{SHIFT}/open2 backup+person")])

        assert store.upgrade()

        audience = frozenset({Audience.BACKUP, Audience.PERSON})
        assert _carried(store) == [("", ReminderDetails(f"{SHIFT}/open2", "open", None, None, audience))]


def test_older_redrawings_and_calls_name_the_message_they_belong_to(empty_url: str) -> None:
    key = "gap:1/72h@20261125T000000/U0ANN"
    with opened(empty_url) as store:
        upgrade_to(store, "0013")
        _keep(store, [
            _older("nag", key, "gap:1", "gap:1/72h@20261125T000000 candidates"),
            _older("nag_refresh", f"{key}/over", "gap:1", f"{key} "),
            _older("nag_refresh", "lost/over", "gap:1", "lost "),
            _older("call", "call:1:1/U1", "call:U1", ""),
            _older("call", "call:2:1/U1", "call:U1", "id of call:1:1/U1"),
            _older("call_refresh", "again", "call:U1", "id of call:1:1/U1 "),
        ])  # fmt: skip

        assert store.upgrade()

        named = select(OUTBOX.c.note, OUTBOX.c.redraws, OUTBOX.c.listed_in).order_by(OUTBOX.c.position)
        rows = [tuple(row) for row in store.read(lambda connection: connection.execute(named).all())]
        carried = _carried(store)
    assert rows == [
        ("", None, None),
        ("", f"id of {key}", None),
        ("lost ", None, None),
        ("", None, None),
        ("", None, "id of call:1:1/U1"),
        ("", "id of call:1:1/U1", None),
    ]
    assert carried[0][1].step == "72h"
    assert carried[1] == carried[0]


def _older(what: str, key: str, subject: str, note: str) -> dict[str, Any]:
    """A row of the outbox as it was written before a reminder had columns."""
    new = {name: value for name, value in NEW.items() if name not in ADDED}
    return {
        **new, "id": f"id of {key}", "what": what, "dedupe_key": key, "subject": subject, "user": "U1", "note": note,
        "lane": key, "scope": key, "priority": 1, "created_at": NOW, "due_at": NOW,
    }  # fmt: skip


ADDED = ("redraws", "listed_in", "reminder", "step", "counted_from", "reminder_due_at", "audience")
"""Columns of the outbox that came with a reminder's own."""


def _keep(store: Store, rows: list[dict[str, Any]]) -> None:
    older = table(OUTBOX.name, *(column(name, OUTBOX.c[name].type) for name in rows[0]))
    store.write(lambda connection: connection.execute(insert(older), rows))


def _keep_reminders(store: Store, rows: list[dict[str, Any]]) -> None:
    store.write(lambda connection: connection.execute(insert(REMINDER), [{**row, "merged_into": ""} for row in rows]))


def _carried(store: Store) -> list[tuple[str, ReminderDetails]]:
    """Of each row its note and what it carries of a reminder, in their order."""
    rows = store.read(lambda connection: connection.execute(select(OUTBOX).order_by(OUTBOX.c.position)).all())
    return [(row.note, details_from(row._mapping)) for row in rows]


MINUTE = timedelta(minutes=1)


def keep_older(store: Store, told: list[tuple[int, str, str]]) -> None:
    """Write escalations as the first versions did: a minute between two moves, each by another person."""
    seqs: Counter[int] = Counter()
    escalations: dict[int, dict[str, Any]] = {}
    entries: list[dict[str, Any]] = []
    for number, move, text_ in told:
        seq = seqs[number]
        seqs[number] += 1
        at = NOW + seq * MINUTE
        facts = {"number": number, "seq": seq + 1, "move": move, "by": f"U{seq}", "at": at, "text": text_}
        entries.append({**facts, "status_to": "open", "changes": {}})
        escalations[number] = {
            "kind": "customer", "customer_name": "", "tenant_id": "", "domain": "", "service": "", "severity": "B",
            "title": "T", "details": "D", "answers": {}, "number": number, "team_id": "T0", "channel": "C0",
            "status": "open", "version": seq + 1, "raised_by": "U0", "raised_at": NOW, "changed_at": at, "reopened": 0,
        }  # fmt: skip
    with store.engine.begin() as connection:
        columns = [ESCALATION.c[name] for name in escalations[1]]
        for row in escalations.values():
            connection.execute(insert(table(ESCALATION.name, *(column(c.name, c.type) for c in columns))), row)
        for entry in entries:
            connection.execute(insert(HISTORY), entry)


def test_cases_that_were_solved_before_are_found_by_what_is_like_them(empty_url: str) -> None:
    solve = text("UPDATE escalation SET status = :status, fix = :fix, title = :title WHERE number = :number")
    older = [
        {"number": 1, "status": "closed", "fix": "清除旧凭据", "title": "Outlook 反复要求输入密码"},
        {"number": 2, "status": "resolved", "fix": "Limit lifted", "title": "Mails bounced with 550 5.7.708"},
        {"number": 3, "status": "open", "fix": None, "title": "Outlook 反复要求输入密码 0x8004010F"},
    ]
    problems = ("一直弹出密码框，Outlook 反复提示", "external mail bounces: 550-5.7.708", "0x8004010F")
    with opened(empty_url) as store:
        upgrade_to(store, "0026")
        keep_older(store, [(number, "raise", "") for number in (1, 2, 3)])
        store.write(lambda connection: connection.execute(solve, older))

        assert store.upgrade()

        named = [SimilarCases(store).find("", problem, "T0") for problem in problems]
        assert [[case.number for case in cases] for cases in named] == [[1], [2], []]


def test_customers_of_before_keep_their_cases_are_due_and_are_found_by_pinyin(empty_url: str) -> None:
    names = {"C1-1": "苏州云杉精密", "C1-2": "Contoso", "C2-1": "厦门银行"}
    keep = text(
        "INSERT INTO customer (id, name, domain, tenant_id, relationship, folded, revision)"
        " VALUES (:id, :name, '', '', '', :folded, 2)"
    )
    with opened(empty_url) as store:
        upgrade_to(store, "0021")
        keep_older(store, [(1, "raise", ""), (2, "raise", "")])
        rows = [{"id": number, "name": name, "folded": name.lower()} for number, name in names.items()]
        store.write(lambda connection: connection.execute(keep, rows))
        buy = text("UPDATE escalation SET customer_id = 'C1-1' WHERE number = 2")
        store.write(lambda connection: connection.execute(buy))

        assert store.upgrade()

        queries = EscalationQueries(store)
        found = [[customer.id for customer in queries.customers(typed)] for typed in ("ysjm", "yinhang", "conto")]
        assert found == [["C1-1"], ["C2-1"], ["C1-2"]]
        overview = queries.customer_overview("C1-1", "T0", NOW)
        assert overview
        assert ([case.number for case, _ in overview.cases], overview.record) == ([2], CustomerRecord())
        due = store.read(lambda connection: informing.find_informing(connection, NOW))
        assert {(one.customer_id, one.due) for one in due} == {(number, NEVER_INFORMED) for number in names}
        learned = [CsvLine(2, CustomerDraft("Contoso", services=("Azure",)))]
        assert import_customers(store, learned, NOW).lines["changed"] == 1
        informing.record_sent(store, [SentStatement("C1-2", 0, NOW, "phone", "Emma", "")])
        assert store.read(lambda c: informing.find_informing_of(c, "C1-2", "Contoso", NOW)).due is None


def test_texts_of_older_remediation_records_are_kept_apart_and_the_records_read_the_same(empty_url: str) -> None:
    changes: list[dict[str, Any]] = [
        {"requested_on": [None, "2026-11-20"], "requested_by": ["", "刘工"], "plan": ["", "A"]},
        {"text": [None, "培训"], "owner": [None, "U0EMMA"], "due": [None, "2026-12-01"]},
        {"plan": ["A", "B"], "requested_by": ["刘工", ""]},
    ]
    moves = [("open", 0), ("add_action", 1), ("change", 0)]
    keep = text(
        'INSERT INTO remediation (key, number, seq, team_id, move, "by", at, changes, action)'
        " VALUES (:key, 1, :seq, 'T0', :move, 'U0LINA', '2026-11-22 00:00:00', :changes, :action)"
    )
    rows = [
        {"key": f"k{seq}", "seq": seq, "move": move, "changes": json.dumps(changes[seq - 1]), "action": action}
        for seq, (move, action) in enumerate(moves, 1)
    ]
    with opened(empty_url) as store:
        upgrade_to(store, "0040")
        store.write(lambda connection: connection.execute(keep, rows))

        assert store.upgrade()

        assert [entry.changes for entry in RemediationRecords(store).find_entries(1)] == changes
        assert set(store.read(lambda c: list(remediation_rows.check_all(c)))) == {TextCheck.WHOLE}
        stored = store.read(lambda c: c.execute(text("SELECT changes FROM remediation")).scalars().all())
        assert not [word for word in ("刘工", "培训", "u5218", '"B"') if word in str(stored)]


def test_a_new_sqlite_file_gets_what_the_migrations_make(tmp_path: Path) -> None:
    """When this fails: `python -m tests.newest_schema`."""
    store = newest_schema.migrated(tmp_path / "csp.db")

    assert NEWEST.read_text(encoding="utf-8") == newest_schema.as_script(store)
    store.dispose()


def is_ours(_object: object, name: str | None, *_: object) -> bool:
    """All but the search index, which each database keeps in its own way."""
    return not str(name).startswith(("escalation_words", "solution_words"))


def test_the_migrations_make_what_the_tables_say(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_ours})

        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_small_indexes_are_small_in_the_database_too(store: Store) -> None:
    small = {
        index.name
        for table in SQLModel.metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }
    with store.engine.connect() as connection:
        made = {name: sql for name, sql in connection.execute(text(CATALOGUE[store.dialect, "indexes"])) if sql}

    assert small >= {"outbox_due", "outbox_lane", "outbox_sweep", "escalation_open"}
    assert small == {name for name, sql in made.items() if " WHERE " in sql}


def test_the_guards_of_history_stand_after_the_migrations(store: Store) -> None:
    with store.engine.connect() as connection:
        standing = set(connection.scalars(text(CATALOGUE[store.dialect, "triggers"])))

    assert standing >= GUARDS[store.dialect]


def test_every_instant_is_kept_aware_and_in_utc() -> None:
    instants = [
        column
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, DateTime | UTCDateTime)
    ]

    assert len(instants) > 10
    assert [str(column) for column in instants if not isinstance(column.type, UTCDateTime)] == []
