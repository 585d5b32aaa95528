"""Time spent on an incident: how it is written, and how it is shown.

It is counted in whole minutes; below 0 it is taken back.
"""

from __future__ import annotations

import re
from decimal import Decimal

from sitmail.domain.hours import Calendar, Span, quoted
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence

LONGEST = 100 * 60  # minutes in one line; more is a typing mistake
EXAMPLES = Sentence("write for example /time 15m rang them, 1h 30m, 1:30, or -15m to take it back")
_MINUS = "-\u2010\u2011\u2012\u2013\u2212"
_SIGN = re.compile(rf"([{_MINUS}+]?)\s*")
_CLOCK = re.compile(r"([0-9]{1,3}):([0-5][0-9])(?![\w:.,])", re.ASCII)
_UNITS = {
    "h": ("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden", "heure", "heures"),
    "m": ("m", "min", "mins", "minute", "minutes", "minuten"),
    "d": ("d", "day", "days", "tag", "tage", "jour", "jours"),
}
_UNIT_OF = {word: unit for unit, some in _UNITS.items() for word in some}
_NUMBER = r"[0-9]{1,6}(?:[.,][0-9]{1,3})?|[.,][0-9]{1,3}"
_PART = re.compile(rf"({_NUMBER})\s*({'|'.join(sorted(_UNIT_OF, key=len, reverse=True))})\.?(?![^\W\d_])\s*", re.I)
_MINUTES_AFTER_HOURS = re.compile(r"([0-5][0-9])(?![\w:.,])\s*", re.ASCII)  # 1h30, 1h 30
_BARE = re.compile(r"([0-9]{1,6})(?![\w:.,%/])", re.ASCII)


@record
class Spent:
    """`minutes` that an engineer spent, and what he did; below 0 they are taken back."""

    minutes: int
    words: str = ""

    @property
    def text(self) -> str:
        """As the log keeps it."""
        return f"{shown(self.minutes)}: {self.words}" if self.words else shown(self.minutes)


def read(written: str, calendar: Calendar) -> Spent:
    """A duration and the words behind it: `15m rang them`, `1h 30m`, `1:30`, `0.5h`, `90` (minutes), `-15m`.

    A day is the calendar's.  Raises ValueError with a sentence for its writer.
    """
    text = written.strip()
    if not text:
        raise ValueError(Sentence("how much, and for what? %(examples)s", examples=EXAMPLES))
    sign = _SIGN.match(text)
    assert sign is not None  # it may be empty
    found = _amount(text[sign.end() :], calendar)
    if found is None:
        raise ValueError(
            Sentence("%(text)s begins with no time that I can read; %(examples)s", text=quoted(text), examples=EXAMPLES)
        )
    minutes, rest = found
    if not minutes:
        raise ValueError(Sentence("%(text)s is no time at all; %(examples)s", text=quoted(text), examples=EXAMPLES))
    _bounded(minutes, text)
    return Spent(-minutes if sign[1] and sign[1] in _MINUS else minutes, _words(rest))


def leading(written: str, calendar: Calendar) -> Spent:
    """The time with its units that a text begins with (`15m spoke to Jane`), and the words behind it.

    Where it begins with none, as with a number or a time of day, it is all words, and 0 minutes.  Raises ValueError
    with a sentence where it is far too long.
    """
    minutes, rest = _with_units(written.strip(), calendar) or (0, "")
    _bounded(minutes, written)
    return Spent(minutes, _words(rest)) if minutes else Spent(0, " ".join(written.split()))


def _bounded(minutes: int, text: str) -> None:
    if minutes > LONGEST:
        raise ValueError(
            Sentence("%(text)s is more than 100 hours; %(examples)s", text=quoted(text), examples=EXAMPLES)
        )


def _words(rest: str) -> str:
    return " ".join(rest.strip().lstrip(":;,-\u2013\u2014").split())


def _amount(text: str, calendar: Calendar) -> tuple[int, str] | None:
    """(whole minutes, the rest of the text); None where it begins with no time."""
    if clock := _CLOCK.match(text):
        return 60 * int(clock[1]) + int(clock[2]), text[clock.end() :]
    if found := _with_units(text, calendar):
        return found
    if bare := _BARE.match(text):
        return int(bare[1]), text[bare.end() :]
    return None


def _with_units(text: str, calendar: Calendar) -> tuple[int, str] | None:
    """The same for a time with its units."""
    seconds, at, last = Decimal(0), 0, ""
    while part := _PART.match(text, at):
        unit = _UNIT_OF[part[2].lower()]
        if unit == last or (last and "dhm".index(unit) < "dhm".index(last)):
            break
        seconds += Decimal(part[1].replace(",", ".")) * _seconds(unit, calendar)
        at, last = part.end(), unit
    if last == "h" and (minutes := _MINUTES_AFTER_HOURS.match(text, at)):
        seconds, at = seconds + 60 * int(minutes[1]), minutes.end()
    return (int((seconds / 60).to_integral_value()), text[at:]) if last else None


def _seconds(unit: str, calendar: Calendar) -> int:
    return calendar.working(Span(days=1)) if unit == "d" else {"h": 3600, "m": 60}[unit]


def shown(minutes: int) -> str:
    """`1h 30m`, `45m`, `-2h`, `0m`; in all languages."""
    hours, rest = divmod(abs(minutes), 60)
    parts = [f"{hours}h"] * bool(hours) + [f"{rest}m"] * bool(rest or not hours)
    return "-" * (minutes < 0) + " ".join(parts)
