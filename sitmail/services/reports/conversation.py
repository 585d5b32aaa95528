"""One incident with its whole log, and the mails from which it was made."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, func, select

from sitmail.domain.escalation import HIDDEN
from sitmail.domain.policy import Policy
from sitmail.domain.priorities import LEVELS
from sitmail.domain.sla import TIMINGS
from sitmail.domain.waits import next_of
from sitmail.sending.mbox import mbox_entry
from sitmail.services import links
from sitmail.services.reports.listing import label
from sitmail.services.reports.plain import NoAnswer, moment, or_null, registered_address, somebody
from sitmail.store import links as stored_links
from sitmail.store.schema import attachment, held, inbox, participation, person, term, update, update_text
from sitmail.store.schema import incident as incident_table
from sitmail.store.updates_log import TEXT_PARTS

TARGETS = ("first_response", "problem", "action_plan", "resolution", "update", "review")  # their order (behaviour 6)


def incident(connection: Connection, policy: Policy, number: int) -> dict[str, Any]:
    """Everything about an incident, with the keys of behaviour 6 and `late`.  Raises NoAnswer."""
    row = _row(connection, number)
    log = _updates(connection, _with_merged(connection, row))
    return {
        "number": row.number,
        "reference": policy.reference(row.number),
        "title": row.title,
        "status": row.status,
        "status_label": label(row.status, policy),
        "closing_status": or_null(row.closing_status),
        "priority": row.priority,
        "severity": or_null(row.severity),
        "request_type": or_null(row.request_type),
        "reason": or_null(row.reason),
        "resolution": or_null(row.resolution),
        "verified": or_null(row.verified),
        "tags": row.tags,
        "fields": row.fields,
        "owner": or_null(row.owner),
        "temporary_owner": or_null(row.temporary_owner),
        "team": or_null(row.team),
        "contact": _contact(connection, row.contact),
        "site": or_null(row.site),
        "contract": or_null(row.contract),
        "product": or_null(row.product),
        "unit": or_null(row.unit),
        "service_level": or_null(row.service_level),
        "channel": row.channel,
        "customer_reference": or_null(row.customer_reference),
        "logged_by": or_null(row.logged_by),
        "opened": moment(row.opened),
        "updated": moment(row.updated),
        "closed": moment(row.closed),
        **_next(row),
        "closure_requested": moment(row.closure_requested),
        "held_reason": _held_reason(connection, number),
        "late": bool(row.late),
        "reports": row.reports,
        "participants": _participants(connection, number),
        "links": _links(connection, policy, number),
        "targets": _targets(connection, number),
        **_levels(connection, number),
        "updates": log,
    }


def _next(row: Any) -> dict[str, Any]:
    """What happens next of itself: the reminder of its owner, the end of a hold, or of a wait for the customer."""
    (action, at), hold = next_of(row.next_action, row.next_action_at, row.follow_up_at), row.hold_until
    if hold is not None and (at is None or hold < at):
        return {"next_action": "the hold ends", "next_action_at": moment(hold)}
    return {"next_action": action, "next_action_at": moment(at)}


def raw_of(connection: Connection, number: int, which: str) -> str:
    """The blob of the mail that brought an update.  `which` is 7, #7 or 1234#7.  Raises NoAnswer."""
    _row(connection, number)
    found = re.fullmatch(r"(?:(\d{1,18})?#)?(\d{1,9})", which.strip())
    if not found or (found[1] and int(found[1]) != number):
        raise NoAnswer(f"{which!r} is no update of incident {number}; updates are named 7 or {number}#7.", os.EX_USAGE)
    wanted = int(found[2])
    query = (
        select(update.c.number, inbox.c.raw)
        .outerjoin(inbox, inbox.c.id == update.c.inbox)
        .where(update.c.incident == number, update.c.number == wanted)
    )
    row = connection.execute(query).first()
    if row is None:
        raise NoAnswer(f"Incident {number} has no update {wanted}.")
    if row.raw is None:
        raise NoAnswer(f"Update {number}#{wanted} did not come by mail.")
    return str(row.raw)


def mbox(connection: Connection, number: int, blob: Callable[[Connection, str], bytes]) -> bytes:
    """The mails of the public conversation as they came in, as one mbox (RFC 4155, `From ` lines quoted as in mboxrd).

    Only what came from the customer's side: engineers' letters hold ids and addresses that were issued to them alone.
    """
    numbers = _with_merged(connection, _row(connection, number))
    query = (
        select(inbox.c.id, inbox.c.sender, inbox.c.received, inbox.c.raw)
        .join(update, update.c.inbox == inbox.c.id)
        .where(update.c.incident.in_(numbers), update.c.leg == "public", update.c.direction == "in")
        .order_by(update.c.id)
    )
    rows = {row.id: row for row in connection.execute(query)}
    return b"".join(mbox_entry(row.sender, row.received, blob(connection, row.raw)) for row in rows.values())


def _row(connection: Connection, number: int) -> Row[Any]:
    row = connection.execute(select(incident_table).where(incident_table.c.number == number)).first()
    if row is None:
        raise NoAnswer(f"There is no incident {number}.")
    return row


def _contact(connection: Connection, contact: int | None) -> dict[str, str | None] | None:
    if contact is None:
        return None
    row = connection.execute(
        select(person.c.name, registered_address(person.c.id)).where(person.c.id == contact)
    ).first()
    return somebody(row[0], row[1]) if row else None


def _held_reason(connection: Connection, number: int) -> str | None:
    """The reason of the oldest mail that is held for this incident, or None."""
    waiting = select(held.c.reason).where(held.c.incident == number, held.c.decision == "")
    return connection.execute(waiting.order_by(held.c.id).limit(1)).scalar()


def _participants(connection: Connection, number: int) -> list[dict[str, Any]]:
    query = (
        select(person.c.name, registered_address(person.c.id).label("registered"), participation)
        .join(person, person.c.id == participation.c.person)
        .where(participation.c.incident == number, participation.c.until.is_(None))
        .order_by(participation.c.id)
    )
    return [
        {"name": or_null(row.name), "address": or_null(row.registered), "role": row.role, "level": row.level}
        for row in connection.execute(query)
    ]


def _links(connection: Connection, policy: Policy, number: int) -> list[dict[str, Any]]:
    """What belongs together with it; `kind` is what the other end is to this incident, `incident` null elsewhere."""
    return [
        {
            "kind": one.end(number),
            "incident": one.other_end(number) or None,
            "reference": links.reference(one, number, policy),
            "detail": or_null(one.detail),
            "at": moment(one.at),
            "by": or_null(one.by),
        }
        for one in stored_links.of(connection, [number])
    ]


def _targets(connection: Connection, number: int) -> list[dict[str, Any]]:
    """The latest term of each target."""
    last = {name: row for name, row in _terms(connection, number).items() if name not in HIDDEN}
    order = sorted(last, key=lambda name: (TARGETS.index(name) if name in TARGETS else len(TARGETS), name))
    return [
        {"name": name, "due": moment(last[name].due), "met_at": moment(last[name].met), "state": last[name].state}
        for name in order
    ]


def _levels(connection: Connection, number: int) -> dict[str, Any]:
    """The levels of its priority, and those that somebody set: from the least grave, by their names in commands.

    Nothing where there are none: a desk without levels has the keys that every desk has.
    """
    last = _terms(connection, number)
    levels = [
        {"name": name, "due": moment(row.due), "state": _level_state(row), "pinned": bool(row.pinned)}
        for name, target in LEVELS.items()
        if (row := last.get(target)) is not None
    ]
    return {"levels": levels} if levels else {}


def _level_state(row: Row[Any]) -> str:
    """A level that makes nothing late is reached instead."""
    return "reached" if row.state == "late" and not TIMINGS[row.target].marks_late else str(row.state)


def _terms(connection: Connection, number: int) -> dict[str, Row[Any]]:
    """The latest of each target."""
    rows = connection.execute(select(term).where(term.c.incident == number).order_by(term.c.cycle, term.c.id))
    return {row.target: row for row in rows}


def _with_merged(connection: Connection, row: Row[Any]) -> list[int]:
    """The incident, and those whose logs are part of its own."""
    return links.with_merged(connection, row.number) if row.linked else [row.number]


def _updates(connection: Connection, numbers: list[int]) -> list[dict[str, Any]]:
    """In the order in which they came; of one incident by their numbers."""
    files = _files(connection, numbers)
    query = (
        select(
            update,
            person.c.name.label("author_name"),
            registered_address(update.c.author).label("author_address"),
            *(func.coalesce(update_text.c[part], "").label(part) for part in TEXT_PARTS),
        )
        .outerjoin(person, person.c.id == update.c.author)
        .outerjoin(update_text, update_text.c.update == update.c.id)
        .where(update.c.incident.in_(numbers))
        .order_by(update.c.id)
    )
    return [_entry(row, files.get(row.id, [])) for row in connection.execute(query)]


def _entry(row: Row[Any], files: list[dict[str, Any]]) -> dict[str, Any]:
    """One update; `author` is a person, or the name of another source (the clock, the command line)."""
    return {
        "id": f"{row.incident}#{row.number}",
        "at": moment(row.received),
        "author": somebody(row.author_name, row.author_address) or somebody(or_null(row.actor), None),
        "direction": row.direction,
        "event": row.event,
        "audience": row.leg,
        "duration": row.duration,  # minutes that its author spent, or took back
        "text": row.text,
        "quoted": "\n\n".join(filter(None, (row.doubtful, row.quoted))),
        "signature": row.signature,
        "status": or_null(row.status),
        "owner": or_null(row.owner),
        "message_id": or_null(row.message_id),
        "rule": row.rule,
        "attachments": files,
    }


def _files(connection: Connection, numbers: list[int]) -> dict[int, list[dict[str, Any]]]:
    query = (
        select(attachment)
        .join(update, update.c.id == attachment.c.update)
        .where(update.c.incident.in_(numbers))
        .order_by(attachment.c.update, attachment.c.place)
    )
    files: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(query):
        entry = {"name": row.name, "type": row.type, "size": row.size, "sha256": row.sha256}
        files.setdefault(row.update, []).append(entry)
    return files
