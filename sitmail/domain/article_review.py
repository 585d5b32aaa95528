"""Who says yes before an article is published, and when it counts as forgotten: `[kb]` of the configuration."""

from __future__ import annotations

from collections.abc import Mapping

from sitmail.domain.article import Article
from sitmail.domain.engineers import Engineer
from sitmail.domain.record import record


@record
class KnowledgeBase:
    """`review`: somebody else than its author publishes an article; `reviewers` are ids of engineers, () for others."""

    review: bool = False
    reviewers: tuple[str, ...] = ()
    stale_days: int = 180  # without being cited, read or reviewed it is on the list of orphans


def reviewers(article: Article, editor: str, base: KnowledgeBase, engineers: Mapping[str, Engineer]) -> list[str]:
    """Who may say yes to what `editor` made of an article: those who are named, and its author if it is somebody else.

    Where nobody is named: the editor's manager, else the admins, else every engineer.
    """
    author = [article.author] if article.author in engineers else []
    manager = engineers[editor].manager if editor in engineers else ""
    choices = (
        [one for one in base.reviewers if one in engineers],
        [manager] if manager in engineers else [],
        [one.id for one in engineers.values() if one.role == "admin"],
        list(engineers),
    )
    for some in choices:
        others = [one for one in dict.fromkeys((*some, *author)) if one != editor]
        if others:
            return others
    return []
