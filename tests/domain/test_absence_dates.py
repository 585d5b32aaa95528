"""When somebody is away, as people of three languages write it: half days, clocks that change, near misses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sitmail.domain.absence_dates import back_at, stretch
from sitmail.domain.absence_notices import end_read
from sitmail.domain.hours import Calendar
from sitmail.domain.moments import moment

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)  # a Tuesday
ZONE = "Europe/Berlin"
OFFICE = Calendar("office", ZONE)


def read(text: str, now: datetime = NOW) -> tuple[str, str]:
    """Both ends on the writer's clock; "now" where it begins at once."""
    found = stretch(text, now, ZONE, OFFICE)
    since, until = (moment(one, ZONE).removesuffix(f" ({ZONE})") for one in found)
    return ("now" if found.since == now else since, until)


@pytest.mark.parametrize(
    "text, since, until",
    [
        ("until friday 13:00", "now", "Fri 4 Dec 2026, 13:00"),
        ("until friday", "now", "Fri 4 Dec 2026, 09:00"),
        ("until friday afternoon", "now", "Fri 4 Dec 2026, 13:00"),
        ("until tomorrow noon", "now", "Wed 2 Dec 2026, 12:00"),
        ("until 3d", "now", "Fri 4 Dec 2026, 10:30"),
        ("3d", "now", "Fri 4 Dec 2026, 10:30"),
        ("friday 13:00", "now", "Fri 4 Dec 2026, 13:00"),
        ("tomorrow morning", "Wed 2 Dec 2026, 00:00", "Wed 2 Dec 2026, 13:00"),
        ("friday afternoon", "Fri 4 Dec 2026, 13:00", "Sat 5 Dec 2026, 00:00"),
        ("tuesday afternoon", "Tue 1 Dec 2026, 13:00", "Wed 2 Dec 2026, 00:00"),
        ("tuesday morning", "now", "Tue 1 Dec 2026, 13:00"),
        ("this afternoon", "Tue 1 Dec 2026, 13:00", "Wed 2 Dec 2026, 00:00"),
        ("today", "now", "Wed 2 Dec 2026, 00:00"),
        ("friday", "Fri 4 Dec 2026, 00:00", "Sat 5 Dec 2026, 00:00"),
        ("24 dec to 2 jan", "Thu 24 Dec 2026, 00:00", "Sun 3 Jan 2027, 00:00"),
        ("from 24 dec until 3 jan", "Thu 24 Dec 2026, 00:00", "Sun 3 Jan 2027, 09:00"),
        ("2026-12-24 to 2027-01-02", "Thu 24 Dec 2026, 00:00", "Sun 3 Jan 2027, 00:00"),
        ("24-26 dec", "Thu 24 Dec 2026, 00:00", "Sun 27 Dec 2026, 00:00"),
        ("monday to friday", "Mon 7 Dec 2026, 00:00", "Sat 12 Dec 2026, 00:00"),
        ("monday to wednesday morning", "Mon 7 Dec 2026, 00:00", "Wed 9 Dec 2026, 13:00"),
        ("monday afternoon to wednesday", "Mon 7 Dec 2026, 13:00", "Thu 10 Dec 2026, 00:00"),
        ("friday 13:00 to 17:00", "Fri 4 Dec 2026, 13:00", "Fri 4 Dec 2026, 17:00"),
        ("friday 13:00-17:00", "Fri 4 Dec 2026, 13:00", "Fri 4 Dec 2026, 17:00"),
        ("1 dec to 1 dec", "now", "Wed 2 Dec 2026, 00:00"),
        ("bis Freitag 13:00", "now", "Fri 4 Dec 2026, 13:00"),
        ("vom 24. Dezember bis 2. Januar", "Thu 24 Dec 2026, 00:00", "Sun 3 Jan 2027, 00:00"),
        ("24.12. bis 2.1.2027", "Thu 24 Dec 2026, 00:00", "Sun 3 Jan 2027, 00:00"),
        ("24. Dez. bis 2. Jan.", "Thu 24 Dec 2026, 00:00", "Sun 3 Jan 2027, 00:00"),
        ("morgen Vormittag", "Wed 2 Dec 2026, 00:00", "Wed 2 Dec 2026, 13:00"),
        ("Freitag Morgen", "Fri 4 Dec 2026, 00:00", "Fri 4 Dec 2026, 13:00"),
        ("jusqu'à vendredi 14h30", "now", "Fri 4 Dec 2026, 14:30"),
        ("du 24 décembre au 2 janvier", "Thu 24 Dec 2026, 00:00", "Sun 3 Jan 2027, 00:00"),
        ("demain après-midi", "Wed 2 Dec 2026, 13:00", "Thu 3 Dec 2026, 00:00"),
    ],
)
def test_when_he_is_away(text: str, since: str, until: str) -> None:
    assert read(text) == (since, until)


@pytest.mark.parametrize(
    "text",
    ["", "until", "sometime", "next week", "to", "24 dec to", "from friday", "morning afternoon", "25:00", "x" * 300],
)
def test_what_says_no_time_is_answered_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"write for example .*(until friday 13:00|friday 14:00)"):
        read(text)


@pytest.mark.parametrize(
    "text, says",
    [
        ("24 dec 2026 to 2 dec 2026", "ends before it begins"),
        ("friday 13:00 to 12:00", "ends before it begins"),
        ("2026-11-01 to 2026-11-05", "lies in the past"),
        ("2045-01-01", "more than ten years away"),
    ],
)
def test_a_time_that_cannot_be_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read(text)


def test_a_weekend_in_which_the_clocks_change_has_its_real_length() -> None:
    before = datetime(2026, 3, 26, 12, tzinfo=UTC)
    spring = stretch("28 mar to 29 mar", before, ZONE, OFFICE)
    assert (spring.until - spring.since).total_seconds() == 47 * 3600
    autumn = stretch("24 oct to 25 oct", before, ZONE, OFFICE)
    assert (autumn.until - autumn.since).total_seconds() == 49 * 3600
    assert read("until 2026-03-29 13:00", before)[1] == "Sun 29 Mar 2026, 13:00"


@pytest.mark.parametrize(
    "words, until",
    [
        ("I am away until Monday.", "Mon 7 Dec 2026, 09:00"),
        ("Out of office. I will be back on Monday, December 14th. Urgent: ring", "Mon 14 Dec 2026, 09:00"),
        ("I am away until Friday, 11 December 2026, with limited access.", "Fri 11 Dec 2026, 09:00"),
        ("I am away from 1 Dec to 14 Dec.", "Tue 15 Dec 2026, 00:00"),
        ("Ich bin bis zum 24.12.2026 nicht im Büro.", "Thu 24 Dec 2026, 09:00"),
        ("Ich bin bis einschließlich 18.12. im Urlaub. Danke", "Sat 19 Dec 2026, 00:00"),
        ("Ich bin ab dem 4. Januar 2027 wieder da", "Mon 4 Jan 2027, 09:00"),
        ("Je suis absent jusqu'au 18 décembre.", "Fri 18 Dec 2026, 09:00"),
        ("De retour le 4 janvier 2027", "Mon 4 Jan 2027, 09:00"),
        ("I am out of the office until further notice.", ""),
        ("returning on 12/14/2026", ""),
        ("away until 2035-01-01", ""),
    ],
)
def test_the_end_that_an_absence_notice_names(words: str, until: str) -> None:
    found = end_read(words, NOW, ZONE)
    assert (moment(found, ZONE).removesuffix(f" ({ZONE})") if found else "") == until


def test_what_cannot_be_read_is_no_end() -> None:
    assert back_at("soon", NOW, ZONE) is None
    assert back_at("friday", NOW, ZONE) == datetime(2026, 12, 4, 8, tzinfo=UTC)
