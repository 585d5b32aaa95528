"""The language of words is found only where it is plain."""

from __future__ import annotations

import pytest

from sitmail.domain.written_language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Können Sie uns bitte helfen? Der Drucker druckt nicht mehr.", "de"),
        ("Pouvez-vous nous aider ? Notre imprimante ne marche plus depuis ce matin.", "fr"),
        ("Could you help us, please? The printer has not been working since this morning.", "en"),
        ("Der Drucker", ""),
        ("", ""),
        ("/close it works now", ""),
        ("ERROR 0x80070002 at SetupDi.cpp:1204 in printer.dll", ""),
        ("El servidor no funciona desde ayer por la tarde, por favor ayuda.", ""),
        ("Il server non funziona da ieri, potete aiutarci per favore?", ""),
        ("Können Sie uns bitte helfen? Could you please help us with the printer, since it is not working?", ""),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language
