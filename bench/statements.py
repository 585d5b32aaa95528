"""Compares the cost of several ways to send a query to the store: `python -m bench.statements`.

One query (the participants of four incidents, which have none) is sent a few thousand times each way, in turns.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

from sqlalchemy import Connection, select

from sitmail.store.database import open_database
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.schema import participation as table

TIMES, ROUNDS = 2_000, 5
NUMBERS = [1, 2, 3, 4]
MADE = select(table).where(table.c.incident.in_(any_of("numbers")))
PREPARED = Prepared(MADE)
TEXT = f"SELECT {', '.join(table.c.keys())} FROM participation WHERE incident IN (?, ?, ?, ?)"


def ways(connection: Connection) -> dict[str, Callable[[], object]]:
    driver = connection.connection.dbapi_connection
    assert driver is not None
    return {
        "Core, put together on the spot": lambda: connection.execute(
            select(table).where(table.c.incident.in_(NUMBERS))
        ).all(),
        "Core, made before": lambda: connection.execute(MADE, {"numbers": NUMBERS}).all(),
        "exec_driver_sql": lambda: connection.exec_driver_sql(TEXT, tuple(NUMBERS)).all(),
        "prepared": lambda: PREPARED.all(connection, numbers=NUMBERS),
        "the driver alone": lambda: driver.cursor().execute(TEXT, NUMBERS).fetchall(),
    }


def seconds(way: Callable[[], object]) -> float:
    began = process_time()
    for _ in range(TIMES):
        way()
    return (process_time() - began) / TIMES


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/store.db", data=Path(folder))
        with database.read() as connection:
            asked = ways(connection)
            found: dict[str, list[float]] = {name: [] for name in asked}
            for _ in range(ROUNDS):
                for name, way in asked.items():
                    found[name].append(seconds(way))
        database.close()
    for name, each in found.items():
        print(f"{median(each) * 1e6:8.1f} us  {name}")


if __name__ == "__main__":
    main()
