"""Prepared statements: compiled by SQLAlchemy once, then executed on the driver's cursor directly.

`connection.execute` builds the statement and its parameters again on every call and wraps each row, which takes several
times as long as SQLite needs to answer.  A `Prepared` keeps what the compiler made: the SQL text, the order of the
parameters, and the functions that convert values for the driver and back.  Rows are plain tuples in the order of the
columns; `rows.RecordRows` makes records of them.

Use it for statements that are executed for every mail, letter or tick.  All others use `connection.execute`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    Connection,
    Dialect,
    Table,
    bindparam,
    insert,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from sitmail.domain.record import record

Values = Mapping[str, Any]
Rows = list[tuple[Any, ...]]
Convert = Callable[[Any], Any]
PAIRS = 4  # in one statement: each is a SELECT of its own, and compiling many takes longer than asking again
INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Prepared:
    """A SELECT, INSERT or UPDATE with named parameters (`bindparam`); a parameter may be a list (`any_of`).

    Create it once, at the top of a module.  `all` and `run` work in the transaction of the connection they are given
    and raise what the driver raises.
    """

    def __init__(self, statement: Any) -> None:
        """An SQLAlchemy statement, or a function that makes one for the name of a dialect."""
        self._statement = statement
        self._compiled: dict[tuple[str, tuple[int, ...]], _Compiled] = {}  # by dialect and sizes of the lists
        self._from_driver: dict[str, tuple[tuple[int, Convert], ...]] = {}  # by dialect: column and converter
        self._lists: tuple[str, ...] | None = None  # names of the parameters that are lists

    def all(self, connection: Connection, **values: Any) -> Rows:
        """The rows.  A list must not be empty: the caller knows the answer without asking."""
        compiled = self._for(connection, values)
        cursor = execute(_cursor(connection), compiled.text, compiled.parameters(values))
        rows: Rows = cursor.fetchall()
        converters = self._from_driver.get(connection.dialect.name)
        if converters is None:
            converters = _converters(compiled.columns, connection.dialect, cursor)
            self._from_driver[connection.dialect.name] = converters
        return _converted(rows, converters) if converters else rows

    def run(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Executes the statement once for each row of parameters; all rows have the same names."""
        if rows:
            compiled = self._for(connection, rows[0])
            executemany(_cursor(connection), compiled.text, compiled.many(rows))

    def _for(self, connection: Connection, values: Values) -> _Compiled:
        if self._lists is None:
            self._lists = _lists(self._made_for(connection.dialect))
        sizes = tuple([rounded_up(len(values[name])) for name in self._lists]) if self._lists else ()
        key = (connection.dialect.name, sizes)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compile(connection.dialect, dict(zip(self._lists, sizes, strict=True)))
            self._compiled[key] = compiled
        return compiled

    def _compile(self, dialect: Dialect, sizes: Mapping[str, int]) -> _Compiled:
        statement = self._made_for(dialect)
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        empty = {
            name: [None] * sizes[name] if name in sizes else None
            for name, one in compiled.binds.items()
            if not one.literal_execute  # a constant, which goes into the text
        }
        state = compiled.construct_expanded_state(empty)
        members = {name: tuple(state.parameter_expansion[name]) for name in sizes}
        list_of = {one: name for name, some in members.items() for one in some}
        order = tuple(state.positiontup or ())
        to_driver = []
        for at, name in enumerate(order or state.parameters):
            kind = compiled.binds[list_of.get(name, name)].type.dialect_impl(dialect)
            if (convert := kind.bind_processor(dialect)) is not None:
                to_driver.append((at if order else name, convert))
        return _Compiled(
            text=state.statement,
            order=order,
            in_order=itemgetter(*order) if len(order) > 1 else lambda values: tuple(values[name] for name in order),
            constants={
                name: one.effective_value
                for name, one in compiled.binds.items()
                if not one.required and not one.literal_execute
            },
            members=tuple(members.items()),
            to_driver=tuple(to_driver),
            columns=tuple(statement.exported_columns),
            only_list=next((name for name, some in members.items() if some == order and not to_driver), ""),
        )

    def _made_for(self, dialect: Dialect) -> Any:
        return self._statement(dialect.name) if callable(self._statement) else self._statement


def _lists(statement: Any) -> tuple[str, ...]:
    found = (one for one in visitors.iterate(statement) if isinstance(one, BindParameter))
    return tuple(sorted({one.key for one in found if one.expanding}))


@record
class _Compiled:
    """A statement compiled for one dialect and one size of its lists."""

    text: str
    order: tuple[str, ...]  # names of the parameters, if the driver takes them by position; () if by name
    in_order: Callable[[Values], tuple[Any, ...]]  # the values by position
    constants: Values
    members: tuple[tuple[str, tuple[str, ...]], ...]  # the name of a list, and the names of its members
    to_driver: tuple[tuple[Any, Convert], ...]  # position or name of a parameter, and its converter
    columns: tuple[Any, ...]  # of the rows that come back
    only_list: str = ""  # the list that is the only parameter: its members go to the driver as they are

    def parameters(self, values: Values) -> Any:
        """What the driver takes, lists filled up to the size that was compiled."""
        if self.only_list:
            return _filled(values[self.only_list], len(self.order))
        whole = {**self.constants, **values}
        for name, members in self.members:
            whole.update(zip(members, _filled(whole.pop(name), len(members)), strict=True))
        made: Any = list(self.in_order(whole)) if self.order else whole
        for at, convert in self.to_driver:
            made[at] = convert(made[at])
        return made

    def many(self, rows: Sequence[Values]) -> Iterable[Any]:
        """`parameters` of many rows."""
        if not self.order or self.members:
            return [self.parameters(row) for row in rows]
        if self.constants:
            rows = [{**self.constants, **row} for row in rows]
        if not self.to_driver:
            return map(self.in_order, rows)
        return [self._converted(list(self.in_order(row))) for row in rows]

    def _converted(self, row: list[Any]) -> list[Any]:
        for at, convert in self.to_driver:
            row[at] = convert(row[at])
        return row


def _filled(values: Collection[Any], size: int) -> list[Any]:
    """The list with its last member repeated: looking for a value twice finds the same rows."""
    given = list(values)
    return given + given[-1:] * (size - len(given))


def any_of(name: str) -> BindParameter[Any]:
    """A parameter that is a list, for `column.in_`."""
    return bindparam(name, expanding=True)


def pair(at: int) -> tuple[BindParameter[int], BindParameter[int]]:
    """The parameters of the pair of keys number `at`; `paired` gives their values."""
    return bindparam(f"one{at}", type_=BigInteger), bindparam(f"other{at}", type_=BigInteger)


def paired(pairs: Collection[tuple[int, int]]) -> Iterator[tuple[int, Values]]:
    """For portions of the pairs: how many a statement has room for, and the values of their parameters.

    Such a statement is a UNION ALL of one short SELECT for each pair: for a list of pairs (`tuple_(...).in_`) SQLite
    scans the whole table.  Unused places hold NULL.
    """
    some = list(pairs)
    for start in range(0, len(some), PAIRS):
        portion = some[start : start + PAIRS]
        size = rounded_up(len(portion))
        values: dict[str, int | None] = {}
        for at, (one, other) in enumerate(portion):
            values[f"one{at}"], values[f"other{at}"] = one, other
        for at in range(len(portion), size):
            values[f"one{at}"] = values[f"other{at}"] = None
        yield size, values


def add(connection: Connection, table: Table, rows: Sequence[Values], *, once: bool = False) -> None:
    """Inserts rows, in their order.  `once`: rows whose primary key is in the table already are skipped.

    Rows may name different columns; each run of rows with the same columns is one statement.
    """
    run: list[Values] = []
    named: tuple[str, ...] = ()
    for row in rows:
        names = tuple(row)
        if run and names != named:
            _inserting(table, named, once).run(connection, run)
            run = []
        named = names
        run.append(row)
    if run:
        _inserting(table, named, once).run(connection, run)


@cache
def _inserting(table: Table, names: tuple[str, ...], once: bool) -> Prepared:
    """An INSERT of these columns; the others get the schema's defaults, as they would from SQLAlchemy."""
    values: dict[str, Any] = {name: bindparam(name, type_=table.c[name].type) for name in names}
    for column in table.columns:
        if column.name not in names and column.default is not None:
            assert isinstance(column.default, ScalarElementColumnDefault), "the schema has plain defaults only"
            values[column.name] = bindparam(None, column.default.arg, type_=column.type, literal_execute=True)
    if once:
        return Prepared(lambda dialect: INSERTS[dialect](table).values(values).on_conflict_do_nothing())
    return Prepared(insert(table).values(values))


def rounded_up(size: int) -> int:
    """The next of 1 2 3 4 6 8 12 16 24 ..., so that a few compiled statements serve lists of every length."""
    if size < 3:
        return max(1, size)
    power = 1 << (size - 1).bit_length()
    return power * 3 // 4 if size <= power * 3 // 4 else power


def _converters(columns: Sequence[Any], dialect: Dialect, cursor: Any) -> tuple[tuple[int, Convert], ...]:
    """Positions of the columns whose values need converting, and the converters; the driver's own types count too."""
    found = (
        (at, column.type.dialect_impl(dialect).result_processor(dialect, described[1]))
        for at, (column, described) in enumerate(zip(columns, cursor.description, strict=True))
    )
    # `_converted` skips NULL, so that bool() serves for a Boolean
    return tuple(
        (at, bool if isinstance(columns[at].type, Boolean) else convert) for at, convert in found if convert is not None
    )


def _converted(rows: Rows, converters: tuple[tuple[int, Convert], ...]) -> Rows:
    """Rows with converted values.  NULL stays None whatever the type; a row of NULLs is not copied."""
    made = []
    for row in rows:
        values = None
        for at, convert in converters:
            if row[at] is not None:
                values = values or list(row)
                values[at] = convert(row[at])
        made.append(tuple(values) if values else row)
    return made


# --- the driver


def _cursor(connection: Connection) -> Any:
    """A cursor of the driver, in a transaction: from its first statement on a reader sees one state of the store."""
    if not connection.in_transaction():
        connection.begin()
    driver: Any = connection.connection.dbapi_connection
    return driver.cursor()


def execute(cursor: Any, text: str, parameters: Any) -> Any:
    """One statement.  A function of its own, so that tests can see the plan of every statement."""
    cursor.execute(text, parameters)
    return cursor


def executemany(cursor: Any, text: str, rows: Iterable[Any]) -> None:
    """The same statement for many rows."""
    cursor.executemany(text, rows)
