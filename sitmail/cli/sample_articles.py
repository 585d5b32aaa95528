"""Letters about articles, for `cli/samples`: each occasion on which one leaves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sitmail.domain.article import Article, Content, Distribution, Part, Revision, Section, State
from sitmail.domain.article_edit import difference
from sitmail.domain.article_facts import AttachedFile, Citing, KnownArticle, Listed
from sitmail.domain.article_letters import EMPTY, STATES, asked_for, listed, of_content, shown
from sitmail.domain.engineer.article_reply import NO_HEADING, NOTHING_NEW
from sitmail.domain.mail import Attachment
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.policy import Mailbox, Policy
from sitmail.domain.sentence import Sentence

_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_POLICY = Policy("Example Desk", (Mailbox("support@example.com", "Example Desk"),))
_FIRST = Content(
    "The red lamp of the printer",
    Distribution.PRIVATE,
    "en",
    ("printer", "lamp"),
    (
        Section(Part.SYMPTOMS, "A red lamp burns on the printer of [...]."),
        Section(Part.SOLUTION, "Please unplug it for a minute."),
    ),
)
_NOW = Content(
    _FIRST.title,
    Distribution.PUBLIC,
    "en",
    ("printer", "lamp"),
    (
        Section(Part.SYMPTOMS, "A red lamp burns on the printer."),
        Section(Part.CAUSE, "The fuser is too hot.", Distribution.PRIVATE),
        Section(Part.SOLUTION, "Unplug it for a minute.\nThen switch it on again."),
    ),
)
_KNOWN = KnownArticle(
    Article(12, State.PUBLISHED, "Ana Lind", "Bo Berg", 2, _AT, _AT, _NOW, "Ana Lind", 14, 1, 2),
    _FIRST,
    (Revision(12, 1, _AT, "Ana Lind", _FIRST), Revision(12, 2, _AT, "Bo Berg", _NOW)),
    (Citing(15, "Printer burns again", _AT, True), Citing(14, "Printer burns", _AT, False)),
    1,
    frozenset({"Ana Lind"}),
    tuple(AttachedFile(at, Attachment(f"lamp{at}.png", "image/png", 20_480, "0" * 64)) for at in (1, 2)),
)
_FULL = shown(_KNOWN, _POLICY)
_BARE = {**EMPTY, **of_content(13, 1, Content("The red lamp")), "state": STATES[State.DRAFT], "article": 13}
_OWN = {**_FULL, "editor": "Ana Lind", "solved": 0}
_DRAFT = {**EMPTY, **of_content(12, 1, _FIRST), "state": STATES[State.DRAFT]}
_CHANGED = difference(_FIRST, _NOW)
_PUBLISHED = Sentence("%(name)s is published: every customer may read it", name="KB12.2")
_DONE = {
    **_FULL,
    "what": "done",
    "says": [_PUBLISHED],
    "diff": _CHANGED,
    "files_changed": ["lamp.png"],
    "words": "Thanks, Bo.",
}
ARTICLES: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    NoticePurpose.ARTICLE: (
        {
            **EMPTY,
            **of_content(12, 1, _FIRST),
            "state": STATES[State.DRAFT],
            "from": "[SIT-14]",
            "masked": True,
            "what": "draft",
        },
        {**_BARE, "what": "draft"},
        {**_FULL, "what": "show"},
        {**_OWN, "what": "show", "newest": "KB12.3"},
        {**_FULL, "what": "stale", "by": "Bo Berg", "diff": _CHANGED, "returned": "Solution:\nPull the plug."},
        {**_FULL, "what": "refused", "wrong": [["Pull the plug.", NO_HEADING], ["", NOTHING_NEW]], "returned": "yes?"},
        {**_FULL, "what": "history", **asked_for("history", _KNOWN, _POLICY, _NOW)},
        {**_FULL, "what": "print", **asked_for("print", _KNOWN, _POLICY, _NOW)},
        {**_DONE, "told": ["Ana Lind"]},
        {**_DONE, "says": [], "marks": ["Carla Jones"]},
    ),
    NoticePurpose.ARTICLE_CHANGED: (
        {**_FULL, "by": "Bo Berg", "diff": _CHANGED, "files_changed": ["lamp.png"]},
        {**_FULL, "by": "Bo Berg", "did": "published", "words": "Looks good."},
        {**_OWN, "by": "Bo Berg", "did": "withdrawn"},
        {**_BARE, "by": "Bo Berg", "words": "Is the fuse meant?"},
    ),
    NoticePurpose.ARTICLE_REVIEW: (
        {**_FULL, "by": "Bo Berg", "diff": _CHANGED, "words": "Ready."},
        {**_OWN, "by": "Bo Berg"},
        {**_BARE, "by": "Bo Berg"},
    ),
}
_ROWS = listed((Listed(_KNOWN.article, 2, 1),), _POLICY)
LISTS: tuple[dict[str, Any], ...] = (
    {
        "what": "articles",
        "query": "recent",
        "articles": [*_ROWS, [*_ROWS[0][:6], 2, 0], [*_ROWS[0][:6], 0, 0]],
        "days": 180,
    },
    {"what": "articles", "query": "orphans", "articles": [], "days": 180},
)
