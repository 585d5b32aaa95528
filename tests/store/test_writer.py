"""The writer thread: shared transactions, a failing item alone, order, and nothing acknowledged that is not stored."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Connection, func, insert, select, text

from sitmail.store import ids as counters
from sitmail.store.database import Database, StoreBroken, StoreError, open_database
from sitmail.store.schema import counter, meta


def note(connection: Connection, items: list[str]) -> list[str]:
    """Writes rows; an item "poison..." cannot be written."""
    for item in items:
        if item.startswith("poison"):
            raise ValueError(item)
    connection.execute(insert(meta), [{"key": item, "value": str(len(items))} for item in items])
    return [item.upper() for item in items]


def kept(database: Database) -> dict[str, str]:
    with database.read() as connection:
        rows = connection.execute(select(meta.c.key, meta.c.value).where(meta.c.key != "epoch"))
        return {row[0]: row[1] for row in rows}


class Hold:
    """Keeps the writer busy, so that what is written meanwhile becomes one batch."""

    def __init__(self, database: Database) -> None:
        self._go, busy = Event(), Event()

        def wait(connection: Connection, items: list[None]) -> list[None]:
            busy.set()
            self._go.wait(30)
            return items

        self._held = database.write(wait, None)
        assert busy.wait(30)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: object) -> None:
        self._go.set()
        self._held.result()


def test_what_waits_shares_a_transaction(each_database: Database):
    with Hold(each_database):
        written = [each_database.write(note, f"m{number}") for number in range(250)]
    assert [future.result() for future in written] == [f"M{number}" for number in range(250)]
    sizes = kept(each_database)
    assert sizes["m0"] == sizes["m199"] == "200"
    assert sizes["m200"] == sizes["m249"] == "50"


def test_a_poison_item_fails_alone(each_database: Database):
    with Hold(each_database):
        written = {item: each_database.write(note, item) for item in ("a", "poison", "b", "c")}
        again = each_database.write(note, "a")  # the same key once more
    assert {item: future.exception() is None for item, future in written.items()} == {
        "a": True,
        "poison": False,
        "b": True,
        "c": True,
    }
    assert "poison" in str(written["poison"].exception())
    assert again.exception() is not None
    assert set(kept(each_database)) == {"a", "b", "c"}
    assert each_database.broken is None


def test_a_job_that_answers_too_few_fails(database: Database):
    def forgetful(connection: Connection, items: list[str]) -> list[str]:
        note(connection, items)
        return []

    with pytest.raises(ValueError, match="gave 0 answers for 1 items"):
        database.write(forgetful, "a").result()
    assert kept(database) == {}


def test_a_job_that_lets_stop_iteration_out_fails_and_nobody_hangs(database: Database):
    async def ask() -> None:
        with pytest.raises(RuntimeError):
            await asyncio.wait_for(database.awrite(lambda _, items: [next(iter(()))], 1), 30)

    asyncio.run(ask())


def test_jobs_go_in_the_order_of_their_first_item(database: Database):
    calls = []

    def first(connection: Connection, items: list[int]) -> list[int]:
        calls.append(("first", items))
        return items

    def second(connection: Connection, items: list[int]) -> list[int]:
        calls.append(("second", items))
        return items

    with Hold(database):
        futures = [database.write(job, n) for n, job in enumerate((first, second, second, first, second))]
    assert [future.result() for future in futures] == [0, 1, 2, 3, 4]
    assert calls == [("first", [0, 3]), ("second", [1, 2, 4])]


def test_threads_write_side_by_side(each_database: Database):
    def many(thread: int) -> None:
        for number in range(200):
            assert each_database.write(note, f"{thread}-{number}").result(60) == f"{thread}-{number}"

    threads = [Thread(target=many, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept(each_database)) == 8 * 200


async def test_the_event_loop_waits_without_standing_still(database: Database):
    assert await asyncio.gather(*(database.awrite(note, f"m{number}") for number in range(50))) == [
        f"M{number}" for number in range(50)
    ]
    with pytest.raises(ValueError, match="poison"):
        await database.awrite(note, "poison")


async def test_several_are_answered_at_once(each_database: Database):
    first = each_database.awrite_all(note, ["a", "b"])
    assert await first == ["A", "B"]
    with Hold(each_database):
        both = each_database.awrite_all(note, ["c", "d"]), each_database.awrite(note, "e")
    assert [await one for one in both] == [["C", "D"], "E"]
    assert kept(each_database) == {"a": "2", "b": "2", "c": "3", "d": "3", "e": "3"}


async def test_of_several_only_the_poison_fails(each_database: Database):
    with Hold(each_database):
        several = each_database.awrite_all(note, ["a", "poison", "b"])
        other = each_database.awrite(note, "c")
    answers = await several
    assert answers[::2] == ["A", "B"] and await other == "C"
    assert isinstance(answers[1], ValueError) and str(answers[1]) == "poison"
    assert kept(each_database) == dict.fromkeys("abc", "1")


async def test_giving_up_the_answer_is_not_giving_up_the_write(database: Database):
    with Hold(database):
        given_up, other = database.awrite(note, "a"), database.awrite(note, "b")
        given_up.cancel()
    assert await other == "B"
    assert set(kept(database)) == {"a", "b"}


def test_a_loop_that_is_gone_harms_nobody(database: Database):
    async def leave() -> None:
        database.awrite(note, "a")

    hold = Hold(database)
    asyncio.run(leave())
    with hold:
        other = database.write(note, "b")
    assert other.result() == "B"


def test_closing_does_what_was_handed_over(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/sitmail.db"
    database = open_database(url, data=tmp_path)
    with Hold(database):
        written = [database.write(note, f"m{number}") for number in range(300)]
    database.close()
    assert all(future.done() for future in written)
    with pytest.raises(StoreError, match="closed"):
        database.write(note, "late")
    again = open_database(url, data=tmp_path)
    assert len(kept(again)) == 300
    again.close()


# --- ids


def take(n: int, name: str = "update") -> Callable[[Connection, list[str]], list[range]]:
    def job(connection: Connection, items: list[str]) -> list[range]:
        return [counters.of(connection).take(connection, name, n) for _ in items]

    return job


def next_of(database: Database, name: str) -> int | None:
    with database.read() as connection:
        return connection.execute(select(counter.c.next).where(counter.c.name == name)).scalar()


def test_ids_come_from_blocks(each_database: Database):
    assert each_database.write(take(3), "").result() == range(1, 4)
    assert next_of(each_database, "update") == 1001
    assert each_database.write(take(1500), "").result() == range(4, 1504)
    assert each_database.write(take(2), "").result() == range(1504, 1506)


def test_incident_numbers_have_no_gaps(each_database: Database):
    assert each_database.write(take(2, "incident"), "").result() == range(1, 3)
    assert each_database.write(take(1, "incident"), "").result() == range(3, 4)
    assert next_of(each_database, "incident") == 4


@pytest.mark.parametrize("name", ["update", "incident"])
def test_a_rollback_takes_back_its_ids(name: str, each_database: Database):
    """Else ids from a block that was never committed would be handed out a second time after a restart."""
    taken = []

    def taking_and_failing(connection: Connection, items: list[str]) -> list[str]:
        taken.append(counters.of(connection).take(connection, name, 1)[0])
        raise ValueError("failed after taking")

    with pytest.raises(ValueError, match="after taking"):
        each_database.write(taking_and_failing, "").result()
    assert next_of(each_database, name) is None
    assert each_database.write(take(1, name), "").result()[0] == taken[0]
    assert next_of(each_database, name) == (2 if name == "incident" else 1001)


def test_ids_go_on_after_a_restart(store_url: str, tmp_path: Path):
    database = open_database(store_url, data=tmp_path)
    last = database.write(take(5), "").result()[-1]
    database.close()
    again = open_database(store_url, data=tmp_path)
    assert again.write(take(1), "").result()[0] > last
    again.close()


# --- trouble


def test_a_locked_database_fails_the_batch_but_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sitmail.store.dialects.PATIENCE", 0.1)
    database = open_database(f"sqlite:///{tmp_path}/sitmail.db", data=tmp_path)
    stranger = sqlite3.connect(tmp_path / "sitmail.db", isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(Exception, match="locked"):
        database.write(note, "a").result()
    stranger.execute("ROLLBACK")
    stranger.close()
    assert database.write(note, "b").result() == "B"
    assert database.broken is None
    database.close()


def test_disk_trouble_breaks_the_store_for_good(tmp_path: Path):
    """A full database file stands for a full disk: the same result code from the same place."""
    database = open_database(f"sqlite:///{tmp_path}/sitmail.db", data=tmp_path)

    def cap(connection: Connection, items: list[str]) -> list[str]:
        pages = connection.execute(text("PRAGMA page_count")).scalar()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        return items

    database.write(cap, "").result()
    with Hold(database):
        written = [database.write(note, "x" * 100_000), database.write(note, "small")]
    assert all("full" in str(future.exception()) for future in written)
    assert "full" in str(database.broken)
    with pytest.raises(StoreBroken, match="out of order"):
        database.write(note, "after").result()
    database.close()


WRITER = """
import sys
from pathlib import Path
from concurrent.futures import as_completed
from sqlalchemy import insert
from sitmail.store.database import open_database
from sitmail.store.schema import meta

def note(connection, items):
    connection.execute(insert(meta), [{"key": item, "value": ""} for item in items])
    return items

database = open_database(sys.argv[1], data=Path(sys.argv[2]))
number = 0
while True:
    for future in as_completed([database.write(note, f"m{number + place}") for place in range(20)]):
        print(future.result(), flush=True)
    number += 20
"""


@pytest.mark.parametrize("enough", [1, 700])
def test_whatever_was_acknowledged_survives_a_kill(enough: int, tmp_path: Path):
    url = f"sqlite:///{tmp_path}/sitmail.db"
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, url, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline() for _ in range(enough)]
    process.send_signal(signal.SIGKILL)
    acknowledged += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    database = open_database(url, data=tmp_path)
    assert {line.strip() for line in acknowledged if line.endswith("\n")} <= set(kept(database))
    with database.read() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert connection.execute(select(func.count()).select_from(meta)).scalar_one() >= enough
    database.close()
