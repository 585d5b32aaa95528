"""The recipients of a mail that came without an envelope: from an IMAP folder, a Maildir, a pipe (behaviour 2).

The fields that delivery wrote, and those that the author wrote, are asked alike: an address of ours in any of them
says where the mail belongs, as an envelope would, and proves nothing.  A field above all others of its name was
written last, and nearest to us; those below it may be anybody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sitmail.domain.address import addresses, comparable, strict
from sitmail.domain.mail import UNKNOWN_SENDER, Envelope
from sitmail.domain.policy import Policy
from sitmail.reading import header_fields
from sitmail.services import routing

BELIEVED = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
WRITTEN = frozenset({"to", "cc", "resent-to", "resent-cc"})  # written by authors: all of a name count
RECIPIENTS_LIMIT = 50
HEAD = 262_144  # bytes in which the header block is looked for


def envelope(
    policy: Policy, head: bytes, received: datetime, door: str, *, believed: Sequence[str], fallback: str, client: str
) -> Envelope:
    """The envelope, reconstructed.  `head` is the beginning of the mail; `fallback` the mailbox's own address."""
    block = header_fields.split(head[:HEAD])
    found = [each for name in believed for each in _named(block, name.lower()) if routing.is_ours(policy, each)]
    recipients = tuple(dict.fromkeys(found))[:RECIPIENTS_LIMIT]
    return Envelope(sender(block), recipients or (own(policy, fallback),), received, door, client)


def own(policy: Policy, address: str) -> str:
    """The address if it is one of ours, else the desk's."""
    address = comparable(address)
    return address if routing.is_ours(policy, address) else policy.desk.address


def sender(block: header_fields.Block) -> str:
    """The envelope sender: Return-Path, as delivery wrote it, else From, else unknown: nothing becomes a bounce."""
    written = "".join(block.get("return-path").split())
    return written.strip("<>")[:256] if written else strict(block.get("from")) or UNKNOWN_SENDER


def _named(block: header_fields.Block, name: str) -> list[str]:
    values = [value for key, value in block.fields if key == name]
    if name not in WRITTEN:
        values = values[:1]
    return [comparable(one.address) for value in values for one in addresses(value)]
