"""Templates: the admin's come before the packaged ones, and a mistake in one never stops a letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from sitmail.sending.letters.filters import moment, size, span
from sitmail.sending.letters.templates import LetterError, Letters, packaged
from tests.letters.pages import differ

Write = Callable[[str, str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def file(folder: str, name: str, text: str) -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return file


class Desk(Letters):
    def said(self, purpose: str, values: dict[str, object]) -> tuple[str, str]:
        """Subject and text, and that the page says the same."""
        found = self.write("en", purpose, values)
        assert differ(found.text, found.page) == []
        return found.subject, found.text


@pytest.fixture
def letters(tmp_path: Path, write: Write) -> Callable[[], Desk]:
    write("packaged", "ack.txt", "Subject: [{{ ref }}] {{ title }}\n\nDear {{ name }},\n\nwe have it.\n")
    return lambda: Desk([tmp_path / "admin", tmp_path / "packaged"])


VALUES = {"ref": "SIT-1", "title": "Printer", "name": "Bob"}
ACK = ("[SIT-1] Printer", "Dear Bob,\n\nwe have it.\n")


def test_subject_and_text(letters: Callable[[], Desk]) -> None:
    assert letters().said("ack", VALUES) == ACK


def test_the_admins_letter_goes_before_ours(letters: Callable[[], Desk], write: Write) -> None:
    write("admin", "ack.txt", "Subject: Got it\n\nThanks.\n")
    assert letters().said("ack", VALUES) == ("Got it", "Thanks.\n")


def test_an_admins_piece_is_included_by_our_letter(letters: Callable[[], Desk], write: Write) -> None:
    write("packaged", "foot.txt", "Subject: x\n\n{% include '_foot.txt' %}\n")
    write("packaged", "_foot.txt", "ours")
    write("admin", "_foot.txt", "theirs")
    assert letters().said("foot", {}) == ("x", "theirs\n")
    path = write("admin", "_foot.txt", "{{ nosuch }}")
    desk = letters()
    assert desk.said("foot", {}) == ("x", "ours\n")
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
    letters: Callable[[], Desk], write: Write, broken: str, sentence: str
) -> None:
    path = write("admin", "ack.txt", broken)
    desk = letters()
    assert desk.said("ack", VALUES) == ACK
    assert desk.faults[str(path)].startswith(f"{path}{sentence}")
    (told,) = desk.check({"ack": [VALUES, VALUES]})
    assert told.startswith(f"{path}{sentence}")


def test_values_are_data(letters: Callable[[], Desk]) -> None:
    odd = "{{7*7}} {% raw %} ${x} %(a)s {0.__class__} {# c #}"
    subject, text = letters().said("ack", VALUES | {"title": odd, "name": odd})
    assert subject == f"[SIT-1] {odd}"
    assert text == f"Dear {odd},\n\nwe have it.\n"


def test_a_subject_is_one_line(letters: Callable[[], Desk], write: Write) -> None:
    write("admin", "ack.txt", "Subject: a\n{{ title }}\r\n\tb\n\nText\n")
    assert letters().said("ack", VALUES) == ("a Printer b", "Text\n")


def test_an_admin_replaces_one_block_of_our_letter(letters: Callable[[], Desk], write: Write) -> None:
    base = "Subject: {% block subject %}{% endblock +%}\n\n{% block text %}{% endblock +%}\n"
    write("packaged", "_base.txt", base + "us\n")
    blocks = "{% block subject %}{{ title }}{% endblock %}{% block text %}ours{% endblock %}"
    write("packaged", "ack.txt", f'{{% extends "_base.txt" %}}{blocks}')
    assert letters().said("ack", VALUES) == ("Printer", "ours us\n")
    mine = "{% block text %}mine, {{ super() }}{% endblock %}"
    write("admin", "ack.txt", f'{{% extends "packaged/ack.txt" %}}{mine}')
    assert letters().said("ack", VALUES) == ("Printer", "mine, ours us\n")
    write("admin", "_base.txt", "Subject: theirs\n\n{% block text %}{% endblock +%}\nthey\n")
    assert letters().said("ack", VALUES) == ("theirs", "mine, ours they\n")


class Named(NamedTuple):
    title: str


@pytest.mark.parametrize(
    "asked", ["{{ named.class }}", "{{ detail.get() }}", "{{ missing.title }}", "{{ missing.get(1) }}"]
)
def test_what_is_not_there_is_told_with_its_line(letters: Callable[[], Desk], write: Write, asked: str) -> None:
    write("admin", "ack.txt", f"Subject: x\n\n{asked}")
    made = letters()
    assert made.said("ack", {**VALUES, "detail": {}, "named": Named("Printer")}) == ACK
    assert "ack.txt:3: " in next(iter(made.faults.values()))


def test_what_a_loop_or_set_names_hides_the_value_of_that_name(letters: Callable[[], Desk], write: Write) -> None:
    looped = "{% for named in [{'title': 'of the loop'}] %}{{ named.title }}{% endfor %}"
    write("admin", "ack.txt", f"Subject: {{{{ named.title }}}}\n\n{looped} {{{{ detail.get('x', named.title) }}}}")
    values = {**VALUES, "detail": {}, "named": Named("Printer")}
    assert letters().said("ack", values) == ("Printer", "of the loop Printer\n")


def test_another_language_says_the_same_letter_by_its_catalogue(
    letters: Callable[[], Desk], write: Write, tmp_path: Path
) -> None:
    write(
        "packaged", "ack.txt", "Subject: x\n\n{% trans %}We\n have it.{% endtrans %} {{ _('Thanks') }} {{ language }}"
    )
    catalogue(tmp_path / "packaged", "pt", {"We have it.": "Temos isso.", "Thanks": "Obrigado"})
    catalogue(tmp_path / "admin", "ar", {"Thanks": "\u0634\u0643\u0631\u0627"})
    desk = letters()
    found = desk.write("pt-BR", "ack", {})
    assert (found.text, found.language) == ("Temos isso. Obrigado pt\n", "pt")
    assert '<html lang="pt" dir="ltr">' in found.page
    assert '<html lang="ar" dir="rtl">' in desk.write("ar", "ack", {}).page
    for language in ("de", "", "../pt", "pt/x", "x" * 300):
        assert desk.write(language, "ack", {}).text == "We have it. Thanks en\n"
    assert [desk.speaks(one) for one in ("pt", "pt-BR", "en-GB", "de")] == [True, True, True, False]


def catalogue(folder: Path, language: str, sentences: dict[str, str]) -> None:
    path = folder / "locale" / language / "LC_MESSAGES" / "sitmail.po"
    path.parent.mkdir(parents=True)
    known = {"": "Content-Type: text/plain; charset=UTF-8\\n"} | sentences
    path.write_text("\n\n".join(f'msgid "{one}"\nmsgstr "{said}"' for one, said in known.items()), "utf-8")


def test_a_letter_that_no_template_gives(letters: Callable[[], Desk]) -> None:
    with pytest.raises(LetterError, match=r"nosuch\.txt"):
        letters().said("nosuch", VALUES)
    with pytest.raises(LetterError, match="'name' is undefined"):
        letters().said("ack", {"ref": "", "title": ""})


def test_check_names_what_is_wrong(letters: Callable[[], Desk], write: Write, tmp_path: Path) -> None:
    write("admin", "akc.txt", "Subject: x\n\nx\n")
    write("admin", "de/ack.txt", "Subject: x\n\nx\n")
    write("packaged", "ack.txt", "Subject: x\n\n{{ nme }}\n")
    assert sorted(letters().check({"ack": [VALUES], "closed": [{}]})) == [
        f"{tmp_path}/admin/akc.txt: no letter has this name (did you mean ack.txt?)",
        f"{tmp_path}/admin/de/ack.txt: letters are one file for all languages now, so this one is not used; "
        f"{tmp_path}/admin/ack.txt would be",
        f"{tmp_path}/packaged/ack.txt:3: 'nme' is undefined",
        "templates: no closed.txt",
    ]
    assert Letters([tmp_path / "nowhere"]).check({}) == []


def test_the_packaged_folder_is_there() -> None:
    assert (packaged() / "_staff.txt").is_file()


def test_filters_are_known_to_templates(letters: Callable[[], Desk], write: Write) -> None:
    write(
        "packaged",
        "f.txt",
        "Subject: {{ 5400 | span }} {{ 1200000 | size }}\n\n{{ words | quote }}\n{{ at | moment('Europe/Berlin') }}\n",
    )
    at = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert letters().said("f", {"words": "one\ntwo", "at": at}) == (
        "1 h 30 min 1.2 MB",
        "> one\n> two\n\nWed 1 Jul 2026, 14:00 (Europe/Berlin)\n",
    )


def test_without_html_there_is_no_page(letters: Callable[[], Desk], tmp_path: Path) -> None:
    letters()
    assert Letters([tmp_path / "packaged"], html=False).write("en", "ack", VALUES).page == ""


def test_a_piece_is_put_into_another_letter_with_its_blocks(letters: Callable[[], Desk], write: Write) -> None:
    write("packaged", "one.txt", "Subject: x\n\nNews:\n{{ words | quote }}\n")
    write("packaged", "two.txt", "Subject: y\n\n{% for one in also %}{{ one }}{% endfor %}\nEnd.\n")
    desk = letters()
    piece = desk.piece("en", "one", {"words": "<b>"})
    assert desk.said("two", {"also": [piece]}) == ("y", "News:\n\n> <b>\n\nEnd.\n")


def test_the_guard_sees_what_is_rendered_before_it_is_set_out(letters: Callable[[], Desk]) -> None:
    found = letters().write("en", "ack", VALUES, guard=lambda text: text.replace("Bob", "-"))
    assert "Dear -," in found.text and "Dear -," in found.page and "Bob" not in found.page


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


def test_a_catalogue_that_is_none_or_spoils_a_letter_is_passed_over_and_told(
    letters: Callable[[], Desk], write: Write, tmp_path: Path
) -> None:
    write("packaged", "ack.txt", "Subject: x\n\n{{ _('Hello %(name)s') % {'name': 'Jane'} }}\n")
    write("admin", "locale/pt/LC_MESSAGES/sitmail.po", 'msgid "Hello %(name)s"\nmsgstr "Ola %(nome)s"\n')
    write("admin", "locale/nl/LC_MESSAGES/sitmail.po", 'msgid "Hello\n')
    desk = letters()
    for language in ("pt", "nl"):
        found = desk.write(language, "ack", {})
        assert (found.text, found.language) == ("Hello Jane\n", "en")
    told = " ".join(letters().check({"ack": [{}]}))
    assert "nl/LC_MESSAGES/sitmail.po" in told
    assert "nome" in told
