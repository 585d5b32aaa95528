"""Pools of incidents: of contracts, and the free ones of sites.

A draw is checked by the statement that makes it, so that the last incident of a pool is given away once, whoever else
draws at the same moment.
"""

from __future__ import annotations

from sqlalchemy import Connection, or_, update

from sitmail.store.errors import StoreError
from sitmail.store.schema import contract, site


def draw(connection: Connection, contract_id: str, site_id: str, by: int) -> None:
    """Draws from the contract's pool, or where it is "" from the site's.  `by` -1 gives one back.

    StoreError if nothing is left: what was decided is out of date, and is to be decided again.
    """
    if contract_id:
        bounded = or_(contract.c.incidents.is_(None), contract.c.used < contract.c.incidents)
        mine = (contract.c.id == contract_id, bounded if by > 0 else contract.c.used > 0)
        change = update(contract).where(*mine).values(used=contract.c.used + by)
    else:
        free = (site.c.id == site_id, site.c.free_used < site.c.free_incidents if by > 0 else site.c.free_used > 0)
        change = update(site).where(*free).values(free_used=site.c.free_used + by)
    if connection.execute(change).rowcount != 1 and by > 0:
        raise StoreError(f"nothing is left of {contract_id or f'the free incidents of {site_id}'}")
