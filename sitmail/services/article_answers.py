"""What customers read of the knowledge base: a list, the frequent questions, a search, one article (S0-30, S0-32).

Public parts of what was published last, and nothing else.  An article that is restricted, private, a draft or withdrawn
is answered like one that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain.article import Article, Content, Distribution, readable
from sitmail.domain.article_text import name_of
from sitmail.domain.people import Person
from sitmail.services.article_views import ArticleLine, ArticleView
from sitmail.services.desk import Desk
from sitmail.services.views import AnswerView, FileView, one_line
from sitmail.store import article_words, articles
from sitmail.store.search_words import phrases, stemmed

LISTED = 30  # articles in one letter
FAQ = "faq"  # the tag of frequent questions
ABOUT = 160  # characters of an article's first words in a list
ASKED = frozenset({"kb", FAQ, "article"})


def article_answer(
    connection: Connection, desk: Desk, person: Person, detail: Mapping[str, object], now: datetime
) -> AnswerView:
    if detail["what"] == "article":
        return _one(connection, int(str(detail["number"])), now)
    asked = str(detail.get("query", ""))
    if detail["what"] == "kb" and asked:
        found = _with_words(connection, asked)
    else:
        wanted = _any if detail["what"] == "kb" else _frequent
        found = [one for one in _all(connection) if wanted(one)]
    language = person.language or desk.policy.language
    found = sorted(found, key=lambda one: not _in_language(one.content, language))
    return AnswerView(articles=tuple(map(_line, found[:LISTED])), more=len(found) > LISTED)


def _one(connection: Connection, number: int, now: datetime) -> AnswerView:
    found = articles.shown(connection, [number]).get(number)
    content = readable(found.content, Distribution.PUBLIC) if found else None
    if found is None or content is None:
        return AnswerView()
    articles.note_read(connection, number, now)
    sections = tuple((name_of(one.part, content.language), one.text) for one in content.sections)
    shown = ArticleView(found.name, one_line(content.title), sections, found.updated)
    whole = all(one.distribution in (None, Distribution.PUBLIC) for one in found.content.sections)
    files = articles.files(connection, number) if whole else []  # of what is told in part nobody said who may have them
    views = (FileView(at, one.name, one.size, one.sha256) for at, one in enumerate(files, 1))
    return AnswerView(article=shown, files=tuple(views))


def _all(connection: Connection) -> list[Article]:
    """Public ones, those that changed last first."""
    found = articles.published(connection, Distribution.PUBLIC)
    return sorted(found, key=lambda one: (one.updated, one.id), reverse=True)


def _with_words(connection: Connection, asked: str) -> list[Article]:
    """With all the words; those that have them in their title first, of equals those that changed last."""
    wanted = phrases(asked.split())
    numbers = article_words.with_words(connection, wanted, public=True)
    found = [one for one in articles.shown(connection, numbers).values() if readable(one.content, Distribution.PUBLIC)]
    asked_stems = set(stemmed(asked).split())
    found.sort(key=lambda one: (one.updated, one.id), reverse=True)
    return sorted(found, key=lambda one: not asked_stems <= set(stemmed(one.content.title).split()))


def _any(_one: Article) -> bool:
    return True


def _frequent(one: Article) -> bool:
    return FAQ in (tag.lower() for tag in one.content.tags)


def _in_language(content: Content, language: str) -> bool:
    return not content.language or content.language.partition("-")[0] == language.partition("-")[0]


def _line(one: Article) -> ArticleLine:
    content = readable(one.content, Distribution.PUBLIC)
    text = content.sections[0].text if content and content.sections else ""
    about = " ".join(text.split())
    return ArticleLine(one.name, one_line(one.content.title), about[:ABOUT] + ("..." if len(about) > ABOUT else ""))
