"""Reading when somebody is away: `until friday 13:00`, `tomorrow morning`, `24 dec to 2 jan`.

`until D` is when he is back: a date alone means 09:00 there.  `D to D` and a day alone are whole days, the last one
too; half a day ends or begins at 13:00.  German and French words are read as well.  Single dates are read in `when`.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sitmail.domain import when
from sitmail.domain.hours import EPOCH, Calendar, instant, quoted, zone
from sitmail.domain.sentence import Sentence

MIDDAY = 13 * 3600  # where half a day ends, and the other begins
NOON, DAY = 12 * 3600, 86_400
UNTIL, TO, FROM, MORNING, AFTERNOON = "until", "to", "from", "morning", "afternoon"
_SPELLED = {
    UNTIL: "till jusqu'au jusqu'à jusqu’au jusqu’à",
    TO: "through thru au - – —",
    FROM: "starting von vom ab du dès",
    MORNING: "vormittag vormittags matin",
    AFTERNOON: "nachmittag nachmittags après-midi apres-midi",
    "noon": "midday mittag mittags midi",
    "today": "heute aujourd'hui aujourd’hui",
    "tomorrow": "demain",
    "": "this for für pour on at am um den dem der le the uhr",
    **dict(
        zip(
            when.WEEKDAYS,
            [
                "montag mo lundi lun",
                "dienstag di mardi",
                "mittwoch mi mercredi mer",
                "donnerstag do jeudi jeu",
                "freitag fr vendredi ven",
                "samstag sonnabend sa samedi sam",
                "sonntag so dimanche dim",
            ],
            strict=True,
        )
    ),
    **dict(
        zip(
            when.MONTHS,
            [
                "januar jänner janvier janv",
                "februar février fevrier févr fév",
                "märz maerz mär mrz mars",
                "avril avr",
                "mai",
                "juni juin",
                "juli juillet juil",
                "août aout",
                "septembre",
                "oktober okt octobre",
                "novembre",
                "dezember dez décembre decembre déc",
            ],
            strict=True,
        )
    ),
}
WORDS = {word: english for english, words in _SPELLED.items() for word in words.split()}
DOTTED = re.compile(r"\b([0-3]?[0-9])\.([01]?[0-9])(?:\.([0-9]{4})?)?(?![0-9.])")  # 24.12. and 24.12.2026
HYPHENED = re.compile(r"(?<!\S)([0-9:]{1,5})[-–—]([0-9:]{1,5})(?!\S)")  # 24-26 dec, 13:00-17:00
HOURS = re.compile(r"\b([0-9]{1,2})h([0-9]{2})\b")  # 14h30
_TEE = re.compile(r"(?<=[0-9])t(?=[0-9])")


class Stretch(NamedTuple):
    """From when until when, in UTC."""

    since: datetime
    until: datetime


class _Said(NamedTuple):
    """One side of what was written: its day in words of `when`, half of it, and seconds after midnight."""

    day: str
    half: str
    time: int | None


def stretch(text: str, now: datetime, timezone: str, calendar: Calendar) -> Stretch:
    """When somebody in that zone says he is away.  Raises ValueError with a sentence for people."""
    words = _words(text)
    before, sign, after = _split(words)
    if (sign and not after) or (not sign and words[:1] == [FROM]):
        raise ValueError(unreadable(text))
    if sign == UNTIL and not before:
        return Stretch(now, _back(after, text, now, timezone, calendar))
    reader = _Reader(text, now, timezone)
    if sign:
        return reader.between(_said(before, text), _said(after, text), whole=sign == TO)
    if (span := _duration(before)) is not None:
        return Stretch(now, when.until(span, now, timezone, calendar))
    one = _said(before, text)
    if one.time is not None:
        return Stretch(now, when.moment(_written(before), now, timezone))
    return reader.day(one)


def unreadable(text: str) -> Sentence:
    return Sentence(
        "%(text)s does not say when; write for example /away until friday 13:00, /away tomorrow morning, or "
        "/away 24 dec to 2 jan",
        text=quoted(text),
    )


def back_at(text: str, now: datetime, timezone: str) -> datetime | None:
    """The moment that a date names behind "until"; None where it cannot be read, or lies in the past."""
    try:
        return _back(_words(text), text, now, timezone, None)
    except ValueError:
        return None


def _words(text: str) -> list[str]:
    """In lower case and English, dates with dots as day and month."""
    written = _TEE.sub(" ", HOURS.sub(r"\1:\2", text[:200].lower().replace(",", " ")))
    written = HYPHENED.sub(r"\1 to \2", written)
    written = DOTTED.sub(lambda found: _dotted(found) or found[0], written)
    words = [WORDS.get(word.rstrip("."), word) for word in written.split()]
    for at, word in enumerate(words):
        if word == "morgen":  # the German one, or half of the day that stands before it
            words[at] = MORNING if at and (words[at - 1] in when.WEEKDAYS or words[at - 1] == "today") else "tomorrow"
    return [word for word in words if word]


def _dotted(found: re.Match[str]) -> str:
    day, month, year = found.groups()
    return f"{day} {when.MONTHS[int(month) - 1]} {year or ''}" if 1 <= int(month) <= 12 else ""


def _split(words: list[str]) -> tuple[list[str], str, list[str]]:
    """What stands before and after "to" or "until"; the German word for both is "to" behind a beginning."""
    words = words[1:] if words[:1] == [FROM] else words
    for at, word in enumerate(words):
        if word in (TO, UNTIL):
            return _with_month(words[:at], words[at + 1 :]), word, words[at + 1 :]
        if word == "bis":
            return _with_month(words[:at], words[at + 1 :]), TO if at else UNTIL, words[at + 1 :]
    return words, "", []


def _with_month(first: list[str], last: list[str]) -> list[str]:
    """In "24 to 26 dec" the first day is of the month of the last."""
    months = [word for word in last if word[:1].isalpha() and word not in (MORNING, AFTERNOON, "noon")]
    if len(first) == 1 and when.NUMBER.fullmatch(first[0]) and len(months) == 1:
        return [*first, months[0]]
    return first


def _duration(words: list[str]) -> str | None:
    """Such as 3d, as it was written."""
    written = " ".join(words)
    try:
        when.duration(written)
    except ValueError:
        return None
    return written


def _said(words: list[str], text: str) -> _Said:
    if "noon" in words:
        words = ["12:00" if word == "noon" else word for word in words]
    halves = [word for word in words if word in (MORNING, AFTERNOON)]
    times = [word for word in words if when.CLOCK.fullmatch(word)]
    seconds = when.time_of_day(times[0]) if times else None
    if len(times) + len(halves) > 1 or (times and seconds is None):
        raise ValueError(unreadable(text))
    day = " ".join(word for word in words if word not in (*halves, *times))
    if not day and not times and not halves:
        raise ValueError(unreadable(text))
    return _Said(day or ("today" if halves else ""), halves[0] if halves else "", seconds)


def _written(words: list[str]) -> str:
    return " ".join("12:00" if word == "noon" else word for word in words)


def _back(words: list[str], text: str, now: datetime, timezone: str, calendar: Calendar | None) -> datetime:
    """When he is back: in the morning when work begins, in the afternoon at 13:00."""
    if calendar is not None and (span := _duration(words)) is not None:
        return when.until(span, now, timezone, calendar)
    one = _said(words, text)
    day = one.day if one.day else ""
    if one.half == AFTERNOON:
        return when.moment(f"{day} {MIDDAY // 3600}:00", now, timezone)
    if one.half == MORNING:
        return when.moment(f"{day} 9:00", now, timezone)
    return when.moment(_written(words), now, timezone)


class _Reader:
    """Days of somebody's zone."""

    def __init__(self, text: str, now: datetime, timezone: str) -> None:
        self.text, self.now, self.timezone, self.zone = text, now, timezone, zone(timezone)

    def day(self, said: _Said) -> Stretch:
        """One day, or half of it."""
        begin = MIDDAY if said.half == AFTERNOON else 0
        end = MIDDAY if said.half == MORNING else DAY
        for day in self._days(said.day, self.now):
            since, until = self._at(day, begin), self._at(day, end)
            if until > self.now:
                return Stretch(max(since, self.now), until)
        raise ValueError(self._past())

    def between(self, first: _Said, last: _Said, *, whole: bool) -> Stretch:
        """`whole`: the last day belongs to it."""
        begin = first.time if first.time is not None else MIDDAY if first.half == AFTERNOON else 0
        end = last.time if last.time is not None else self._end(last.half, whole)
        for since_day in self._days(first.day or "today", self.now):
            since = self._at(since_day, begin)
            days = self._days(last.day, since) if last.day else [since_day]
            until = next((found for day in days if (found := self._at(day, end)) > since), None)
            if until is None:
                raise ValueError(
                    Sentence("%(text)s ends before it begins; write the first day first", text=quoted(self.text))
                )
            if until > self.now:
                return Stretch(max(since, self.now), until)
        raise ValueError(self._past())

    def _end(self, half: str, whole: bool) -> int:
        if half:
            return MIDDAY if whole == (half == MORNING) else DAY if whole else when.BEGIN_OF_WORK
        return DAY if whole else when.BEGIN_OF_WORK

    def _days(self, words: str, now: datetime) -> list[date]:
        found = when.days(words, now, self.timezone)
        if not found:
            raise ValueError(unreadable(self.text))
        if found[0] > (self.now + when.LONGEST).date():
            raise ValueError(Sentence("%(text)s is more than ten years away", text=quoted(self.text)))
        return found

    def _at(self, day: date, seconds: int) -> datetime:
        day, seconds = (day + timedelta(days=1), 0) if seconds == DAY else (day, seconds)
        return EPOCH + timedelta(seconds=instant(day, seconds, self.zone))

    def _past(self) -> Sentence:
        return Sentence("%(text)s lies in the past", text=quoted(self.text))
