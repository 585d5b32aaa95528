"""Which of the mails that were in a folder before the desk are taken: what `first` names, and what came meanwhile.

Such mails are asked about when a folder is opened for the first time, and again when the server gave all mails new
UIDs.  The server's time of arrival (INTERNALDATE) then tells old mails from those that came since the desk first wanted
to fetch the folder; nothing else depends on that time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sitmail.domain.record import record
from sitmail.receiving.imap.mailbox import KEYWORD, WINDOW, Folder, Session
from sitmail.store.positions import Start


@record
class Choice:
    """UIDs in order, and how many mails are left alone that are no mails of ours."""

    taken: tuple[int, ...]
    left_alone: int


async def choose(session: Session, folder: Folder, older: Sequence[int], start: Start) -> Choice:
    """Chooses from the mails up to the boundary.  Raises Lost or Refused."""
    there = set(older)
    taken = await _named(session, older, start) & there
    ours: set[int] = set()
    if not start.again and folder.mark == KEYWORD:  # marked by a desk whose store this is not
        ours = await session.marked() & there
    return Choice(tuple(sorted(taken - ours)), len(there - taken - ours))


async def _named(session: Session, older: Sequence[int], start: Start) -> set[int]:
    if start.first in ("", "all"):
        return set(older)
    if start.first == "new":
        return await _arrived(session, older, start.begun)
    if start.first == "unseen":
        return await session.unseen() | await _arrived(session, older, start.begun)
    return await session.since(date.fromisoformat(start.first))


async def _arrived(session: Session, older: Sequence[int], begun: datetime | None) -> set[int]:
    """What came after that moment; so does a mail of which the server does not say when it came."""
    if begun is None:
        return set()
    lately = await session.since((begun - timedelta(days=2)).date())  # days of whatever zone the server has
    asked = [uid for uid in older if uid in lately]
    found = set()
    for at in range(0, len(asked), WINDOW):
        window = asked[at : at + WINDOW]
        told = await session.arrivals(window)
        found |= {uid for uid in window if told.get(uid, begun) >= begun.replace(microsecond=0)}  # of whole seconds
    return found
