"""The absences that the configuration declares, beside those by mail: a reload adds and removes them.

What has begun and is declared no more ends; what is over, or was ended by `/back`, does not begin again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain.absence import Absence
from sitmail.services.desk import Desk, away
from sitmail.store import absences as store
from sitmail.store import ids


def follow_configuration(connection: Connection, desk: Desk, now: datetime) -> None:
    """Once for each configuration, and after a rollback."""
    if desk.memory.declared_absences == desk.policy.digest:
        return
    wanted = {
        (engineer.id, f"{since:%Y%m%dT%H%M}/{until:%Y%m%dT%H%M}"): (since, until)
        for engineer in desk.policy.engineers.values()
        for since, until in engineer.absences
    }
    open_ = [one for one in away(connection, desk) if one.origin]
    for one in open_:
        if (one.engineer, one.origin) in wanted:
            continue
        if one.since > now:
            store.remove(connection, one.id)
        else:
            store.change(connection, one.id, {"until": min(one.until, now), "origin": ""})
    before = store.declared_before(connection, {engineer for engineer, _ in wanted}) if wanted else set()
    for (engineer, origin), (since, until) in wanted.items():
        if until > now and (engineer, origin) not in before:
            store.begin(connection, ids.of(connection), Absence(0, engineer, since, until, origin=origin))
    desk.memory.declared_absences = desk.policy.digest
    desk.memory.away = None
