"""Reports about customers' contracts and their satisfaction: `feedback` and `expiring`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, true

from sitmail.domain.figures import expiring, feedback
from sitmail.domain.figures.feedback import Rated
from sitmail.domain.figures.tables import Figures
from sitmail.domain.sentence import Sentence
from sitmail.services.figures import rows
from sitmail.services.figures.asking import Asking
from sitmail.store.schema import contract, incident, service, site
from sitmail.store.schema import feedback as asked

# How feedback may be split: the title, the head of the first column, by what, and its name.
WAYS: Mapping[str, tuple[str, str, Callable[[Rated], str], Callable[[Asking, str], str]]] = {
    "engineer": (Sentence("By engineer"), Sentence("engineer"), lambda row: row.owner, Asking.engineer),
    "product": (
        Sentence("By product"),
        Sentence("product"),
        lambda row: row.product,
        lambda asking, key: asking.code("product", key),
    ),
    "site": (Sentence("By customer"), Sentence("customer"), lambda row: row.site, Asking.site),
}


def of_feedback(asking: Asking) -> Figures:
    """What was asked in the period; `owner` is who owned the incident then."""
    columns = (asked.c.owner, incident.c.product, incident.c.site, asked.c.scale, asked.c.score)
    query = (
        select(*columns)
        .join(incident, incident.c.number == asked.c.incident)
        .where(asked.c.asked >= asking.start, asked.c.asked < asking.period.end, asking.counted)
    )
    found = [Rated(*row) for row in rows.every(asking.connection, query)]
    by = asking.question.by or "engineer"
    title, head, of, called = WAYS[by]
    policy = asking.policy.feedback
    table = feedback.by(found, of, (f"by-{by}", title, head), lambda key: called(asking, key), policy.low)
    tables = (table, feedback.spread(found, policy.scale))
    made = asking.figures(Sentence("How customers say we did"), tables, feedback.NOTES)
    if policy.after is None and not found:
        return replace(made, notes=(*made.notes, Sentence("Nobody is asked: [feedback] after is not set.")))
    return made


def of_expiring(asking: Asking) -> Figures:
    """What ends within the period, which lies ahead."""
    today, days = asking.now.astimezone(ZoneInfo(asking.zone)).date(), asking.period.days - 1
    mine = _looked_after(asking)
    names = (contract.c[name] for name in expiring.Contract._fields)
    query = select(*names).join(site, site.c.id == contract.c.site).where(contract.c.retired.is_(False), mine)
    contracts = [expiring.Contract(*row) for row in rows.every(asking.connection, query)]
    paid = (
        select(
            *(service.c.name, service.c.contract, contract.c.site, service.c.amount, service.c.used),
            *(service.c.by_incident, service.c.expires),
        )
        .join(contract, contract.c.id == service.c.contract)
        .join(site, site.c.id == contract.c.site)
        .where(service.c.retired.is_(False), contract.c.retired.is_(False), mine)
    )
    services = [expiring.Service(*row) for row in rows.every(asking.connection, paid)]

    def product(key: str) -> str:
        return asking.code("product", key) if key else Sentence("all")

    tables = (
        expiring.ending(contracts, today, days, asking.site, product),
        expiring.pools(contracts, today, asking.site),
        expiring.services(services, today, days, asking.site),
    )
    made = asking.figures(Sentence("Contracts that end or run out"), tables, expiring.NOTES)
    says = (
        Sentence("The contracts are counted of the customers whom you look after.")
        if asking.who.owner
        else Sentence("All contracts are counted.")
    )
    return replace(made, about=(says,))


def _looked_after(asking: Asking) -> ColumnElement[bool]:
    """An engineer reads of the sites whose account manager he is."""
    return site.c.account_manager == asking.who.owner if asking.who.owner else true()
