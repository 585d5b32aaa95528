"""Links as effects write them, and as facts and letters read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from sitmail.domain.incident import Incident
from sitmail.domain.link_effects import AddLink, BugFixed, EndLink
from sitmail.domain.links import LABELS, Link, LinkKind, of_kind
from sitmail.domain.policy import Policy
from sitmail.domain.record import changed
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import links
from sitmail.store.text import storable


def add(unit: UnitOfWork, entry: PendingDecision, effect: AddLink) -> None:
    number, key = effect.incident or entry.opened, unit.key("link")
    entry.links.append(key)
    unit.put(
        "link",
        {
            "id": key,
            "incident": number,
            "kind": str(effect.kind),
            "other": effect.other or None,
            "reference": storable(effect.reference),
            "detail": storable(effect.detail),
            "at": unit.now,
            "by": effect.by,
        },
    )
    for end_ in filter(None, (number, effect.other)):
        if end_ in unit.opened:
            unit.opened[end_] = changed(unit.opened[end_], {"linked": True})
        else:
            unit.summary.setdefault(end_, {})["linked"] = True


def adopt(unit: UnitOfWork, entry: PendingDecision, number: int, by: str) -> None:
    """Makes it a child of the incident that the decision opens."""
    add(unit, entry, AddLink(number, LinkKind.PARENT, other=entry.opened, by=by))


def end(unit: UnitOfWork, _entry: PendingDecision, effect: EndLink) -> None:
    links.end(unit.connection, effect.link, unit.now)


def fixed(unit: UnitOfWork, _entry: PendingDecision, effect: BugFixed) -> None:
    links.fixed(unit.connection, effect.link, unit.now)


def links_of(connection: Connection, among: Mapping[int, Incident]) -> dict[int, tuple[Link, ...]]:
    """The links of each of these incidents; the store is asked only about those that have had one."""
    linked = [number for number, one in among.items() if one.linked]
    if not linked:
        return {}
    found = links.of(connection, linked)
    return {number: tuple([one for one in found if number in (one.incident, one.other)]) for number in linked}


def with_merged(connection: Connection, number: int) -> list[int]:
    """The incident, and those that were merged into it or into these; to be asked about one that is linked."""
    found = [number]
    for at in found:
        found += [one for one in of_kind(links.of(connection, [at]), at, "merged") if one not in found]
    return found


SHOWN = 10  # of a kind, in a letter


def shown(links: Iterable[Link], number: int, policy: Policy) -> tuple[tuple[str, str], ...]:
    """What belongs together with incident `number`, for staff to read: a label and the references, for each kind."""
    kinds: dict[str, list[str]] = {}
    for link in links:
        other = link.other_end(number)
        kinds.setdefault(link.end(number), []).append(policy.reference(other) if other else link.called)
    return tuple([(LABELS[kind], _listed(names)) for kind, names in kinds.items()])


def _listed(names: list[str]) -> str:
    more = f", ... ({len(names)})" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def reference(link: Link, number: int, policy: Policy) -> str:
    """What the other end is called."""
    other = link.other_end(number)
    return policy.reference(other) if other else link.reference
