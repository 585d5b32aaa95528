"""How long a report takes on a large desk, and how mail fares meanwhile.

    python -m bench.reporting                        100,000 incidents on SQLite
    python -m bench.reporting --postgresql           on a private PostgreSQL
    python -m bench.reporting --incidents 10000

Each report is asked about the whole time of the store.  The bar is five seconds of CPU for any.  Then one is made again
and again by a thread, as the report loop does, while mails are decided one by one: how long each waits is printed
beside the same without reports.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import Connection, create_engine, func, insert, select

from bench import postgresql
from bench.desk import Desk
from bench.mails import Shape, new
from bench.report_store import invent, write
from sitmail import config
from sitmail.daemon.runtime import Runtime
from sitmail.domain.authority import Counted
from sitmail.domain.figures.catalogue import REPORTS, question
from sitmail.domain.mail import Envelope
from sitmail.services import process_mail
from sitmail.services.figures import runs
from sitmail.services.figures.asking import Asking
from sitmail.services.figures.reports import make
from sitmail.services.process_mail import Task, Unread
from sitmail.store import inbox
from sitmail.store import schema as t

BAR = 5.0  # seconds
DAYS = 700
MAILS = 150
SPLIT = ("time", "time by owner", "time by reason", "time by customer", "time by product")
OTHERS = tuple(one for one in REPORTS if one != "time")
PROMISES = (("first_response", 3600), ("resolution", 36_000))


def fill(url: str, count: int, now: datetime) -> None:
    """Adds invented incidents with their logs and promises to a store that has its directory."""
    engine = create_engine(url)
    found = invent(Random(1), count, now - timedelta(days=DAYS), now - timedelta(minutes=1))
    with engine.begin() as connection:
        staff = select(t.person.c.key, t.person.c.id).where(t.person.c.kind == "engineer")
        people = {key: number for key, number in connection.execute(staff)}  # noqa: C416 - rows
        for first in range(0, count, 20_000):
            some = (one for _, one in zip(range(min(20_000, count - first)), found, strict=False))
            written = write(connection, some, "support@example.com", people)
            _promise(connection, first, [(one.number, one.row["opened"], one.row["closed"]) for one in written])
        for table in (t.incident, t.update, t.term):
            key = next(iter(table.primary_key.columns))
            following = connection.execute(select(func.max(key))).scalar_one() + 1
            connection.execute(t.counter.delete().where(t.counter.c.name == table.name))
            connection.execute(insert(t.counter).values(name=table.name, next=following))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


def _promise(connection: Connection, first: int, some: list[tuple[int, datetime, datetime | None]]) -> None:
    rows = []
    for at, (number, opened, closed) in enumerate(some):
        for place, (target, seconds) in enumerate(PROMISES):
            due = opened + timedelta(seconds=seconds)
            late = closed is not None and closed > due
            state = "met" if closed else "running"
            known = {"due": due if late or not closed else None, "met": closed, "state": state, "started": opened}
            named = {"id": 2 * (first + at) + place + 1, "incident": number, "target": target, "seconds": seconds}
            rows.append({**named, **known, "calendar": "office", "warn_at": []})
    connection.execute(insert(t.term), rows)


def measure(runtime: Runtime, now: datetime) -> dict[str, float]:
    """Seconds of each report over the whole time."""
    found = {}
    for line in (*SPLIT, *OTHERS):
        begin, wall = time.process_time(), time.perf_counter()
        _make(runtime, line, now)
        found[line] = time.process_time() - begin
        print(f"{line:20} {found[line]:6.2f} s CPU, {time.perf_counter() - wall:6.2f} s", flush=True)
    return found


def _make(runtime: Runtime, line: str, now: datetime) -> None:
    span = f"{(now - timedelta(days=DAYS + 1)).date()}..{now.date()}"
    policy = runtime.desk.policy
    asked = question(f"{line} {span}", now, "UTC")
    with runtime.database.read() as connection:
        made = make(Asking(connection, policy, asked, Counted(everything=True), now, "UTC"))
    if not any(table.rows for table in made.tables) and line not in ("vendor", "escalated"):
        raise RuntimeError(f"{line} is empty")
    runs.files_of(made, runtime.desk, "en")


def beside(runtime: Runtime, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds until a mail is decided: alone, and while reports are made."""
    mails = list(new(Shape(contacts=1_000), range(2 * count)))
    alone = [_decide(runtime, mail) for mail in mails[:count]]
    stop = threading.Event()

    def report() -> None:
        while not stop.is_set():
            _make(runtime, "time", datetime.now(UTC))

    thread = threading.Thread(target=report)
    thread.start()
    try:
        time.sleep(0.5)
        meanwhile = [_decide(runtime, mail) for mail in mails[count:]]
    finally:
        stop.set()
        thread.join()
    return alone, meanwhile


def _decide(runtime: Runtime, mail: object) -> float:
    desk, database, now = runtime.desk, runtime.database, datetime.now(UTC)
    begin = time.perf_counter()
    writer = runtime.spool.writer()
    writer.write(mail.content)  # type: ignore[attr-defined]
    envelope = Envelope(mail.sender, (desk.policy.desk.address,), now)  # type: ignore[attr-defined]
    database.write(inbox.keep, process_mail.to_keep(desk, writer.finish(), envelope)).result()
    with database.read() as connection:
        rows = inbox.waiting(connection, 10, now)
    for one in process_mail.read(desk, [Unread(row.data or b"", row) for row in rows]):
        if isinstance(one, OSError):
            raise one
        database.write(process_mail.process, Task(desk, one, now)).result()
    return 1000 * (time.perf_counter() - begin)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.reporting", description=__doc__)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--postgresql", action="store_true")
    options = parser.parse_args()
    server = postgresql.Server() if options.postgresql else None
    if server is not None:
        server.start()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-reports-", dir="/dev/shm") as folder:
            return _run(Path(folder), options.incidents, server.database() if server else "")
    finally:
        if server is not None:
            server.stop()


def _run(folder: Path, count: int, url: str) -> int:
    desk = Desk(folder / "desk", 9, Shape(contacts=1_000), store=url)
    settings = config.load(desk.folder / "config.toml", {})
    Runtime(settings).database.close()
    now = datetime.now(UTC)
    fill(desk.store, count, now)
    runtime = Runtime(settings)
    try:
        found = measure(runtime, now)
        alone, meanwhile = beside(runtime, MAILS)
        for name, some in (("alone", alone), ("beside reports", meanwhile)):
            ordered = sorted(some)
            print(f"a mail {name}: median {median(some):.1f} ms, 99 % {ordered[int(0.99 * len(ordered))]:.1f} ms")
        return int(max(found.values()) > BAR)
    finally:
        runtime.database.close()


if __name__ == "__main__":
    raise SystemExit(main())
