"""Finds partners that are valid one by one but cannot be told apart, or are never written to.

That a name is declared at all is checked in `references`, that an address is no one else's in `ownership`.
"""

from __future__ import annotations

from collections.abc import Iterator

from sitmail.config.mistakes import mistake, quoted
from sitmail.config.settings import Settings


def mistakes(file: str, settings: Settings) -> Iterator[str]:
    """A line for each type of order that two desks take."""
    seen: dict[str, int] = {}
    for i, desk in enumerate(settings.order_desk):
        for one in desk.types:
            if seen.setdefault(one.casefold(), i) != i:
                place = ("order_desk", i, "types")
                yield mistake(file, place, f"{quoted(one)} goes to order_desk[{seen[one.casefold()]}] already")


def warnings(file: str, settings: Settings) -> Iterator[str]:
    """A line for each partner whose numbers are not read, and for each bug that would find no tracker."""
    for table, line in (("tracker", "/link bug NUMBER"), ("order_desk", "/order NUMBER")):
        for i, one in enumerate(getattr(settings, table)):
            if one.reference is None:
                why = f"without it no number is read from its answers; an engineer writes {line}"
                yield mistake(file, (table, i, "reference"), why)
    for i, product in enumerate(settings.product):
        if product.manager and not settings.tracker:
            why = "hears of no bug, since there is no [[tracker]]"
            yield mistake(file, ("product", i, "manager"), f"{quoted(product.manager)} {why}")
    if len(settings.tracker) > 1 and not any(one.default for one in settings.tracker):
        for i, product in enumerate(settings.product):
            if not product.tracker:
                why = "its bugs go nowhere, as no tracker is marked as default"
                yield mistake(file, ("product", i, "tracker"), why)
