"""The list of incidents, one row each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from sitmail.domain.escalation import HIDDEN
from sitmail.domain.incident import Status
from sitmail.domain.incident_search import Search
from sitmail.domain.policy import Policy
from sitmail.services.incident_search import conditions, worded
from sitmail.services.reports.newest import ALL, Newest
from sitmail.services.reports.plain import NoAnswer, moment, named, or_null, registered_address, somebody
from sitmail.store.schema import incident as incident_table
from sitmail.store.schema import person as person_table
from sitmail.store.schema import term as term_table

NOBODY = "none"  # --owner none: those that nobody owns
FITTING = 1_000  # incidents with words that are searched for
AHEAD = ("running", "warned", "late")  # states of a target whose due moment counts


def incidents(
    connection: Connection,
    policy: Policy,
    all: bool = False,
    status: str | None = None,
    owner: str | None = None,
    reference: str | None = None,
    search: Search | None = None,
    newest: Newest = ALL,
) -> list[dict[str, Any]]:
    """Open incidents, the gravest first, in order of their numbers.

    Closed ones too with `all`, or when their status is asked for, or in a search.  What has the words that are searched
    for comes in the order in which it fits.

    `status` and `owner` are ids, names or unambiguous starts; `owner` may be "none".  Raises NoAnswer.
    """
    table = incident_table.c
    query = select(
        incident_table,
        person_table.c.name.label("contact_name"),
        registered_address(table.contact).label("contact_address"),
    ).outerjoin(person_table, person_table.c.id == table.contact)
    wanted = named("status", status, _statuses(policy)) if status else None
    if wanted:
        query = query.where(table.status == wanted)
    elif not (all or reference or search):
        query = query.where(table.status != Status.CLOSED.value)
    if owner:
        query = query.where(table.owner == _owner(connection, policy, owner))
    if reference:
        query = query.where(func.lower(table.customer_reference) == reference.strip().lower())
    fitting: list[int] = []
    if search:
        query = query.where(*conditions(search))
        if search.words:
            fitting, _ = worded(connection, search, FITTING)
            query = query.where(table.number.in_(fitting))
    due = _due(connection)
    rows = connection.execute(newest.of(query, table.updated, table.number)).all()
    found = [listed(row, policy, due.get(row.number)) for row in reversed(rows)]
    if fitting:
        place = {number: at for at, number in enumerate(fitting)}
        return sorted(found, key=lambda one: place[one["number"]])
    grave = [one.id for one in policy.dictionary.severities]
    return sorted(found, key=lambda one: -grave.index(one["severity"]) if one["severity"] in grave else 1)


def listed(row: Row[Any], policy: Policy, due: str | None) -> dict[str, Any]:
    """One line of the list.  `due` is the next moment at which a target is or was due."""
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
        "owner": or_null(row.owner),
        "temporary_owner": or_null(row.temporary_owner),
        "team": or_null(row.team),
        "contact": somebody(row.contact_name, row.contact_address),
        "site": or_null(row.site),
        "product": or_null(row.product),
        "opened": moment(row.opened),
        "updated": moment(row.updated),
        "closed": moment(row.closed),
        "due": due,
        "late": bool(row.late),
    }


def label(status: str, policy: Policy) -> str:
    """The name of a status as staff see it; a status that no longer exists is shown by its id."""
    return _statuses(policy).get(status, status)


def _statuses(policy: Policy) -> dict[str, str]:
    return {status.value: policy.dictionary.label(status).internal for status in Status}


def _due(connection: Connection) -> dict[int, str | None]:
    """The earliest due moment of the running targets, by incident."""
    table = term_table.c
    query = (
        select(table.incident, func.min(table.due))
        .join(incident_table, incident_table.c.number == table.incident)
        .where(
            table.ended.is_(None),
            table.due.is_not(None),
            table.target.not_in(HIDDEN),
            table.state.in_(AHEAD),
            table.cycle == incident_table.c.cycle,
            incident_table.c.status != Status.CLOSED.value,
        )
        .group_by(table.incident)
    )
    return {number: moment(due) for number, due in connection.execute(query)}


def _owner(connection: Connection, policy: Policy, word: str) -> str:
    """An engineer's id; also of one who is no longer in the configuration but still owns something."""
    if word == NOBODY:
        return ""
    try:
        return named("engineer", word, {e.id: e.name for e in policy.engineers.values()})
    except NoAnswer:
        former = select(incident_table.c.number).where(incident_table.c.owner == word).limit(1)
        if connection.execute(former).first() is None:
            raise
        return word
