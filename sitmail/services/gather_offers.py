"""Articles that may help who writes afresh: which of them match well is decided in `domain/article_offers`.

The words of all public articles are kept in memory, so that a mail costs a few look-ups and no statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from sitmail.domain.article import Content, Distribution, Part, readable
from sitmail.domain.article_offers import Offer, Offered, OfferIndex, index_of, offers
from sitmail.domain.facts import Facts
from sitmail.services.desk import Desk
from sitmail.services.hints import Arrival
from sitmail.store import articles
from sitmail.store.search_words import likely, stems_of, telling_words, words_in

DESCRIBES = (Part.SUMMARY, Part.SYMPTOMS, Part.QUESTION)
HELPS = (Part.ANSWER, Part.SOLUTION, Part.WORKAROUND, Part.SUMMARY)
READ = 4_000  # characters of a mail
ABOUT = 300  # characters of an article in an acknowledgement


def with_offers(connection: Connection, desk: Desk, found: Sequence[Facts], arrivals: Sequence[Arrival]) -> list[Facts]:
    """Adds what may help those whose fresh mails may open incidents; strangers are offered nothing."""
    return [
        _offered(connection, desk, facts, arrival)
        if _may_help(facts)
        else _named(connection, desk, facts, arrival)
        if facts.contact and arrival.named.articles
        else facts
        for facts, arrival in zip(found, arrivals, strict=True)
    ]


def _named(connection: Connection, desk: Desk, facts: Facts, arrival: Arrival) -> Facts:
    """Public articles that a customer names, as `/close KB12 solved it` does."""
    index = public_articles(connection, desk)
    named = [index.articles[one] for one in arrival.named.articles if one in index.articles]
    known = tuple(Offer(one.number, one.title, one.about, ()) for one in named)
    return replace(facts, articles=replace(facts.articles, offers=known))


def _may_help(facts: Facts) -> bool:
    person = facts.contact
    if person is None or not person.known or facts.monitor_key:
        return False
    return not facts.number and facts.route.kind == "mailbox" and facts.engineer is None


def _offered(connection: Connection, desk: Desk, facts: Facts, arrival: Arrival) -> Facts:
    index = public_articles(connection, desk)
    if not index or facts.contact is None:
        return facts
    mail = arrival.mail
    site = facts.sites.get(facts.contact.site)
    language = facts.contact.language or (site.language if site else "") or desk.policy.language
    telling = telling_words(f"{mail.subject}\n{mail.own_words[:READ]}")
    stems = [stem for each in index.languages for stem in stems_of(telling, each)]
    found = offers(stems, index, language)
    return replace(facts, articles=replace(facts.articles, offers=found)) if found else facts


def public_articles(connection: Connection, desk: Desk) -> OfferIndex:
    if desk.memory.offers is None:
        found = articles.published(connection, Distribution.PUBLIC)
        seen = ((one.id, readable(one.content, Distribution.PUBLIC)) for one in found)
        desk.memory.offers = index_of(_by_words(number, content) for number, content in seen if content)
    return desk.memory.offers


def _by_words(number: int, content: Content) -> Offered:
    title, told = "\n".join((content.title, *content.tags)), "\n".join(content.text(part) for part in DESCRIBES)
    language = likely(words_in(f"{title}\n{told}"), content.language)
    titled = frozenset(stems_of(telling_words(title), language))
    about = " ".join(next(filter(None, map(content.text, HELPS)), "").split())
    shown = about[:ABOUT].rpartition(" ")[0] + " ..." if len(about) > ABOUT else about
    rest = frozenset(stems_of(telling_words(told), language)) - titled
    return Offered(number, content.title, content.language, titled, rest, shown)
