"""One person with two records: which of them may be merged, by mail and at the command line.

Nothing is undone here, so that what cannot be right is refused with a sentence.
"""

from __future__ import annotations

from sitmail.domain.people import Kind, Person
from sitmail.domain.sentence import Sentence

CLIENTS = frozenset({Kind.CONTACT, Kind.STRANGER})
IMPORT = "import "  # how the origin of what was imported begins
HOW = Sentence("write both addresses, such as /contact merge j.doe@example.com into jane@example.com")


def two_addresses(argument: str) -> tuple[str, str]:
    """The address that is given up, and the one of who stays.  Raises ValueError with a sentence."""
    words = [word.strip("<>,;") for word in argument.split()[1:] if "@" in word]
    if len(words) != 2:
        raise ValueError(HOW)
    return words[0].lower(), words[1].lower()


def unmergeable(gone: Person | None, stays: Person | None, one: str, other: str, origin: str) -> str:
    """Why the record at the address `one` cannot become part of that at `other`; "" if it can.

    `origin`: where the first is declared, as the directory has it.
    """
    for person, address in ((gone, one), (stays, other)):
        if person is None:
            return Sentence("nobody is known by %(address)s", address=address)
        if person.kind not in CLIENTS:
            return Sentence("%(address)s is no customer's address", address=address)
    assert gone is not None and stays is not None
    if gone.id == stays.id:
        return Sentence("%(address)s and %(other)s are one person already", address=one, other=other)
    if gone.site and stays.site and gone.site != stays.site:
        return Sentence("they are of different sites, %(site)s and %(other)s", site=gone.site, other=stays.site)
    if gone.role == "admin" and stays.role != "admin":
        return Sentence("%(address)s is an admin contact; merge the other one into it", address=one)
    if origin and not origin.startswith(IMPORT):
        return Sentence(
            "%(address)s is declared (%(where)s), which would bring it back; take it out there first",
            address=one,
            where=origin,
        )
    return ""
