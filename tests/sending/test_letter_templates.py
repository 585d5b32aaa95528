"""Templates: the admin's come before the packaged ones, and a mistake in one never stops a letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.sending.letter_templates import LetterError, Letters, _tidy, packaged
from sitmail.sending.template_filters import indent, moment, quote, size, span, wrap

Write = Callable[[str, str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def file(folder: str, name: str, text: str) -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return file


@pytest.fixture
def letters(tmp_path: Path, write: Write) -> Callable[[], Letters]:
    write("packaged", "en/ack.txt", "Subject: [{{ ref }}] {{ title }}\n\nDear {{ name }},\n\nwe have it.\n")
    return lambda: Letters([tmp_path / "admin", tmp_path / "packaged"])


VALUES = {"ref": "SIT-1", "title": "Printer", "name": "Bob"}
ACK = ("[SIT-1] Printer", "Dear Bob,\n\nwe have it.\n")


def test_subject_and_text(letters: Callable[[], Letters]) -> None:
    assert letters().render("en", "ack", VALUES) == ACK


def test_the_admins_letter_goes_before_ours(letters: Callable[[], Letters], write: Write) -> None:
    write("admin", "en/ack.txt", "Subject: Got it\n\nThanks.\n")
    assert letters().render("en", "ack", VALUES) == ("Got it", "Thanks.\n")


def test_an_admins_piece_is_included_by_our_letter(letters: Callable[[], Letters], write: Write) -> None:
    write("packaged", "en/foot.txt", "Subject: x\n\n{% include 'en/_foot.txt' %}\n")
    write("packaged", "en/_foot.txt", "ours")
    write("admin", "en/_foot.txt", "theirs")
    assert letters().render("en", "foot", {}) == ("x", "theirs\n")
    path = write("admin", "en/_foot.txt", "{{ nosuch }}")
    desk = letters()
    assert desk.render("en", "foot", {}) == ("x", "ours\n")
    assert list(desk.faults.values()) == [f"{path}:1: 'nosuch' is undefined"]


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ("Subject: x\n\n{% if %}\n", ":3: Expected an expression"),
        ("Subject: x\n\nDear\n{{ nme }}\n", ":4: 'nme' is undefined"),
        ("Subject: x\n\n{{ 1 / 0 }}\n", ":3: ZeroDivisionError"),
        ("Hello\n\nx\n", ': the first line does not begin with "Subject:"'),
        ("Subject:\n\nx\n", ": the subject or the text is empty"),
        ("Subject: x\n", ": the subject or the text is empty"),
        ("Subject: x\n\n{{ name | nosuch }}\n", ":3: No filter named 'nosuch'"),
    ],
)
def test_a_broken_letter_of_the_admin_is_passed_over_and_told(
    letters: Callable[[], Letters], write: Write, broken: str, sentence: str
) -> None:
    path = write("admin", "en/ack.txt", broken)
    desk = letters()
    assert desk.render("en", "ack", VALUES) == ACK
    assert desk.faults[str(path)].startswith(f"{path}{sentence}")
    (told,) = desk.check({"ack": [VALUES, VALUES]})
    assert told.startswith(f"{path}{sentence}")


def test_values_are_data(letters: Callable[[], Letters]) -> None:
    odd = "{{7*7}} {% raw %} ${x} %(a)s {0.__class__} {# c #}"
    subject, text = letters().render("en", "ack", VALUES | {"title": odd, "name": odd})
    assert subject == f"[SIT-1] {odd}"
    assert text == f"Dear {odd},\n\nwe have it.\n"


def test_a_subject_is_one_line(letters: Callable[[], Letters], write: Write) -> None:
    write("admin", "en/ack.txt", "Subject: a\n{{ title }}\r\n\tb\n\nText\n")
    assert letters().render("en", "ack", VALUES) == ("a Printer b", "Text\n")


def test_an_admin_replaces_one_block_of_our_letter(letters: Callable[[], Letters], write: Write) -> None:
    base = "Subject: {% block subject %}{% endblock +%}\n\n{% block text %}{% endblock +%}\n"
    write("packaged", "en/_base.txt", base + "us\n")
    blocks = "{% block subject %}{{ title }}{% endblock %}{% block text %}ours{% endblock %}"
    write("packaged", "en/ack.txt", f'{{% extends "en/_base.txt" %}}{blocks}')
    assert letters().render("en", "ack", VALUES) == ("Printer", "ours\nus\n")
    mine = "{% block text %}mine, {{ super() }}{% endblock %}"
    write("admin", "en/ack.txt", f'{{% extends "packaged/en/ack.txt" %}}{mine}')
    assert letters().render("en", "ack", VALUES) == ("Printer", "mine, ours\nus\n")
    write("admin", "en/_base.txt", "Subject: theirs\n\n{% block text %}{% endblock +%}\nthey\n")
    assert letters().render("en", "ack", VALUES) == ("theirs", "mine, ours\nthey\n")


class Named(NamedTuple):
    title: str


@given(
    st.text(alphabet="a -\n\t\x1c\u2003", max_size=30)
    | st.lists(st.sampled_from(["a", " ", "\n", "\n-- \n"]), max_size=12).map("".join)
)
def test_a_text_is_tidied_line_by_line(text: str) -> None:
    lines = [line if line == "-- " else line.rstrip() for line in text.split("\n")]
    assert _tidy(text) == re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


@given(st.text(alphabet="a >\n\r\x1f\u2003", max_size=30))
def test_a_quotation_marks_each_line_and_leaves_none_with_a_tail(text: str) -> None:
    lines = text.strip("\n").split("\n")
    assert quote(text) == "\n".join(f"> {line}".rstrip() for line in lines)


@pytest.mark.parametrize(
    "asked", ["{{ named.class }}", "{{ detail.get() }}", "{{ missing.title }}", "{{ missing.get(1) }}"]
)
def test_what_is_not_there_is_told_with_its_line(letters: Callable[[], Letters], write: Write, asked: str) -> None:
    write("admin", "en/ack.txt", f"Subject: x\n\n{asked}")
    made = letters()
    assert made.render("en", "ack", {**VALUES, "detail": {}, "named": Named("Printer")}) == ACK
    assert "ack.txt:3: " in next(iter(made.faults.values()))


def test_what_a_loop_or_set_names_hides_the_value_of_that_name(letters: Callable[[], Letters], write: Write) -> None:
    looped = "{% for named in [{'title': 'of the loop'}] %}{{ named.title }}{% endfor %}"
    write("admin", "en/ack.txt", f"Subject: {{{{ named.title }}}}\n\n{looped} {{{{ detail.get('x', named.title) }}}}")
    values = {**VALUES, "detail": {}, "named": Named("Printer")}
    assert letters().render("en", "ack", values) == ("Printer", "of the loop Printer\n")


def test_languages_fall_back_to_their_family_then_to_english(letters: Callable[[], Letters], write: Write) -> None:
    write("packaged", "pt/ack.txt", "Subject: pt\n\npt\n")
    desk = letters()
    assert desk.render("pt-BR", "ack", VALUES)[0] == desk.render("pt_br", "ack", VALUES)[0] == "pt"
    for language in ("de", "", "../en", "en/x", "x" * 300):
        assert desk.render(language, "ack", VALUES) == ACK


def test_a_letter_that_no_template_gives(letters: Callable[[], Letters]) -> None:
    with pytest.raises(LetterError, match=r"en/nosuch\.txt"):
        letters().render("en", "nosuch", VALUES)
    with pytest.raises(LetterError, match="'name' is undefined"):
        letters().render("en", "ack", {"ref": "", "title": ""})


def test_the_text_is_tidy(letters: Callable[[], Letters], write: Write) -> None:
    write(
        "packaged",
        "en/tidy.txt",
        "Subject:  a\n   b \n\n\n\nx   \n{% if true %}\n  y\n{% endif %}\n\n\n\n-- \nDesk  \n\n\n",
    )
    assert letters().render("en", "tidy", {}) == ("a b", "x\n  y\n\n-- \nDesk\n")


def test_check_names_what_is_wrong_in_any_language(
    letters: Callable[[], Letters], write: Write, tmp_path: Path
) -> None:
    write("admin", "en/akc.txt", "Subject: x\n\nx\n")
    write("admin", "german/ack.txt", "Subject: x\n\nx\n")
    write("packaged", "de/ack.txt", "Subject: x\n\n{{ nme }}\n")
    assert letters().check({"ack": [VALUES], "closed": [{}]}) == [
        f"{tmp_path}/admin/en/akc.txt: no letter has this name (did you mean ack.txt?)",
        f"{tmp_path}/admin/german/ack.txt: 'german' is no language (write it like 'en' or 'pt-br')",
        f"{tmp_path}/packaged/de/ack.txt:3: 'nme' is undefined",
        "templates: no en/closed.txt",
    ]
    assert Letters([tmp_path / "nowhere"]).check({}) == []


def test_the_packaged_folder_is_there() -> None:
    assert (packaged() / "en").is_dir()


def test_filters_are_known_to_templates(letters: Callable[[], Letters], write: Write) -> None:
    write(
        "packaged",
        "en/f.txt",
        "Subject: {{ 5400 | span }} {{ 1200000 | size }}\n\n"
        "{{ words | wrap(10) | quote }}\n{{ at | moment('Europe/Berlin') }}\n{{ words | indent }}\n",
    )
    at = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert letters().render("en", "f", {"words": "one two three", "at": at}) == (
        "1 h 30 min 1.2 MB",
        "> one two\n> three\nWed 1 Jul 2026, 14:00 (Europe/Berlin)\n    one two three\n",
    )


@pytest.mark.parametrize(
    ("seconds", "day", "text"),
    [
        (0, 0, "0 s"), (59, 0, "59 s"), (60, 0, "1 min"), (3600, 0, "1 h"), (9000, 0, "2 h 30 min"), (93600, 0, "26 h"),
        (93600, 86400, "1 d 2 h"), (36000, 28800, "1 d 2 h"), (-5, 0, "0 s"), (59.7, 0, "60 s"), (3599, 0, "1 h"),
    ],
)  # fmt: skip
def test_spans(seconds: float, day: float, text: str) -> None:
    assert span(seconds, day) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 KB"), (34_000, "34 KB"), (999_400, "999 KB"),
        (999_600, "1.0 MB"), (1_200_000, "1.2 MB"), (9_960_000, "10 MB"), (5_000_000_000, "5.0 GB"),
        (7_000_000_000_000, "7000 GB"),
    ],
)  # fmt: skip
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


def test_moments_print_their_zone() -> None:
    at = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)
    assert moment(at) == "Thu 1 Jan 2026, 23:30 (UTC)"
    assert moment(at, ZoneInfo("Asia/Tokyo")) == "Fri 2 Jan 2026, 08:30 (Asia/Tokyo)"


def test_wrapping_keeps_what_must_not_be_touched() -> None:
    link = "https://example.com/" + "x" * 90
    kept = f"> {'quoted ' * 20}\nshort\n\n{link}"
    assert wrap(kept) == kept
    assert wrap("  " + "word-y " * 20).split("\n")[1].startswith("  word-y word-y")
    assert max(map(len, wrap("word " * 100).split("\n"))) <= 76


def test_quoting() -> None:
    assert quote("\na\n\nb \n") == "> a\n>\n> b"
    assert indent("a\n\nb", 2) == "  a\n\n  b"
