"""The catalogues of letters: complete, up to date, and with the same values in each language."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO

import pytest
from babel.messages.pofile import read_po

from sitmail.cli import messages
from sitmail.domain.leak_guard import FIRST_LINES, HEADS
from sitmail.domain.nouns import NAMES, NOUNS
from sitmail.sending.letters.languages import catalogue_path
from sitmail.sending.letters.noun_forms import FORMS
from sitmail.sending.letters.templates import Letters

VALUE = re.compile(r"%\(\w+\)s")
every_sentence = cache(messages.messages)
COMMAND = re.compile(r"(?<![\w/])/[a-z]+(?: solved)?|sitmail (?:inbox|status)")


@pytest.fixture(params=messages.LANGUAGES)
def catalogue(request):
    path = catalogue_path(messages.TEMPLATES, request.param)
    return request.param, path.read_bytes(), read_po(BytesIO(path.read_bytes()), request.param)


def test_a_catalogue_is_as_the_templates_say(catalogue):
    language, written, _ = catalogue
    assert messages.catalogue(language, written) == written, "run: make messages, and translate what is new"


def test_every_sentence_is_translated(catalogue):
    _, _, read = catalogue
    strings = {one.id: one.string if isinstance(one.string, tuple) else (one.string,) for one in read if one.id}
    assert [sentence for sentence, translated in strings.items() if not all(translated)] == []


def test_a_translation_has_the_same_values_and_commands(catalogue):
    _, _, read = catalogue
    for one in read:
        if not one.id:
            continue
        asked, said = (each if isinstance(each, tuple) else (each,) for each in (one.id, one.string))
        wanted = set().union(*(VALUE.findall(sentence) for sentence in asked))
        assert all(set(VALUE.findall(sentence)) <= wanted for sentence in said), one.id
        assert set(VALUE.findall(said[-1])) == wanted, one.id
        assert set(COMMAND.findall(asked[-1])) == set(COMMAND.findall(said[-1])), one.id


def test_a_translation_has_the_edges_of_its_sentence(catalogue):
    """A blank or comma at the beginning joins a piece to what stands before it."""
    _, _, read = catalogue
    for one in read:
        if isinstance(one.id, str) and one.id and isinstance(one.string, str):
            assert (one.id[0] in " ,") == (one.string[0] in " ,"), one.id
            assert one.string == one.string.rstrip(), one.id


def test_french_has_a_space_before_a_colon():
    read = read_po(BytesIO(catalogue_path(messages.TEMPLATES, "fr").read_bytes()), "fr")
    strings = [one.string for one in read if one.id and isinstance(one.string, str)]
    wrong = [string for string in strings if re.search(r"[^\W\d][;:?!](?:\s|$)", string)]
    assert wrong == []


@pytest.mark.parametrize(("place", "language"), list(enumerate(messages.LANGUAGES, 1)))
def test_the_guard_of_letters_to_staff_knows_their_frame(place, language):
    read = read_po(BytesIO(catalogue_path(messages.TEMPLATES, language).read_bytes()), language)
    plain = "a plain reply is read by: %(readers)s"
    assert read.get(plain).string.replace("\N{NO-BREAK SPACE}", " ") == f"{FIRST_LINES[place]} %(readers)s"
    names = tuple(read.get(label).string.replace("\N{NO-BREAK SPACE}", " ") for label in HEADS["en"])
    assert names == HEADS[language]


@pytest.mark.parametrize("noun", NOUNS[1:])
@pytest.mark.parametrize("language", ["en", *messages.LANGUAGES])
def test_a_desk_names_its_incidents_in_every_sentence(language, noun):
    """Where this fails a phrase is missing in `sending/letters/noun_forms`, or a sentence agrees outside of one."""
    spoken = Letters([messages.TEMPLATES], noun=noun).language(language)
    first = re.compile(rf"(?i)(?<![\w(]){NAMES[language][0][:6]}")
    said = [spoken.gettext(one) for one, _ in every_sentence() if isinstance(one, str)]
    assert [sentence for sentence in said if first.search(sentence)] == []
    assert sum(NAMES[language][NOUNS.index(noun)] in sentence for sentence in said) >= 15


AGREEING = {  # what a noun brings with it, before and behind
    "de": r"(?:\b(?:d(?:er|ie|as|en|em|es)|dies\w*|k?ein\w*|ihr\w*)\s(?:\w+\s)?)?vorg\w+",
    "fr": r"(?:\b(?:(?:de |à )?l'|un |cet |votre |un nouvel ))?incident\w*(?: fermé\w*| précédent\w*)?",
}


@pytest.mark.parametrize("language", AGREEING)
def test_what_agrees_with_the_noun_is_a_part_of_its_phrase(language):
    """No article is left to the old gender."""
    read = read_po(BytesIO(catalogue_path(messages.TEMPLATES, language).read_bytes()), language)
    sentences = [one.string for one in read if one.id and isinstance(one.string, str)]
    pattern = re.compile(rf"(?<![(\w]){AGREEING[language]}", re.IGNORECASE)
    phrases = {found[0].lower() for sentence in sentences for found in pattern.finditer(sentence)}
    assert phrases - {form.lower() for form in FORMS[language]} == set()
