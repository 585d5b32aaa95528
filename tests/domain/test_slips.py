"""Which words promise a file, and which only speak of one."""

from __future__ import annotations

import pytest

from sitmail.domain.named_numbers import numbers_in
from sitmail.domain.promised_files import promise

PROMISES = (
    "Please find attached the log.",
    "I have attached the patch.",
    "I've attached you the file.",
    "See attached.",
    "See the attachment.",
    "Attached is the form.",
    "Attached",
    "The manual is attached.",
    "It works now: the guide is attached to this email.",
    "anbei die Rechnung.",
    "Anbei finden Sie die Anleitung.",
    "Anbei erhalten Sie Ihre Rechnung.",
    "Im Anhang ist die Datei.",
    "Die Anleitung finden Sie im Anhang.",
    "Ich hänge die Datei an.",
    "Die angehängte Datei hilft.",
    "Vous trouverez ci-joint le guide.",
    "Le guide est en pièce jointe.",
    "Je joins le journal.",
    "Veuillez trouver ci-jointe la procédure.",
    "Hello Jane, please install the attached patch and restart.",
    "We enclose the quotation.",
    "You can find the log attached, see attached.",
    "Please see the attached document for your reference.",
)
NONE = (
    "Could you attach the log?",
    "Please attach the log file.",
    "Did you see the attachment?",
    "Thank you for the attachment.",
    "Your attachment is empty.",
    "The attached file you sent is empty.",
    "The printer is attached to the server.",
    "No file is attached.",
    "I have not attached the file.",
    "I forgot to attach it.",
    "Bitte hängen Sie das Protokoll an.",
    "Danke für den Anhang.",
    "Ihr Anhang ist leer.",
    "Kein Anhang ist da.",
    "Können Sie die Datei im Anhang öffnen?",
    "Merci pour la pièce jointe.",
    "Votre pièce jointe est vide.",
    "Veuillez joindre le journal.",
    "Avez-vous ouvert la pièce jointe ?",
    "The file I attached yesterday is right.",
    "Attach the cable to the port.",
    "The cable is attached.",
    "He is very attached to his old phone.",
    "The attachment is too large for our server.",
    "If it fails, send the log as an attachment.",
    "Die Anlage 3 läuft wieder.",
    "Bitte senden Sie die Datei als Anhang.",
    "Please send it as an attachment.",
    "In the attachment settings of Outlook, choose 20 MB.",
    "Does it work with the attached cable?",
    "Envoyez-le en pièce jointe.",
)


@pytest.mark.parametrize("words", PROMISES)
def test_a_promise(words: str) -> None:
    assert promise(f"Hello Jane,\n\n{words}\n\nAnna") == words


@pytest.mark.parametrize("words", NONE)
def test_no_promise(words: str) -> None:
    assert promise(f"Hello Jane,\n\n{words}\n\nAnna") == ""


def test_a_sentence_over_two_lines() -> None:
    assert promise("Hello,\n\nsee the guide that is\nattached. It says all.") == "see the guide that is attached."


@pytest.mark.parametrize("text", ["attached " * 5000, ".a" * 20_000 + " anbei", "ich hänge " * 4000, "x\n" * 20_000])
def test_much_text_is_looked_at_in_no_time(text: str) -> None:
    promise(text)


@pytest.mark.parametrize(
    ("words", "noun", "numbers"),
    [
        ("see [SIT-12], sit-13 and [ S I T - 14 ]", "incident", [12, 13, 14]),
        ("ticket #14, Vorgang Nr. 15, dossier n° 16", "incident", [14, 15, 16]),
        ("in case 2 of them fail", "incident", []),
        ("in case 2", "case", [2]),
        ("XSIT-4, SIT-5-6, incident 3.5, SIT-7a, 12", "incident", []),
    ],
)
def test_numbers_of_incidents_in_words(words: str, noun: str, numbers: list[int]) -> None:
    assert list(numbers_in(words, "SIT", noun)) == numbers
