"""Whether the desk works: counts, the oldest item of each queue, and a sentence for each problem that needs a human.

The answer does not depend on the current time; `cli.desk` compares the ages in it with the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Table, func, select
from sqlalchemy.sql.elements import ColumnElement

from sitmail.domain.absence import Absence
from sitmail.domain.incident import Status
from sitmail.domain.notice_purposes import PURPOSES
from sitmail.domain.outgoing import EXPIRED
from sitmail.domain.policy import Policy
from sitmail.services.reports.daemon_state import DaemonState, Disk, Trouble
from sitmail.services.reports.plain import moment, or_null
from sitmail.store import absences, positions
from sitmail.store.schema import held, inbox, incident, notice, outbox, person

ERRORS_SHOWN = 5
MANY_HELD_BACK = 20  # letters held back by limits; from this number on a human is needed (behaviour 3)
NEEDS = (  # (part, count, at least, one, many, rest): a human is needed from `at least` on
    ("inbox", "quarantined", 1, "mail is", "mails are", "in quarantine: sitmail inbox"),
    ("outbox", "failed", 1, "letter has", "letters have", "failed for good: sitmail outbox"),
    ("notices", "held_back", MANY_HELD_BACK, "letter is", "letters are", "held back by the limits on automatic mail"),
    ("incidents", "late", 1, "incident is", "incidents are", "late: sitmail incidents"),
)
PARTS = (
    "inbox",
    "outbox",
    "held",
    "notices",
    "incidents",
    "absences",
    "mailboxes",
    "blobs",
)  # parts read from the database
STOPPED = "The daemon does not run: no mail is received, answered or sent."


def status(
    connection: Connection,
    policy: Policy,
    daemon: DaemonState | None = None,
    disk: Disk | None = None,
    missing: Sequence[str] = (),
    key: str = "",
) -> dict[str, Any]:
    """The desk's health.

    `daemon` None: none runs; `missing`: a sentence for each blob without its content; `key`: one if the key file is
    gone.
    """
    found: dict[str, Any] = {
        "inbox": _inbox(connection),
        "outbox": _outbox(connection),
        "held": _counted(connection, held, held.c.decision == "", held.c.since, "open"),
        "notices": _held_back(connection, policy),
        "incidents": _incidents(connection),
        "absences": [
            {"engineer": one.engineer, "kind": str(one.kind), "since": moment(one.since), "until": _end(one)}
            for one in absences.open_absences(connection)
            if one.granted and one.engineer in policy.engineers
        ],
        "mailboxes": _mailboxes(connection),
        "blobs": {"missing": len(missing), "first": missing[0] if missing else None},
    }
    needs = [*_about_daemon(daemon, disk)]
    needs += [
        f"{found[part][key]} {one if found[part][key] == 1 else many} {rest}."
        for part, key, least, one, many, rest in NEEDS
        if found[part][key] >= least
    ]
    needs += _about_mailboxes(**found["mailboxes"])
    if missing:
        more = f" ({len(missing) - 1} more)" if len(missing) > 1 else ""
        needs.append(f"Content of a mail is missing: {missing[0]}{more}.")
    if key:
        needs.append(key)
    return _value(needs, daemon, disk, None, found)


def _end(absence: Absence) -> str | None:
    return None if absence.endless else moment(absence.until)


def without_database(words: str, daemon: DaemonState | None, disk: Disk | None = None) -> dict[str, Any]:
    """The desk's health if the database cannot be read: the same keys, without what comes from its tables."""
    needs = [*_about_daemon(daemon, disk), f"The database cannot be read: {words.rstrip('.')}."]
    return _value(needs, daemon, disk, words, dict.fromkeys(PARTS))


def _value(
    needs: list[str], daemon: DaemonState | None, disk: Disk | None, database: str | None, found: Mapping[str, Any]
) -> dict[str, Any]:
    known = daemon or DaemonState(datetime.min)
    return {
        "healthy": not needs,
        "needs": needs,
        "daemon": {
            "running": daemon is not None,
            "started": moment(daemon.started) if daemon else None,
            "listeners": list(known.listeners),
        },
        "database": {"trouble": database},
        **found,
        "relay": _shown(known.relay),
        "reload": _shown(known.reload),
        "jobs": [{"name": name, **_shown(trouble)} for name, trouble in sorted(known.jobs.items())],
        "disk": {"full": disk.full, "free": disk.free, "needed": disk.needed} if disk else None,
    }


def _shown(trouble: Trouble | None) -> dict[str, str | None]:
    return {"trouble": trouble.words if trouble else None, "since": moment(trouble.since) if trouble else None}


def _about_daemon(daemon: DaemonState | None, disk: Disk | None) -> Iterator[str]:
    if daemon is None:
        yield STOPPED
    if daemon and daemon.store:
        words, since = daemon.store.words.rstrip("."), moment(daemon.store.since)
        yield f"{words[:1].upper()}{words[1:]} (since {since}; mail servers are told to try again)."
    if daemon and daemon.relay:
        yield f"The relay has taken no letters since {moment(daemon.relay.since)}: {daemon.relay.words.rstrip('.')}."
    if daemon and daemon.reload:
        since, words = moment(daemon.reload.since), daemon.reload.words.rstrip(".")
        yield f"The changed configuration was refused at {since}, so the former one is still used: {words}."
    for name, trouble in sorted(daemon.jobs.items()) if daemon else ():
        yield f"The {name} has failed since {moment(trouble.since)}: {trouble.words.rstrip('.')}."
    for sentence in daemon.letters if daemon else ():
        yield f"A letter of your own fails, and ours is sent instead: {sentence.rstrip('.')}."
    if disk and disk.full:
        free, needed = _size(disk.free), _size(disk.needed)
        yield f"The disk of {disk.folder} is nearly full: {free} are free, and mail is refused below {needed}."


def _size(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"


def _mailboxes(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Problems with mailboxes that are fetched from, and with mails in them."""
    troubles = [
        {"account": row.account, "folder": or_null(row.folder), "trouble": row.trouble, "since": moment(row.since)}
        for row in positions.troubles(connection)
    ]
    behind = [
        {"account": row.account, "folder": row.folder, "want": row.want, "mails": row.mails, "reason": row.reason}
        for row in positions.failing(connection)
    ]
    older = [
        {"account": row.account, "folder": row.folder, "mails": row.older} for row in positions.left_alone(connection)
    ]
    return {"troubles": troubles, "left_behind": behind, "left_alone": older}


def _about_mailboxes(
    troubles: Iterable[Mapping[str, Any]], left_behind: Iterable[Mapping[str, Any]], **_: object
) -> Iterator[str]:
    for one in troubles:
        since = f" since {one['since']}" if one["since"] else ""
        yield f"The mailbox {_place(one)} could not be fetched{since}: {one['trouble'].rstrip('.')}."
    for one in left_behind:
        mails = "1 mail" if one["mails"] == 1 else f"{one['mails']} mails"
        cannot = "cannot be fetched" if one["want"] == positions.FETCH else "cannot be marked as done"
        yield f"{mails} of {_place(one)} {cannot}: {one['reason'].rstrip('.')}."


def _place(one: Mapping[str, Any]) -> str:
    return f"{one['account']} ({one['folder']})" if one["folder"] else str(one["account"])


def _inbox(connection: Connection) -> dict[str, Any]:
    waiting = _counted(connection, inbox, inbox.c.ending == "waiting", inbox.c.received, "waiting")
    quarantined = _counted(connection, inbox, inbox.c.ending == "quarantined", inbox.c.received, "quarantined")
    ignored = _counted(connection, inbox, inbox.c.ending == "ignored", inbox.c.received, "ignored")
    return {**waiting, "quarantined": quarantined["quarantined"], "ignored": ignored["ignored"]}


def _outbox(connection: Connection) -> dict[str, Any]:
    rows = connection.execute(
        select(outbox.c.state, func.count(), func.min(outbox.c.made))
        .where(outbox.c.state != "sent", outbox.c.last_error != EXPIRED)  # nobody has to look after what expired
        .group_by(outbox.c.state)
    )
    counts = dict.fromkeys(("queued", "sending", "deferred", "failed"), 0)
    oldest: dict[str, datetime] = {}
    for state, count, made in rows:
        counts[state], oldest[state] = count, made
    unsent = [made for state, made in oldest.items() if state != "failed"]
    errors = connection.execute(
        select(outbox.c.id, outbox.c.recipient, outbox.c.state, outbox.c.attempts, outbox.c.last_error)
        .where(outbox.c.state.in_(("deferred", "failed")), outbox.c.last_error.not_in(("", EXPIRED)))
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
    """Letters that the limits hold back: those postponed by more than folding can explain.

    `oldest_known` is the oldest letter to a known person; such a letter may wait for a minute at most.
    """
    patience = timedelta(seconds=policy.limits.fold_within)
    limited = [name for name, purpose in PURPOSES.items() if purpose.outside and purpose.limited]
    query = (
        select(notice.c.made, notice.c.not_before, person.c.known)
        .join(person, person.c.id == notice.c.person)
        .where(notice.c.settled.is_(None), notice.c.purpose.in_(limited))
    )
    rows = [row for row in connection.execute(query) if row.not_before - row.made > patience]
    return {
        "held_back": len(rows),
        "oldest": moment(min((row.made for row in rows), default=None)),
        "oldest_known": moment(min((row.made for row in rows if row.known), default=None)),
    }


def _counted(
    connection: Connection, table: Table, which: ColumnElement[bool], at: Column[datetime], name: str
) -> dict[str, Any]:
    count, oldest = connection.execute(select(func.count(), func.min(at)).select_from(table).where(which)).one()
    return {name: count, "oldest": moment(oldest)}
