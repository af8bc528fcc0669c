"""The rota file: what is understood, what is refused with line and hint, and what comes back the same."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from models.rules.rota.resolved_rota import find_gaps
from models.rules.rota.rota import BEIJING, AcceptedTime, FixedShift, Layer, Member, PartnerRole, Rota
from models.rules.rota.toml import reader, writer
from models.rules.toml import document
from models.rules.toml.line_numbers import find_key_lines
from models.rules.toml.tables import FaultKind, FileFault, InvalidFile
from tests.models.rules.rota.test_random import rotas

LAYER = '[[layer]]\nname = "days"\nseat = "primary"\nmembers = ["ann"]\nstarts = 2026-01-05\nturn_hours = 24\n'
DAY_OFF = "[[calendar]]\ndate=2026-09-03\nname='day off'\n"
ANN = '[[member]]\nname = "ann"\n'


def refused(text: str) -> list[FileFault]:
    """The faults of a text that must not be taken."""
    with pytest.raises(InvalidFile) as bad:
        reader.read_rota(text)
    return bad.value.faults


def test_the_example_has_no_fault_and_no_gap_for_years() -> None:
    rota = reader.read_rota(reader.example())

    assert len(rota.members) == 8
    assert {seat.name for seat in rota.seats} == {"primary", "backup"}
    assert find_gaps(rota, (), datetime(2026, 1, 6, tzinfo=UTC), datetime(2029, 1, 6, tzinfo=UTC)) == []


def test_the_chinese_example_is_the_same_rota_with_chinese_comments_layers_and_reasons() -> None:
    english, text = reader.read_rota(reader.example()), reader.example("zh_CN")

    chinese = reader.read_rota(text)

    layers = [replace(layer, name=like.name) for layer, like in zip(chinese.layers, english.layers, strict=True)]
    gaps = [replace(gap, why=like.why) for gap, like in zip(chinese.accepted_gaps, english.accepted_gaps, strict=True)]
    assert replace(chinese, layers=tuple(layers), accepted_gaps=tuple(gaps)) == english
    said = [*re.findall("# ?(.*)", text), *(layer.name for layer in chinese.layers), chinese.accepted_gaps[0].why]
    assert [line for line in said if line and not re.search("[\u4e00-\u9fff]", line)] == []


def test_an_empty_file_is_an_empty_rota() -> None:
    assert reader.read_rota("") == Rota()


def test_what_is_left_out_has_its_default() -> None:
    rota = reader.read_rota(ANN + LAYER)

    assert rota.layers == (Layer("days", "primary", ("ann",), date(2026, 1, 5), time(0), timedelta(days=1), BEIJING),)
    assert (rota.max_on_call, rota.min_rest, rota.members["ann"].role) == (None, None, None)


def test_a_layer_may_have_every_key() -> None:
    text = LAYER + 'handoff = "08:30"\nzone = "Europe/Berlin"\ndays = ["Mon", "sun"]\nfrom = "08:00"\nto = "24:00"\n'

    layer = reader.read_rota(ANN + text + 'services = ["Azure"]\n').layers[0]

    assert (layer.handoff, layer.zone, layer.days) == (time(8, 30), ZoneInfo("Europe/Berlin"), frozenset({0, 6}))
    assert (layer.opens, layer.closes, layer.services) == (time(8), time(0), frozenset({"azure"}))


def test_turns_change_when_the_hours_begin_by_default() -> None:
    assert reader.read_rota(ANN + LAYER + "from = 20:00:00\nto = 08:00:00\n").layers[0].handoff == time(20)


def test_an_intended_gap_is_local_unless_it_has_an_offset() -> None:
    text = '[[intended_gap]]\nfrom = 2026-02-16T20:00:00\nto = 2026-02-17T00:00:00Z\nreason = "moving"\n'

    assert reader.read_rota(text).accepted_gaps == (
        AcceptedTime(datetime(2026, 2, 16, 12, tzinfo=UTC), datetime(2026, 2, 17, tzinfo=UTC), "moving"),
    )


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    content = b"\xef\xbb\xbf" + (ANN + LAYER + "turn = 1\n").replace("\n", "\r\n").encode()

    assert [(fault.line, fault.kind) for fault in refused(document.decode(content))] == [(9, FaultKind.UNKNOWN_KEY)]


@pytest.mark.parametrize(
    ("text", "line", "kind", "nearest"),
    [
        ('zone = "Asia/Shangai"', 1, FaultKind.UNKNOWN_ZONE, "Asia/Shanghai"),
        ('zone = "Asia/Peking"', 1, FaultKind.UNKNOWN_ZONE, "Asia/Shanghai"),
        ('zone = "Shanghai"', 1, FaultKind.UNKNOWN_ZONE, "Asia/Shanghai"),
        ('zone = "Europe/Munich"', 1, FaultKind.UNKNOWN_ZONE, ""),
        ('zone = "Asia"', 1, FaultKind.UNKNOWN_ZONE, ""),
        ('zone = "../etc/passwd"', 1, FaultKind.UNKNOWN_ZONE, ""),
        ('zone = ""', 1, FaultKind.UNKNOWN_ZONE, ""),
        ("\nrest_hour = 11", 2, FaultKind.UNKNOWN_KEY, "rest_hours"),
        ("rest_hours = 11.5", 1, FaultKind.NOT_WHOLE, ""),
        ("rest_hours = true", 1, FaultKind.NOT_WHOLE, ""),
        ("longest_hours = 0", 1, FaultKind.NOT_WHOLE, ""),
        ("layer = 3", 1, FaultKind.NOT_TABLES, ""),
        ("[layer]\nname = 'x'", 1, FaultKind.NOT_TABLES, ""),
        ("[[member]]\n# who?\n", 1, FaultKind.MISSING, ""),
        ("[[member]]\nname = ' '", 2, FaultKind.NOT_TEXT, ""),
        ('[[member]]\nname = "\\u001b[2J"', 2, FaultKind.NOT_TEXT, ""),
        ('[[member]]\nname = """a\nb"""', 2, FaultKind.NOT_TEXT, ""),
        (f"{ANN}slack = '@ann'", 3, FaultKind.NOT_SLACK_ID, ""),
        (f"{ANN}role = 'admin_agnt'", 3, FaultKind.UNKNOWN_ROLE, "admin_agent"),
        (f"{ANN}languages = 'zh'", 3, FaultKind.NOT_LIST, ""),
        (f"{ANN}services = ['azure', 5]", 3, FaultKind.NOT_LIST, ""),
        (f"{ANN}{ANN}", 4, FaultKind.TWICE, ""),
        (f"{ANN}slack='U0A'\n[[member]]\nname='bob'\nslack='U0A'", 6, FaultKind.TWICE, ""),
        (f"{ANN}{LAYER}{LAYER}", 10, FaultKind.TWICE, ""),
        ("[[seat]]\nname='x'\npeople=0", 3, FaultKind.NOT_WHOLE, ""),
        ("[[seat]]\nname='x'\nneeds_role='yes'", 3, FaultKind.NOT_YES_NO, ""),
        (ANN + LAYER.replace('["ann"]', '[\n  "ann",\n  "anna",\n]'), 8, FaultKind.UNKNOWN_MEMBER, "ann"),
        (ANN.replace("ann", "王伟") + LAYER.replace("ann", "王卫"), 6, FaultKind.UNKNOWN_MEMBER, "王伟"),
        (ANN + LAYER.replace("primary", "Primery"), 5, FaultKind.UNKNOWN_SEAT, "primary"),
        (ANN + LAYER.replace("2026-01-05", "'soon'"), 7, FaultKind.NOT_DATE, ""),
        (ANN + LAYER.replace("2026-01-05", "1926-01-05"), 7, FaultKind.NOT_DATE, ""),
        (ANN + LAYER.replace("starts = 2026-01-05\n", ""), 3, FaultKind.MISSING, ""),
        (ANN + LAYER.replace("24", "-24"), 8, FaultKind.NOT_WHOLE, ""),
        (f"{ANN}{LAYER}from = 8", 9, FaultKind.NOT_TIME, ""),
        (f"{ANN}{LAYER}from = '24:30'", 9, FaultKind.NOT_TIME, ""),
        (f"{ANN}{LAYER}from = 08:00:30", 9, FaultKind.NOT_TIME, ""),
        (f"{ANN}{LAYER}days = ['mon', 'tues']", 9, FaultKind.UNKNOWN_DAY, "tue"),
        ("[[intended_gap]]\nfrom=2026-01-05\nto=2026-01-06T00:00:00\nreason='x'", 2, FaultKind.NOT_MOMENT, ""),
        ("[[intended_gap]]\nfrom=2026-01-05T08:00:00\nto=2026-01-05T08:00:00\nreason='x'", 3, FaultKind.ENDS_FIRST, ""),
        ("[[intended_gap]]\nfrom=2026-01-05T08:00:00\nto=2026-01-05T09:00:00", 1, FaultKind.MISSING, ""),
        ("policy = 5", 1, FaultKind.NOT_TABLE, ""),
        ("[[policy]]\nweek_hours = 48", 1, FaultKind.NOT_TABLE, ""),
        ("[policy]\nweek_hours = 169", 2, FaultKind.NOT_WHOLE, ""),
        ("[policy]\nweekhours = 48", 2, FaultKind.UNKNOWN_KEY, "week_hours"),
        (f"{DAY_OFF}kind='holyday'", 4, FaultKind.UNKNOWN_DAY_KIND, "holiday"),
        (DAY_OFF, 1, FaultKind.MISSING, ""),
        (f"{DAY_OFF}kind='holiday'\n{DAY_OFF}kind='workday'", 6, FaultKind.TWICE, ""),
        ("zone = 'UTC'\nzone = 'UTC'", 2, FaultKind.NOT_TOML, ""),
        ("zone =", 1, FaultKind.NOT_TOML, ""),
        ("a = " + "[" * 5000, 1, FaultKind.NOT_TOML, ""),
        (f"{ANN}{LAYER}turns = 'covered day'", 9, FaultKind.UNKNOWN_TURNS, "covered days"),
        (f"{ANN}{LAYER}turns = 1", 9, FaultKind.NOT_TEXT, ""),
        (f"{ANN}{LAYER}[[layers]]\nname = 'x'", 9, FaultKind.UNKNOWN_KEY, "layer"),
        (f"{ANN}\n[policies.of.ours]\nweek_hours = 48", 4, FaultKind.UNKNOWN_KEY, "policy"),
        (f"{ANN}role.is = 'admin_agent'", 3, FaultKind.NOT_TEXT, ""),
        (f"{ANN}\nnick.name = 'an'", 4, FaultKind.UNKNOWN_KEY, ""),
    ],
)  # fmt: skip
def test_each_fault_has_its_line_and_a_hint(text: str, line: int, kind: FaultKind, nearest: str) -> None:
    assert [(fault.line, fault.kind, fault.nearest) for fault in refused(text)] == [(line, kind, nearest)]


@pytest.mark.parametrize(
    "text",
    [
        "[{}]", "[[{}]]", "{} = 1", "x = {{ {} = 1 }}", '[ "{} " . {} ]', "x = [{{{} = 1}}]", "[{}", "{}",
    ],
)  # fmt: skip
def test_names_in_names_without_end_are_refused_at_once(text: str) -> None:
    begun = process_time()

    faults = refused("zone = 'UTC'\n" + text.format(*[".".join("a" * 20_000)] * 2))

    assert [(fault.line, fault.kind) for fault in faults] == [(2, FaultKind.NOT_TOML)]
    assert process_time() - begun < 1


def test_dots_in_texts_and_comments_are_no_names() -> None:
    dots = ".".join("a" * 40)

    assert reader.read_rota(f"{ANN}email = '{dots}' # {dots}").members["ann"].email == dots


@pytest.mark.parametrize(
    ("defined", "used", "letter"),
    [
        ("José", "Jose\u0301", "é"), ("Jose\u0301", "José", "é"), ("Nguyễn", "Nguyê\u0303n", "ễ"),
        ("が", "か\u3099", "が"),
        ("각", "\u1100\u1161\u11a8", "각"),
    ],
)  # fmt: skip
def test_a_name_that_only_looks_like_a_known_one_is_reported_with_the_reason(
    defined: str, used: str, letter: str
) -> None:
    faults = refused(ANN.replace("ann", defined) + LAYER.replace("ann", used))

    assert [(fault.line, fault.kind, fault.values["letter"], fault.nearest) for fault in faults] == [
        (6, FaultKind.LOOKS_ALIKE, letter, "")
    ]


@pytest.mark.parametrize("sign", ["\u3000", "\u00a0", "\u200b", "\ufeff"])
def test_a_character_that_looks_like_a_blank_is_reported_by_its_code(sign: str) -> None:
    name = f"张{sign}敏"

    for text, line in ((ANN.replace("ann", name), 2), (ANN + LAYER.replace("ann", name), 6)):
        values = [(fault.line, fault.kind, fault.values["code"]) for fault in refused(text)]
        assert values == [(line, FaultKind.INVISIBLE, f"U+{ord(sign):04X}")]


def test_all_faults_are_reported_at_once_in_the_order_of_the_file() -> None:
    text = 'zone = "Mars"\n[[member]]\nnane = "ann"\n' + LAYER + "[[seat]]\nname = 'second'\npeople = 99\n"

    assert [(fault.line, fault.kind) for fault in refused(text)] == [
        (1, FaultKind.UNKNOWN_ZONE), (2, FaultKind.MISSING), (3, FaultKind.UNKNOWN_KEY), (6, FaultKind.UNKNOWN_SEAT),
        (7, FaultKind.UNKNOWN_MEMBER), (12, FaultKind.NOT_WHOLE),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"\xff\xfe\x00", FaultKind.NOT_TEXT_FILE), (b"#" * 4_000_001, FaultKind.TOO_BIG)],
)
def test_what_is_no_text_or_too_big_is_refused(content: bytes, kind: FaultKind) -> None:
    with pytest.raises(InvalidFile) as bad:
        document.decode(content)

    assert [fault.kind for fault in bad.value.faults] == [kind]


def test_every_role_can_be_written() -> None:
    text = "".join(f'[[member]]\nname = "{role}"\nrole = "{role}"\n' for role in PartnerRole)

    assert [member.role for member in reader.read_rota(text).members.values()] == list(PartnerRole)


@settings(max_examples=40)
@given(rotas())
def test_a_written_rota_reads_as_the_same_rota(rota: Rota) -> None:
    assert reader.read_rota(writer.write_rota(rota)) == rota


STYLES = r'''a = 1 # "x
"b c" = """
[[no]]
"""
[t.u]
x.y = {a = [1,
  2]}
[[v]]
[[v]]
z = [
# ]
"]",
3]
'''


def test_lines_are_found_whatever_the_style() -> None:
    lines = find_key_lines(STYLES)

    assert {path: lines[path] for path in [("a",), ("b c",), ("t", "u", "x", "y"), ("v", 1), ("v", 1, "z")]} == {
        ("a",): 1, ("b c",): 2, ("t", "u", "x", "y"): 6, ("v", 1): 9, ("v", 1, "z"): 10,
    }  # fmt: skip
    assert [lines["v", 1, "z", at] for at in range(2)] == [12, 13]


# Shifts of calendars -------------------------------------------------------------------------------------------

SHIFT = '[[shift]]\nseat = "primary"\nmember = "ann"\nfrom = 2026-11-30T08:00:00\nto = 2026-11-30T20:00:00\n'
MORNING = datetime(2026, 11, 30, tzinfo=UTC)


def fixed(member: str, seat: str = "primary") -> FixedShift:
    return FixedShift(seat, member, MORNING, MORNING + timedelta(hours=12))


def test_a_shift_is_read_and_written() -> None:
    rota = reader.read_rota(f'[[member]]\nname = "ann"\n{SHIFT}')

    assert rota.fixed_shifts == (fixed("ann"),)
    assert reader.read_rota(writer.write_rota(rota)) == rota


def test_an_invalid_shift_is_reported_with_its_lines() -> None:
    text = SHIFT.replace("T20", "T07").replace("primary", "primery") + 'why = "x"\n'

    assert [(fault.line, fault.kind) for fault in refused(text)] == [
        (2, FaultKind.UNKNOWN_SEAT), (3, FaultKind.UNKNOWN_MEMBER), (5, FaultKind.ENDS_FIRST),
        (6, FaultKind.UNKNOWN_KEY),
    ]  # fmt: skip


def test_new_shifts_of_a_seat_replace_its_old_ones_and_leave_all_else_as_it_was_written() -> None:
    before = f'zone = "Asia/Shanghai"  # ours\n\n[[member]]\nname = "ann"\n\n{SHIFT}\n# and at the other end\n'
    before += SHIFT.replace("primary", "backup")

    after = writer.replace_shifts(before, "primary", [fixed("bob")], [Member("bob", "U0BOB")])

    kept = 'zone = "Asia/Shanghai"  # ours\n\n[[member]]\nname = "ann"\n\n# and at the other end\n[[shift]]\n'
    assert after.startswith(kept)
    assert reader.read_rota(after).fixed_shifts == (fixed("ann", "backup"), fixed("bob"))
    assert list(reader.read_rota(after).members) == ["ann", "bob"]
    assert writer.replace_shifts(after, "primary", [fixed("bob")], []).count("[[shift]]") == 2


@pytest.mark.parametrize("before", [None, 'member = [{ name = "ann" }] # in brackets\n', "zone = 'UTC'"])
def test_shifts_come_into_any_file_and_into_none(before: str | None) -> None:
    after = reader.read_rota(writer.replace_shifts(before, "backup", [fixed("bob", "backup")], [Member("bob")]))

    assert after.fixed_shifts == (fixed("bob", "backup"),)
    assert [seat.name for seat in after.seats] == ["primary", "backup"]
    assert after.members["bob"] == Member("bob")
