"""The words of articles in the index: what customers may find is kept apart from what staff finds.

Each article has two ids: the even one has the public parts of what was published last, the odd one all of the newest
revision.  `store/articles` calls `follow` when what an article says, or its state, changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from sitmail.domain.article import Content
from sitmail.store import full_text
from sitmail.store.schema import words_of_article
from sitmail.store.search_words import Phrase, stemmed

LOOKED_AT = 300  # of the newest articles with the words


def follow(connection: Connection, number: int, newest: Content | None, public: Content | None) -> None:
    """Indexes an article as it is now; `public` is what customers may read of it."""
    texts = {number * 2: _text(public), number * 2 + 1: _text(newest)}
    full_text.put(connection, words_of_article, {key: stemmed(text) for key, text in texts.items()})


def _text(content: Content | None) -> str:
    if content is None:
        return ""
    return "\n".join((content.title, *content.tags, *(one.text for one in content.sections)))


def with_words(connection: Connection, wanted: Sequence[Phrase], *, public: bool) -> list[int]:
    """Numbers of articles that have all these words, those that were made last first."""
    if not wanted:
        return []
    dialect = connection.dialect.name
    hits = full_text.matching(dialect, words_of_article, full_text.query(wanted, dialect)).subquery()
    query = select(hits.c.id).where(hits.c.id % 2 == (0 if public else 1))
    found: Iterable[int] = connection.execute(query.order_by(hits.c.id.desc()).limit(LOOKED_AT)).scalars()
    return [key // 2 for key in found]
