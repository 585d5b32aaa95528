"""Output on a terminal is aligned, and text of mails cannot control the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.cli.table import STEERING, columns, cut, safe, safe_lines, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\r\nb\tc", "a\\x0d\\x0ab\\x09c"),
        ("\x9bK", "\\x9bK"),
        ("abc\u202edef", "abc\\u202edef"),
        ("\u2028", "\\u2028"),
        ("\udcff", "\\udcff"),
        ("Grüße 你好", "Grüße 你好"),
    ],
)
def test_what_steers_is_escaped(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(st.text())
def test_nothing_that_steers_is_left(text: str) -> None:
    assert not STEERING.search(safe(text))
    assert all(not STEERING.search(line) for line in safe_lines(text, "  "))


def test_columns_are_aligned_numbers_to_the_right() -> None:
    assert list(table(("id", "who", "what"), [(1, "你好", "x"), (10, None, "yy")])) == [
        "id  who   what",
        " 1  你好  x",
        "10  -     yy",
    ]


def test_the_last_column_is_cut_to_the_terminal() -> None:
    lines = list(table(("id", "title"), [(1, "a long, long title that ends")], width=20))
    assert lines[1] == " 1  a long, long ti…"
    assert columns(lines[1]) == 20


def test_the_widest_columns_are_cut_first() -> None:
    row = (1, "someone.with.a.long.name@example.com", "short", "a long, long subject that ends")
    (_, line) = table(("id", "from", "state", "subject"), [row], width=50)
    assert line == " 1  someone.with.a.lon…  short  a long, long subj…"
    assert columns(line) <= 50


def test_a_narrow_terminal_gets_readable_columns() -> None:
    (_, line) = table(("from", "subject"), [("x" * 40, "y" * 40)], width=5)
    assert line == f"{'x' * 9}…  {'y' * 9}…"


def test_a_wide_character_is_not_cut_in_half() -> None:
    assert cut("你好吗", 4) == "你…"
    assert cut("你好", 4) == "你好"


def test_moments_and_numbers_are_never_cut() -> None:
    rows = [(1234567890123, "2026-03-02 09:02Z", "x" * 40), (2, "2026-03-02 09:03Z LATE", "y" * 40), (3, "", "z")]
    lines = list(table(("number", "due", "title"), rows, width=40))
    assert lines[1] == "1234567890123  2026-03-02 09:02Z       xxxxxxxxx…"
    assert "09:03Z LATE" in lines[2]


def test_a_column_without_values_is_none_of_numbers() -> None:
    assert list(table(("id", "last error"), [(1, None)])) == ["id  last error", " 1  -"]
