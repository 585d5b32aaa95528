"""Articles of the knowledge base: what one says, who may read it, what may become of it.

An article is KB12 for ever; each change of it is a revision, and KB12.3 is its third.  Customers read the revision that
was published last.  How an article is written in a letter is in `article_text`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sitmail.domain.record import record

TITLE_LIMIT, TAG_LIMIT, TAGS, TEXT_LIMIT = 200, 40, 20, 64_000  # characters, characters, tags, characters


class Distribution(StrEnum):
    """Who may read it, from the widest to the narrowest."""

    PUBLIC = "public"  # every customer
    RESTRICTED = "restricted"  # staff, who may tell a customer what it says
    PRIVATE = "private"  # staff alone


WIDTH: Mapping[Distribution, int] = {one: at for at, one in enumerate(reversed(Distribution))}


class State(StrEnum):
    """`published`: customers may read it, if it is public.  An edit that waits for a second person changes no state."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Part(StrEnum):
    """The sections of an article, in their order."""

    SUMMARY = "summary"
    SYMPTOMS = "symptoms"
    CAUSE = "cause"
    QUESTION = "question"
    ANSWER = "answer"
    SOLUTION = "solution"
    WORKAROUND = "workaround"
    STATUS = "status"
    FURTHER = "further information"
    REFERENCES = "references"


SECTIONS = tuple(Part)


@record
class Section:
    """One part.  `distribution` None: as the article's, whatever that becomes; else it stays what it is."""

    part: Part
    text: str
    distribution: Distribution | None = None


@record
class Content:
    """What a revision says.  No section is empty, and each part stands once; `language` "": nobody said which it is."""

    title: str
    distribution: Distribution = Distribution.PRIVATE
    language: str = ""
    tags: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()

    def section(self, part: Part) -> Section | None:
        return next((one for one in self.sections if one.part is part), None)

    def text(self, part: Part) -> str:
        found = self.section(part)
        return found.text if found else ""


@record
class Article:
    """An article with its newest revision.

    `shown` is the revision that was published last, `pending` the one that waits for a second person's yes (0: none).
    `author` wrote the first revision, `editor` the newest, `reviewer` said yes to the one that is shown; all are ids of
    engineers.  `incident` is where it comes from.  `read` is when somebody last read it, `reviewed` when somebody last
    said that it is right.
    """

    id: int
    state: State
    author: str
    editor: str
    revision: int
    created: datetime
    updated: datetime
    content: Content
    reviewer: str = ""
    incident: int | None = None
    shown: int = 0
    pending: int = 0
    read: datetime | None = None
    reviewed: datetime | None = None

    @property
    def name(self) -> str:
        return reference(self.id)


@record
class Revision:
    """`at` that moment `author` (an engineer's id) made the article say this."""

    article: int
    number: int
    at: datetime
    author: str
    content: Content


def reference(number: int, revision: int = 0) -> str:
    """How people name an article, or one of its revisions."""
    return f"KB{number}.{revision}" if revision else f"KB{number}"


NAMED = re.compile(
    r"(?<![A-Za-z0-9])KB[ -]?(?P<number>[0-9]{1,9})(?:\.(?P<revision>[0-9]{1,6}))?(?![0-9])", re.IGNORECASE
)


def named(text: str) -> tuple[int, int] | None:
    """(number, revision or 0) where the words are the name of an article and nothing else."""
    found = NAMED.fullmatch(text.strip())
    return (int(found["number"]), int(found["revision"] or 0)) if found else None


def mentioned(text: str) -> tuple[int, int] | None:
    """(number, revision) of the first revision of an article that the words name, as subjects of letters do."""
    return next(((int(one["number"]), int(one["revision"])) for one in NAMED.finditer(text) if one["revision"]), None)


_AT_THE_END = re.compile(r"(?:^|\s+)(?:kb\s*=\s*)?(?:(?<=[kK][bB]=)|KB[ -]?)(?P<number>[0-9]{1,9})\s*\Z", re.IGNORECASE)


def named_last(text: str) -> tuple[str, int]:
    """The text, and the article that it names at its end (`user-error KB12`, `user-error kb=KB12`); 0 for none."""
    found = _AT_THE_END.search(text)
    return (text[: found.start()].strip(), int(found["number"])) if found else (text, 0)


def named_in(text: str) -> list[int]:
    """Every article that the words may name."""
    found = [int(one["number"]) for one in NAMED.finditer(text)]
    return [*found, *filter(None, (named_last(text)[1],))]


def within(inner: Distribution, outer: Distribution) -> bool:
    """Whether nobody may read `inner` who may not read `outer`."""
    return WIDTH[inner] <= WIDTH[outer]


def readable(content: Content, reader: Distribution) -> Content | None:
    """What somebody may read who may read `reader` and wider: for a customer that is what is public.  None: nothing."""
    if not within(reader, content.distribution):
        return None
    shown = [one for one in content.sections if within(reader, one.distribution or content.distribution)]
    return replace(content, sections=tuple(shown))


def ordered(sections: Mapping[Part, Section]) -> tuple[Section, ...]:
    """Sections in the order of an article, without empty ones."""
    return tuple(sections[part] for part in SECTIONS if part in sections and sections[part].text.strip())
