"""Which mail a letter answers, where its incident's conversation cannot tell: the mail is in no log, or the letter has
no incident.

So are questions to the command address, `/help` and `/show`, and decisions about held mail.
"""

from __future__ import annotations

from typing import Any

from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.trust import is_ours_by_form
from sitmail.services.unit_of_work import PendingDecision
from sitmail.store.text import storable


def reply_fields(
    entry: PendingDecision, purpose: NoticePurpose, reader: Person, *, about: int | None = 0
) -> dict[str, Any]:
    """The id that the letter names in In-Reply-To, for the detail of its notice: only to who wrote the mail.

    `about`: the letter's incident; None where it is about none, so that no conversation has the mail.
    """
    logged = about is not None and entry.updates and (entry.decision.incident or entry.opened)
    if logged or entry.arrival is None or not PURPOSES[purpose].asked:
        return {}
    mail = entry.arrival.mail
    wrote = mail.identity in (reader.key, *reader.addresses)
    if not wrote or not mail.message_id or is_ours_by_form(mail.message_id):
        return {}
    return {"answers": storable(mail.message_id)}
