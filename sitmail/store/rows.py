"""Records and rows: a field of a record and the column of the same name are one thing, and nothing lists them again.

A new column therefore touches the record, the schema and a migration.  What a table is for is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Table
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from sitmail.store.text import storable

R = TypeVar("R")


class RecordRows(Generic[R]):
    """How a record is read from a table: `columns` is what to select, `record` makes it from such a row.

    `elsewhere` names the columns of other tables by field, `convert` what a field makes of a column's value.  The
    fields in `beside` have no column: whoever reads the row gives their values.  KeyError for a field without a column.
    """

    def __init__(
        self,
        kind: type[R],
        table: Table,
        *,
        elsewhere: Mapping[str, ColumnElement[Any]] | None = None,
        convert: Mapping[str, Callable[[Any], Any]] | None = None,
        beside: Collection[str] = (),
    ) -> None:
        self._kind = kind
        self._names = tuple(name for name in field_names(kind) if name not in beside)
        self._convert = tuple((convert or {}).items())
        found = elsewhere or {}
        self.columns: tuple[ColumnElement[Any], ...] = tuple(
            found[name] if name in found else table.c[name] for name in self._names
        )

    def record(self, row: Sequence[Any], **beside: Any) -> R:
        """`row` may be longer: its first values are those of `columns`."""
        values = dict(zip(self._names, row, strict=False), **beside)
        for name, convert in self._convert:
            values[name] = convert(values[name])
        return self._kind(**values)


def field_names(kind: type[Any]) -> tuple[str, ...]:
    """Of a record or a named tuple."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple(one.name for one in fields(kind)) if is_dataclass(kind) else kind._fields
    return _NAMES[kind]


_NAMES: dict[type[Any], tuple[str, ...]] = {}  # by class, as looking them up takes as long as writing the row


def row_of(record: Any, but: Collection[str] = ()) -> dict[str, Any]:
    """A record as values by column, texts so that any database can hold them; without the fields in `but`."""
    return {
        name: value if value.__class__ in _AS_IT_IS else stored(value)
        for name in field_names(type(record))
        if name not in but
        for value in (getattr(record, name),)
    }


def shared(record: Any, table: Table, but: Collection[str] = ()) -> dict[str, Any]:
    """The values of a record for which the table has a column."""
    return {name: getattr(record, name) for name in field_names(type(record)) if name in table.c and name not in but}


def defaults(table: Table) -> dict[str, Any]:
    """What the schema gives to columns that are not named."""
    return {
        column.name: column.default.arg
        for column in table.columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }


_AS_IT_IS = frozenset({int, float, bool, datetime, type(None)})


def stored(value: Any) -> Any:
    """A value as any database can hold it."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, tuple | list):
        return [stored(part) for part in value]
    return {stored(key): stored(part) for key, part in value.items()} if isinstance(value, Mapping) else value
