"""Incidents that machines reported, by the fingerprint of the report."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from sitmail.domain.incident import Status
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.schema import incident


def by_fingerprint(connection: Connection, keys: Collection[str]) -> dict[str, int]:
    """The incident of each fingerprint of a machine: the last that is open, else the last."""
    if not keys:
        return {}
    return {key: open_ or last for key, open_, last in _MONITORED.all(connection, keys=keys)}


_MONITORED = Prepared(
    select(
        incident.c.monitor_key,
        func.max(incident.c.number).filter(incident.c.status != Status.CLOSED),
        func.max(incident.c.number),
    )
    .where(incident.c.monitor_key.in_(any_of("keys")), incident.c.monitor_key != "")
    .group_by(incident.c.monitor_key)
)


def of_monitors(connection: Connection, numbers: Collection[int]) -> set[int]:
    """Which of these incidents a machine reported."""
    return {number for (number,) in _OF_MONITORS.all(connection, numbers=numbers)} if numbers else set()


_OF_MONITORS = Prepared(
    select(incident.c.number).where(incident.c.number.in_(any_of("numbers")), incident.c.monitor_key != "")
)
