"""A look that fails is noted, told, and done again: nothing disables itself (a known fault of desks)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from sitmail import config
from sitmail.daemon import watch_loop
from sitmail.daemon.runtime import Runtime
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
