"""Mails and letters on their way: the inbox with every ending, the outbox, and what is held for a decision."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from sitmail.domain.endings import Ending, Rule, meaning
from sitmail.services.reports.newest import ALL, Newest
from sitmail.services.reports.plain import NoAnswer, moment, or_null, registered_address, somebody
from sitmail.store.schema import held as held_table
from sitmail.store.schema import inbox as inbox_table
from sitmail.store.schema import notice, person
from sitmail.store.schema import outbox as outbox_table


def inbox(connection: Connection, newest: Newest = ALL) -> list[dict[str, Any]]:
    """Every kept mail and how it ended, oldest first."""
    query = newest.of(select(inbox_table), inbox_table.c.received, inbox_table.c.id)
    return [_mail(row) for row in reversed(connection.execute(query).all())]


def ignored(connection: Connection, newest: Newest = ALL) -> list[dict[str, Any]]:
    """What was ignored and why: a row for each sender and rule, with how many mails and the last one; newest last."""
    table = inbox_table.c
    who = func.coalesce(func.nullif(table.author, ""), table.sender)
    mails = select(who.label("who"), func.count().label("mails"), func.max(table.id).label("last"))
    groups = mails.where(table.ending == Ending.IGNORED.value).group_by(who, table.rule).subquery()
    shown = select(groups.c.who, groups.c.mails, table.rule, table.reason, table.received, table.id, table.subject)
    query = newest.of(shown.join(groups, groups.c.last == table.id), table.received, table.id)
    return [
        {
            "from": or_null(row.who),
            "count": row.mails,
            "rule": row.rule,
            "reason": or_null(row.reason),
            "last": moment(row.received),
            "id": row.id,
            "subject": row.subject,
        }
        for row in reversed(connection.execute(query).all())
    ]


def inbox_one(connection: Connection, mail: int) -> dict[str, Any]:
    """One kept mail with its envelope and the rule that ended it.  Raises NoAnswer."""
    row = connection.execute(select(inbox_table).where(inbox_table.c.id == mail)).first()
    if row is None:
        raise NoAnswer(f"There is no mail {mail} in the inbox.")
    return {
        **_mail(row),
        "sender": row.sender,
        "recipients": list(row.recipients),
        "door": row.door,
        "client": or_null(row.client),
        "message_id": or_null(row.message_id),
        "size": row.size,
        "sha256": row.raw,
        "rule": or_null(row.rule),
        "decided": or_null(row.reason),
        "duplicate_of": row.duplicate_of,
        "attempts": row.attempts,
        "ended": moment(row.ended),
    }


def _mail(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "received": moment(row.received),
        "from": or_null(row.author or row.sender),
        "to": row.recipient,
        "subject": row.subject,
        "ending": row.ending,
        "reason": or_null(meaning(row.rule) if row.rule == Rule.STAFF_UPDATE else row.reason or meaning(row.rule)),
        "incident": row.incident,
    }


def outbox(connection: Connection, all: bool = False, newest: Newest = ALL) -> list[dict[str, Any]]:
    """Letters that have not left, oldest first; with `all` those that have, too.

    What is to be said and waits (for limits, folding) is no letter yet: it has no id and no subject.
    """
    query = select(outbox_table)
    if not all:
        query = query.where(outbox_table.c.state != "sent")
    query = newest.of(query, outbox_table.c.made, outbox_table.c.id)
    waiting = select(notice, registered_address(notice.c.person).label("recipient")).where(notice.c.settled.is_(None))
    waiting = newest.of(waiting, notice.c.made, notice.c.id)
    rows = [(row.made, _letter(row)) for row in reversed(connection.execute(query).all())]
    rows += [(row.made, _unwritten(row)) for row in reversed(connection.execute(waiting).all())]
    found = [one for _, one in sorted(rows, key=lambda pair: pair[0])]
    return found[-newest.limit :] if newest.limit else found


def outbox_one(connection: Connection, letter: int) -> dict[str, Any]:
    """One letter with its text and the names of its files.  Raises NoAnswer."""
    row = connection.execute(select(outbox_table).where(outbox_table.c.id == letter)).first()
    if row is None:
        raise NoAnswer(f"There is no letter {letter} in the outbox.")
    files = [{"name": name, "type": kind, "sha256": sha256} for name, kind, sha256, *_ in row.attachments]
    return {**_letter(row), "sender": row.sender, "words": row.body, "files": files}


def _letter(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "incident": row.incident,
        "to": row.recipient,
        "subject": row.subject,
        "purpose": row.purpose,
        "state": row.state,
        "attempts": row.attempts,
        "next_attempt": None if row.state in ("sent", "failed") else moment(row.next_attempt),
        "last_error": or_null(row.last_error),
        "message_id": row.message_id,
        "made": moment(row.made),
        "sent": moment(row.sent),
    }


def _unwritten(row: Row[Any]) -> dict[str, Any]:
    """A notice as a letter that is not written yet; `next_attempt` is when it may be."""
    return {
        "id": None,
        "incident": row.incident,
        "to": row.recipient,
        "subject": None,
        "purpose": row.purpose,
        "state": "waiting",
        "attempts": 0,
        "next_attempt": moment(row.not_before),
        "last_error": None,
        "message_id": None,
        "made": moment(row.made),
        "sent": None,
    }


def held(connection: Connection, newest: Newest = ALL) -> list[dict[str, Any]]:
    """Mails that wait for a decision, oldest first."""
    query = newest.of(_holding().where(held_table.c.decision == ""), held_table.c.since, held_table.c.id)
    return [_waiting(row) for row in reversed(connection.execute(query).all())]


def held_one(connection: Connection, one: int) -> dict[str, Any]:
    """One held mail, decided or not.  Raises NoAnswer."""
    row = connection.execute(_holding().where(held_table.c.id == one)).first()
    if row is None:
        raise NoAnswer(f"There is no held mail {one}.")
    return {
        **_waiting(row),
        "to": row.recipient,
        "inbox": row.inbox,
        "message_id": or_null(row.message_id),
        "person": somebody(row.name, row.registered),
        "since": moment(row.since),
        "decision": or_null(row.decision),
        "decided_by": or_null(row.decided_by),
        "decided": moment(row.decided),
        "sha256": row.raw,
    }


def _holding() -> Select[Any]:
    return (
        select(
            held_table,
            inbox_table.c.received,
            inbox_table.c.recipient,
            inbox_table.c.message_id,
            inbox_table.c.raw,
            func.coalesce(func.nullif(inbox_table.c.author, ""), inbox_table.c.sender).label("author"),
            inbox_table.c.subject,
            person.c.name,
            registered_address(held_table.c.person).label("registered"),
        )
        .join(inbox_table, inbox_table.c.id == held_table.c.inbox)
        .outerjoin(person, person.c.id == held_table.c.person)
    )


def _waiting(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "received": moment(row.received),
        "from": or_null(row.author),
        "subject": row.subject,
        "reason": row.reason,
        "text": row.text,
        "incident": row.incident,
    }
