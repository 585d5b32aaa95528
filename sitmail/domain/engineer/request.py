"""What one engineer's mail wants of one incident, and which of its words and files may go where."""

from __future__ import annotations

from dataclasses import dataclass

from sitmail.domain import commands
from sitmail.domain.engineer.verbs import Work
from sitmail.domain.facts import Facts
from sitmail.domain.leak_guard import may_leave, relayable
from sitmail.domain.mail import Attachment, Mail
from sitmail.domain.update import LegKind


@dataclass
class Request:
    """All that one mail asks of one incident."""

    work: Work
    words: str = ""
    note: str = ""
    attachments: tuple[Attachment, ...] = ()
    kept_back: tuple[Attachment, ...] = ()  # what is not relayed with the words
    log: int | None = None
    leg: str = ""  # where its plain words went: what confirms it keeps to that ("" = inside)


def spread(request: Request, script: commands.Script, mail: Mail, facts: Facts, public: bool) -> None:
    """What is said goes to its leg; words for the customer lose every line that was only said to staff."""
    request.leg = str(LegKind.PUBLIC) if public else ""
    if public:
        request.words = relayable(script.words, facts.said_to_sender)
        request.note = script.note
    else:
        request.note = "\n\n".join(part for part in (script.words, script.note) if part)
    to_customer = public and (bool(request.words) or not script.noted)
    leaving = tuple(a for a in mail.attachments if not to_customer or may_leave(a, facts.said_to_sender))
    enclosed = [a for a in leaving if not a.inline]  # the picture in a signature is no answer
    if to_customer and enclosed and not request.words and not script.words:
        request.words = "(see the attached file)" if len(enclosed) == 1 else "(see the attached files)"
    if to_customer and not request.words:
        leaving = ()
    request.attachments = leaving
    request.kept_back = tuple(a for a in mail.attachments if a not in leaving) if request.words else ()
