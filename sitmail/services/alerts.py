"""Letters to the admins about the desk itself: something in it fails, and no mail is the cause.

Each trouble is told once, however long it lasts.  What is told here `sitmail status` shows as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from sitmail.domain.decision_builder import admins
from sitmail.domain.effects import Tell
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.outgoing import Outgoing
from sitmail.domain.record import record
from sitmail.services.desk import Desk, staff
from sitmail.services.notifications import notice_key, tell
from sitmail.store.schema import notice


@record
class Alert:
    """`what` fails ("watch loop") since a moment, and why; what and since together tell one trouble from another."""

    desk: Desk
    what: str
    words: str
    since: datetime
    now: datetime


def alert(connection: Connection, alerts: list[Alert]) -> list[Sequence[Outgoing]]:
    """A job of the writer: writes to each admin, or to all engineers where there is no admin."""
    return [_alert(connection, one) for one in alerts]


def _alert(connection: Connection, one: Alert) -> list[Outgoing]:
    people = staff(connection, one.desk)
    detail = {"what": one.what, "words": one.words[:500], "due": one.since.isoformat()}
    cause = f"trouble:{one.what}:{one.since.isoformat()}"
    wanted = {
        notice_key(told): told
        for person in admins(people, one.desk.policy) or people.values()
        for told in [Tell(person, NoticePurpose.TROUBLE, detail=detail, cause=cause)]
    }
    known = set(connection.execute(select(notice.c.key).where(notice.c.key.in_(list(wanted)))).scalars())
    return tell(connection, one.desk, [told for key, told in wanted.items() if key not in known], one.now)
