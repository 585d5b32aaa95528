"""Every letter with its samples, in every language: for pictures, and for what a browser measures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sitmail.cli.letters_gallery import shown
from sitmail.cli.messages import LANGUAGES
from sitmail.cli.samples import samples
from sitmail.sending.letters.templates import Letters, packaged

# Words that strain a page: accents, wide letters, right to left, an emoji, and a word of 70 letters.
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtenge"
STRAINED = f"Čeština naïve 日本語の件名 مرحبا שלום 🖨️ {LONG}"


class Shown(NamedTuple):
    name: str
    text: str
    page: str
    language: str


def letters(languages: tuple[str, ...] = ("en", *LANGUAGES), first: bool = False) -> Iterator[Shown]:
    """Each letter on each occasion; `first`: on the full one alone."""
    book = Letters([packaged()])
    occasions = {
        purpose: [_strained(values) for values in (several[:1] if first else several)]
        for purpose, several in samples().items()
    }
    for language in languages:
        for one in shown(book, language, occasions):
            yield Shown(f"{one.name}.{language}", one.written.text, one.written.page, language)


def _strained(values: dict[str, Any]) -> dict[str, Any]:
    incident = values["incident"]
    return values if incident is None else values | {"incident": incident._replace(title=STRAINED)}
