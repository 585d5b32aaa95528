"""Which articles are offered: good matches, the best first, and nothing rather than rubbish."""

from __future__ import annotations

import pytest

from sitmail.domain.article_offers import Offered, OfferIndex, explained, index_of, offers
from sitmail.store.search_words import LANGUAGE_NAMES, likely, stems_of, telling_words, words_in

ARTICLES = (
    (1, "en", "Red lamp burns on the printer", "Nothing is printed, and a lamp burns."),
    (2, "en", "How to connect to the VPN from home", "The tunnel does not open. Timeout after the password."),
    (3, "de", "Die rote Lampe am Drucker brennt", "Es wird nichts gedruckt."),
    (4, "fr", "La lampe rouge de l'imprimante est allumée", "Rien ne s'imprime."),
    (5, "", "Password", "The password expired and the login page refuses it."),
)


def words(number: int, language: str, title: str, told: str) -> Offered:
    known = likely(words_in(f"{title} {told}"), language)
    titled = frozenset(stems_of(telling_words(title), known))
    return Offered(number, title, language, titled, frozenset(stems_of(telling_words(told), known)) - titled)


INDEX = index_of(words(*one) for one in ARTICLES)


def offered(text: str, language: str = "en", index: OfferIndex = INDEX) -> list[int]:
    stems = [stem for each in LANGUAGE_NAMES for stem in stems_of(telling_words(text), each)]
    return [one.number for one in offers(stems, index, language)]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Printer: a red lamp is burning", "en", [1]),
        ("Red lamps burn on both printers", "de", [1]),
        ("the printer", "en", []),  # one word of a title
        ("The lamp in my office is nice", "en", []),
        ("Die Lampe brennt rot, der Drucker steht", "de", [3]),
        ("La lampe de l'imprimante est rouge", "fr", [4]),
        ("I cannot connect to the VPN at home", "en", [2]),
        ("VPN: timeout after password, tunnel closed", "en", [2]),  # little of the title, much of what is described
        ("My password", "en", []),  # a title of one word
        ("password expired, login page refuses it", "en", [5]),
        ("", "en", []),
        ("please thank you kind regards the and", "en", []),
    ],
)
def test_good_matches_alone(text: str, language: str, found: list[int]) -> None:
    assert offered(text, language) == found


def test_the_readers_language_comes_first_and_three_are_enough() -> None:
    alike = [(n, ("en", "de", "")[n % 3], "Server room alarm", "") for n in range(1, 8)]
    index = index_of(words(*one) for one in alike)
    assert offered("alarm in the server room", "en", index) == [6, 3, 5]
    assert offered("alarm in the server room", "de", index) == [7, 4, 1]


def test_words_of_most_articles_tell_nothing() -> None:
    many = [(n, "en", f"Printer driver topic{n}", "") for n in range(1, 20)]
    index = index_of(words(*one) for one in [*many, (20, "en", "Printer driver crashes Excel", "")])
    assert offered("The printer driver", "en", index) == []
    assert offered("The printer driver crashes Excel", "en", index) == [20]


def test_why_names_the_words() -> None:
    found = offers(stems_of(["red", "lamp", "burn", "printer"], "en"), INDEX, "en")
    assert explained(found) == "KB1 offered: burn lamp printer red"
    assert not index_of(())
