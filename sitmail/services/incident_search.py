"""Finds the incidents that somebody searches for, for letters and for the command line.

What a line means is read by `domain/incident_search`.  This is the place for searching texts as well, once there is an
index of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Text, cast, exists, func, or_, select

from sitmail.domain.incident import Status
from sitmail.domain.incident_search import Search
from sitmail.domain.links import LinkKind
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.services.letter_plan import PlannedLetter
from sitmail.store.schema import incident, link, site

LISTED = 30  # in a letter
LOOKED_THROUGH = 100_000  # the newest incidents: a letter is written while other mail waits


class Searched(NamedTuple):
    """Numbers of incidents, the newest first; `more`: there are others."""

    numbers: tuple[int, ...]
    more: bool


def conditions(search: Search) -> list[ColumnElement[bool]]:
    """What an incident's row has to fulfil."""
    found = [_FILTERS[name](value) for name, value in search.filters.items()]
    return found + [_holds(word) for word in search.words]


def searched(connection: Connection, letters: Sequence[PlannedLetter]) -> dict[str, Searched]:
    """By `asked_as`: what is asked for by `/search` and `/queue` in these letters."""
    details = [one.notices[0].tell.detail for one in letters if one.purpose is NoticePurpose.SHOW]
    return {asked_as(one): _found(connection, Search.of(one["search"])) for one in details if "search" in one}


def asked_as(detail: Mapping[str, Any]) -> str:
    """By what a letter finds what it asked for."""
    return f"{detail.get('what')} {detail.get('query')}"


def _found(connection: Connection, search: Search) -> Searched:
    found = matching(connection, search, LISTED)
    return Searched(tuple(found[:LISTED]), len(found) > LISTED)


def matching(connection: Connection, search: Search, most: int) -> list[int]:
    """The numbers of so many of them at most, and of one more where there are others."""
    query = select(incident.c.number).where(*conditions(search))
    if not _indexed(search.filters):
        query = query.where(incident.c.number > select(func.max(incident.c.number) - LOOKED_THROUGH).scalar_subquery())
    order = (incident.c.next_deadline.is_(None), incident.c.next_deadline) if search.by_deadline else ()
    return list(connection.execute(query.order_by(*order, incident.c.number.desc()).limit(most + 1)).scalars())


def _indexed(filters: Mapping[str, str]) -> bool:
    """Whether an index finds them all, however old they are: what an engineer has open, and the parts of one."""
    return "parent" in filters or (bool(filters.get("owner")) and filters.get("status") == "open")


def _status(value: str) -> ColumnElement[bool]:
    column = incident.c.status
    if value == "open":
        return column != Status.CLOSED.value
    if value == "resolved":
        return incident.c.resolution != ""
    return column == value


def _site(value: str) -> ColumnElement[bool]:
    called = or_(func.lower(site.c.id) == value, func.lower(site.c.name) == value)
    return exists().where(site.c.id == incident.c.site, called)  # by its id, and not by a walk through all sites


def _parent(value: str) -> ColumnElement[bool]:
    of_it = (link.c.other == int(value), link.c.ended.is_(None), link.c.kind == LinkKind.PARENT.value)
    return incident.c.number.in_(select(link.c.incident).where(*of_it))


def _general(column: ColumnElement[str]) -> Callable[[str], ColumnElement[bool]]:
    """A general code fits all that is specific below it."""
    return lambda value: or_(column == value, column.startswith(f"{value}/", autoescape=True))


_FILTERS: Mapping[str, Callable[[str], ColumnElement[bool]]] = {
    "status": _status,
    "owner": lambda value: incident.c.owner == value,
    "team": lambda value: incident.c.team == value,
    "priority": lambda value: incident.c.priority == value,
    "late": lambda _: incident.c.late,
    "tag": lambda value: func.lower(cast(incident.c.tags, Text)).contains(json.dumps(value), autoescape=True),
    "site": _site,
    "parent": _parent,
    "product": lambda value: incident.c.product == value,
    "reason": _general(incident.c.reason),
    "resolution": _general(incident.c.resolution),
    "since": lambda value: incident.c.updated >= datetime.fromisoformat(value),
}


def _holds(word: str) -> ColumnElement[bool]:
    """Whether it stands in the title or in the customer's own number, in any case."""
    columns = (incident.c.title, incident.c.customer_reference)
    return or_(*(func.lower(one).contains(word.lower(), autoescape=True) for one in columns))
