"""The verbs that a letter of help explains."""

from __future__ import annotations

from sitmail.domain.authority import administers
from sitmail.domain.customer_verbs import CUSTOMER, SITE_ADMIN
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.verbs import STAFF, Verb
from sitmail.services.letter_plan import PlannedLetter

STAFF_VERBS = tuple(verb for verb in STAFF.values() if not verb.later)
CUSTOMER_VERBS = tuple(verb for verb in CUSTOMER.values() if not verb.later)

HELP = (NoticePurpose.STAFF_HELP, NoticePurpose.CUSTOMER_HELP)


def verbs_for(letter: PlannedLetter) -> tuple[Verb, ...]:
    """Of help: all verbs of its reader, or the one he asked about."""
    asked = letter.notices[0].tell.detail.get("verb") if letter.purpose in HELP else ""
    if not letter.person.staff:
        every = (*CUSTOMER_VERBS, *SITE_ADMIN.values()) if administers(letter.person) else CUSTOMER_VERBS
        return tuple(verb for verb in every if verb.name == asked) or every
    return (STAFF[asked],) if asked else STAFF_VERBS
