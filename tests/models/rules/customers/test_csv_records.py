"""Text becomes records that know their physical line."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.customers.csv_records import CsvRecord, read_hinted_delimiter, read_records, split_physical_lines

FIELD = st.text(st.sampled_from('abc ,;"\n中'), max_size=8).filter(lambda text: text.count("\n") < 4)


def read(content: str, delimiter: str = ",") -> list[CsvRecord]:
    return list(read_records(split_physical_lines(content), delimiter))


def test_a_quoted_field_may_hold_delimiters_quotes_and_line_breaks() -> None:
    content = 'a,"b, c"\n"d ""e""\nf",g\nh,i\n'

    assert read(content) == [CsvRecord(1, ["a", "b, c"]), CsvRecord(2, ['d "e"\nf', "g"]), CsvRecord(4, ["h", "i"])]


def test_blank_lines_count_as_lines_but_are_no_records() -> None:
    assert read("a\r\n\r\n , \r\nb") == [CsvRecord(1, ["a"]), CsvRecord(4, ["b"])]


def test_a_quote_that_is_never_closed_costs_one_line() -> None:
    content = 'a,1\n"b,2\n' + "".join(f"c{n},3\n" for n in range(100))

    records = read(content)

    assert [record.line for record in records if record.fields is None] == [2]
    assert len(records) == 102


def test_a_quote_inside_an_unquoted_field_stands_for_itself() -> None:
    assert read('19" racks,1\nb,2') == [CsvRecord(1, ['19" racks', "1"]), CsvRecord(2, ["b", "2"])]


@pytest.mark.parametrize(
    ("line", "delimiter"), [("sep=;\r\n", ";"), ("SEP=\t\n", "\t"), ("a;b\n", None), ('sep="\n', None)]
)
def test_excels_hint_names_the_delimiter(line: str, delimiter: str | None) -> None:
    assert read_hinted_delimiter([line]) == delimiter


@given(st.lists(st.lists(FIELD, min_size=1, max_size=4), max_size=8))
def test_what_a_csv_writer_wrote_is_read_back(rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(rows)

    expected = [row for row in rows if any(field.strip() for field in row)]

    assert [record.fields for record in read(written.getvalue())] == expected


@given(st.text(st.sampled_from('a",\n'), max_size=200))
def test_whatever_the_quotes_every_line_is_read_or_named(content: str) -> None:
    lines = split_physical_lines(content)

    numbers = [record.line for record in read_records(lines, ",")]

    assert numbers == sorted(set(numbers))
    assert all(1 <= number <= len(lines) for number in numbers)
