"""A reply to a letter about an article, while it is looked through: what is done, and what of it is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sitmail.domain.article import Article, Content, Revision, reference
from sitmail.domain.article_edit import Reply
from sitmail.domain.article_effects import (
    ArticleEffect,
    AttachToArticle,
    DetachFromArticle,
    FollowArticle,
    ReviseArticle,
    SetArticle,
)
from sitmail.domain.article_facts import AttachedFile, KnownArticle
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.engineers import Engineer
from sitmail.domain.mail import Attachment
from sitmail.domain.people import Person


@dataclass
class Work:
    """One reply.  `content` is the article as it will be, `becomes` the values of `SetArticle` that change."""

    builder: DecisionBuilder
    known: KnownArticle
    actor: Person
    engineer: Engineer
    reply: Reply
    content: Content
    becomes: dict[str, Any] = field(default_factory=dict)
    follows: bool | None = None  # from now on
    files: list[Attachment] = field(default_factory=list)  # that join it
    removed: list[AttachedFile] = field(default_factory=list)
    says: list[str] = field(default_factory=list)  # what was done, for its author
    wrong: list[tuple[str, str]] = field(default_factory=list)
    did: str = ""  # published, withdrawn: what colleagues read of it
    asked: list[str] = field(default_factory=list)  # engineers who are asked to say yes
    marks: list[str] = field(default_factory=list)  # what tells who a customer is, so that it was not published
    letters: list[str] = field(default_factory=list)  # history, print: what he asked to read

    @property
    def article(self) -> Article:
        return self.known.article

    @property
    def edited(self) -> bool:
        return self.content != self.article.content

    @property
    def revision(self) -> int:
        """The newest, once this is done."""
        return self.article.revision + self.edited

    @property
    def name(self) -> str:
        return reference(self.article.id, self.revision)

    @property
    def files_changed(self) -> list[str]:
        """As colleagues read it."""
        return [*(f"+ {one.name}" for one in self.files), *(f"- {one.file.name}" for one in self.removed)]

    def does_nothing(self) -> bool:
        found = (self.edited, self.says, self.files, self.removed, self.letters, self.marks)
        return not any(found)

    def effects(self) -> list[ArticleEffect]:
        at, me = self.article.id, self.engineer.id
        found: list[ArticleEffect] = []
        if self.edited:
            found.append(ReviseArticle(at, self.revision, self.content, me))
        if self.becomes:
            found.append(SetArticle(at, **self.becomes))
        if self.follows is not None:
            found.append(FollowArticle(at, me, ends=not self.follows))
        found += [AttachToArticle(at, file, me) for file in self.files]
        return [*found, *(DetachFromArticle(at, one.id) for one in self.removed)]

    def after(self) -> KnownArticle:
        """The article once this is done, as letters show it."""
        known, article, me = self.known, self.article, self.engineer.id
        values = {name: value for name, value in self.becomes.items() if name not in ("reviewed", "read")}
        if self.edited:
            values |= {"revision": self.revision, "editor": me, "content": self.content}
        made = [Revision(article.id, self.revision, self.builder.now, me, self.content)] if self.edited else []
        follows = known.subscribers | {me} if self.follows else known.subscribers - {me}
        kept = [one for one in known.files if one not in self.removed]
        return replace(
            known,
            article=replace(article, **values),
            revisions=(*known.revisions, *made),
            subscribers=known.subscribers if self.follows is None else follows,
            files=(*kept, *(AttachedFile(0, file) for file in self.files)),
        )
