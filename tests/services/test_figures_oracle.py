"""Reports agree with the log: random logs, and a slow count of every minute that shares no code with the reports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import create_engine, insert

from bench.report_store import Invented, invent, write
from sitmail import config
from sitmail.domain.authority import Counted
from sitmail.domain.figures.catalogue import question
from sitmail.domain.figures.tables import Figures, Table
from sitmail.services.figures import runs
from sitmail.services.figures.asking import Asking
from sitmail.services.figures.reports import make
from sitmail.store import schema as t
from sitmail.store.database import open_database, open_reader

CONFIG = """
[desk]
address = "support@example.com"
[relay]
url = "maildir:out"
[[team]]
id = "help"
[[team]]
id = "net"
[[calendar]]
name = "office"
timezone = "Europe/Berlin"
[[calendar]]
name = "always"
week = { mon = ["00:00-24:00"], tue = ["00:00-24:00"], wed = ["00:00-24:00"], thu = ["00:00-24:00"], fri = ["00:00-24:00"], sat = ["00:00-24:00"], sun = ["00:00-24:00"] }
[[engineer]]
id = "alice"
name = "Alice"
addresses = ["alice@example.com"]
"""  # noqa: E501
BEGIN, NOW = datetime(2026, 2, 20, tzinfo=UTC), datetime(2026, 4, 10, 12, 30, tzinfo=UTC)
FIRST, LAST = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)  # 2026-03, in UTC
WAITING = {"awaiting-customer", "awaiting-closure", "left-message"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Any, list[Invented]]]:
    """A function that makes a report, and what was invented."""
    folder = tmp_path_factory.mktemp("figures")
    if request.param == "sqlite":
        url = f"sqlite:///{folder}/sitmail.db"
    else:
        url = str(request.getfixturevalue("postgresql_urls")())
    (folder / "config.toml").write_text(CONFIG, "utf-8")
    policy = config.load(folder / "config.toml", {}).policy
    open_database(url, data=folder).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        people = {"alice": 1, "bob": 2, "carol": 3}
        rows = [{"id": key, "kind": "engineer", "key": who, "name": who.title()} for who, key in people.items()]
        connection.execute(insert(t.person), rows)
        connection.execute(insert(t.site), [{"id": one, "name": one.title()} for one in ("acme", "globex", "initech")])
        found = write(connection, invent(Random(7), 250, BEGIN, NOW), "support@example.com", people)
    engine.dispose()

    def ask(line: str, who: Counted = runs.EVERYTHING) -> Figures:
        with closing(open_reader(url)) as reader, reader.read() as connection:
            return make(Asking(connection, policy, question(line, NOW, "UTC"), who, NOW, "UTC"))

    yield ask, found


Ask = Callable[..., Figures]


def office(minute: datetime) -> bool:
    """Whether the office is open, as its hours say; the clocks change on 29 March."""
    local = minute + timedelta(hours=2 if minute >= datetime(2026, 3, 29, 1, tzinfo=UTC) else 1)
    return local.weekday() < 5 and 9 <= local.hour < 17


def worked(one: Invented, begin: datetime, end: datetime) -> int:
    """Seconds of working time, second by second at the edges, minute by minute between."""
    if one.row["calendar"] == "always":
        return max(0, int((end - begin).total_seconds()))
    total, at = 0, begin
    while at < end:
        following = min(end, at.replace(second=0) + timedelta(minutes=1))
        total += int((following - at).total_seconds()) if office(at) else 0
        at = following
    return total


def stretches(one: Invented, until: datetime) -> Iterator[tuple[datetime, datetime, Any]]:
    """From each entry of the log to the next, cut to March."""
    for entry, following in zip(one.log, [*(each.at for each in one.log[1:]), NOW], strict=True):
        begin, end = max(entry.at, FIRST), min(following, until)
        if begin < end and entry.status != "closed":
            yield begin, end, entry


def rows(table: Table) -> dict[str, tuple[Any, ...]]:
    return {str(row[0]): row[1:] for row in table.rows}


def counted(found: list[Invented], key: Callable[[Invented, Any], str]) -> dict[str, dict[str, Any]]:
    sums: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"of": set(), "worked": 0, "wall": 0, "customer": 0, "vendor": 0}
    )
    for one in found:
        for begin, end, entry in stretches(one, LAST):
            into = sums[key(one, entry)]
            seconds = worked(one, begin, end)
            into["of"].add(one.number)
            into["worked"] += seconds
            into["wall"] += int((end - begin).total_seconds())
            waits = entry.status in WAITING or (entry.status == "on-hold" and entry.held)
            into["customer"] += seconds if waits else 0
            into["vendor"] += seconds if entry.status == "awaiting-vendor" else 0
    return sums


@pytest.mark.slow
def test_time_in_each_status_is_that_of_the_log(told: tuple[Ask, list[Invented]]) -> None:
    ask, found = told
    expected = counted(found, lambda _, entry: entry.status)
    table = ask("time by status 2026-03").tables[0]
    seen = {
        key.lower().replace(" needed", "").replace("called and ", "").replace(" ", "-"): row
        for key, row in rows(table).items()
    }
    assert {key: row[:3] for key, row in seen.items()} == {
        key: (len(one["of"]), one["worked"], one["wall"]) for key, one in expected.items()
    }
    assert table.total[2] == sum(one["worked"] for one in expected.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("owner", lambda _, entry: {"": "nobody", "alice": "Alice"}.get(entry.owner, entry.owner)),
        ("customer", lambda one, _: one.row["site"].title() or "without a site"),
        ("product", lambda one, _: one.row["product"] or "without"),
        ("reason", lambda one, _: one.row["reason"] or "without"),
    ],
)
def test_time_by_something_else_is_that_of_the_log(
    told: tuple[Ask, list[Invented]], by: str, key: Callable[[Invented, Any], str]
) -> None:
    ask, found = told
    expected = counted(found, key)
    noted: Counter[str] = Counter()
    for one in found:
        for entry in one.log:
            if entry.minutes is not None and FIRST <= entry.at < LAST:
                noted[key(one, entry)] += entry.minutes
    seen = rows(ask(f"time by {by} 2026-03").tables[0])
    assert {name: row[:4] for name, row in seen.items() if row[0]} == {
        name: (len(one["of"]), one["worked"], one["customer"], one["vendor"]) for name, one in expected.items()
    }
    assert {name: row[4] // 60 for name, row in seen.items() if row[4]} == {k: v for k, v in noted.items() if v}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("report", "key"),
    [
        ("site", lambda one: one.row["site"].title() or "without a site"),
        ("engineer", lambda one: {"": "nobody", "alice": "Alice"}.get(one.row["owner"], one.row["owner"])),
        ("product", lambda one: one.row["product"] or "without"),
        ("reason", lambda one: one.row["reason"] or "without"),
    ],
)
def test_opened_and_closed_are_those_of_the_log(
    told: tuple[Ask, list[Invented]], report: str, key: Callable[[Invented], str]
) -> None:
    ask, found = told
    opened: Counter[str] = Counter(key(one) for one in found if FIRST <= one.log[0].at < LAST)
    took = defaultdict(list)
    again: Counter[str] = Counter()
    for one in found:
        closed = next((entry.at for entry in reversed(one.log) if entry.event == "closed"), None)
        if one.log[-1].status == "closed" and closed is not None and FIRST <= one.row["closed"] < LAST:
            took[key(one)].append(worked(one, one.log[0].at, one.row["closed"]))
            again[key(one)] += any(entry.event == "reopened" for entry in one.log)
    seen = rows(ask(f"{report} 2026-03").tables[0])
    assert {name: row[0] for name, row in seen.items() if row[0]} == opened
    assert {name: row[1] for name, row in seen.items() if row[1]} == {name: len(some) for name, some in took.items()}
    for name, some in took.items():
        half, most = seen[name][2], seen[name][3]
        assert sum(one < half for one in some) <= len(some) / 2 >= sum(one > half for one in some)
        assert sum(one <= most for one in some) >= 0.9 * len(some)
        assert most in some
        assert sum(one < most for one in some) < 0.9 * len(some)
    assert {name: row[5] for name, row in seen.items() if row[5]} == {k: v for k, v in again.items() if v}


@pytest.mark.slow
@pytest.mark.parametrize("period", ["2026-03", "2026-03-01..2026-04-10", "2026-02-01..2026-04-10"])
def test_the_trend_is_that_of_the_log(told: tuple[Ask, list[Invented]], period: str) -> None:
    ask, found = told
    table = next(one for one in ask(f"backlog {period}").tables if one.name == "trend")
    starts = [datetime.fromisoformat(str(row[0])).replace(tzinfo=UTC) for row in table.rows]
    last = LAST if period == "2026-03" else datetime(2026, 4, 11, tzinfo=UTC)
    for row, begin, end in zip(table.rows, starts, [*starts[1:], last], strict=True):
        opened = closed = again = open_ = 0
        for one in found:
            was = False
            for entry in one.log:
                if begin <= entry.at < end and (entry.status != "closed") != was:
                    opened += not was and entry is one.log[0]
                    again += not was and entry is not one.log[0]
                    closed += was
                was = entry.status != "closed"
            before = [entry for entry in one.log if entry.at < end]
            open_ += bool(before) and before[-1].status != "closed"
        assert row[1:] == (opened, closed, again, open_), row


def test_who_may_read_what_is_counted(told: tuple[Ask, list[Invented]]) -> None:
    """Of the open ones, which a team and an engineer have."""
    ask, found = told
    for who, mine in (
        (Counted(owner="alice"), lambda one: one.row["owner"] == "alice"),
        (Counted(teams=frozenset({"", "net"})), lambda one: one.row["team"] in ("", "net")),
        (Counted(teams=frozenset({""})), lambda one: one.row["team"] == ""),
        (runs.EVERYTHING, lambda _: True),
    ):
        table = ask("backlog 2026-03", who).tables[0]
        expected = Counter(one.row["status"] for one in found if mine(one) and one.row["status"] != "closed")
        assert sum(int(str(row[-1])) for row in table.rows) == expected.total()
        assert len(table.rows) == len(expected)
