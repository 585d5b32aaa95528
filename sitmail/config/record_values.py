"""Copies the values of checked tables into records of the domain, by their names."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sitmail.config.tables import Table


def shared(table: Table, record: type[Any]) -> dict[str, Any]:
    """The values of a table for which a record has a field of the same name; lists become tuples.

    A key that decisions use is therefore declared in its table and in the record, and needs no code that copies it.
    """
    names = {field.name for field in fields(record)}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table if name in names}
