"""Yes, no and thanks, as people write them, and near misses of each."""

from __future__ import annotations

import pytest

from sitmail.domain.short_answers import confirms, is_no, is_thanks, is_yes_alone

ALONE = [
    "yes",
    "Yes.",
    "YES!",
    "y",
    "Ja",
    "ja, danke",
    "Oui, merci",
    "yes please",
    "Yes, thank you very much",
    "Yes\n\nAnna Smith",
    "yes thanks, Anna",
    "Danke, ja",
    "ok yes",
    "Yes, that",
    "yes, carry on",
]
NOT_ALONE = {"Yes, that", "yes, carry on"}


@pytest.mark.parametrize("text", ALONE)
def test_a_yes_that_gives_power_is_yes_alone(text: str) -> None:
    assert is_yes_alone(text, "Anna Smith") is (text not in NOT_ALONE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Anna",
        "thanks",
        "yesterday",
        "yes?",
        "yes, I did not write that",
        "Yes\nBob Jones",
        "no",
        "yes but no",
        "yes and close 7",
        "yes " * 200,
        "Yes, /close solved",
    ],
)
def test_everything_else_is_no_yes(text: str) -> None:
    assert not is_yes_alone(text, "Anna Smith")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no", True),
        ("No, not me", True),
        ("Nein!", True),
        ("non merci", True),
        ("No, I mean yes", False),
        ("nobody", False),
        ("", False),
        ("yes", False),
    ],
)
def test_no(text: str, found: bool) -> None:
    assert is_no(text) is found


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "Yes, it works now, thanks!",
        "Danke, ja",
        "ja, funktioniert wieder, vielen Dank",
        "Oui, ça marche, merci beaucoup",
        "Yes, the printer works again.",
        "it works",
        "It works now",
        "All good now, thank you!",
        "Yes all is fine. Jane",
        "confirmed",
        "Thanks, yes, solved",
        "ja, Problem gelöst",
    ],
)
def test_confirmed(text: str) -> None:
    assert confirms(text, "Jane Doe")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "thanks",
        "Thank you!",
        "Danke",
        "no",
        "Yes, but the lamp is still red",
        "Yes, I will try tomorrow",
        "Does it work now?",
        "yes?",
        "It works, but slowly",
        "Yes, it doesn't work",
        "Yes it works when I restart it",
        "ja, aber es geht nicht",
        "oui mais encore une question",
        "Yes I got your mail",
        "The works council answers",
        "it works except for the lamp",
        "Yes, it works sometimes",
        "yes " + "x" * 500,
    ],
)
def test_not_confirmed(text: str) -> None:
    assert not confirms(text, "Jane Doe")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thanks", True),
        ("thank you very much!", True),
        ("Vielen Dank für die Hilfe", True),
        ("merci beaucoup", True),
        ("ok", True),
        ("Great, thanks a lot :-)", True),
        ("Perfect!", True),
        ("Thanks, it works", False),
        ("thanks?", False),
        ("thank you for nothing", False),
        ("you", False),
        ("", False),
        ("Thanks but the lamp is red", False),
    ],
)
def test_bare_thanks(text: str, found: bool) -> None:
    assert is_thanks(text) is found


NAMES = ("Jane Doe", "Anna Smith", "Example Support")


@pytest.mark.parametrize(
    "text",
    [
        "Thank you!\n\nJane Doe",
        "Hi Anna,\n\nthank you!\n\nBest regards\nJane",
        "Dear Anna Smith, many thanks for the quick response. Kind regards, Jane Doe",
        "Thanks again for all your help",
        "Thanks in advance",
        "Thanks team",
        "Danke, Anna!",
        "Danke schön\nViele Grüße\nJane",
        "Vielen Dank für Ihre schnelle Hilfe!",
        "Herzlichen Dank",
        "Ich danke Ihnen",
        "Super, danke!",
        "Merci, bonne journée",
        "Merci beaucoup pour votre aide",
        "Mille merci",
        "Je vous remercie",
    ],
)
def test_thanks_with_greetings_and_names_is_thanks_alone(text: str) -> None:
    assert is_thanks(text, *NAMES)
    assert not confirms(text, *NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "Please help",
        "Help, thanks!",
        "Please help me again, thanks",
        "Bitte Hilfe!",
        "Hello!",
        "Danke, ja",
        "no thanks",
        "Thanks, Kim",
        "Best regards\nJane",
        "yes",
    ],
)
def test_what_only_looks_like_thanks(text: str) -> None:
    assert not is_thanks(text, *NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "Hi Anna, yes it works",
        "Yes, please close it",
        "Yes please",
        "It's fixed",
        "It has been solved",
        "Solved!",
        "Problem solved, thank you",
        "It's working again. Thank you very much! Best regards, Jane",
        "Ja, es geht wieder. Viele Grüße, Jane Doe",
        "Ja, bitte schließen",
        "Das Problem ist gelöst. Danke!",
        "Alles funktioniert wieder",
        "Alles gut, danke",
        "Hat sich erledigt",
        "Oui, vous pouvez fermer",
        "Le problème est résolu, merci",
        "C'est réglé",
        "Ça marche maintenant",
        "Tout fonctionne à nouveau",
    ],
)
def test_confirmed_in_all_our_languages(text: str) -> None:
    assert confirms(text, *NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "Is it fixed now",
        "Ist es behoben",
        "Good",
        "Gut",
        "It's gone",
        "Please close",
        "geht nicht",
        "Nein, geht nicht",
        "Ja, ich probiere es morgen",
        "Funktioniert noch nicht",
        "ça ne marche pas",
        "Yes, that is what I see",
    ],
)
def test_not_confirmed_in_any_language(text: str) -> None:
    assert not confirms(text, *NAMES)
