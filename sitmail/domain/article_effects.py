"""Effects on articles.  `services/articles` carries them out."""

from __future__ import annotations

from sitmail.domain.article import Content, State
from sitmail.domain.mail import Attachment
from sitmail.domain.record import record


@record
class DraftArticle:
    """A new article of that engineer, who follows it, not numbered yet.  `incident` 0: it comes from none."""

    content: Content
    by: str
    incident: int = 0


@record
class ReviseArticle:
    """The article says this from now on; `revision` is the number that this becomes."""

    article: int
    revision: int
    content: Content
    by: str


@record
class SetArticle:
    """What becomes of an article.  None: as before.  `reviewed`: somebody says that it is right; `read`: reads it."""

    article: int
    state: State | None = None
    shown: int | None = None
    pending: int | None = None
    reviewer: str | None = None
    reviewed: bool = False
    read: bool = False


@record
class CiteArticle:
    """An incident names an article; `solved`: that was what solved it.  `by` is an engineer's id, "" a customer's."""

    article: int
    incident: int
    by: str = ""
    solved: bool = False


@record
class FollowArticle:
    """An engineer is sent each change of it from now on, or not any more."""

    article: int
    engineer: str
    ends: bool = False


@record
class AttachToArticle:
    article: int
    file: Attachment
    by: str


@record
class DetachFromArticle:
    """`file` is the id of its row."""

    article: int
    file: int


ArticleEffect = (
    DraftArticle | ReviseArticle | SetArticle | CiteArticle | FollowArticle | AttachToArticle | DetachFromArticle
)
