"""Parsing the command line: options may be anywhere, and every mistake gets a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sitmail.__main__ import delivery
from sitmail.cli.desk import number, spoken
from sitmail.cli.failure import Failure
from sitmail.cli.parsing import overview, parse, parser, reference
from sitmail.cli.verbs import LATER, VERBS


@pytest.mark.parametrize(
    "words",
    [
        "--json --config c.toml incidents --all",
        "incidents --all --json --config c.toml",
        "--config=c.toml incidents --json --all",
        "--all incidents --config c.toml --json",
    ],
)
def test_options_may_stand_before_or_after_the_verb(words: str) -> None:
    verb, asked = parse(words.split())
    assert verb.name == "incidents"
    assert (asked.json, asked.config, asked.all, asked.status) == (True, "c.toml", True, None)


def test_options_may_stand_between_the_words_of_a_verb() -> None:
    assert parse(["held", "attach", "--json", "12", "3"])[1].words == ["attach", "12", "3"]
    assert parse(["outbox", "--json", "retry", "5"])[1].words == ["retry", "5"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("incidnts", "no verb 'incidnts' (did you mean incidents?)"),
        ("incidents --al", "--al is not understood here (did you mean --all?)"),
        ("incident", "required: N"),
        ("incidents extra", "extra is not understood here"),
        ("incidents --owner", "expected one argument"),
        ("backup there", "a backup while running comes later"),
        ("--json", "which verb?"),
    ],
)
def test_a_slip_is_told(words: str, sentence: str) -> None:
    with pytest.raises(Failure) as told:
        parse(words.split())
    assert sentence in str(told.value)
    assert told.value.code == os.EX_USAGE


def test_the_overview_names_every_verb_and_no_later_one() -> None:
    words = {line.split()[0] for line in overview().splitlines() if line.startswith("  ")}
    assert {verb.name for verb in VERBS} <= words
    assert not words & set(LATER)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_has_a_help_page(verb: object) -> None:
    page = parser(verb).format_help()  # type: ignore[arg-type]
    assert verb.usage in page  # type: ignore[attr-defined]
    assert "--json" in page


def test_the_reference_page_has_the_table_of_verbs() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"
    assert reference() in page.read_text(), f"write this into the page:\n{reference()}"


@pytest.mark.parametrize("word", ["12", "#12", "EX-12", "[EX-12]", " 12 "])
def test_an_incident_is_named_as_people_do(word: str) -> None:
    assert number(word) == 12


@pytest.mark.parametrize("word", ["0", "-1", "twelve", "12#3", "", "٣", "9" * 30])
def test_other_words_are_no_numbers(word: str) -> None:
    with pytest.raises(Failure):
        number(word)


def test_actions_are_words_and_numbers() -> None:
    assert spoken("held", []) == {}
    assert spoken("held", ["4"]) == {"id": 4}
    assert spoken("held", ["attach", "12", "4"]) == {"action": "attach", "number": 12, "id": 4}
    assert spoken("held", ["reject", "4"]) == {"action": "reject", "id": 4}
    assert spoken("held", ["reject", "4", "We serve", "Acme."]) == {
        "action": "reject",
        "id": 4,
        "why": "We serve Acme.",
    }
    assert spoken("outbox", ["retry", "all"]) == {"action": "retry"}
    assert spoken("inbox", ["retry", "3"]) == {"action": "retry", "id": 3}


@pytest.mark.parametrize(
    ("verb", "words", "sentence"),
    [
        ("held", ["acept", "4"], "did you mean accept?"),
        ("held", ["attach", "4"], "needs N ID"),
        ("held", ["accept"], "needs ID"),
        ("held", ["accept", "4", "because"], "needs ID"),
        ("held", ["reject"], "needs ID"),
        ("inbox", ["retry", "all"], "'all' is no number"),
        ("inbox", ["1", "2"], "no action"),
    ],
)
def test_wrong_actions_are_told(verb: str, words: list[str], sentence: str) -> None:
    with pytest.raises(Failure) as told:
        spoken(verb, words)
    assert sentence in str(told.value)


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        ("deliver -f a@example.org b@example.com", ["-f", "a@example.org", "b@example.com"]),
        ("--json --config c.toml deliver x@example.com", ["x@example.com"]),
        ("--config deliver", None),
        ("explain deliver", None),
        ("", None),
    ],
)
def test_deliver_is_told_apart_before_anything_is_loaded(words: str, rest: list[str] | None) -> None:
    assert delivery(words.split()) == rest
