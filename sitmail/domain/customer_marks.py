"""What in a text may tell which customer it is about: names, addresses, numbers.

An article is drafted from what one customer wrote; what tells who that was is masked in the draft, and looked for
again before customers may read it: what the desk knows of that customer, and what looks like an address or a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sitmail.domain.facts import Case

MASK = "[...]"
SHORTEST, SHOWN = 3, 20  # characters of a name; so many marks are named
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]+@[^\s<>()\[\]\"',;:@]+\.[^\s<>()\[\]\"',;:@.]+")
_TELEPHONE = re.compile(r"(?<![\w.])(?:\+|00|0)[0-9](?:[ /().-]{0,2}[0-9]){6,14}(?![\w.])")


def of_case(case: Case) -> frozenset[str]:
    """What the desk knows of the customer of an incident."""
    found: list[str] = []
    for party in case.parties:
        person = party.person
        if not person.staff:
            found += [person.name, *person.addresses, person.phone, *_proper(person.name), party.reference]
    if case.site is not None:
        found += [case.site.name, case.site.id, *case.site.domains]
    incident = case.incident
    found += [incident.unit, incident.customer_reference, incident.contract]
    return frozenset(one.strip() for one in found if len(one.strip()) >= SHORTEST)


def _proper(name: str) -> list[str]:
    """Words of a name that begin with a capital, which a greeting or the end of a mail has alone."""
    return [word for word in re.findall(r"[^\W\d_][\w'-]+", name) if word[0].isupper()]


def find(text: str, known: Iterable[str], tag: str) -> list[str]:
    """What in the text may tell it, each once, as it stands there and in that order."""
    found = [(match.start(), match[0]) for pattern in _patterns(known, tag) for match in pattern.finditer(text)]
    return list(dict.fromkeys(words for _, words in sorted(found)))[:SHOWN]


def masked(text: str, known: Iterable[str], tag: str) -> str:
    for pattern in _patterns(known, tag):
        text = pattern.sub(MASK, text)
    return text


def _patterns(known: Iterable[str], tag: str) -> list[re.Pattern[str]]:
    """The longest first, so that a name goes as a whole.  A single word of a name counts as it is written alone."""
    words = sorted({one for one in known if one}, key=lambda one: (-len(one), one))
    exact = [one for one in words if re.fullmatch(r"[A-Z][\w'-]*", one)]
    any_case = [one for one in words if one not in exact]
    reference = re.compile(rf"\[?(?<!\w){re.escape(tag)}-[0-9]{{1,9}}(?!\w)\]?", re.IGNORECASE)
    found = [_ADDRESS]
    found += [re.compile(_any(any_case), re.IGNORECASE)] if any_case else []
    found += [re.compile(_any(exact))] if exact else []
    return [*found, _TELEPHONE, reference]


def _any(words: Iterable[str]) -> str:
    return rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)"
