"""Mails in a mailbox that are larger than the desk takes: they stay where they are, and people are told of them."""

from __future__ import annotations

from sitmail.reading.parse import parse

SHOWN = 80  # characters of a subject


def sentence(uid: int, head: bytes, limit: int) -> str:
    """What `status` says of such a mail; `head` is the beginning of its header."""
    mail = parse(head)
    subject = " ".join(mail.subject.split())[:SHOWN]
    about = [f"{subject!r}" if subject else "without subject", f"from {mail.sender.address}" if mail.sender else ""]
    return f"{' '.join(filter(None, about))} (UID {uid}) is larger than {limit} bytes"
