"""What a decision may know of articles: read for an engineer's mail that names one, or answers a letter about one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sitmail.domain import customer_marks
from sitmail.domain.article import Article
from sitmail.domain.article_facts import ArticleFacts, AttachedFile, Citing, KnownArticle, Listed, SendableFile, Source
from sitmail.domain.facts import Facts
from sitmail.domain.mail import Attachment
from sitmail.domain.merging import about
from sitmail.domain.numbered_commands import ARTICLES
from sitmail.domain.trust import ARTICLE
from sitmail.services import staff_text
from sitmail.services.cases import cases
from sitmail.services.desk import Desk
from sitmail.services.hints import Arrival
from sitmail.services.staff_text import Asked
from sitmail.store import articles, incidents, updates_log

LISTED = 30  # articles of a list
SOURCES = 20  # incidents whose customers an article must not tell of


def with_articles(connection: Connection, desk: Desk, facts: Facts, arrival: Arrival, now: datetime) -> Facts:
    if facts.engineer is None:
        return facts
    named = arrival.named
    if facts.route.kind == ARTICLE:
        return _answering(connection, desk, facts)
    if named.verbs.isdisjoint(ARTICLES):
        return facts
    numbers = about(facts.number, named.numbers, facts.cases)
    drafts = "kb" in named.verbs
    drafted = articles.drafted_from(connection, numbers) if drafts else {}
    known = _known(connection, {*named.articles, *drafted.values()})
    lists = drafts and not known
    since = now - timedelta(days=desk.policy.kb.stale_days)
    return replace(
        facts,
        articles=ArticleFacts(
            known=known,
            drafted=drafted,
            sources=_sources(connection, numbers) if drafts else {},
            recent=_listed(connection, articles.latest(connection, LISTED)) if lists else (),
            orphans=_listed(connection, articles.orphans(connection, since, LISTED)) if lists else (),
            sendable=_sendable(connection, numbers) if "send" in named.verbs else {},
        ),
    )


def _answering(connection: Connection, desk: Desk, facts: Facts) -> Facts:
    """A letter about an article is answered: what the writer saw of it, and whom it must not tell of."""
    number, person = facts.route.number, facts.engineer
    found = _known(connection, [number])
    if person is None or number not in found:
        return facts
    revision = articles.sent(connection, person.id, [number]).get(number, (0, None))[0]
    source = found[number].article.incident
    of = [one.incident for one in found[number].citing] + ([source] if source else [])
    told = cases(connection, desk, set(of[-SOURCES:]), {})
    marks = frozenset().union(*(customer_marks.of_case(case) for case in told.values()))
    if told:  # what customers are to read for years may repeat no note, however old
        asked = Asked(person, tuple(sorted(told)))
        names = {one.id: one.name for one in facts.staff.values()}
        said = staff_text.to_staff(staff_text.read(connection, [asked], whole=True), asked, told, names)
        facts = replace(facts, said=said)
    return replace(facts, articles=ArticleFacts(found, answered=number, sent=revision, marks=marks))


def _known(connection: Connection, numbers: Collection[int]) -> dict[int, KnownArticle]:
    found = articles.articles(connection, numbers)
    shown = articles.shown(connection, found)
    return {number: _one(connection, one, shown.get(number)) for number, one in found.items()}


def _one(connection: Connection, article: Article, shown: Article | None) -> KnownArticle:
    citing = articles.citing(connection, article.id)
    titles = incidents.incidents(connection, {one.incident for one in citing})
    files = articles.files(connection, article.id)
    return KnownArticle(
        article,
        shown=shown.content if shown else None,
        revisions=tuple(articles.revisions(connection, article.id)),
        citing=tuple(Citing(one.incident, titles[one.incident].title, one.at, one.solved) for one in citing),
        solved=sum(one.solved for one in citing),
        subscribers=frozenset(articles.subscribers(connection, article.id)),
        files=tuple(AttachedFile(one.id, Attachment(one.name, one.type, one.size, one.sha256)) for one in files),
    )


def _listed(connection: Connection, found: Sequence[Article]) -> tuple[Listed, ...]:
    numbers = [one.id for one in found]
    cited, solved = articles.cited(connection, numbers), articles.solved(connection, numbers)
    return tuple(Listed(one, cited.get(one.id, 0), solved.get(one.id, 0)) for one in found)


def _sendable(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[SendableFile, ...]]:
    return {
        number: tuple(SendableFile(one.leg, Attachment(one.name, one.type, one.size, one.sha256)) for one in files)
        for number, files in updates_log.files(connection, numbers).items()
    }


def _sources(connection: Connection, numbers: Collection[int]) -> dict[int, Source]:
    """What customers wrote first, and what we answered last."""
    return {number: Source(*updates_log.problem_and_answer(connection, number)) for number in numbers}
