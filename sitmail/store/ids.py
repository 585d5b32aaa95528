"""Primary keys, numbers of incidents and articles, given out by the writer in its transaction.

Most ids come from a block of a thousand that is reserved in table `counter` and then given out from memory, so that an
insert needs no extra statement; the rest of a block is lost at a restart.  People see the numbers of incidents and
articles: those are reserved one by one, without gaps.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, update

from sitmail.store.prepared import Prepared
from sitmail.store.schema import counter

BLOCK = 1000
EXACT = frozenset({"incident", "article"})  # no blocks, so that a restart leaves no gap


class Ids:
    """The reserved ids.  Only the writer's thread uses it, and calls `forget` after every rollback."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, int]] = {}  # by name: the next one, and the first not reserved
        self.rollbacks = 0  # so far: what somebody read in a transaction is void when this has changed

    def take(self, connection: Connection, name: str, n: int) -> range:
        """The next `n` consecutive ids of that name.  They are used up when the transaction is committed."""
        at, stop = self._held.get(name, (0, 0))
        if stop - at < n:
            fresh = _advance(connection, name, n if name in EXACT else max(n, BLOCK))
            at, stop = at if at < stop == fresh.start else fresh.start, fresh.stop
        self._held[name] = (at + n, stop)
        return range(at, at + n)

    def forget(self) -> None:
        """Drops all reserved ids: after a rollback the counters in the database may be behind them."""
        self._held.clear()
        self.rollbacks += 1


def of(connection: Connection) -> Ids:
    """The ids of the writer that owns this connection.  KeyError for a reader's connection."""
    ids: Ids = connection.info["ids"]
    return ids


def _advance(connection: Connection, name: str, n: int) -> range:
    moved = _ADVANCE.all(connection, which=name, by=n)
    if not moved:
        connection.execute(insert(counter).values(name=name, next=n + 1))
    stop: int = moved[0][0] if moved else n + 1
    return range(stop - n, stop)


_ADVANCE = Prepared(
    update(counter)
    .where(counter.c.name == bindparam("which"))
    .values(next=counter.c.next + bindparam("by"))
    .returning(counter.c.next)
)
