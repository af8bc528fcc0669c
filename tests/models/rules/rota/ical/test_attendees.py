"""Whose shift an event is: a name within a longer one is another person, in whatever script."""

import pytest

from models.rules.rota.ical import importer
from models.rules.rota.ical.notes import ImportNoteKind
from models.rules.rota.ical.writer import write_calendar
from models.rules.rota.rota import Member
from models.rules.rota.shifts import Shift
from models.rules.toml.tables import FaultKind, InvalidFile
from tests.models.rules.rota.calendars import BEIJING, NOW, calendar, shift

NAMES = (
    "Jos", "Ann", "王伟", "Алекс", "김철", "สมชาย", "O'Neill", "Emma Clarke", "Emma Clarke (Night)", "Ops",
    "Ops - Night", "王伟/李娜", "李娜", "Kim & Co: Nights", "Ana", "ANA",
)  # fmt: skip
MEMBERS = {name: Member(name, f"U0{at:03}X") for at, name in enumerate(NAMES)}
MEMBERS["Alice"] = Member("Alice", "U0ALICE", "alice@example.com")


def found(*summaries: str) -> importer.ImportedCalendar:
    """What these events make of the seat."""
    text = calendar(*(shift(summary=summary) for summary in summaries))
    return importer.read_calendar(
        text.encode(), "primary", MEMBERS, None, BEIJING, NOW - importer.BEHIND, NOW + importer.AHEAD
    )


def whose(summary: str) -> list[str]:
    """The members an event of this summary is about."""
    return [shift.member for shift in found(summary).shifts]


@pytest.mark.parametrize(
    ("summary", "nearest"),
    [
        ("王伟明", "王伟"), ("小王伟", "王伟"), ("王伟2", "王伟"), ("值班：王伟明", "王伟"), ("王伟明值班", "王伟"),
        ("José Perez", "Jos"), ("On call José Perez", "Jos"), ("On call Jose\u0301 Perez", "Jos"), ("Anna", "Ann"),
        ("Ann-Marie", "Ann"), ("on call Ann-Marie now", "Ann"), ("Алекс", ""), ("Александр", "Алекс"),
        ("김철수", "김철"), ("สมชายชาย", "สมชาย"), ("on call O'Neillson", "O'Neill"), ("D'Ann", "Ann"),
        ("alice@example.com.cn", "Alice"), ("On Call: alice@example.com.cn", "Alice"), ("malice@example.com", "Alice"),
        ("x.alice@example.com", "Alice"), ("alice@example.org", "Alice"), ("on call ann@example.org", "Ann"),
    ],
)  # fmt: skip
def test_a_name_inside_a_longer_one_names_nobody_and_the_fault_suggests_a_member(summary: str, nearest: str) -> None:
    if not nearest:
        assert whose(summary) == [summary]
        return
    with pytest.raises(InvalidFile) as caught:
        found(summary)

    assert [(fault.kind, fault.nearest) for fault in caught.value.faults] == [(FaultKind.EVENT_NO_PERSON, nearest)]


@pytest.mark.parametrize(
    ("summary", "who"),
    [
        ("值班王伟", "王伟"), ("王伟夜班", "王伟"), ("今天由王伟值班", "王伟"), ("12月5日王伟白班", "王伟"),
        ("周五王伟", "王伟"), ("on-call-ann", "Ann"), ("Ann-nights", "Ann"), ("Ask Ann.", "Ann"), ("ann’s night", ""),
        ("Jos tonight", "Jos"), ("дежурит Алекс", "Алекс"), ("mail alice@example.com", "Alice"),
    ],
)  # fmt: skip
def test_words_of_duty_beside_a_name_make_no_other_name_and_a_note_says_how_it_was_read(summary: str, who: str) -> None:
    if not who:
        with pytest.raises(InvalidFile):
            found(summary)
        return
    read = found(summary)

    assert [shift.member for shift in read.shifts] == [who]
    assert [(note.kind, note.values) for note in read.notes] == [
        (ImportNoteKind.NAMED_IN_PASSING, {"summary": summary, "names": [who]})
    ]


def test_a_name_on_its_own_needs_no_note() -> None:
    for summary in ("Ann", "Primary: Ann", "Ann (Nights)", "Night - Ann", "王伟：夜班"):
        assert (whose(summary), found(summary).notes) == ([whose(summary)[0]], ())


def test_of_names_that_contain_each_other_the_longest_counts() -> None:
    assert whose("Backup: Emma Clarke (Night)") == ["Emma Clarke (Night)"]
    assert whose("primary - Ops - Night") == ["Ops - Night"]
    assert whose("王伟/李娜") == ["王伟/李娜"]
    assert sorted(whose("王伟, 李娜")) == ["李娜", "王伟"]
    assert sorted(whose("Ops - Night & Emma Clarke")) == ["Emma Clarke", "Ops - Night"]


def test_of_names_that_differ_in_capitals_only_the_exact_one_counts() -> None:
    assert (whose("Primary: Ana"), whose("Primary: ANA")) == (["Ana"], ["ANA"])
    with pytest.raises(InvalidFile):
        found("Primary: ana")


@pytest.mark.parametrize("name", MEMBERS)
def test_what_is_exported_comes_back_as_the_same_person(name: str) -> None:
    for seat in ("primary", "Ops", "李娜"):
        stands = Shift(seat, 1, name, NOW, NOW.replace(hour=12), "layer")
        written = write_calendar("Rota", [stands], [], NOW)

        read = importer.read_calendar(
            written, "primary", MEMBERS, None, BEIJING, NOW - importer.BEHIND, NOW + importer.AHEAD
        )

        assert ([shift.member for shift in read.shifts], read.notes) == ([name], ())
