"""Incidents are drawn from pools: of a contract, or the free ones of a site; what is not used up is given back.

There is one rule for both.  Who draws at the same moment is settled in `store/contract_pools`.
"""

from __future__ import annotations

from dataclasses import replace

from sitmail.domain.effects import Draw
from sitmail.domain.incident import Incident


def drawn(contract: str, site: str, *, free: bool) -> tuple[Draw, ...]:
    """What a new incident takes: of its contract, else of its site's free ones, if it is one of these."""
    return (Draw(contract, site),) if contract or free else ()


def followed(before: Incident, after: Incident) -> tuple[Draw, ...]:
    """A duplicate takes nothing: what is closed as one is given back, and drawn again when it is opened again."""
    if before.duplicate == after.duplicate:
        return ()
    if after.duplicate:
        return given_back(after)
    return tuple(replace(one, again=True) for one in drawn(after.contract, after.site, free=after.free))


def given_back(incident: Incident) -> tuple[Draw, ...]:
    """What an incident has taken, back to where it came from."""
    return tuple(
        Draw(one.contract, one.site, by=-1) for one in drawn(incident.contract, incident.site, free=incident.free)
    )
