"""What staff are told of an incident that changed: "owner: Anna -> Bob"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sitmail.domain.incident import Incident
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence

# Names of an incident's fields, in the order in which their changes are told.
NAMES = {
    "owner": Sentence("owner"),
    "temporary_owner": Sentence("temporary owner"),
    "status": Sentence("status"),
    "priority": Sentence("priority"),
    "title": Sentence("title"),
    "team": Sentence("team"),
    "closing_status": Sentence("closing status"),
    "request_type": Sentence("request type"),
    "reason": Sentence("reason"),
    "severity": Sentence("severity"),
    "product": Sentence("product"),
    "service_level": Sentence("service level"),
    "resolution": Sentence("resolution"),
    "verified": Sentence("verified"),
    "customer_reference": Sentence("customer reference"),
    "tags": Sentence("tags"),
    "fields": "",
}
TOLD = tuple(NAMES)
TRANSLATED = frozenset({"status", "priority", "closing_status", "verified"})  # unless the configuration has other names
NOBODY = Sentence("nobody")

OWNERS = ("owner", "temporary_owner")


def before_of(before: Incident, after: Incident) -> dict[str, Any]:
    """The old values of what colleagues are told about, where it changed."""
    return {name: _plain(getattr(before, name)) for name in TOLD if getattr(before, name) != getattr(after, name)}


def described(before: Mapping[str, Any], after: Mapping[str, Any], policy: Policy, nobody: str = NOBODY) -> list[str]:
    """A line for each value that is not as it was.  Values as `before_of` gives them; `nobody`: no owner."""
    said: list[str] = []
    for name in TOLD:
        if name in before and name in after and before[name] != after[name]:
            if name == "fields":
                said += _fields(before[name], after[name], policy)
                continue
            empty = nobody if name in OWNERS else "-"
            old, new = (_shown(name, value, policy) or empty for value in (before[name], after[name]))
            said.append(changed_line(NAMES[name], old, new))
    return said


def plain_values(incident: Incident) -> dict[str, Any]:
    """The values of today, to compare those of before with."""
    return {name: _plain(getattr(incident, name)) for name in TOLD}


def _fields(before: Mapping[str, str], after: Mapping[str, str], policy: Policy) -> list[str]:
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    name = policy.dictionary.field_name
    return [changed_line(name(key), before.get(key) or "-", after.get(key) or "-") for key in keys]


def changed_line(what: str, old: str, new: str) -> str:
    return Sentence("%(what)s: %(old)s -> %(new)s", what=what, old=old, new=new)


def _plain(value: Any) -> Any:
    """As it is after it has been kept as JSON."""
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else str(value)


def _shown(name: str, value: Any, policy: Policy) -> str:
    if name in OWNERS and value in policy.engineers:
        return policy.engineers[value].name
    shown = policy.dictionary.shown(name, value)
    return Sentence(shown) if name in TRANSLATED else shown
