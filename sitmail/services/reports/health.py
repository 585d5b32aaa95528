"""Is the desk well?  Counts, the oldest of each queue, and sentences for what only a human can mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Table, func, select
from sqlalchemy.sql.elements import ColumnElement

from sitmail.domain.incident import Status
from sitmail.domain.notice_purposes import PURPOSES
from sitmail.domain.policy import Policy
from sitmail.services.reports.plain import moment, or_null
from sitmail.store import positions
from sitmail.store.schema import held, inbox, incident, notice, outbox

ERRORS_SHOWN = 5
NEEDS = (  # (part, count, one, many): any of these is a human's business
    ("inbox", "quarantined", "mail is", "mails are", "in quarantine: sitmail inbox"),
    ("outbox", "failed", "letter has", "letters have", "failed for good: sitmail outbox"),
    ("notices", "held_back", "notice is", "notices are", "held back by the limits on automatic mail"),
)


def status(connection: Connection, policy: Policy) -> dict[str, Any]:
    """The desk's health.  `needs` tells what is wrong whatever the time; who asks judges the ages."""
    value: dict[str, Any] = {
        "inbox": _inbox(connection),
        "outbox": _outbox(connection),
        "held": _counted(connection, held, held.c.decision == "", held.c.since, "open"),
        "notices": _held_back(connection, policy),
        "incidents": _incidents(connection),
        "mailboxes": _mailboxes(connection),
    }
    needs = [
        f"{value[part][key]} {one if value[part][key] == 1 else many} {rest}."
        for part, key, one, many, rest in NEEDS
        if value[part][key]
    ]
    needs += _about_mailboxes(**value["mailboxes"])
    return {"healthy": not needs, "needs": needs, **value}


def _mailboxes(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """What is wrong with mailboxes that are fetched, and with mails in them."""
    troubles = [
        {"account": row.account, "folder": or_null(row.folder), "trouble": row.trouble, "since": moment(row.since)}
        for row in positions.troubles(connection)
    ]
    behind = [
        {"account": row.account, "folder": row.folder, "want": row.want, "mails": row.mails, "reason": row.reason}
        for row in positions.stubborn(connection)
    ]
    return {"troubles": troubles, "left_behind": behind}


def _about_mailboxes(troubles: Iterable[Mapping[str, Any]], left_behind: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for one in troubles:
        yield f"The mailbox {_place(one)} cannot be fetched: {one['trouble'].rstrip('.')}."
    for one in left_behind:
        mails = "1 mail" if one["mails"] == 1 else f"{one['mails']} mails"
        cannot = "cannot be fetched" if one["want"] == positions.FETCH else "cannot be marked as done"
        yield f"{mails} of {_place(one)} {cannot}: {one['reason'].rstrip('.')}."


def _place(one: Mapping[str, Any]) -> str:
    return f"{one['account']} ({one['folder']})" if one["folder"] else str(one["account"])


def _inbox(connection: Connection) -> dict[str, Any]:
    waiting = _counted(connection, inbox, inbox.c.ending == "waiting", inbox.c.received, "waiting")
    quarantined = _counted(connection, inbox, inbox.c.ending == "quarantined", inbox.c.received, "quarantined")
    return {**waiting, "quarantined": quarantined["quarantined"]}


def _outbox(connection: Connection) -> dict[str, Any]:
    rows = connection.execute(
        select(outbox.c.state, func.count(), func.min(outbox.c.made))
        .where(outbox.c.state != "sent")
        .group_by(outbox.c.state)
    )
    counts = dict.fromkeys(("queued", "sending", "deferred", "failed"), 0)
    oldest: dict[str, datetime] = {}
    for state, count, made in rows:
        counts[state], oldest[state] = count, made
    unsent = [made for state, made in oldest.items() if state != "failed"]
    errors = connection.execute(
        select(outbox.c.id, outbox.c.recipient, outbox.c.state, outbox.c.attempts, outbox.c.last_error)
        .where(outbox.c.state.in_(("deferred", "failed")), outbox.c.last_error != "")
        .order_by(outbox.c.id.desc())
        .limit(ERRORS_SHOWN)
    )
    return {
        **counts,
        "oldest": moment(min(unsent, default=None)),
        "oldest_deferred": moment(oldest.get("deferred")),
        "last_errors": [
            {"id": e.id, "to": e.recipient, "state": e.state, "attempts": e.attempts, "last_error": e.last_error}
            for e in errors
        ],
    }


def _incidents(connection: Connection) -> dict[str, int]:
    is_open = incident.c.status != Status.CLOSED.value
    query = select(
        func.count(),
        func.count().filter(incident.c.owner == ""),
        func.count().filter(incident.c.late.is_(True)),
    ).where(is_open)
    total, unowned, late = connection.execute(query).one()
    return {"open": total, "unowned": unowned, "late": late}


def _held_back(connection: Connection, policy: Policy) -> dict[str, Any]:
    """Notices that the limits keep waiting: put off by more than folding and the sending delay ever do."""
    patience = timedelta(seconds=max(policy.limits.fold_within, policy.send_delay))
    limited = [name for name, purpose in PURPOSES.items() if purpose.outside and purpose.automatic]
    query = select(notice.c.made, notice.c.not_before).where(notice.c.outbox.is_(None), notice.c.purpose.in_(limited))
    made = [row.made for row in connection.execute(query) if row.not_before - row.made > patience]
    return {"held_back": len(made), "oldest": moment(min(made, default=None))}


def _counted(
    connection: Connection, table: Table, which: ColumnElement[bool], at: Column[datetime], name: str
) -> dict[str, Any]:
    count, oldest = connection.execute(select(func.count(), func.min(at)).select_from(table).where(which)).one()
    return {name: count, "oldest": moment(oldest)}
