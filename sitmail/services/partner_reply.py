"""To which partner a plain reply to a letter on a vendor's leg goes, as the letter says and the desk decides later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from sitmail.domain import trust
from sitmail.domain.incident import Incident
from sitmail.domain.update import LegKind
from sitmail.services.letter_plan import PlannedLetter
from sitmail.store import partner_legs
from sitmail.store.incidents import Participant

_VENDOR = str(LegKind.VENDOR)


def covers(letter: PlannedLetter, incidents: Mapping[int, Incident]) -> int | None:
    """The last update that its reader knows by it.  People's words may wait, with newer ones in the log."""
    incident = incidents.get(letter.incident or 0)
    if incident is None:
        return None
    return max(letter.updates) if letter.traits.words and letter.updates else incident.updates


def reply_partners(
    connection: Connection,
    letters: Iterable[PlannedLetter],
    incidents: Mapping[int, Incident],
    participants: Mapping[int, Sequence[Participant]],
) -> dict[tuple[int, int], int]:
    """(incident, last update that the letter covers) -> that partner, of letters to staff on a vendor's leg.

    `gather_partners` asks the same of a reply that names its letter.
    """
    found: dict[tuple[int, int], int] = {}
    for letter in letters:
        number, last = letter.incident, covers(letter, incidents)
        if not number or not last or not letter.person.staff or letter.about[0] != trust.VENDOR:
            continue
        present = [one.person for one in participants.get(number, ()) if one.leg == _VENDOR]
        answered = partner_legs.of_update(connection, number, last)
        if answered in present or (not answered and len(present) == 1):
            found[number, last] = answered or present[0]
    return found
