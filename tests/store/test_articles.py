"""Articles on both databases: their numbers, what their readers see, what cites them."""

from datetime import UTC, datetime, timedelta

from sitmail.domain.article import Article, Content, Distribution, Part, Revision, Section, State
from sitmail.domain.mail import Attachment
from sitmail.store import articles, ids
from sitmail.store.articles import Cited
from sitmail.store.database import Database
from sitmail.store.schema import incident

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LAMP = Content(
    "The red lamp",
    Distribution.PUBLIC,
    "en",
    ("lamp", "printer"),
    (Section(Part.SOLUTION, "Wait a minute."), Section(Part.CAUSE, "Heat.", Distribution.PRIVATE)),
)


def add(connection, contents: list[Content]) -> list[int]:
    return [articles.add(connection, ids.of(connection), content, "anna", None, NOW) for content in contents]


def test_numbers_are_given_out_one_by_one(each_database: Database):
    assert [each_database.write(add, LAMP).result() for _ in range(2)] == [1, 2]


def test_an_article_comes_back_as_it_was_written(each_database: Database):
    number = each_database.write(add, LAMP).result()
    with each_database.read() as connection:
        assert articles.article(connection, number) == Article(number, State.DRAFT, "anna", "anna", 1, NOW, NOW, LAMP)
        assert articles.article(connection, 99) is None


def test_readers_see_the_revision_that_was_published(each_database: Database):
    newer = Content("The lamp", Distribution.PUBLIC, sections=(Section(Part.SOLUTION, "Wait."),))

    def change(connection, numbers):
        (number,) = numbers
        later = NOW + timedelta(hours=1)
        articles.change(connection, number, {"state": "published", "shown": 1})
        articles.revise(connection, Revision(number, 2, later, "bob", newer))
        return [None]

    number = each_database.write(add, LAMP).result()
    each_database.write(add, LAMP).result()
    each_database.write(change, number).result()
    with each_database.read() as connection:
        assert [one.content for one in articles.published(connection, Distribution.PUBLIC)] == [LAMP]
        assert articles.published(connection, Distribution.RESTRICTED) == []
        assert articles.shown(connection, [1, 2])[1].content == LAMP
        newest = articles.article(connection, number)
        assert newest is not None
        assert (newest.content, newest.revision, newest.editor) == (newer, 2, "bob")
        assert [(one.number, one.author) for one in articles.revisions(connection, number)] == [(1, "anna"), (2, "bob")]
        assert [one.id for one in articles.latest(connection, 5)] == [1, 2]
        old = articles.revision(connection, number, 1)
        assert old is not None
        assert old.content == LAMP


def test_an_incident_cites_an_article_once(each_database: Database):
    def cite(connection, numbers):
        (number,) = numbers
        for at in (1, 2):
            connection.execute(
                incident.insert(),
                {
                    "number": at,
                    "mailbox": "support@example.com",
                    "title": "lamp",
                    "status": "active",
                    "priority": "low",
                    "opened": NOW,
                    "updated": NOW,
                    "cycle_opened": NOW,
                },
            )
            articles.cite(connection, Cited(number, at, NOW, "anna", solved=False))
        articles.cite(connection, Cited(number, 2, NOW, "bob", solved=True))
        articles.cite(connection, Cited(number, 2, NOW, "", solved=False))
        return [None]

    number = each_database.write(add, LAMP).result()
    each_database.write(cite, number).result()
    with each_database.read() as connection:
        assert [(one.incident, one.by, one.solved) for one in articles.citing(connection, number)] == [
            (2, "anna", True),
            (1, "anna", False),
        ]
        assert [one.article for one in articles.cited_by(connection, 1)] == [number]
        assert articles.solved(connection, [number, 7]) == {number: 1}


def test_subscribers_and_files_come_and_go(each_database: Database):
    def keep(connection, numbers):
        (number,) = numbers
        for who in ("bob", "anna", "bob"):
            articles.subscribe(connection, number, who, NOW)
        articles.unsubscribe(connection, number, "anna")
        for name in ("lamp.png", "plan.pdf"):
            articles.add_file(connection, ids.of(connection), number, Attachment(name, "x/y", 3, "f00"), "anna", NOW)
        articles.remove_file(connection, articles.files(connection, number)[0].id, NOW)
        return [None]

    number = each_database.write(add, LAMP).result()
    each_database.write(keep, number).result()
    with each_database.read() as connection:
        assert articles.subscribers(connection, number) == ["bob"]
        assert [one.name for one in articles.files(connection, number)] == ["plan.pdf"]
