"""Incidents with invented logs, for reports: statuses, owners, closings at random, written by bulk inserts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert

from sitmail.store import schema as t

STATUSES = ("active", "research", "awaiting-customer", "awaiting-vendor", "on-hold", "awaiting-closure", "left-message")
ENGINEERS = ("alice", "bob", "carol", "")
TEAMS = ("help", "net", "")
SITES = ("acme", "globex", "initech", "")
PRODUCTS = ("router", "printer", "")
REASONS = ("network/dns", "network", "power", "")
CALENDARS = ("", "always")
PORTION = 2_000  # incidents in one transaction


class Logged(NamedTuple):
    """An entry as it was invented."""

    at: datetime
    event: str
    status: str
    owner: str
    held: bool
    minutes: int | None


class Invented(NamedTuple):
    number: int
    row: Mapping[str, Any]
    log: tuple[Logged, ...]


def invent(random: Random, count: int, begin: datetime, end: datetime) -> Iterator[Invented]:
    """So many incidents, opened one after the other between two moments; what would lie behind has not happened."""
    step = (end - begin) / max(count, 1)
    for number in range(1, count + 1):
        opened = (begin + step * (number - 1) + timedelta(seconds=random.randrange(60))).replace(microsecond=0)
        log = tuple(_log(random, opened, end))
        last = log[-1]
        closed = last.at if last.status == "closed" else None
        cycle = 1 + sum(one.event == "reopened" for one in log)
        row = {
            "status": last.status,
            "owner": last.owner,
            "team": random.choice(TEAMS),
            "site": random.choice(SITES),
            "product": random.choice(PRODUCTS),
            "reason": random.choice(REASONS),
            "priority": random.choice(("medium", "high")),
            "service_level": random.choice(("gold", "")),
            "calendar": random.choice(CALENDARS),
            "opened": opened,
            "closed": closed,
            "cycle": cycle,
        }
        yield Invented(number, row, log)


def _log(random: Random, opened: datetime, end: datetime) -> Iterator[Logged]:
    status, owner, held, at = random.choice(("new", "active")), random.choice(ENGINEERS), False, opened
    yield Logged(at, "opened", status, owner, held, None)
    for _ in range(random.choice((1, 3, 5, 5, 8))):
        at += timedelta(seconds=random.choice((0, 1, 59, 600, 7_200, 90_000, 400_000)) + random.randrange(3_600))
        if at >= end:
            return
        minutes, event = None, "changed"
        kind = random.random()
        if status == "closed":
            status, event = ("active", "reopened") if kind < 0.6 else ("closed", "note")
        elif kind < 0.2:
            status, event = "closed", "closed"
        elif kind < 0.6:
            status = random.choice(STATUSES)
        elif kind < 0.8:
            owner, event = random.choice(ENGINEERS), "assigned"
        else:
            minutes, event = random.choice((5, 30, 90, -5)), "time"
        held = status == "on-hold" and random.random() < 0.5
        yield Logged(at, event, status, owner, held, minutes)
    if status != "closed" and random.random() < 0.8 and at + timedelta(hours=1) < end:
        yield Logged(at + timedelta(hours=1), "closed", "closed", owner, False, None)


def write(
    connection: Connection, found: Iterator[Invented], mailbox: str, authors: Mapping[str, int]
) -> list[Invented]:
    """Writes them; `authors` are persons of engineers by id."""
    portion: list[Invented] = []
    written: list[Invented] = []
    for one in found:
        portion.append(one)
        if len(portion) == PORTION:
            _write(connection, portion, mailbox, authors)
            written += portion
            portion = []
    if portion:
        _write(connection, portion, mailbox, authors)
    return written + portion


def _write(connection: Connection, found: list[Invented], mailbox: str, authors: Mapping[str, int]) -> None:
    incidents, entries, texts = [], [], []
    for one in found:
        summary = {"updated": one.log[-1].at, "cycle_opened": one.row["opened"], "updates": len(one.log)}
        named = {"number": one.number, "mailbox": mailbox, "title": f"Invented {one.number}"}
        incidents.append({**one.row, **summary, **named})
        for place, entry in enumerate(one.log, 1):
            key = one.number * 100 + place
            entries.append(
                {
                    "id": key,
                    "incident": one.number,
                    "number": place,
                    "leg": "internal",
                    "event": entry.event,
                    "direction": "none",
                    "author": authors.get(entry.owner),
                    "received": entry.at,
                    "status": entry.status,
                    "owner": entry.owner,
                    "customer_hold": entry.held,
                    "duration": entry.minutes,
                    "rule": "invented",
                }
            )
            texts.append({"update": key, "text": "It was invented."})
    for table, rows in ((t.incident, incidents), (t.update, entries), (t.update_text, texts)):
        connection.execute(insert(table), rows)
