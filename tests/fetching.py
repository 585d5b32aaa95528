"""A desk that fetches from mailboxes, run in the test's own event loop; and what became of the mails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import func, select, update

from sitmail import config
from sitmail.daemon import imap_accounts
from sitmail.daemon.imap_accounts import Times
from sitmail.daemon.runtime import Runtime, now
from sitmail.domain.mail import HEAD_ONLY
from sitmail.receiving.imap.mailbox import Patience
from sitmail.services import reports
from sitmail.store.positions import Place
from sitmail.store.schema import inbox, leftover, source


class Server(Protocol):
    port: int


TIMES = Times(
    idle=20.0,
    poll=0.05,
    first=0.02,
    last=0.05,
    first_login=0.02,
    last_login=0.05,
    maildir=0.05,
    patience=Patience(connect=5.0, command=0.5, token=5.0),
)
CONFIG = """
[desk]
address = "support@example.com"
[smtp]
max_message_size = "3 MB"
[relay]
url = "maildir:outgoing"
"""
ACCOUNT = """
[[imap]]
host = "127.0.0.1"
port = {port}
security = "none"
user = "support"
password = "secret"
first = "{first}"
{more}
"""
HERE = Place("support@127.0.0.1", "INBOX")


def write(folder: Path, *servers: Server, more: str = "", first: str = "all") -> Path:
    path = folder / "config.toml"
    path.write_text(CONFIG + "".join(ACCOUNT.format(port=one.port, more=more, first=first) for one in servers))
    path.chmod(0o600)
    return path


@contextmanager
def opened(path: Path) -> Iterator[Runtime]:
    runtime = Runtime(config.load(path, {}))
    try:
        yield runtime
    finally:
        runtime.database.close()


@asynccontextmanager
async def running(path: Path, times: Times = TIMES) -> AsyncIterator[Runtime]:
    """A desk that fetches, and stops in order."""
    with opened(path) as runtime:
        task = asyncio.create_task(imap_accounts.run(runtime, times))
        try:
            yield runtime
        finally:
            runtime.stopping.set()
            await asyncio.wait_for(task, 20)


async def until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := condition()):
            await asyncio.sleep(0.01)
        return found


def rows(runtime: Runtime, table: Any = inbox) -> list[Any]:
    with runtime.database.read() as connection:
        return list(connection.execute(select(table)))


def kept(runtime: Runtime) -> int:
    """Mails that are the desk's whole, repeats not counted."""
    count = select(func.count()).select_from(inbox).where(inbox.c.ending != "duplicate", inbox.c.door != HEAD_ONLY)
    with runtime.database.read() as connection:
        return int(connection.execute(count).scalar_one())


def position(runtime: Runtime) -> int:
    return max((row.uid for row in rows(runtime, source)), default=0)


def settled(runtime: Runtime, mails: int, uid: int = 0) -> Callable[[], bool]:
    """So many mails are kept, the position is there (the UIDs begin at 1, if none is given), the server was told."""
    return lambda: kept(runtime) == mails and position(runtime) >= (uid or mails) and not rows(runtime, leftover)


def hurry(runtime: Runtime) -> None:
    """Lets everything left behind be due."""
    early = update(leftover).values(not_before=now() - timedelta(hours=1))
    runtime.database.write(lambda connection, items: [connection.execute(early) for _ in items], None).result()


def status(runtime: Runtime) -> dict[str, Any]:
    with runtime.database.read() as connection:
        value: dict[str, Any] = reports.status(connection, runtime.desk.policy, reports.DaemonState(now()))
        return value
