"""Which letter a mail answers, and whether the reply address it came to is that letter's (behaviour 2.4).

Mail programs complete the desk's name to any reply address they ever saw, so that an answer may come to the address
of another incident, or to the public one although it answers a note.  Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sitmail.domain.facts import Case, Mismatch
from sitmail.domain.merging import surviving
from sitmail.domain.people import Person
from sitmail.domain.update import LegKind
from sitmail.services.hints import Hints
from sitmail.services.proofs import LEGS
from sitmail.store.incidents import Seen, SeenAs

ADDRESSED = frozenset("iv")  # kinds of addresses from which words leave the house


def letter_answered(hints: Hints, seen: Seen) -> Mapping[int, SeenAs] | None:
    """The incidents of the nearest letter that a mail to such an address answers: ours, or one that came to us.

    Empty where that letter was about no incident; None where we know of no letter.
    """
    if hints.route.kind not in ADDRESSED:
        return None
    for one in hints.arrival.answers:
        if (ours := hints.signed.get(one)) is not None:
            return {ours.number: SeenAs(str(LEGS[ours.kind]), 0)} if ours.kind in "inv" else {}
        if one in seen.kept:
            return seen.kept[one]
    return None


def mismatch(hints: Hints, cases: Mapping[int, Case], writers: Collection[Person]) -> Mismatch | None:
    """What the mail answers, if that is not the incident and leg of its address."""
    to, leg = surviving(hints.route.number, cases), LEGS[hints.route.kind]
    if hints.letter is None:
        named = [number for number, evidence in hints.candidates if evidence == "subject"]
        found = [cases[number] for one in named if (number := surviving(one, cases)) in cases]
        others = bool(found) and all(case.incident.number != to for case in found)
        return Mismatch(found[0].incident, by_subject=True) if others else None
    about = {surviving(number, cases): entry for number, entry in hints.letter.items()}
    if to in about:
        wrote_it = any(about[to].author == person.id for person in writers)  # and goes on after a note or a refusal
        same = wrote_it or about[to].leg == leg
        return None if same else Mismatch(cases[to].incident, LegKind(about[to].leg))
    for number, entry in about.items():
        if number in cases:
            return Mismatch(cases[number].incident, LegKind(entry.leg))
    return Mismatch(None)
