"""Finds codes and routes that are valid one by one but cannot be used, or lead nowhere.

That a name is declared at all is checked in `references`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sitmail.config import rows
from sitmail.config.mistakes import mistake, quoted
from sitmail.config.references import PRIORITIES
from sitmail.config.settings import Settings
from sitmail.domain.event_types import RESERVED

_PLAIN = ("mailbox", "product", "language", "territory", "item", "request_type")  # conditions that are compared


def mistakes(file: str, settings: Settings) -> Iterator[str]:
    """A line for each row that contradicts itself or another."""
    order = [one.id for one in settings.priority] or list(PRIORITIES)
    for i, one in enumerate(settings.severity):
        low, high = one.priority_at_least, one.priority_at_most
        if low in order and high in order and order.index(low) > order.index(high):
            yield mistake(file, ("severity", i, "priority_at_least"), f"{quoted(low)} is above {quoted(high)}")
    fields = {one.id for one in settings.field}
    for n, kind in enumerate(settings.request_type):
        for document in kind.required_documents:
            if document in fields:
                yield mistake(
                    file,
                    ("request_type", n, "required_documents"),
                    f"{quoted(document)} is a field already; a file needs another name",
                )
        if kind.account_manager and (kind.owner or kind.team):
            yield mistake(
                file, ("request_type", n, "account_manager"), "the account manager gets it, so it has no owner or team"
            )
    for i, event in enumerate(settings.event_type):
        if event.id in RESERVED:
            why = f"{quoted(event.id)} is an event that the desk logs by itself; choose another id"
            yield mistake(file, ("event_type", i, "id"), why)


def warnings(file: str, settings: Settings) -> Iterator[str]:
    """A line for each route that is never reached, and for each code that nothing uses."""
    for i, later in enumerate(settings.route):
        first = next((n for n, earlier in enumerate(settings.route[:i]) if _covers(earlier, later)), None)
        if first is not None:
            yield mistake(file, ("route", i), f"is never reached: route[{first}] fits all that it fits")
    yield from _unused_skills(file, settings)
    asked = {name for kind in settings.request_type for name in kind.asks}
    asked |= {name for product in settings.product for name in product.asks} | set(settings.closing.require or ())
    for i, field in enumerate(settings.field):
        if field.id not in asked:
            yield mistake(file, ("field", i), f"nothing asks for {quoted(field.id)}; only /field sets it")


def _unused_skills(file: str, settings: Settings) -> Iterator[str]:
    had = {skill for engineer in settings.engineer for skill in engineer.skills}
    wanted = {product.skill for product in settings.product} | {reason.skill for reason in settings.reason}
    for i, skill in enumerate(settings.skill):
        if skill.id not in had:
            yield mistake(file, ("skill", i), f"no engineer has {quoted(skill.id)}")
        elif skill.id not in wanted:
            yield mistake(file, ("skill", i), f"no product and no reason asks for {quoted(skill.id)}")


def _covers(earlier: rows.Route, later: rows.Route) -> bool:
    """Whether the earlier route fits every incident that the later one fits."""
    for name in _PLAIN:
        wanted = getattr(earlier, name)
        if wanted and wanted != getattr(later, name):
            return False
    if earlier.reason and later.reason != earlier.reason and later.reason.partition("/")[0] != earlier.reason:
        return False
    return not earlier.words or _within(later, earlier)


def _within(later: rows.Route, earlier: rows.Route) -> bool:
    written: Sequence[str] = [str(one.written) for one in earlier.words]
    return bool(later.words) and all(one.written in written for one in later.words)
