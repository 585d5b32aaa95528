"""A look that fails is noted, told, and done again: nothing disables itself (a known fault of desks)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from sitmail import config
from sitmail.daemon import intake_loop, watch_loop
from sitmail.daemon.runtime import Runtime, now
from sitmail.domain.mail import Envelope
from tests.fetching import until

CONFIG = """
[desk]
address = "support@example.com"
[relay]
url = "maildir:outgoing"
"""


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    (tmp_path / "config.toml").write_text(CONFIG)
    runtime = Runtime(config.load(tmp_path / "config.toml", {}))
    with closing(runtime.database), closing(runtime.reader):
        yield runtime


def changed(runtime: Runtime, statement: str) -> None:
    def job(connection: Connection, items: list[None]) -> list[None]:
        connection.execute(text(statement))
        return items

    runtime.database.write(job, None).result(20)


async def test_a_look_that_failed_is_followed_by_others(runtime: Runtime) -> None:
    changed(runtime, "ALTER TABLE notice RENAME TO mislaid")
    loop = asyncio.create_task(watch_loop.run(runtime, lambda _: None))
    await until(lambda: "watch loop" in runtime.failing)
    changed(runtime, "ALTER TABLE mislaid RENAME TO notice")
    runtime.time.set()
    await until(lambda: not runtime.failing)
    runtime.stopping.set()
    runtime.time.set()
    await asyncio.wait_for(loop, 20)


PROMISED = """
[[engineer]]
id = "anna"
addresses = ["anna@example.com"]
[[calendar]]
name = "always"
week = {{ {} }}
[[service_level]]
name = "standard"
calendar = "always"
default = true
target = [{{ priority = "medium", first_response = "1s", warn_at = [] }}]
""".format(", ".join(f'{day} = ["00:00-24:00"]' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")))


async def test_an_incident_at_which_nobody_can_look_silences_no_other(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG + PROMISED)
    runtime = Runtime(config.load(tmp_path / "config.toml", {}))
    with closing(runtime.database), closing(runtime.reader):
        for sender in ("jane@example.net", "kim@example.org"):
            await opened(runtime, sender)
        kept = column(runtime, "SELECT warn_at FROM term WHERE incident = 1")
        changed(runtime, "UPDATE term SET warn_at = '7' WHERE incident = 1")
        changed(runtime, "UPDATE incident SET next_deadline = '2020-01-01 00:00:00.000000'")
        loop = asyncio.create_task(watch_loop.run(runtime, lambda _: None))
        await until(lambda: column(runtime, "SELECT incident FROM outbox WHERE purpose = 'sla_late'") == [2])
        await until(lambda: "incident 1" in runtime.failing)
        due = column(runtime, "SELECT next_deadline FROM incident WHERE number = 1")
        assert due[0] > "2021", "it is looked at again, but not at once"

        changed(runtime, f"UPDATE term SET warn_at = '{kept[0]}' WHERE incident = 1")
        changed(runtime, "UPDATE incident SET next_deadline = '2020-01-01 00:00:00.000000' WHERE number = 1")
        runtime.put_off[1] = now()
        runtime.time.set()
        late = "SELECT incident FROM outbox WHERE purpose = 'sla_late' ORDER BY incident"
        await until(lambda: column(runtime, late) == [1, 2])
        await until(lambda: not runtime.failing)
        runtime.stopping.set()
        runtime.time.set()
        await asyncio.wait_for(loop, 20)


async def opened(runtime: Runtime, sender: str) -> None:
    writer = runtime.spool.writer()
    writer.write(f"From: {sender}\r\nTo: support@example.com\r\nSubject: Lamp\r\n\r\nIt is red.\r\n".encode())
    await intake_loop.keep(runtime, writer.finish(), Envelope(sender, ("support@example.com",), now()))
    assert await intake_loop.work(runtime, lambda _: None) == 1


def column(runtime: Runtime, statement: str) -> list[Any]:
    with runtime.database.read() as connection:
        return list(connection.execute(text(statement)).scalars())
