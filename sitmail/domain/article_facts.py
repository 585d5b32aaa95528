"""What a decision may know of articles: read for a mail that names one, drafts one, or answers a letter about one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import NamedTuple

from sitmail.domain.article import Article, Content, Revision
from sitmail.domain.article_offers import Offer
from sitmail.domain.mail import Attachment
from sitmail.domain.record import record


class Citing(NamedTuple):
    """An incident that cites an article; `solved`: that was what solved it."""

    incident: int
    title: str
    at: datetime
    solved: bool


class Source(NamedTuple):
    """What an article is drafted from: the first words of a customer, and the last public words of ours."""

    problem: str
    solution: str


class AttachedFile(NamedTuple):
    """A file of an article; `id` is that of its row, and its content is in the store."""

    id: int
    file: Attachment


@record
class KnownArticle:
    """`shown` is what was published last, None if it is not published.  `subscribers` are ids of engineers."""

    article: Article
    shown: Content | None = None
    revisions: tuple[Revision, ...] = ()  # the oldest first
    citing: tuple[Citing, ...] = ()  # the newest first
    solved: int = 0
    subscribers: frozenset[str] = frozenset()
    files: tuple[AttachedFile, ...] = ()

    def revision(self, number: int) -> Revision | None:
        return next((one for one in self.revisions if one.number == number), None)


class SendableFile(NamedTuple):
    """A file of an incident, and on which leg it came."""

    leg: str
    file: Attachment


class Listed(NamedTuple):
    """A line of a list of articles."""

    article: Article
    cited: int
    solved: int


@record
class ArticleFacts:
    """`known` are those that the mail names, by number.  `answered` is the one that it answers a letter about, `sent`
    the revision that its writer was sent last, and `marks` what tells which customers it comes from.
    """

    known: Mapping[int, KnownArticle] = field(default_factory=dict)
    answered: int = 0
    sent: int = 0
    marks: frozenset[str] = frozenset()
    sources: Mapping[int, Source] = field(default_factory=dict)  # by incident
    drafted: Mapping[int, int] = field(default_factory=dict)  # by incident the article that was drafted from it
    recent: tuple[Listed, ...] = ()
    orphans: tuple[Listed, ...] = ()
    offers: tuple[Offer, ...] = ()  # public ones that may help who writes afresh, or that a customer names
    sendable: Mapping[int, tuple[SendableFile, ...]] = field(default_factory=dict)  # by incident, the oldest first


NO_ARTICLES = ArticleFacts()
