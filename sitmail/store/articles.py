"""Reads and writes articles.  `add`, `revise` and `change` bring the index of their words up to date."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from sitmail.domain.article import Article, Content, Distribution, Part, Revision, Section, State, readable
from sitmail.domain.mail import Attachment
from sitmail.store import article_words
from sitmail.store.ids import Ids
from sitmail.store.prepared import INSERTS
from sitmail.store.rows import stored
from sitmail.store.schema import article as entry
from sitmail.store.schema import article_file, article_letter, article_revision, article_subscriber, citation

FIRST = datetime(2000, 1, 1, tzinfo=UTC)  # before any article
SAYS = frozenset({"state", "shown", "revision"})  # columns by which it depends what an article says to whom
_CONTENT = ("title", "distribution", "language", "tags", "sections")
_COLUMNS = tuple(entry.c[name] for name in (
    "id", "state", "author", "editor", "revision", "created", "updated", "reviewer", "incident", "shown", "pending",
    "read", "reviewed",
))  # fmt: skip


# --- reading


def article(connection: Connection, number: int) -> Article | None:
    """With its newest revision."""
    return articles(connection, [number]).get(number)


def articles(connection: Connection, numbers: Collection[int]) -> dict[int, Article]:
    """Each with its newest revision."""
    if not numbers:
        return {}
    rows = connection.execute(_at(entry.c.revision).where(entry.c.id.in_(numbers)))
    return {row.id: _article(row) for row in rows}


def published(connection: Connection, distribution: Distribution) -> list[Article]:
    """Those of this very distribution as they were published last, by their numbers."""
    query = _at(entry.c.shown).where(entry.c.state == str(State.PUBLISHED))
    query = query.where(article_revision.c.distribution == str(distribution))
    return [_article(row) for row in connection.execute(query.order_by(entry.c.id))]


def shown(connection: Connection, numbers: Collection[int]) -> dict[int, Article]:
    """Those of these that are published, as they were published last, whoever may read them."""
    if not numbers:
        return {}
    query = _at(entry.c.shown).where(entry.c.id.in_(numbers), entry.c.state == str(State.PUBLISHED))
    return {row.id: _article(row) for row in connection.execute(query)}


def revision(connection: Connection, number: int, at: int) -> Revision | None:
    query = select(article_revision).where(article_revision.c.article == number, article_revision.c.number == at)
    row = connection.execute(query).first()
    return _revision(row) if row else None


def revisions(connection: Connection, number: int) -> list[Revision]:
    """All of an article, the oldest first."""
    query = select(article_revision).where(article_revision.c.article == number)
    return [_revision(row) for row in connection.execute(query.order_by(article_revision.c.number))]


def latest(connection: Connection, limit: int) -> list[Article]:
    """Those that changed last, the newest first, each with its newest revision."""
    query = _at(entry.c.revision).where(entry.c.updated > FIRST)  # so that the index of that column is read
    query = query.order_by(entry.c.updated.desc(), entry.c.id.desc()).limit(limit)
    return [_article(row) for row in connection.execute(query)]


class Cited(NamedTuple):
    """`solved`: the article was what solved the incident."""

    article: int
    incident: int
    at: datetime
    by: str
    solved: bool


def citing(connection: Connection, number: int) -> list[Cited]:
    """Incidents that cite an article, the newest first."""
    query = select(*(citation.c[name] for name in Cited._fields)).where(citation.c.article == number)
    return [Cited(*row) for row in connection.execute(query.order_by(citation.c.at.desc(), citation.c.incident.desc()))]


def cited_by(connection: Connection, incident: int) -> list[Cited]:
    """What an incident cites, by the numbers of the articles."""
    query = select(*(citation.c[name] for name in Cited._fields)).where(citation.c.incident == incident)
    return [Cited(*row) for row in connection.execute(query.order_by(citation.c.article))]


def solved(connection: Connection, numbers: Collection[int]) -> dict[int, int]:
    """How many incidents each of these articles solved; those that solved none are left out."""
    if not numbers:
        return {}
    query = select(citation.c.article, func.count()).where(citation.c.article.in_(numbers), citation.c.solved)
    return {row[0]: row[1] for row in connection.execute(query.group_by(citation.c.article))}


def subscribers(connection: Connection, number: int) -> list[str]:
    """The engineers who are sent each change of it."""
    query = select(article_subscriber.c.engineer).where(article_subscriber.c.article == number)
    return list(connection.execute(query.order_by(article_subscriber.c.engineer)).scalars())


class File(NamedTuple):
    """A file of an article; `article` is its number."""

    id: int
    article: int
    name: str
    type: str
    size: int
    sha256: str
    at: datetime
    by: str


def files(connection: Connection, number: int) -> list[File]:
    """The files of an article, in the order they came."""
    query = select(*(article_file.c[name] for name in File._fields))
    query = query.where(article_file.c.article == number, article_file.c.removed.is_(None))
    return [File(*row) for row in connection.execute(query.order_by(article_file.c.id))]


def drafted_from(connection: Connection, incidents: Collection[int]) -> dict[int, int]:
    """By incident the last article that was drafted from it."""
    if not incidents:
        return {}
    query = select(entry.c.incident, func.max(entry.c.id)).where(entry.c.incident.in_(incidents))
    return {row[0]: row[1] for row in connection.execute(query.group_by(entry.c.incident))}


def orphans(connection: Connection, before: datetime, limit: int) -> list[Article]:
    """Articles that no incident cites, and that nobody wrote, read or reviewed since; the oldest first.

    What was withdrawn is none of them.
    """
    cited = select(citation.c.article).where(citation.c.article == entry.c.id).exists()
    old = (
        entry.c.updated < before,
        *(column.is_(None) | (column < before) for column in (entry.c.read, entry.c.reviewed)),
    )
    query = _at(entry.c.revision).where(entry.c.state != str(State.WITHDRAWN), ~cited, *old)
    return [_article(row) for row in connection.execute(query.order_by(entry.c.updated, entry.c.id).limit(limit))]


def cited(connection: Connection, numbers: Collection[int]) -> dict[int, int]:
    """How many incidents cite each of these articles; those that none cites are left out."""
    if not numbers:
        return {}
    query = select(citation.c.article, func.count()).where(citation.c.article.in_(numbers))
    return {row[0]: row[1] for row in connection.execute(query.group_by(citation.c.article))}


def sent(connection: Connection, person: int, numbers: Collection[int]) -> dict[int, tuple[int, datetime]]:
    """By article the revision that somebody was sent last, and when."""
    if not numbers:
        return {}
    query = select(article_letter.c.article, article_letter.c.revision, article_letter.c.at)
    query = query.where(article_letter.c.person == person, article_letter.c.article.in_(numbers))
    return {row.article: (row.revision, row.at) for row in connection.execute(query)}


def last_sent(connection: Connection, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], datetime]:
    """When the last letter about an article was written to somebody, by article and person."""
    if not pairs:
        return {}
    query = select(article_letter.c.article, article_letter.c.person, article_letter.c.at)
    query = query.where(
        article_letter.c.article.in_({number for number, _ in pairs}),
        article_letter.c.person.in_({person for _, person in pairs}),
    )
    return {(row.article, row.person): row.at for row in connection.execute(query)}


def shown_to(connection: Connection, person: int, limit: int) -> list[Content]:
    """What is published of the articles about which somebody was written last."""
    query = _at(entry.c.shown).join(article_letter, article_letter.c.article == entry.c.id)
    query = query.where(article_letter.c.person == person, entry.c.state == str(State.PUBLISHED))
    rows = connection.execute(query.order_by(article_letter.c.at.desc()).limit(limit))
    return [_content(row) for row in rows]


# --- writing


def add(connection: Connection, ids: Ids, content: Content, author: str, incident: int | None, now: datetime) -> int:
    """A new draft, and its number."""
    number = ids.take(connection, "article", 1).start
    row = {"id": number, "state": str(State.DRAFT), "author": author, "editor": author, "incident": incident}
    connection.execute(insert(entry).values(**row, created=now, updated=now))
    _write(connection, Revision(number, 1, now, author, content))
    _index(connection, number)
    return number


def revise(connection: Connection, one: Revision) -> None:
    """One more revision, its number is the next; what is shown to readers stays as it is."""
    _write(connection, one)
    change(connection, one.article, {"revision": one.number, "editor": one.author, "updated": one.at})


def _write(connection: Connection, one: Revision) -> None:
    content = one.content
    connection.execute(
        insert(article_revision).values(
            article=one.article,
            number=one.number,
            at=one.at,
            author=one.author,
            title=stored(content.title),
            distribution=str(content.distribution),
            language=content.language,
            tags=stored(content.tags),
            sections=[[str(each.part), str(each.distribution or ""), stored(each.text)] for each in content.sections],
        )
    )


def change(connection: Connection, number: int, values: dict[str, Any]) -> None:
    """What becomes of an article: its state, who said yes, when it was read."""
    connection.execute(update(entry).where(entry.c.id == number).values(**values))
    if not SAYS.isdisjoint(values):
        _index(connection, number)


def _index(connection: Connection, number: int) -> None:
    found = article(connection, number)
    public = readable(one.content, Distribution.PUBLIC) if (one := shown(connection, [number]).get(number)) else None
    article_words.follow(connection, number, found.content if found else None, public)


def note_read(connection: Connection, number: int, now: datetime) -> None:
    """A customer was sent it."""
    connection.execute(update(entry).where(entry.c.id == number).values(read=now, reads=entry.c.reads + 1))


def cite(connection: Connection, one: Cited) -> None:
    """An incident names an article.  Once is enough; that it solved the incident is never taken back here."""
    place = (citation.c.article == one.article, citation.c.incident == one.incident)
    found = insert_of(connection)(citation).values(**one._asdict()).on_conflict_do_nothing()
    connection.execute(found)
    if one.solved:
        connection.execute(update(citation).where(*place).values(solved=True))


def note_letter(connection: Connection, number: int, person: int, revision: int, now: datetime) -> None:
    """Somebody is sent a letter about an article as it is in that revision."""
    row = {"article": number, "person": person, "revision": revision, "at": now}
    written = insert_of(connection)(article_letter).values(**row)
    keys = [article_letter.c.article, article_letter.c.person]
    connection.execute(written.on_conflict_do_update(index_elements=keys, set_={"revision": revision, "at": now}))


def insert_of(connection: Connection) -> Any:
    """The INSERT of this database, which knows what to do about a row that is there."""
    return INSERTS[connection.dialect.name]


def subscribe(connection: Connection, number: int, engineer: str, now: datetime) -> None:
    row = {"article": number, "engineer": engineer, "since": now}
    connection.execute(insert_of(connection)(article_subscriber).values(**row).on_conflict_do_nothing())


def unsubscribe(connection: Connection, number: int, engineer: str) -> None:
    mine = (article_subscriber.c.article == number, article_subscriber.c.engineer == engineer)
    connection.execute(article_subscriber.delete().where(*mine))


def add_file(connection: Connection, ids: Ids, number: int, file: Attachment, by: str, now: datetime) -> None:
    """The row of a file; its content is stored as that of any file."""
    row = {"id": ids.take(connection, "article_file", 1).start, "article": number, "at": now, "by": by}
    about = {"name": stored(file.name), "type": file.type, "size": file.size, "sha256": file.sha256}
    connection.execute(insert(article_file).values(**row, **about))


def remove_file(connection: Connection, key: int, now: datetime) -> None:
    connection.execute(update(article_file).where(article_file.c.id == key).values(removed=now))


# --- rows


def _at(number: Any) -> Select[Any]:
    """Articles with the revision of that number."""
    which = (article_revision.c.article == entry.c.id) & (article_revision.c.number == number)
    return select(*_COLUMNS, *(article_revision.c[name] for name in _CONTENT)).join_from(entry, article_revision, which)


def _article(row: Row[Any]) -> Article:
    about = {column.name: getattr(row, column.name) for column in _COLUMNS}
    return Article(**{**about, "state": State(row.state)}, content=_content(row))


def _revision(row: Row[Any]) -> Revision:
    return Revision(row.article, row.number, row.at, row.author, _content(row))


def _content(row: Row[Any]) -> Content:
    return Content(row.title, Distribution(row.distribution), row.language, tuple(row.tags), _sections(row.sections))


def _sections(kept: Sequence[Sequence[str]]) -> tuple[Section, ...]:
    return tuple([Section(Part(part), text, Distribution(own) if own else None) for part, own, text in kept])
