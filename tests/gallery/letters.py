"""Every letter with its samples, in every language: for pictures, and for what a browser measures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sitmail.cli.messages import LANGUAGES, TEMPLATES
from sitmail.cli.samples import samples
from sitmail.sending.letters.templates import Letters

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
    book = Letters([TEMPLATES])
    for language in languages:
        for purpose, occasions in samples().items():
            for place, values in enumerate(occasions[:1] if first else occasions, 1):
                if values["piece"]:
                    continue
                written = book.write(language, purpose, _strained(values), "support+i12.k@example.com", "[EX-12]")
                yield Shown(f"{purpose}-{place}.{language}", written.text, written.page, language)


def _strained(values: dict[str, object]) -> dict[str, object]:
    incident = values["incident"]
    return values if incident is None else values | {"incident": incident._replace(title=STRAINED)}  # type: ignore[attr-defined]
