"""What we know of a contact, put right (S4-03): lines `Name: value` of his own, an engineer's `/field contact.phone=`.

A contact's correction waits for the yes of his site's account manager; an engineer's for his own.  Both are changes of
the directory, which lie over what is declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sitmail.domain.address import addr_spec
from sitmail.domain.directory_effects import ChangeDirectory
from sitmail.domain.facts import Site
from sitmail.domain.people import Person
from sitmail.domain.sentence import Sentence

# By the key of directory files: its name in letters, and what people write for it in our languages.
FACTS: Mapping[str, tuple[str, frozenset[str]]] = {
    "name": (Sentence("Name"), frozenset({"name", "nom"})),
    "addresses": (
        Sentence("Email"),
        frozenset(["email", "e-mail", "mail", "address", "adresse", "courriel", "e-mail-adresse"]),
    ),
    "phone": (Sentence("Phone"), frozenset({"phone", "telephone", "tel", "telefon", "téléphone", "tél"})),
}
OF_SITE = ("name", "notes", "language", "timezone")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.x-]{2,38}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,8})?")
_LONGEST = 200
_MARKS = re.compile(r"^[>|*\s-]*")


def known(person: Person) -> list[list[str]]:
    """[name in letters, value] of what we know of somebody, for him to correct."""
    values = {"name": person.name, "addresses": person.address, "phone": person.phone}
    return [[label, values[key]] for key, (label, _) in FACTS.items()]


def corrected(text: str, person: Person) -> dict[str, Any]:
    """{key of directory files: new value} of what a contact's words put right; what he repeats is nothing new."""
    found: dict[str, Any] = {}
    for line in text[:20_000].split("\n"):
        label, sign, value = _MARKS.sub("", line).partition(":")
        key = next((key for key, (_, words) in FACTS.items() if label.strip().casefold().strip("*. ") in words), "")
        if not sign or not key or key in found:
            continue
        try:
            new = checked("contact", key, value.strip().strip("*").strip())
        except ValueError:
            continue  # staff read it in his words
        if key == "addresses":
            if new not in person.addresses:
                found[key] = [new, *person.addresses]
        elif new and new != getattr(person, key):
            found[key] = new
    return found


def checked(kind: str, key: str, value: str) -> str:
    """The value as it is kept.  Raises ValueError with a sentence."""
    if key == "addresses":
        address = addr_spec(value.strip("<>"))
        if not address:
            raise ValueError(Sentence("'%(value)s' is no address", value=value))
        return address
    if key == "phone" and value and not _PHONE.fullmatch(value):
        raise ValueError(Sentence("'%(value)s' is no telephone number", value=value))
    if key == "language" and value and not _LANGUAGE.fullmatch(value):
        raise ValueError(Sentence("'%(value)s' is no language; write en, de or fr", value=value))
    if len(value) > _LONGEST:
        raise ValueError(Sentence("a value has at most %(number)s characters", number=_LONGEST))
    if kind in ("contact", "site") and key == "name" and not value:
        raise ValueError(Sentence("a name cannot be empty"))
    return value


def changes(person: Person, found: Mapping[str, Any], by: str) -> tuple[ChangeDirectory, ...]:
    return tuple(ChangeDirectory("contact", person.key, key, value, by) for key, value in found.items())


def shown(person: Person, found: Mapping[str, Any]) -> list[list[str]]:
    """[name in letters, old value, new value] of what is put right."""
    before = dict(zip(FACTS, known(person), strict=True))
    return [[FACTS[key][0], before[key][1], _text(value)] for key, value in found.items()]


def of_line(key: str, value: str, person: Person | None, site: Site | None, by: str) -> tuple[ChangeDirectory, str]:
    """What `/field contact.phone=...` or `/field site.notes=...` changes, and the sentence about it.

    Raises ValueError with a sentence.
    """
    kind, _, name = key.lower().partition(".")
    name = "addresses" if name in ("address", "email") else name
    names: Iterable[str] = [*FACTS, "language"] if kind == "contact" else OF_SITE
    if name not in names:
        one_of = ", ".join(f"{kind}.{one}" for one in names)
        raise ValueError(Sentence("no '%(word)s'; one of %(choices)s", word=key, choices=one_of))
    if kind == "contact" and (person is None or not person.known):
        raise ValueError(Sentence("nobody whom the directory knows is the contact of this incident"))
    if kind == "site" and site is None:
        raise ValueError(Sentence("this incident is of no site"))
    new: Any = checked(kind, name, value)
    says = Sentence("%(field)s is '%(value)s'", field=".".join((kind, name)), value=new)
    if kind == "site" and site is not None:
        return ChangeDirectory("site", site.id, name, new, by), says
    assert person is not None
    if name == "addresses":
        new = [new, *(one for one in person.addresses if one != new)]
    return ChangeDirectory("contact", person.key, name, new, by), says


def _text(value: Any) -> str:
    return str(value[0]) if isinstance(value, list) else str(value)
