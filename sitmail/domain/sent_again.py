"""The same mail sent twice, with another Message-ID: by an impatient writer, or by a program that lost our answer.

The second one joins the incident that the first one opened.  A mail that is the same to the last byte is found when it
is kept (`receiving/fingerprint`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sitmail.domain.incident import Incident
from sitmail.domain.mail import Mail

WITHIN = timedelta(hours=1)
EVIDENCE = "sent again"  # how such a mail found its incident


def sameness(mail: Mail) -> str:
    """A key that mails share if writer, subject, words, files and Reply-To are the same; it cannot be a Message-ID."""
    parts = [mail.identity, mail.in_our_name, _flat(mail.subject), _flat(mail.text)]
    parts += sorted(one.address.lower() for one in mail.reply_to)
    parts += sorted(file.sha256 for file in mail.attachments)
    return f"words {sha256(chr(0).join(parts).encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def recent(incident: Incident, received: datetime) -> bool:
    """Whether the incident was opened less than an hour before a mail came."""
    return received - incident.opened <= WITHIN


def _flat(text: str) -> str:
    return " ".join(text.split())
