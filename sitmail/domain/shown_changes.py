"""What staff are told of an incident that changed: "owner: Anna -> Bob"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sitmail.domain.incident import Incident
from sitmail.domain.policy import Policy

# Names of an incident's fields, in the order in which their changes are told.
TOLD = (
    *(
        "owner",
        "temporary_owner",
        "status",
        "priority",
        "title",
        "team",
        "closing_status",
        "request_type",
        "reason",
        "severity",
    ),
    *("product", "resolution", "verified", "customer_reference", "tags", "fields"),
)

OWNERS = ("owner", "temporary_owner")


def before_of(before: Incident, after: Incident) -> dict[str, Any]:
    """The old values of what colleagues are told about, where it changed."""
    return {name: _plain(getattr(before, name)) for name in TOLD if getattr(before, name) != getattr(after, name)}


def described(before: Mapping[str, Any], after: Mapping[str, Any], policy: Policy, nobody: str = "nobody") -> list[str]:
    """A line for each value that is not as it was.  Values as `before_of` gives them; `nobody`: no owner."""
    said = []
    for name in TOLD:
        if name in before and name in after and before[name] != after[name]:
            if name == "fields":
                said += _fields(before[name], after[name], policy)
                continue
            empty = nobody if name in OWNERS else "-"
            old, new = (_shown(name, value, policy) or empty for value in (before[name], after[name]))
            said.append(f"{name.replace('_', ' ')}: {old} -> {new}")
    return said


def plain_values(incident: Incident) -> dict[str, Any]:
    """The values of today, to compare those of before with."""
    return {name: _plain(getattr(incident, name)) for name in TOLD}


def _fields(before: Mapping[str, str], after: Mapping[str, str], policy: Policy) -> list[str]:
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    name = policy.dictionary.field_name
    return [f"{name(key)}: {before.get(key) or '-'} -> {after.get(key) or '-'}" for key in keys]


def _plain(value: Any) -> Any:
    """As it is after it has been kept as JSON."""
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else str(value)


def _shown(name: str, value: Any, policy: Policy) -> str:
    if name in OWNERS and value in policy.engineers:
        return policy.engineers[value].name
    return policy.dictionary.shown(name, value)
