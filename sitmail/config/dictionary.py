"""Turns the checked tables of the dictionary into the records that decisions and letters use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from sitmail.config.record_values import shared
from sitmail.config.settings import Settings
from sitmail.config.tables import Table
from sitmail.domain.dictionary import (
    CLOSING,
    Code,
    Dictionary,
    Field,
    Product,
    Reason,
    RequestType,
    Resolution,
    Severity,
)
from sitmail.domain.event_types import BUILT_IN, EventType
from sitmail.domain.incident import LABELS, Label, Status

R = TypeVar("R")


def dictionary_of(settings: Settings) -> Dictionary:
    return Dictionary(
        labels={Status(one.id): _label(Status(one.id), one.name, one.customer) for one in settings.status},
        closing_labels={one.id: one.name for one in settings.closing_status if one.name},
        request_types=_records(settings.request_type, RequestType),
        reasons=_records(settings.reason, Reason),
        resolutions=_records(settings.resolution, Resolution) or CLOSING,
        severities=tuple(
            Severity(one.id, one.name or one.id, one.priority_at_least, one.priority_at_most)
            for one in settings.severity
        ),
        products=_records(settings.product, Product),
        fields=_records(settings.field, Field),
        channels=_records(settings.channel, Code),
        event_types=_records(settings.event_type, EventType) or BUILT_IN,
    )


def _label(status: Status, staff: str, customer: str) -> Label:
    return Label(staff or LABELS[status].internal, customer or LABELS[status].customer)


def _records(rows: Iterable[Table], record: type[R]) -> tuple[R, ...]:
    """A row without a name is called by its id."""
    made: list[R] = []
    for row in rows:
        values: dict[str, Any] = shared(row, record)
        made.append(record(**values | {"name": values["name"] or values["id"]}))
    return tuple(made)
