"""Filters for templates: how our letters print moments, spans and sizes.

Pure functions.  The words round what they print stand in the templates.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from sitmail.domain import moments
from sitmail.domain.sentence import Moment, Sentence, restored
from sitmail.sending.letters.languages import Language

_PATTERN = "EEE d MMM y, HH:mm"  # of Unicode's date patterns (UTS 35), in other languages than English
_PATTERNS = {"de": "EEE d. MMM y, HH:mm"}
_UNITS = {
    "en": ("byte", "bytes", "KB", "MB", "GB"),
    "de": ("Byte", "Byte", "KB", "MB", "GB"),
    "fr": ("octet", "octets", "Ko", "Mo", "Go"),
}


@lru_cache(maxsize=1024)  # both readers of a new incident are given the same moments
def moment(when: datetime | str, zone: str | tzinfo = "UTC", language: str = "en") -> str:
    """ "Tue 24 Nov 2026, 14:00 (Europe/Berlin)", as the language writes dates (`domain.moments` in English).

    The detail of a notice may hold it as a text.
    """
    when = datetime.fromisoformat(when) if isinstance(when, str) else when
    if language == "en":
        return moments.moment(when, zone)
    from babel.dates import format_datetime  # noqa: PLC0415  (desks in English do without)

    local = when.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
    pattern = _PATTERNS.get(language.partition("-")[0], _PATTERN)
    return f"{format_datetime(local, pattern, locale=language.replace('-', '_'))} ({zone})"


def day(iso: str, language: str = "en") -> str:
    """ "24 Nov 2026" for "2026-11-24", as the language writes dates."""
    when = date.fromisoformat(iso)
    if language == "en":
        return f"{when.day} {when:%b %Y}"
    from babel.dates import format_date  # noqa: PLC0415

    pattern = "d. MMMM y" if language.partition("-")[0] == "de" else "d MMMM y"
    return str(format_date(when, pattern, locale=language.replace("-", "_")))


def span(seconds: float, day: float = 0) -> str:
    """Seconds as "2 h 30 min", rounded to minutes, below one minute "45 s".

    Days are only printed if it is said how many seconds one has: a working day has not 24 hours.
    """
    if seconds < 60:
        return f"{max(0, round(seconds))} s"
    minutes = round(seconds / 60)
    days, minutes = divmod(minutes, round(day / 60)) if day else (0, minutes)
    hours, minutes = divmod(minutes, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def size(count: int, language: str = "en") -> str:
    """Bytes as "1.2 MB" (decimal, as mail programs print them), "1,2 Mo" in French."""
    one, many, kilo, *larger = _UNITS.get(language.partition("-")[0], _UNITS["en"])
    if count < 1000:
        return f"{count} {one if count == 1 else many}"
    amount, unit = count / 1000, kilo
    for bigger in larger:
        if amount < 999.5:
            break
        amount, unit = amount / 1000, bigger
    return f"{_number(amount, 1 if amount < 9.95 else 0, language)} {unit}"


def _number(amount: float, places: int, language: str) -> str:
    written = f"{amount:.{places}f}"
    if language == "en":
        return written
    from babel.numbers import format_decimal  # noqa: PLC0415

    return str(format_decimal(written, f"0.{'0' * places}" if places else "0", locale=language.replace("-", "_")))


def filters(language: Language) -> dict[str, Callable[..., str]]:
    """The filters for letters in this language."""

    def moment_to_reader(when: datetime | str, zone: str | tzinfo = "UTC") -> str:
        return moment(when, zone, language.tag)

    def day_to_reader(iso: str) -> str:
        return day(iso, language.tag)

    def size_to_reader(count: int) -> str:
        return size(count, language.tag)

    def translated(word: str) -> str:
        """The name of a status, a target and the like in the reader's language; other words as they are."""
        return language.gettext(word) if word else ""  # gettext's "" is the head of the catalogue

    def sentence(said: object) -> str:
        """What a rule says (`domain/sentence`), in the reader's language; any other text as it is."""
        said = restored(said)
        if isinstance(said, Moment):
            return moment(said.when, said.zone, language.tag)
        if not isinstance(said, Sentence):
            return str(said)
        values = {name: sentence(value) for name, value in said.values.items()}
        written = language.gettext(said.message)
        return written % values if values else written

    return {
        "sentence": sentence,
        "moment": moment_to_reader,
        "day": day_to_reader,
        "span": span,
        "size": size_to_reader,
        "translated": translated,
    }
