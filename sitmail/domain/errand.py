"""What one engineer's mail wants of one incident, and which of its words and files may go where."""

from __future__ import annotations

from dataclasses import dataclass

from sitmail.domain import commands
from sitmail.domain.facts import Facts
from sitmail.domain.mail import Attachment, Mail
from sitmail.domain.relaying import may_leave, relayable
from sitmail.domain.update import LegKind
from sitmail.domain.work import Work


@dataclass
class Errand:
    """All that one mail asks of one incident."""

    work: Work
    words: str = ""
    note: str = ""
    attachments: tuple[Attachment, ...] = ()
    kept_back: tuple[Attachment, ...] = ()  # what is not relayed with the words
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
    leaving = tuple(a for a in mail.attachments if not to_customer or may_leave(a, facts.said_to_sender))
    enclosed = [a for a in leaving if not a.inline]  # the picture in a signature is no answer
    if to_customer and enclosed and not errand.words and not script.words:
        errand.words = "(see the attached file)" if len(enclosed) == 1 else "(see the attached files)"
    if to_customer and not errand.words:
        leaving = ()
    errand.attachments = leaving
    errand.kept_back = tuple(a for a in mail.attachments if a not in leaving) if errand.words else ()
