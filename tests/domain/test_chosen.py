"""Lists, ranges and searches on the left side of a line (`domain/number_lists`, `domain/chosen`)."""

from __future__ import annotations

import pytest

from sitmail.domain.chosen import Left, left_of
from sitmail.domain.number_lists import MOST, backwards, expanded, holds_range
from sitmail.domain.numbered_commands import mentions_in, numbers_of, read_numbered
from sitmail.domain.paper_replies import Lines
from sitmail.domain.verbs import STAFF


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("12", (12,)),
        ("12, 14-16", (12, 14, 15, 16)),
        ("12,12 , EX-12", (12,)),
        ("EX-12-EX-14", (12, 13, 14)),
        ("[EX-12]\u2013[EX-13]", (12, 13)),
        ("7..9", (7, 8, 9)),
        ("9-7", ()),
    ],
)
def test_lists(written: str, numbers: tuple[int, ...]) -> None:
    assert expanded(written) == numbers
    assert bool(backwards(written)) is not bool(numbers)


def test_a_list_is_bounded_before_it_is_counted() -> None:
    assert len(expanded("1-999999999, 1-999999999")) == MOST + 1
    assert holds_range("1, 2-3")
    assert not holds_range("EX-1, 2")
    script = read_numbered(f"1-{MOST + 1}: /take", "", STAFF)
    assert not script.commands
    assert [str(MOST) in one.hint for one in script.mistakes] == [True]
    assert len(read_numbered(f"1-{MOST}: /take", "", STAFF).commands[0].numbers) == MOST


@pytest.mark.parametrize("line", ["2026-12-24: the fair", "12-24 Uhr: closed", "10:30 in the hall", "1-2"])
def test_what_is_no_list(line: str) -> None:
    assert numbers_of(line)[0] in ((), (10,))


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("owner:jane status:active: /assign bob", Left("owner:jane status:active", "/assign bob")),
        ('site:"Acme Ltd" late: /priority high', Left('site:"Acme Ltd" late', "/priority high")),
        ("queue mine: /take", Left("queue mine", "/take")),
        ("/queue mine: hello to all", Left("queue mine", "hello to all")),
        ("search red lamp: /tag lamp", Left("search red lamp", "/tag lamp")),
        ("parent:12: We work on it: wait, please.", Left("parent:12", "We work on it: wait, please.")),
        ("late open: /priority high", Left("late open", "/priority high")),
        ("onwer:jane: /take", Left("onwer:jane", "/take")),  # refused with what was meant
        # words, and questions
        ("search printer: red lamp", None),
        ("status: all is fine", None),
        ("closed: yes", None),
        ("Jane, owner:bob: yes", None),
        ("owner:bob yes", None),
        ("https://example.com: /close", None),
        ("re: owner: /x", None),
        ("queue mine:", None),
    ],
)
def test_searches(line: str, left: Left | None) -> None:
    assert left_of(line) == left


def test_what_searches_name_is_looked_up() -> None:
    found = mentions_in("", "owner:jane: /close solved\nqueue late: /take")
    assert found.searches == ("owner:jane", "queue late")
    assert {"close", "take"} <= found.verbs


def test_a_search_that_nobody_looked_up_is_a_mistake() -> None:
    script = read_numbered("owner:jane: /take", "", STAFF, chosen={})
    assert not script.commands
    assert len(script.mistakes) == 1


def test_a_range_of_lines_of_a_paper() -> None:
    lines = Lines((31, 32, 33))
    assert lines.named("1-2: /take") == ((31, 32), "/take")
    assert lines.named("EX-1-2: /take") == ((1, 2), "/take")
    assert lines.named("1, 3: /take") == ((31, 33), "/take")
    assert lines.named("3-5: /take")[0] == (33, -4, -5)
