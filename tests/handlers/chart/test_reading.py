"""Everybody can read the pictures: on a phone, in both languages, without seeing colours."""

import io
from collections.abc import Callable
from datetime import date, time, timedelta
from time import process_time

import pytest
from PIL import Image

from handlers.chart import colours, painter
from handlers.chart.drawing import read_drawing
from handlers.chart.month import draw_four_weeks
from handlers.i18n.words import Words
from models.rules.rota.rota import BEIJING, Layer, Member, Rota, Seat
from tests.handlers.chart.samples import (
    EVERY_LANGUAGE,
    EXAMPLE,
    build_time_off,
    chart,
    labels,
    one_person,
    painted_texts,
)


@EVERY_LANGUAGE
def test_a_picture_is_light_and_made_for_a_phone(language: str) -> None:
    shown = chart(
        EXAMPLE,
        build_time_off("王伟", "2026-11-06T18:00", "2026-11-09T08:00"),
        build_time_off("李娜", "2026-11-24T00:00", "2026-11-30T00:00", 2),
    )

    picture = painter.paint(draw_four_weeks(shown, Words.of(language)))

    width, height = Image.open(io.BytesIO(picture)).size
    assert width == 1080
    assert height < 3600
    assert len(picture) < 200_000


@EVERY_LANGUAGE
def test_what_is_written_fits_and_is_large_enough(language: str) -> None:
    rota = one_person("Dr. Konstantin von und zu Hohenzollern-Sigmaringen")
    drawing = draw_four_weeks(
        chart(
            rota,
            *(
                build_time_off(
                    next(iter(rota.members)), f"2026-11-{day:02}T00:00", f"2026-11-{day:02}T{day % 24:02}:15", day
                )
                for day in range(3, 20)
            ),
        ),
        Words.of(language),
    )

    for label in labels(drawing):
        text, font = painter.fit_label(label)
        assert font.getlength(text) <= label.x1 - label.x0
        assert font.size >= 24
        assert 0 <= label.x0 < label.x1 <= drawing.width
        assert label.y1 <= drawing.height


@EVERY_LANGUAGE
def test_nothing_in_the_head_is_cut(language: str) -> None:
    drawing = draw_four_weeks(
        chart(EXAMPLE, build_time_off("王伟", "2026-11-06T18:00", "2026-11-09T08:00")), Words.of(language)
    )

    top = next(label.y0 for label in labels(drawing) if label.texts == ("0:00",))

    assert all(
        painter.fit_label(label)[0] in map(painter.keep_drawable, label.texts)
        for label in labels(drawing)
        if label.y0 < top
    )


def test_both_languages_are_complete() -> None:
    shown = chart(EXAMPLE, build_time_off("王伟", "2026-11-06T18:00", "2026-11-09T08:00"))

    english, chinese, both = (
        "\n".join(painted_texts(draw_four_weeks(shown, Words.of(one)))) for one in ("en", "zh_CN", "both")
    )

    for text in (english, both):
        assert {"Rota", "2–29 Nov 2026", "on leave", "primary, backup"} - _within(text) == set()
    for text in (chinese, both):
        assert {"值班表", "2026年11月2日至29日", "休假", "主值班、备值班", "周一"} - _within(text) == set()
    assert not any(word in chinese for word in ("leave", "primary", "Mon", "gap"))


def _within(text: str) -> set[str]:
    """All that a text contains, as far as these tests ask."""
    asked = {
        "Rota",
        "2–29 Nov 2026",
        "on leave",
        "primary, backup",
        "值班表",
        "2026年11月2日至29日",
        "休假",
        "主值班、备值班",
        "周一",
    }
    return {one for one in asked if one in text}


def test_a_short_name_is_used_only_where_it_is_one_persons() -> None:
    members = {name: Member(name, name) for name in ("Emma Clarke", "Emma Stone", "Tom Guest")}
    layer = Layer("all", "primary", tuple(members), date(2026, 1, 1), time(0), timedelta(hours=4), BEIJING)

    texts = painted_texts(
        draw_four_weeks(chart(Rota(members, (layer,), (Seat("primary", needs_role=False),))), Words.of("en"))
    )

    assert "Tom" in texts
    assert "Emma" not in texts


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Michał Şahin", "Michal Sahin"), ("李娜🦊", "李娜"), ("a\u0301", "á"), ("a\nb\u202e", "a b"), ("محمد", "□□□□")],
)
def test_letters_the_font_lacks_are_drawn_as_near_as_can_be(name: str, shown: str) -> None:
    assert painter.keep_drawable(name) == shown


def test_people_and_states_can_be_told_apart_in_black_and_white() -> None:
    black = _light(colours.INK)

    assert all((_light(fill) + 0.05) / (black + 0.05) > 7 for fill in (*colours.PEOPLE, colours.STRANGER))
    assert (1.05) / (_light(colours.QUIET) + 0.05) > 4.5
    assert all(1.05 / (_light(ink) + 0.05) > 7 for ink in (colours.UNCOVERED_INK, colours.BELOW_INK))


def _light(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_same_rota_gives_the_same_bytes() -> None:
    drawing = draw_four_weeks(chart(EXAMPLE), Words.of("both"))

    assert painter.paint(drawing) == painter.paint(read_drawing(drawing.to_json()))


def test_a_scene_comes_back_as_it_was_written() -> None:
    drawing = draw_four_weeks(
        chart(EXAMPLE, build_time_off("王伟", "2026-11-06T18:00", "2026-11-09T08:00")), Words.of("both")
    )

    assert read_drawing(drawing.to_json()) == drawing


def test_four_weeks_take_less_than_a_second() -> None:
    painter.paint(draw_four_weeks(chart(EXAMPLE, days=1), Words.of("both")))
    shown = chart(EXAMPLE)

    took = _quickest(lambda: painter.paint(draw_four_weeks(shown, Words.of("both"))))

    # A machine on which this sum takes longer than a twentieth of a second may take as much longer for a picture.
    pace = _quickest(lambda: sum(n * n % 7 for n in range(300_000))) / 0.05
    assert took < max(1.0, pace)


def _quickest(deed: Callable[[], object]) -> float:
    """Seconds of the processor's time, the best of three: others may have been in its way."""
    times = []
    for _ in range(3):
        before = process_time()
        deed()
        times.append(process_time() - before)
    return min(times)
