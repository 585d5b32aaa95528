"""Pools of incidents: of contracts, and the free ones of sites.

A draw is checked by the statement that makes it, so that the last incident of a pool is given away once, whoever else
draws at the same moment.
"""

from __future__ import annotations

from sqlalchemy import Connection, or_, update

from sitmail.store.errors import StoreError
from sitmail.store.schema import contract, site


def draw(connection: Connection, contract_id: str, site_id: str, by: int, *, bounded: bool = True) -> None:
    """Draws from the contract's pool, or where it is "" from the site's.  `by` -1 gives one back.

    `bounded` False: even if nothing is left.  StoreError if nothing is left else: what was decided is out of date, and
    is to be decided again.
    """
    some_left = by > 0 and bounded
    if contract_id:
        left = or_(contract.c.incidents.is_(None), contract.c.used < contract.c.incidents)
        mine = (contract.c.id == contract_id, left if some_left else contract.c.used + by >= 0)
        change = update(contract).where(*mine).values(used=contract.c.used + by)
    else:
        left_free = site.c.free_used < site.c.free_incidents
        free = (site.c.id == site_id, left_free if some_left else site.c.free_used + by >= 0)
        change = update(site).where(*free).values(free_used=site.c.free_used + by)
    if connection.execute(change).rowcount != 1 and by > 0:
        raise StoreError(f"nothing is left of {contract_id or f'the free incidents of {site_id}'}")
