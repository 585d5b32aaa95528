"""Finds the incidents that somebody searches for, for letters and for the command line.

What a line means is read by `domain/incident_search`; words are found in titles and updates by `store/full_text`.
The best come first: those with all words in their title, then those with all words in one update, then those that have
them in several.  Of equals the newest come first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, exists, func, or_, select

from sitmail.domain.incident import Status
from sitmail.domain.incident_search import Search
from sitmail.domain.links import LinkKind
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.services import search_index
from sitmail.services.article_views import ArticleLine
from sitmail.services.letter_plan import PlannedLetter
from sitmail.store import article_words, articles, full_text
from sitmail.store.batches import batched
from sitmail.store.schema import incident, link, site, words_of_incident, words_of_update
from sitmail.store.search_words import Phrase, phrases

LISTED = 30  # in a letter
ARTICLES = 5  # beside them
SPREAD = 500  # incidents whose updates are looked through one by one
LOOKED_THROUGH = 100_000  # the newest incidents: a letter is written while other mail waits


class Searched(NamedTuple):
    """Numbers of incidents, the best first, then the newest; `more`: there are others, `perhaps`: there may be.

    `unread`: updates that no search finds yet, of a database that is still being indexed.  `articles` have the words.
    """

    numbers: tuple[int, ...]
    more: bool
    perhaps: bool = False
    unread: int = 0
    articles: tuple[ArticleLine, ...] = ()


def conditions(search: Search) -> list[ColumnElement[bool]]:
    """What an incident's row has to fulfil, whatever its words."""
    return [_FILTERS[name](value) for name, value in search.filters.items()]


def searched(connection: Connection, letters: Sequence[PlannedLetter]) -> dict[str, Searched]:
    """By `asked_as`: what is asked for by `/search` and `/queue` in these letters."""
    details = [one.notices[0].tell.detail for one in letters if one.purpose is NoticePurpose.SHOW]
    return {asked_as(one): _found(connection, Search.of(one["search"])) for one in details if "search" in one}


def asked_as(detail: Mapping[str, Any]) -> str:
    """By what a letter finds what it asked for."""
    return f"{detail.get('what')} {detail.get('query')}"


def _found(connection: Connection, search: Search) -> Searched:
    if not search.words:
        return _listed(matching(connection, search, LISTED))
    search_index.catch_up(connection)
    found, perhaps = worded(connection, search, LISTED + 1)
    lines = () if search.filters else _articles(connection, search)
    return _listed(found)._replace(perhaps=perhaps, unread=search_index.waiting(connection), articles=lines)


def _articles(connection: Connection, search: Search) -> tuple[ArticleLine, ...]:
    """Those with the words, whoever may read them, the newest first."""
    numbers = article_words.with_words(connection, phrases(search.words), public=False)[:ARTICLES]
    found = articles.articles(connection, numbers)
    return tuple(
        ArticleLine(one.name, one.content.title, f"{one.state}, {one.content.distribution}")
        for one in (found[number] for number in numbers)
    )


def _listed(numbers: Sequence[int]) -> Searched:
    return Searched(tuple(numbers[:LISTED]), len(numbers) > LISTED)


def matching(connection: Connection, search: Search, most: int) -> list[int]:
    """The numbers of so many of them at most, and of one more where there are others."""
    if search.words:
        search_index.catch_up(connection)
        return worded(connection, search, most + 1)[0]
    query = select(incident.c.number).where(*conditions(search))
    if not _indexed(search.filters):
        query = query.where(incident.c.number > select(func.max(incident.c.number) - LOOKED_THROUGH).scalar_subquery())
    order = (incident.c.next_deadline.is_(None), incident.c.next_deadline) if search.by_deadline else ()
    return list(connection.execute(query.order_by(*order, incident.c.number.desc()).limit(most + 1)).scalars())


def worded(connection: Connection, search: Search, count: int) -> tuple[list[int], bool]:
    """So many incidents with the words of a search, the best first; whether there may be others, less good."""
    wanted, narrow = phrases(search.words), conditions(search)
    if not wanted:  # signs alone
        return [], False
    if narrow:
        few = select(incident.c.number).where(incident.c.merged_into.is_(None), *narrow)
        few = few.order_by(incident.c.number.desc()).limit(SPREAD + 1)
        numbers = list(connection.execute(few).scalars())
        if len(numbers) <= SPREAD:
            return _among(connection, numbers, wanted)[:count], False
    dialect, found = connection.dialect.name, dict[int, None]()
    for hits in (_titled(dialect, wanted), _in_updates(dialect, wanted)):
        if len(found) < count:
            found |= dict.fromkeys(_newest(connection, hits, narrow, count))
    if len(found) >= count or len(wanted) < 2:
        return list(found)[:count], False
    several, all_looked_at = _in_several(connection, wanted, narrow)
    return list(found | dict.fromkeys(several))[:count], not all_looked_at


def _among(connection: Connection, numbers: list[int], wanted: Sequence[Phrase]) -> list[int]:
    """Of a few incidents those with the words, the best first: each is looked through, with what was merged into it."""
    into = {number: number for number in numbers}
    for part in batched(numbers):
        merged = select(link.c.incident, link.c.other).where(link.c.other.in_(part), link.c.ended.is_(None))
        into |= {row.incident: row.other for row in connection.execute(merged.where(link.c.kind == "merged"))}
    looked = list(into)
    found = dict.fromkeys(full_text.titled(connection, looked, wanted))
    found |= dict.fromkeys(full_text.in_an_update(connection, looked, wanted))
    found |= dict.fromkeys(_having_each(connection, looked, wanted) if len(wanted) > 1 else ())
    return list(dict.fromkeys(into[number] for number in found))


def _having_each(connection: Connection, numbers: list[int], wanted: Sequence[Phrase]) -> list[int]:
    for word in wanted:
        some = set(full_text.titled(connection, numbers, [word]))
        others = [number for number in numbers if number not in some]
        some |= set(full_text.in_an_update(connection, others, [word]))
        numbers = [number for number in numbers if number in some]
    return numbers


def _titled(dialect: str, wanted: Sequence[Phrase]) -> Select[Any]:
    hits = full_text.matching(dialect, words_of_incident, full_text.query(wanted, dialect)).subquery()
    return select(hits.c.id.label("number"))


def _in_updates(dialect: str, wanted: Sequence[Phrase]) -> Select[Any]:
    """Incidents with an update that has all these words."""
    hits = full_text.matching(dialect, words_of_update, full_text.query(wanted, dialect)).subquery()
    return select((hits.c.id // full_text.UPDATES).label("number"))


def _newest(
    connection: Connection, numbers: Select[Any], narrow: Sequence[ColumnElement[bool]], count: int
) -> list[int]:
    """Of these incidents the newest that fulfil the other conditions of a search."""
    hits = numbers.subquery("hits")
    query = _GOES_ON.join(hits, hits.c.number == _HIT.c.number).where(*narrow)
    return list(connection.execute(query.distinct().order_by(incident.c.number.desc()).limit(count)).scalars())


# Of an incident that was merged the one that goes on; that one may have been merged, too.
_HIT, _INTO = incident.alias("hit"), incident.alias("into")
_GOES_ON = (
    select(incident.c.number)
    .select_from(_HIT)
    .outerjoin(_INTO, _INTO.c.number == _HIT.c.merged_into)
    .join(incident, incident.c.number == func.coalesce(_INTO.c.merged_into, _HIT.c.merged_into, _HIT.c.number))
)


def _in_several(
    connection: Connection, wanted: Sequence[Phrase], narrow: Sequence[ColumnElement[bool]]
) -> tuple[list[int], bool]:
    """Incidents that have each word somewhere, the newest first; whether all that have the rarest were looked at."""
    rarest, *others = sorted(wanted, key=lambda word: full_text.rarity(connection, word))
    titles = full_text.latest(connection, words_of_incident, rarest, SPREAD)
    updates = full_text.latest(connection, words_of_update, rarest, SPREAD)
    numbers = sorted({*titles, *(one // full_text.UPDATES for one in updates)}, reverse=True)
    found = _fulfilling(connection, _having_each(connection, numbers, others), narrow)
    return found, max(len(titles), len(updates)) < SPREAD


def _fulfilling(connection: Connection, numbers: list[int], narrow: Sequence[ColumnElement[bool]]) -> list[int]:
    """Those that fulfil these conditions, the newest first."""
    found: list[int] = []
    for part in batched(numbers):
        query = _GOES_ON.where(_HIT.c.number.in_(part), *narrow)
        found += connection.execute(query.order_by(incident.c.number.desc())).scalars()
    return found


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
