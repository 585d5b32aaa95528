"""Keys and incident numbers, handed out by the one writer inside its running transaction.

Most ids come from blocks that are taken from table `counter` and kept in memory, so that a bulk insert costs no round
trip; what is left of a block is skipped at a restart.  Incident numbers are what people see and are taken exactly.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, update

from sitmail.store.prepared import Prepared
from sitmail.store.schema import counter

BLOCK = 1000
EXACT = frozenset({"incident"})  # no block: a restart leaves no gap


class Ids:
    """The ids in hand.  Only the writer's thread uses it; `forget` follows every rollback."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, int]] = {}  # by name: the next one, and the first that is not in hand
        self.rollbacks = 0  # how often what was read and written since the last commit became void

    def take(self, connection: Connection, name: str, n: int) -> range:
        """The next `n` ids of that name, in a row; they count as used when the transaction is committed."""
        at, stop = self._held.get(name, (0, 0))
        if stop - at < n:
            fresh = _advance(connection, name, n if name in EXACT else max(n, BLOCK))
            at, stop = at if at < stop == fresh.start else fresh.start, fresh.stop
        self._held[name] = (at + n, stop)
        return range(at, at + n)

    def forget(self) -> None:
        """Drops what is in hand: the counters in the database may have gone back with a rollback."""
        self._held.clear()
        self.rollbacks += 1


def of(connection: Connection) -> Ids:
    """The ids of the writer whose connection this is; a reader's connection has none (KeyError)."""
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
