"""What a tick of the clock costs beside how many incidents are open: two stores, in turns, with the same few due.

The due incidents come by real mails.  The others are their copies, with deadlines far away, put into the store by bulk
inserts: incident, legs, participations, log and promises, without letters.
"""

from __future__ import annotations

import gc
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Column, Connection, Integer, create_engine, delete, func, insert, literal, select, true

from bench.desk import Desk
from bench.mails import Shape, new
from sitmail import config
from sitmail.daemon.runtime import Runtime
from sitmail.domain.mail import Envelope
from sitmail.services import process_mail, process_tick
from sitmail.services.process_mail import Task, Unread
from sitmail.store import inbox
from sitmail.store import schema as t

DUE = 100  # incidents in each tick that is measured
SMALL = 10_000  # open incidents of the store that the other is compared with
SLICE = 1_000  # copies in one transaction
FAR = timedelta(days=3_650)
STRIDE = 1_000  # the ids of what came by mail are smaller
PARTS = [n / 20 for n in range(1, 19)]  # of the promised time, at each of which all due ones are warned of
LEVEL = f"""
[[calendar]]
name = "always"
week = {{ {", ".join(f'{day} = ["00:00-24:00"]' for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"])} }}
[[service_level]]
name = "standard"
calendar = "always"
default = true
target = [{{ priority = "medium", resolution = "20d", warn_at = {PARTS} }}]
"""
COPIED = (t.incident, t.leg, t.participation, t.update, t.update_text, t.term)


def measure(folder: Path, many: int) -> dict[str, float]:
    """Medians in milliseconds of CPU of this process, and their ratios."""
    runtimes = [_filled(folder / f"open{count}", count) for count in (SMALL, many)]
    try:
        for one in runtimes:  # imports what a letter needs
            _tick(one, _next(one))
            one.database.close()
        runtimes = [Runtime(one.settings) for one in runtimes]
        first = [_tick(one, _next(one)) for one in runtimes]  # nothing is remembered yet
        costs = [[_tick(one, _next(one)) for one in runtimes] for _ in PARTS[2:]]
        idle = [[_idle(one) for one in runtimes] for _ in range(200)]
    finally:
        for one in runtimes:
            one.database.close()
            shutil.rmtree(one.settings.path.parent, ignore_errors=True)
    found = {"small": median(a for a, _ in costs), "many": median(b for _, b in costs)}
    found |= {"small first": first[0], "many first": first[1], "first ratio": first[1] / first[0]}
    return found | {
        "ratio": median(b / a for a, b in costs),
        "idle": median(a for a, _ in idle),
        "idle ratio": median(b / a for a, b in idle),
    }


def _tick(runtime: Runtime, now: datetime) -> float:
    """Milliseconds of CPU of the tick at which all due incidents are warned of."""
    gc.collect()
    begin = time.process_time()
    done = runtime.database.write(process_tick.tick, process_tick.Tick(runtime.desk, now)).result()
    cost = 1000 * (time.process_time() - begin)
    if (done.looked_at, len(done.letters)) != (DUE, DUE):
        raise RuntimeError(f"{done.looked_at} were due and {len(done.letters)} letters left, instead of {DUE}")
    return cost


def _idle(runtime: Runtime) -> float:
    """The same where nothing is due."""
    now = _next(runtime) - timedelta(seconds=1)
    begin = time.process_time()
    done = runtime.database.write(process_tick.tick, process_tick.Tick(runtime.desk, now)).result()
    if done.looked_at or done.letters:
        raise RuntimeError("something was due")
    return 1000 * (time.process_time() - begin)


def _next(runtime: Runtime) -> datetime:
    with runtime.database.read() as connection:
        found: datetime = connection.execute(select(func.min(t.incident.c.next_deadline))).scalar_one()
        return found


# --- the stores


def _filled(folder: Path, count: int) -> Runtime:
    desk = Desk(folder, 9, Shape(contacts=1_000))
    with (folder / "config.toml").open("a") as file:
        file.write(LEVEL)
    settings = config.load(folder / "config.toml", {})
    runtime = Runtime(settings)
    _open(runtime, datetime.now(UTC).replace(microsecond=0))
    runtime.database.close()
    engine = create_engine(desk.store)
    for start in range(1, count // DUE, SLICE):
        with engine.begin() as connection:
            _copy(connection, start, min(start + SLICE, count // DUE))
    with engine.begin() as connection:
        for table in COPIED:
            key = next(iter(table.primary_key.columns))
            following = connection.execute(select(func.max(key))).scalar_one() + 1
            connection.execute(delete(t.counter).where(t.counter.c.name == table.name))
            connection.execute(insert(t.counter).values(name=table.name, next=following))
        opened = connection.execute(select(func.count()).where(t.incident.c.status != "closed")).scalar_one()
    engine.dispose()
    if opened != count:
        raise RuntimeError(f"{opened} incidents are open, not {count}")
    return Runtime(settings)


def _open(runtime: Runtime, now: datetime) -> None:
    """Incidents that come at the same moment, from as many people."""
    desk, database = runtime.desk, runtime.database
    for mail in new(Shape(contacts=1_000), range(DUE)):
        writer = runtime.spool.writer()
        writer.write(mail.content)
        envelope = Envelope(mail.sender, (desk.policy.desk.address,), now)
        database.write(inbox.keep, process_mail.to_keep(desk, writer.finish(), envelope)).result()
    with database.read() as connection:
        rows = inbox.waiting(connection, DUE, now)
    arrivals = process_mail.read(desk, [Unread(row.data or b"", row) for row in rows])
    for one in arrivals:
        if isinstance(one, OSError):
            raise one
        database.write(process_mail.process, Task(desk, one, now)).result()


def _copy(connection: Connection, first: int, last: int) -> None:
    """Copies of all that was opened, numbered from `first` to below `last`, each with ids of its own."""
    numbers = select(literal(first, Integer).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < last - 1))
    later = datetime.now(UTC) + FAR + timedelta(seconds=first)
    for table in COPIED:
        values: dict[str, Any] = {column.name: _of_copy(column, numbers.c.n) for column in table.columns}
        for name in values.keys() & {"next_deadline", "due"}:
            values[name] = literal(later, table.c[name].type)
        original = table.c[{"incident": "number", "update_text": "update"}.get(table.name, "incident")]
        below = STRIDE if table is t.update_text else DUE + 1
        rows = select(*values.values()).select_from(table.join(numbers, true())).where(original < below)
        connection.execute(insert(table).from_select(list(values), rows))


def _of_copy(column: Column[Any], number: Any) -> Any:
    """Keys of what is copied become others; those of people and mails stay."""
    named = {key.column.table.name for key in column.foreign_keys}
    if not named:
        named = {column.table.name} if column.primary_key else {column.name}
    if named == {"incident"}:
        return column + number * DUE
    return column + number * STRIDE if named <= {table.name for table in COPIED} else column
