"""Verbs in German and French."""

from __future__ import annotations

import pytest

from sitmail.domain import commands
from sitmail.domain.command_lines import read_line
from sitmail.domain.customer_verbs import CUSTOMER, SITE_ADMIN
from sitmail.domain.verb_names import NAMES, name_in, verb_of
from sitmail.domain.verbs import STAFF

EVERY = [(name, verb) for names in NAMES.values() for verb, all_names in names.items() for name in all_names]


@pytest.mark.parametrize(("name", "verb"), EVERY)
def test_a_name_is_the_verb_in_any_case_with_and_without_a_slash(name, verb):
    for line, bare in ((f"/{name} x", False), (f"/{name.upper()} x", False), (f"{name} x", True)):
        found = read_line(line, bare=bare)
        assert found is not None
        assert (found.verb, found.argument, found.exact) == (verb, "x", True)


def test_names_are_of_verbs_that_there_are_and_of_one_alone():
    assert {verb for _, verb in EVERY} <= {*STAFF, *CUSTOMER, *SITE_ADMIN}
    assert len({name for name, _ in EVERY}) == len(set(EVERY))
    assert not {name for name, _ in EVERY} & {*STAFF, *CUSTOMER}


def test_text_stays_text():
    assert verb_of("Fermeture") == "fermeture"
    script = commands.read("fermer la porte\n\nnotiz an mich", CUSTOMER, strict=False)
    assert (script.commands, script.words) == ((), "fermer la porte\n\nnotiz an mich")


def test_near_misses_are_read_like_those_of_the_english_name():
    script = commands.read("/notiz: das Teil ist bestellt", STAFF, strict=True)
    assert (script.note, script.words, script.mistakes) == ("das Teil ist bestellt", "", ())


def test_the_name_for_readers():
    assert name_in("de", "close") == "schließen"
    assert name_in("fr-ch", "close") == "fermer"
    assert name_in("en", "close") == name_in("fr", "note") == ""
