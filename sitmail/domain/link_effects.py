"""Effects on links (`domain/links`): one begins, one ends."""

from __future__ import annotations

from sitmail.domain.links import LinkKind
from sitmail.domain.record import record


@record
class AddLink:
    """A link begins.  `incident` 0 is the one that the same decision opens; `by` as in `links.Link`."""

    incident: int
    kind: LinkKind
    other: int = 0
    reference: str = ""
    detail: str = ""
    by: str = ""


@record
class BugFixed:
    """The bug to which a link (its id) leads is fixed."""

    link: int


@record
class EndLink:
    """A link (its id) ends."""

    link: int
