"""Kept mails, read as the desk reads them."""

from __future__ import annotations

from collections.abc import Sequence

from sitmail.services import intake
from sitmail.services.desk import Desk
from sitmail.services.intake import Unread
from sitmail.services.looking import Arrival


def arrivals_of(desk: Desk, mails: Sequence[Unread]) -> list[Arrival]:
    """None of them fails to be read."""
    read = intake.read(desk, mails)
    found = [one for one in read if isinstance(one, Arrival)]
    assert len(found) == len(mails), read
    return found
