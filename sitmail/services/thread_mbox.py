"""The public log of an incident as an mbox, for a customer who wants it in his mail program (S3-08).

Its mails are made anew from what a letter would show him: names, moments, words and files' names of the public leg.
What others were sent holds their tokens and ids, and so no mail is put in as it came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sqlalchemy import Connection

from sitmail.domain import trust
from sitmail.sending.mbox import mbox_entry
from sitmail.services.desk import Desk
from sitmail.services.views import FileView, IncidentView, UpdateView, one_line
from sitmail.store import blobs

WITHHELD = "(These words are not shown: nothing proves who sent them.)"
POLICY = SMTP.clone(max_line_length=200, linesep="\n")


def thread_mbox(
    connection: Connection, desk: Desk, incident: IncidentView, updates: Sequence[UpdateView]
) -> FileView | None:
    """The file, whose content is in the store from now on; None where nothing can be written."""
    if desk.blobs is None or "ids" not in connection.info or not updates:
        return None
    content = b"".join(_entry(desk, incident, one) for one in updates)
    sha256 = hashlib.sha256(content).hexdigest()
    blobs.insert(connection, [desk.blobs.prepare(content, sha256, len(content))])
    return FileView(1, f"{incident.number}.mbox", len(content), sha256)


def _entry(desk: Desk, incident: IncidentView, update: UpdateView) -> bytes:
    """One mail: all come from the desk's own address, under the names of their authors."""
    address = desk.policy.desk.address
    mail = EmailMessage(POLICY)
    local, _, domain = address.partition("@")
    mail["From"] = Address(one_line(update.author)[:100], local, domain)
    mail["Date"] = format_datetime(update.at)
    mail["Subject"] = trust.without_tokens(desk.keys, one_line(f"{incident.reference} {incident.title}"), ())
    words = WITHHELD if update.unverified and not update.text else update.text
    files = "".join(f"\n[{one_line(file.name)}]" for file in update.files)
    mail.set_content(trust.without_tokens(desk.keys, f"{words}\n{files}".strip() + "\n", ()))
    return mbox_entry(address, update.at, mail.as_bytes())
