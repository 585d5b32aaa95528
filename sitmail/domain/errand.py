"""What one engineer's mail wants of one incident, and which of its words and files may go where."""

from __future__ import annotations

from dataclasses import dataclass

from sitmail.domain import commands
from sitmail.domain.facts import Facts
from sitmail.domain.mail import Attachment, Mail
from sitmail.domain.update import LegKind
from sitmail.domain.work import Work


@dataclass
class Errand:
    """All that one mail asks of one incident."""

    work: Work
    words: str = ""
    note: str = ""
    attachments: tuple[Attachment, ...] = ()
    kept_back: tuple[str, ...] = ()  # names of attachments that are not relayed
    log: int | None = None
    leg: str = ""  # where its plain words went: what confirms it keeps to that ("" = inside)


def spread(errand: Errand, script: commands.Script, mail: Mail, facts: Facts, public: bool) -> None:
    """What is said goes to its leg; words for the customer lose every line that was only said to staff."""
    errand.leg = str(LegKind.PUBLIC) if public else ""
    if public:
        errand.words = relayable(script.words, facts.said_to_sender)
        errand.note = script.note
    else:
        errand.note = "\n\n".join(part for part in (script.words, script.note) if part)
    to_customer = public and (bool(errand.words) or not script.noted)
    errand.attachments = tuple(a for a in mail.attachments if not to_customer or _may_leave(a))
    errand.kept_back = tuple(a.name for a in mail.attachments if a not in errand.attachments)
    if to_customer and errand.attachments and not errand.words and not script.words:
        errand.words = "(see the attached file)" if len(errand.attachments) == 1 else "(see the attached files)"


def relayable(words: str, said: frozenset[str]) -> str:
    """The words without quoted lines and without lines of letters that were meant for staff (contract section 2)."""
    kept = [
        line for line in words.split("\n") if not line.lstrip().startswith(">") and " ".join(line.split()) not in said
    ]
    return "\n".join(kept).strip()


def _may_leave(attachment: Attachment) -> bool:
    """A letter inside a letter may be one of ours to staff, with its tokens: it stays in the log."""
    return not attachment.type.startswith("message/") and b"X-Sitmail-" not in attachment.content
