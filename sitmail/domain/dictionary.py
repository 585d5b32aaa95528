"""The desk's dictionary: the codes by which incidents are sorted, and the names that staff and customers read.

All of it is configuration, checked before it gets here.  What the codes do to an incident is decided by the verbs
(`engineer/classifying`, `engineer/resolving`) and by `assignment`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, TypeVar

from sitmail.domain.choices import Choice, named
from sitmail.domain.event_types import BUILT_IN, EventType
from sitmail.domain.expression import Expression
from sitmail.domain.incident import CLOSING_STATUSES, LABELS, Label, Status
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence

MAX_FIELDS, MAX_VALUE, MAX_TAGS, MAX_TAG = 40, 500, 20, 40  # of one incident: how many, and how many characters


@record
class Code:
    """An entry with nothing but an id and a name."""

    id: str
    name: str


@record
class Severity:
    """How grave something is.  The priority is at least and at most these, where they are given."""

    id: str
    name: str
    at_least: str = ""
    at_most: str = ""


@record
class Product:
    """`words` in subject or text tell that a mail is about it; `asks` are ids of fields that are needed.

    Its bugs go to `tracker`, and its `manager`, an engineer, is told of each.
    """

    id: str
    name: str
    skill: str = ""
    words: tuple[Expression, ...] = ()
    asks: tuple[str, ...] = ()
    tracker: str = ""
    manager: str = ""


@record
class RequestType:
    """`asks` are ids of fields, `required_documents` names or patterns of files; `account_manager`: he gets it."""

    id: str
    name: str
    also: tuple[str, ...] = ()  # other names, in commands
    words: tuple[Expression, ...] = ()
    asks: tuple[str, ...] = ()
    required_documents: tuple[str, ...] = ()
    owner: str = ""
    team: str = ""
    service_level: str = ""
    account_manager: bool = False


@record
class Reason:
    """A general reason; `specific` are the ones below it, each written `general/specific`."""

    id: str
    name: str
    specific: tuple[str, ...] = ()
    skill: str = ""
    words: tuple[Expression, ...] = ()


@record
class Resolution:
    """How something was resolved.

    `needs_incident`: it was known, and another incident has to be named.  `perceived`: the way out where nothing was
    broken.  `text` stands in the letter that asks the customer.
    """

    id: str
    name: str
    specific: tuple[str, ...] = ()
    closing_status: str = "solved"
    needs_incident: bool = False
    perceived: bool = False
    text: str = ""


@record
class Field:
    """A piece of information that an incident may have.  `question` asks a customer for it."""

    id: str
    name: str
    question: str = ""
    choices: tuple[str, ...] = ()
    pattern: Expression | None = None

    @property
    def asked(self) -> str:
        return self.question or f"{self.name}?"

    def checked(self, value: str) -> str:
        """The value as it is kept.  Raises ValueError with a sentence where others alone are allowed."""
        if self.choices:
            same = {one.casefold(): one for one in self.choices}
            if value.casefold() in same:
                return same[value.casefold()]
            near = difflib.get_close_matches(value.casefold(), same, 1)
            hint = (
                Sentence("did you mean '%(word)s'?", word=same[near[0]])
                if near
                else Sentence("one of %(choices)s", choices=", ".join(self.choices))
            )
            raise ValueError(
                Sentence("'%(value)s' is no value of %(field)s; %(hint)s", value=value, field=self.name, hint=hint)
            )
        if self.pattern is not None and self.pattern.search(value) is None:
            raise ValueError(
                Sentence("'%(value)s' does not look like a value of %(field)s", value=value, field=self.name)
            )
        return value


CLOSING = tuple(Resolution(one, one.replace("-", " ").capitalize(), (), one) for one in CLOSING_STATUSES)


@record
class Dictionary:
    """Every table of codes; severities from the lowest to the highest.

    `labels` and `closing_labels` are what the configuration says instead of the built-in names.
    """

    labels: Mapping[Status, Label] = field(default_factory=dict)
    closing_labels: Mapping[str, str] = field(default_factory=dict)
    request_types: tuple[RequestType, ...] = ()
    reasons: tuple[Reason, ...] = ()
    resolutions: tuple[Resolution, ...] = CLOSING
    severities: tuple[Severity, ...] = ()
    products: tuple[Product, ...] = ()
    fields: tuple[Field, ...] = ()
    channels: tuple[Code, ...] = ()
    event_types: tuple[EventType, ...] = BUILT_IN

    def label(self, status: Status) -> Label:
        return self.labels.get(status, LABELS[status])

    def closing(self, status: str) -> str:
        """A closing status as people read it."""
        return self.closing_labels.get(status) or status.replace("-", " ")

    def shown(self, name: str, value: Any) -> str:
        """The value of an incident's field `name` as staff read it; "" where it is empty."""
        if not value:
            return ""
        if name == "status":
            return self.label(Status(value)).internal
        if name == "closing_status":
            return self.closing(str(value))
        if name == "tags":
            return ", ".join(value)
        if name == "fields":
            return ", ".join(f"{self.field_name(key)}: {one}" for key, one in value.items())
        general, _, specific = str(value).partition("/")
        found = entry(self.table(name), general) or entry(self.table(name), str(value))
        if found is None:
            return str(value)
        return f"{found.name} / {specific}" if specific and found.id != value else str(found.name)

    def table(self, name: str) -> Sequence[Any]:
        """The entries from which an incident's field of that name takes its value."""
        tables: dict[str, Sequence[Any]] = {
            "request_type": self.request_types,
            "reason": self.reasons,
            "resolution": self.resolutions,
            "severity": self.severities,
            "product": self.products,
            "channel": self.channels,
        }
        return tables.get(name, ())

    def within(self, severity: str, priority: str, priorities: Sequence[Any]) -> str:
        """The priority within what a severity allows; `priorities` from the lowest to the highest."""
        found = entry(self.severities, severity)
        order = [one.id for one in priorities]
        if found is None or priority not in order:
            return priority
        low = order.index(found.at_least) if found.at_least in order else 0
        high = order.index(found.at_most) if found.at_most in order else len(order) - 1
        return str(order[min(max(order.index(priority), low), high)])

    def closing_of(self, resolution: str) -> str:
        """The closing status that a resolution means."""
        found = entry(self.resolutions, resolution) or entry(self.resolutions, resolution.partition("/")[0])
        return found.closing_status if found else "solved"

    def event_name(self, event: str) -> str:
        """The name of an event type, "" for what is none."""
        found = entry(self.event_types, event)
        return found.name if found else ""

    def field_name(self, key: str) -> str:
        """A document that was asked for has its own name as key."""
        found = entry(self.fields, key)
        return found.name if found else key


E = TypeVar("E", bound=Any)


def entry(table: Sequence[E], id_: str) -> E | None:
    return next((one for one in table if one.id == id_), None)


def skills(known: Dictionary, product: str, reason: str) -> frozenset[str]:
    """The skills that a product and a reason ask for."""
    found = (entry(known.products, product), entry(known.reasons, reason))
    return frozenset(one.skill for one in found if one is not None and one.skill)


def pick(table: Sequence[Any], what: str, word: str) -> str:
    """The id that a person names.  Raises ValueError with a sentence, also where the desk has none."""
    if not table:
        raise ValueError(Sentence("this desk has no %(what)s; the administrator can declare them", what=what))
    return named(word, what, [Choice(one.id, one.name, _also(one)) for one in table])


def _also(one: Any) -> tuple[str, ...]:
    return tuple("-".join(name.lower().split()) for name in getattr(one, "also", ()))


def pick_specific(table: Sequence[Any], what: str, word: str) -> str:
    """`general` or `general/specific`, as ids.  Raises ValueError with a sentence."""
    general, _, specific = (part.strip() for part in word.partition("/"))
    chosen = pick(table, what, general)
    if not specific:
        return chosen
    known = next(one.specific for one in table if one.id == chosen)
    if not known:
        raise ValueError(
            Sentence("the %(what)s '%(code)s' has none below it; write %(code)s alone", what=what, code=chosen)
        )
    below = Sentence("%(what)s below %(code)s", what=what, code=chosen)
    return f"{chosen}/{named(specific, below, [Choice(one, one) for one in known])}"


def mentions(words: Sequence[Expression], text: str) -> bool:
    return any(one.search(text) is not None for one in words)
