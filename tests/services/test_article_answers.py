"""What customers find and read of articles, on both databases, and what is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, select

from sitmail.domain.article import Content, Distribution, Part, Revision, Section
from sitmail.services.article_answers import LISTED, article_answer
from sitmail.services.views import AnswerView
from sitmail.store import articles, ids, schema
from sitmail.store.database import Database

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
READER = SimpleNamespace(language="en")
DESK = SimpleNamespace(policy=SimpleNamespace(language="de"))


def run(store: Database, job: Any, *args: Any) -> Any:
    return store.write(lambda connection, items: [job(connection, *args) for _ in items], None).result()


def content(title: str, text: str, **more: Any) -> Content:
    return Content(title, **{"distribution": Distribution.PUBLIC, **more}, sections=(Section(Part.SOLUTION, text),))


def publish(connection: Connection, *contents: Content) -> list[int]:
    numbers = []
    for at, one in enumerate(contents):
        number = articles.add(connection, ids.of(connection), one, "anna", None, NOW + timedelta(minutes=at))
        articles.change(connection, number, {"state": "published", "shown": 1})
        numbers.append(number)
    return numbers


def asked(connection: Connection, **detail: Any) -> AnswerView:
    return article_answer(connection, DESK, READER, detail, NOW)  # type: ignore[arg-type]


def names(found: AnswerView) -> list[str]:
    return [one.name for one in found.articles]


def test_titles_come_first_then_the_newest_and_the_readers_language_before_all(
    each_database: Database,
) -> None:
    run(
        each_database,
        publish,
        content("Lamps", "Nothing", language="en"),
        content("Printer", "A red lamp", language="en"),
        content("Tray", "The lamp is on", language="en"),
        content("Lampe", "lamp", language="de"),
        content("Coffee", "cold"),
    )
    assert names(run(each_database, lambda c: asked(c, what="kb", query="lamp"))) == ["KB1", "KB3", "KB2", "KB4"]
    assert names(run(each_database, lambda c: asked(c, what="kb", query="red LAMPS"))) == ["KB2"]
    assert names(run(each_database, lambda c: asked(c, what="kb", query="lamp OR coffee"))) == []
    assert names(run(each_database, lambda c: asked(c, what="kb", query='"'))) == []


def test_only_what_is_public_now(each_database: Database) -> None:
    private = Section(Part.CAUSE, "secret fuser", Distribution.PRIVATE)
    lamp = Content("Lamp", Distribution.PUBLIC, sections=(Section(Part.SOLUTION, "Wait"), private))
    run(each_database, publish, lamp, content("Fuser", "hot", distribution=Distribution.RESTRICTED))
    run(each_database, lambda c: articles.add(c, ids.of(c), content("Lamp draft", "Wait"), "anna", None, NOW))
    for query, found in (("wait", ["KB1"]), ("fuser", []), ("secret", []), ("hot", []), ("", ["KB1"])):
        assert names(run(each_database, lambda c, query=query: asked(c, what="kb", query=query))) == found
    shown = [run(each_database, lambda c, n=n: asked(c, what="article", number=n)).article for n in (1, 2, 3, 9)]
    assert [one.sections if one else None for one in shown] == [(("Solution", "Wait"),), None, None, None]

    def edit(connection: Connection) -> None:
        articles.revise(connection, Revision(1, 2, NOW, "bob", content("Lamp", "Shout")))

    run(each_database, edit)
    assert names(run(each_database, lambda c: asked(c, what="kb", query="shout"))) == []
    run(each_database, articles.change, 1, {"shown": 2})
    assert names(run(each_database, lambda c: asked(c, what="kb", query="shout"))) == ["KB1"]
    assert names(run(each_database, lambda c: asked(c, what="kb", query="wait"))) == []
    run(each_database, articles.change, 1, {"state": "withdrawn"})
    assert names(run(each_database, lambda c: asked(c, what="kb", query="shout"))) == []


def test_reads_are_counted(each_database: Database) -> None:
    run(each_database, publish, content("Lamp", "Wait"), content("Fuser", "hot", distribution=Distribution.PRIVATE))
    for number in (1, 1, 2):
        run(each_database, lambda c, number=number: asked(c, what="article", number=number))
    with each_database.read() as connection:
        rows = connection.execute(select(schema.article.c.reads, schema.article.c.read).order_by(schema.article.c.id))
        assert rows.all() == [(2, NOW), (0, None)]


def test_frequent_questions_and_long_lists(each_database: Database) -> None:
    many = [content(f"Question {n}", "x" * 400, tags=("FAQ",) if n % 2 else ()) for n in range(2 * LISTED + 4)]
    run(each_database, publish, *many)
    found = run(each_database, lambda c: asked(c, what="faq"))
    assert (len(found.articles), found.more, found.articles[0].name) == (LISTED, True, f"KB{len(many)}")
    assert len(found.articles[0].about) < 200
