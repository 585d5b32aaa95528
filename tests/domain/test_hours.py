"""Working time, compared with hand-computed cases and a slow second implementation; across clock changes, too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.hours import DAY, ROUND_THE_CLOCK, Calendar, Span
from tests.examples import examples

H = 3600


def week(*hours: tuple[int, int], days: range = range(5)) -> dict[int, tuple[tuple[int, int], ...]]:
    return dict.fromkeys(days, hours)


def at(text: str, zone: str = "UTC") -> datetime:
    """2026-03-27 16:00, on the wall there."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


ALL = range(7)
BERLIN = Calendar("berlin", "Europe/Berlin", week((9 * H, 17 * H)), frozenset({date(2026, 12, 25)}))
LUNCH = Calendar("lunch", "Europe/Berlin", week((8 * H, 12 * H), (13 * H, 17 * H + 1800)))
NIGHT = Calendar("night", "Europe/Berlin", week((0, 6 * H), (22 * H, DAY), days=ALL))
ALWAYS = Calendar("always", "Europe/Berlin", week((0, DAY), days=ALL))
LORD_HOWE = Calendar("island", "Australia/Lord_Howe", week((0, 6 * H), days=ALL))
APIA = Calendar("apia", "Pacific/Apia", week((9 * H, 17 * H), days=ALL))
SKIPPED = Calendar("skipped", "Europe/Berlin", week((2 * H + 1800, 10 * H), days=ALL))
CALENDARS = (BERLIN, LUNCH, NIGHT, ALWAYS, LORD_HOWE, APIA, SKIPPED, ROUND_THE_CLOCK)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", Span(90)),
        ("30m", Span(1800)),
        ("2h", Span(7200)),
        ("3d", Span(days=3)),
        ("1w", Span(weeks=1)),
        ("1w 2d 3h 30m", Span(3 * H + 1800, 2, 1)),
        ("1h30m 5s", Span(H + 1805)),
        (" 2 H ", Span(2 * H)),
        ("0", Span()),
        ("0s", Span()),
    ],
)
def test_durations(text: str, span: Span) -> None:
    assert Span.parse(text) == span


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "2",
        "00",
        "h",
        "2x",
        "-2h",
        "1.5h",
        "2h 3d",
        "1h 1h",
        "30min",
        "1mo",
        "\u0663d",
        "1\u017f",
        "11y",
        "2h\n!",
    ],
)
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r'^".*" is no duration; write for example 30m, 2h, 3d or 1w 2d\.$'):
        Span.parse(text)


@pytest.mark.parametrize("text", ["999999999w", "3661d", "87841h"])
def test_durations_end_at_ten_years(text: str) -> None:
    with pytest.raises(ValueError, match=rf'^"{text}" is longer than ten years; write for example'):
        Span.parse(text)


def test_a_refusal_quotes_little_and_only_what_can_be_printed() -> None:
    with pytest.raises(ValueError, match=r'^"a  b" is') as short:
        Span.parse("a\r\nb")
    with pytest.raises(ValueError, match=r'^"x{40}\.\.\." is') as long:
        Span.parse("x" * 100_000)
    assert len(str(short.value)) + len(str(long.value)) < 250


def test_wall_time() -> None:
    assert Span(5, 1, 1).wall() == 5 + 8 * DAY


@pytest.mark.parametrize(
    ("calendar", "seconds"),
    [
        (BERLIN, (2 + 5) * 8 * H + 60),
        (LUNCH, (2 + 5) * (8 * H + 1800) + 60),
        (ROUND_THE_CLOCK, 9 * DAY + 60),
        (Calendar("own", week=week((9 * H, 17 * H)), day=6 * H), (2 + 5) * 6 * H + 60),
        (Calendar("half friday", week={**week((9 * H, 17 * H)), 4: ((9 * H, 12 * H),)}), (2 + 5) * 8 * H + 60),
        (Calendar("overlapping", week=week((9 * H, 13 * H), (12 * H, 17 * H))), (2 + 5) * 8 * H + 60),
    ],
)
def test_days_and_weeks_are_the_calendars(calendar: Calendar, seconds: int) -> None:
    assert calendar.working(Span(60, 2, 1)) == seconds


@pytest.mark.parametrize(
    ("calendar", "zone", "start", "seconds", "end"),
    [
        (BERLIN, "Europe/Berlin", "2026-11-20 16:00", 2 * H, "2026-11-23 10:00"),  # over a weekend
        (BERLIN, "Europe/Berlin", "2026-11-20 16:00", H, "2026-11-20 17:00"),  # closing time, not next morning
        (BERLIN, "Europe/Berlin", "2026-11-20 17:30", 1, "2026-11-23 09:00:01"),  # after closing the hour is not work
        (BERLIN, "Europe/Berlin", "2026-11-21 12:00", 8 * H, "2026-11-23 17:00"),  # written on Saturday
        (BERLIN, "Europe/Berlin", "2026-12-24 16:00", 2 * H, "2026-12-28 10:00"),  # over a holiday
        (BERLIN, "Europe/Berlin", "2026-03-27 16:00", 9 * H, "2026-03-30 17:00"),  # over the night of 23 hours
        (BERLIN, "Europe/Berlin", "2026-10-23 16:00", 9 * H, "2026-10-26 17:00"),  # over the night of 25 hours
        (BERLIN, "Europe/Berlin", "2026-12-31 16:00", 8 * H, "2027-01-01 16:00"),  # over the year's end
        (LUNCH, "Europe/Berlin", "2026-11-20 11:00", 2 * H, "2026-11-20 14:00"),  # over lunch
        (ALWAYS, "Europe/Berlin", "2026-03-28 12:00", 24 * H, "2026-03-29 13:00"),
        (ALWAYS, "Europe/Berlin", "2026-10-24 12:00", 24 * H, "2026-10-25 11:00"),
        (ALWAYS, "Europe/Berlin", "2026-11-20 12:00", 12 * H, "2026-11-21 00:00"),  # until 24:00
        (NIGHT, "Europe/Berlin", "2026-03-28 22:00", 7 * H, "2026-03-29 06:00"),  # 8 hours on the wall
        (NIGHT, "Europe/Berlin", "2026-10-24 22:00", 9 * H, "2026-10-25 06:00"),
        (LORD_HOWE, "Australia/Lord_Howe", "2026-04-05 00:00", 6 * H + 1800, "2026-04-05 06:00"),  # half an hour back
        (LORD_HOWE, "Australia/Lord_Howe", "2026-10-04 00:00", 5 * H + 1800, "2026-10-04 06:00"),  # half an hour on
        (APIA, "Pacific/Apia", "2011-12-29 16:00", 2 * H, "2011-12-31 10:00"),  # the 30th never was
        (SKIPPED, "Europe/Berlin", "2026-03-29 00:00", H, "2026-03-29 04:00"),  # opens when 02:30 is skipped, at 03:00
        (
            SKIPPED,
            "Europe/Berlin",
            "2026-10-25 00:00",
            8 * H + 1800,
            "2026-10-25 10:00",
        ),  # and once: at the first 02:30
    ],
)
def test_hand_computed(calendar: Calendar, zone: str, start: str, seconds: int, end: str) -> None:
    begin, due = at(start, zone), at(end, zone)
    assert calendar.add(begin, seconds) == due
    assert calendar.add(begin, seconds).tzinfo is UTC
    assert calendar.between(begin, due) == seconds
    assert calendar.between(due, begin) == 0


def test_nothing_added_is_the_same_moment() -> None:
    saturday = datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert BERLIN.add(saturday, 0) == saturday


def test_no_hour_is_work_after_closing() -> None:
    assert BERLIN.between(at("2026-11-20 17:00", "Europe/Berlin"), at("2026-11-20 17:59", "Europe/Berlin")) == 0


def slow(calendar: Calendar, start: datetime, end: datetime, step: int) -> int:
    """Counts steps during which the wall shows an open hour."""
    zone, moment, found = ZoneInfo(calendar.timezone), start, 0
    while moment < end:
        wall = moment.astimezone(zone)
        second = wall.hour * H + wall.minute * 60 + wall.second
        is_open = any(begin <= second < finish for begin, finish in calendar.week.get(wall.weekday(), ()))
        found += step * (is_open and wall.date() not in calendar.holidays)
        moment += timedelta(seconds=step)
    return found


@pytest.mark.parametrize("calendar", [c for c in CALENDARS if c is not SKIPPED], ids=lambda calendar: calendar.name)
@pytest.mark.parametrize("start", ["2026-03-20", "2026-04-01", "2026-09-28", "2026-10-20", "2026-12-22", "2011-12-26"])
def test_a_fortnight_agrees_with_the_wall(calendar: Calendar, start: str) -> None:
    begin = at(f"{start} 00:00")
    end = begin + timedelta(days=14)
    assert calendar.between(begin, end) == slow(calendar, begin, end, 900)


moments = st.integers(int(at("2010-01-01").timestamp()), int(at("2030-01-01").timestamp())).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
calendars = st.sampled_from(CALENDARS)


@examples(300)
@given(calendars, moments, st.integers(1, 400 * DAY))
def test_what_was_added_lies_between(calendar: Calendar, start: datetime, seconds: int) -> None:
    end = calendar.add(start, seconds)
    assert calendar.between(start, end) == seconds
    assert calendar.between(start, end - timedelta(seconds=1)) == seconds - 1  # it is the first such moment


@examples(300)
@given(calendars, st.tuples(moments, moments, moments).map(sorted))
def test_time_between_adds_up(calendar: Calendar, three: list[datetime]) -> None:
    first, second, third = three
    assert calendar.between(first, second) + calendar.between(second, third) == calendar.between(first, third)
    assert calendar.between(first, third) <= (third - first).total_seconds()


@given(calendars, moments, st.integers(0, 10**6), st.integers(0, 10**6))
def test_adding_twice_is_adding_once(calendar: Calendar, start: datetime, one: int, two: int) -> None:
    assert calendar.add(calendar.add(start, one), two) == calendar.add(start, one + two)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ({"week": {}}, "is never open"),
        ({"week": {0: ()}}, "is never open"),
        ({"week": week((17 * H, 9 * H))}, "hours begin and end within one day"),
        ({"week": week((9 * H, DAY + 1))}, "hours begin and end within one day"),
        ({"timezone": "Mars/Olympus"}, '"Mars/Olympus" is no time zone'),
        ({"timezone": "Europe"}, '"Europe" is no time zone'),
        ({"timezone": "../etc/passwd"}, "is no time zone"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(kind: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Calendar("desk", **kind)  # type: ignore[arg-type]


def test_what_takes_a_hundred_years_is_refused() -> None:
    rare = Calendar("rare", week={0: ((0, 1),)})
    with pytest.raises(ValueError, match="is not open for so long"):
        rare.add(at("2026-01-01"), 10_000)


def test_without_hours_a_calendar_is_an_office() -> None:
    assert Calendar("desk").between(at("2026-11-16"), at("2026-11-23")) == 40 * H
