"""What letters show of an article: plain values for the detail of a notice.  What they say stands in the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sitmail.domain import article_text
from sitmail.domain.article import SECTIONS, Content, Distribution, State, readable, reference
from sitmail.domain.article_edit import difference
from sitmail.domain.article_facts import KnownArticle, Listed
from sitmail.domain.article_verbs import HISTORY, PRINT
from sitmail.domain.engineers import Engineer
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence

ARTICLES = frozenset({NoticePurpose.ARTICLE, NoticePurpose.ARTICLE_CHANGED, NoticePurpose.ARTICLE_REVIEW})
# All that such a letter may show; each letter has what it wants of it.
EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(("author", "editor", "reviewer", "from", "shown", "pending", "newest", "printed"), ""),
    **dict.fromkeys(("by", "did", "words", "returned", "what"), ""),
    **dict.fromkeys(("revisions", "history", "citing", "files", "followers", "diff", "files_changed"), ()),
    **dict.fromkeys(("marks", "told", "wrong", "says"), ()),
    **dict.fromkeys(("cited", "solved"), 0),
    "masked": False,
}
STATES: Mapping[State, str] = {
    State.DRAFT: Sentence("draft"),
    State.PROPOSED: Sentence("proposed"),
    State.PUBLISHED: Sentence("published"),
    State.WITHDRAWN: Sentence("withdrawn"),
}
DISTRIBUTIONS: Mapping[Distribution, str] = {
    Distribution.PUBLIC: Sentence("public"),
    Distribution.RESTRICTED: Sentence("restricted"),
    Distribution.PRIVATE: Sentence("private"),
}
REVISIONS = 30  # that the history shows
LATEST = 10  # revisions and incidents that are named
Difference = Sequence[tuple[str, Sequence[tuple[str, str]]]]


def name(engineer: str, engineers: Mapping[str, Engineer]) -> str:
    known = engineers.get(engineer)
    return known.name if known else engineer


def shown(known: KnownArticle, policy: Policy, revision: int = 0) -> dict[str, Any]:
    """An article as staff see it; `revision` 0 is the newest."""
    article, people = known.article, policy.engineers
    old = known.revision(revision) if revision and revision != article.revision else None
    content, number = (old.content, revision) if old else (article.content, article.revision)
    return {
        **EMPTY,
        **of_content(article.id, number, content),
        "state": STATES[article.state],
        "author": name(article.author, people),
        "editor": name(article.editor, people),
        "reviewer": name(article.reviewer, people),
        "from": policy.reference(article.incident) if article.incident else "",
        "shown": reference(article.id, article.shown) if article.state is State.PUBLISHED else "",
        "pending": reference(article.id, article.pending) if article.pending else "",
        "newest": "" if number == article.revision else reference(article.id, article.revision),
        "revisions": [
            [reference(article.id, one.number), one.at.isoformat(), name(one.author, people)]
            for one in reversed(known.revisions[-LATEST:])
        ],
        "citing": [[policy.reference(one.incident), one.title, one.solved] for one in known.citing[:LATEST]],
        "cited": len(known.citing),
        "solved": known.solved,
        "files": [[one.file.name, one.file.type, one.file.sha256, one.file.size] for one in known.files],
        "followers": sorted(name(one, people) for one in known.subscribers),
    }


def of_content(number: int, revision: int, content: Content) -> dict[str, Any]:
    """What is to be said of the text itself."""
    used = [one.part for one in content.sections]
    return {
        "article": number,
        "revision": revision,
        "name": reference(number, revision),
        "reference": f"[{reference(number, revision)}]",  # the subject of a button's mail
        "title": content.title,
        "distribution": DISTRIBUTIONS[content.distribution],
        "block": article_text.block(number, revision, content),
        "unused": article_text.section_names(used) if len(used) < len(SECTIONS) else "",
    }


def listed(rows: Sequence[Listed], policy: Policy) -> list[list[Any]]:
    """Lines of a list: name, title, state, distribution, when and who changed it, how often it is cited, and solved."""
    return [
        [
            one.article.name,
            one.article.content.title,
            STATES[one.article.state],
            DISTRIBUTIONS[one.article.content.distribution],
            one.article.updated.isoformat(),
            name(one.article.editor, policy.engineers),
            one.cited,
            one.solved,
        ]
        for one in rows
    ]


def asked_for(what: str, known: KnownArticle, policy: Policy, content: Content) -> dict[str, Any]:
    """What a letter shows besides, by what was asked for: the print, or what each revision changed."""
    if what == PRINT:
        return {"printed": article_text.plain(content)}
    return {"history": history(known, policy)} if what == HISTORY else {}


def history(known: KnownArticle, policy: Policy) -> list[list[Any]]:
    """The revisions, the newest first: name, when, by whom, and what changed."""
    found = []
    for at, one in enumerate(known.revisions):
        changed = difference(known.revisions[at - 1].content, one.content) if at else []
        by = name(one.author, policy.engineers)
        found.append([reference(one.article, one.number), one.at.isoformat(), by, changed])
    return found[::-1][:REVISIONS]


def for_customers(content: Content) -> str:
    """What customers may read of it; "" for nothing."""
    found = readable(content, Distribution.PUBLIC)
    return article_text.plain(found) if found else ""
