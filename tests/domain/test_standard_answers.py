"""Fields of standard answers are put in once, from a closed list."""

from __future__ import annotations

import pytest

from sitmail.domain.standard_answers import StandardAnswer, filled, unknown_fields


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("Hello {name},", {"name": "Jane"}, "Hello Jane,"),
        ("Hello {name},", {}, "Hello,"),
        ("Your {product} of {site}", {"product": "{site}", "site": "Acme"}, "Your {site} of Acme"),
        ("{{name}}", {"name": "Jane"}, "{Jane}"),
        ("a { b } {1} {}", {}, "a { b } {1} {}"),
        ("{name.__class__} {% x %}", {"name": "Jane"}, "{name.__class__} {% x %}"),
    ],
)
def test_a_field_is_put_in_once(text: str, values: dict[str, str], says: str) -> None:
    assert filled(text, values) == says


def test_words_in_braces_that_are_no_field_are_found() -> None:
    assert unknown_fields("Hello {nmae}, {name} {Reference}") == ["nmae", "Reference"]


@pytest.mark.parametrize(
    ("language", "says"), [("de", "Hallo"), ("de-AT", "Servus"), ("de-CH", "Hallo"), ("fr", "Hello"), ("", "Hello")]
)
def test_the_text_of_the_nearest_language(language: str, says: str) -> None:
    texts = {"de": "Hallo", "de-AT": "Servus"}
    assert StandardAnswer("one", "One", "Hello", texts).text_in(language) == says
