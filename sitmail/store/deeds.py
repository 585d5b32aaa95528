"""What command mails of engineers did, and what takes it back; read for a mail that holds `/undo` alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from sitmail.domain.undoing import Deed, Step, StepKind
from sitmail.store.rows import row_of
from sitmail.store.schema import deed


def last(connection: Connection, person: int) -> Deed | None:
    """The last command mail of an engineer that was carried out, unless it was taken back."""
    query = select(deed).where(deed.c.person == person).order_by(deed.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    if row is None or row.undone is not None:
        return None
    steps = None if row.steps is None else tuple([_step(one) for one in row.steps])
    return Deed(row.id, row.at, row.lines, steps)


def written(steps: list[Step] | None) -> list[dict[str, Any]] | None:
    """Steps as the column holds them."""
    return None if steps is None else [{**row_of(step), "kind": str(step.kind)} for step in steps]


def _step(kept: dict[str, Any]) -> Step:
    return Step(**{**kept, "kind": StepKind(kept["kind"])})


def undone(connection: Connection, id_: int, now: datetime) -> None:
    connection.execute(update(deed).where(deed.c.id == id_).values(undone=now))
