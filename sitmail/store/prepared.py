"""Statements of the mail's path, compiled by SQLAlchemy once and given to the driver as they are.

SQLAlchemy puts every statement and every row together anew and wraps what comes back, which takes ten times as long as
SQLite's answer.  A `Prepared` keeps what the compiler made (the text for the dialect at hand, the places of the
parameters, how values become what the driver takes and back) and goes to the driver's cursor itself.  Rows are plain
tuples in the order of the columns; whoever reads gives them names.  What is not asked for every mail stays with
`connection.execute`.
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
PAIRS = 128  # at once: each is a SELECT of its own, of which SQLite takes 500
INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Prepared:
    """A SELECT or a change of rows, with named parameters (`bindparam`), lists among them (`expanding`).

    Made at the top of a module.  `all` and `run` belong to the transaction of the connection they are given; they raise
    what the driver raises.
    """

    def __init__(self, statement: Any) -> None:
        """A statement of SQLAlchemy's, or a function that makes it for a dialect's name."""
        self._statement = statement
        self._ready: dict[tuple[str, tuple[int, ...]], _Ready] = {}
        self._outward: dict[str, tuple[tuple[int, Convert], ...]] = {}
        self._lists: tuple[str, ...] | None = None

    def all(self, connection: Connection, **values: Any) -> Rows:
        """The rows.  A list may have any length but 0: who looks for nothing need not ask."""
        ready = self._for(connection, values)
        cursor = execute(_cursor(connection), ready.text, ready.parameters(values))
        rows: Rows = cursor.fetchall()
        outward = self._outward.get(connection.dialect.name)
        if outward is None:
            outward = self._outward[connection.dialect.name] = _ways_back(ready.columns, connection.dialect, cursor)
        return _converted(rows, outward) if outward else rows

    def run(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Does it once for each row of parameters; all have the same names."""
        if rows:
            ready = self._for(connection, rows[0])
            executemany(_cursor(connection), ready.text, ready.many(rows))

    def _for(self, connection: Connection, values: Values) -> _Ready:
        if self._lists is None:
            self._lists = _lists(self._made_for(connection.dialect))
        sizes = tuple([room(len(values[name])) for name in self._lists]) if self._lists else ()
        key = (connection.dialect.name, sizes)
        ready = self._ready.get(key)
        if ready is None:
            ready = self._ready[key] = self._compiled(connection.dialect, dict(zip(self._lists, sizes, strict=True)))
        return ready

    def _compiled(self, dialect: Dialect, sizes: Mapping[str, int]) -> _Ready:
        statement = self._made_for(dialect)
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        empty = {
            name: [None] * sizes[name] if name in sizes else None
            for name, one in compiled.binds.items()
            if not one.literal_execute  # a constant, which goes into the text
        }
        state = compiled.construct_expanded_state(empty)
        spread = {name: tuple(state.parameter_expansion[name]) for name in sizes}
        of = {one: name for name, some in spread.items() for one in some}
        order = tuple(state.positiontup or ())
        inward = []
        for at, name in enumerate(order or state.parameters):
            kind = compiled.binds[of.get(name, name)].type.dialect_impl(dialect)
            if (convert := kind.bind_processor(dialect)) is not None:
                inward.append((at if order else name, convert))
        return _Ready(
            text=state.statement,
            order=order,
            take=itemgetter(*order) if len(order) > 1 else lambda values: tuple(values[name] for name in order),
            constants={
                name: one.effective_value
                for name, one in compiled.binds.items()
                if not one.required and not one.literal_execute
            },
            spread=tuple(spread.items()),
            inward=tuple(inward),
            columns=tuple(statement.exported_columns),
            alone=next((name for name, members in spread.items() if members == order and not inward), ""),
        )

    def _made_for(self, dialect: Dialect) -> Any:
        return self._statement(dialect.name) if callable(self._statement) else self._statement


def _lists(statement: Any) -> tuple[str, ...]:
    found = (one for one in visitors.iterate(statement) if isinstance(one, BindParameter))
    return tuple(sorted({one.key for one in found if one.expanding}))


@record
class _Ready:
    """A statement for one dialect and one size of its lists."""

    text: str
    order: tuple[str, ...]  # of the parameters, where the driver takes them by place; () where by name
    take: Callable[[Values], tuple[Any, ...]]  # values by place
    constants: Values
    spread: tuple[tuple[str, tuple[str, ...]], ...]  # a list, and the parameters of its members
    inward: tuple[tuple[Any, Convert], ...]  # place or name of a parameter, and how a value goes to the driver
    columns: tuple[Any, ...]  # of the rows that come back
    alone: str = ""  # the list that is all there is to give, and goes to the driver as it is

    def parameters(self, values: Values) -> Any:
        if self.alone:
            given = list(values[self.alone])
            return given + given[-1:] * (len(self.order) - len(given))  # more of the same finds no more
        whole = {**self.constants, **values}
        for name, members in self.spread:
            given = list(whole.pop(name))
            given += given[-1:] * (len(members) - len(given))  # more of the same finds no more
            whole.update(zip(members, given, strict=True))
        made: Any = list(self.take(whole)) if self.order else whole
        for at, convert in self.inward:
            made[at] = convert(made[at])
        return made

    def many(self, rows: Sequence[Values]) -> Iterable[Any]:
        if not self.order or self.spread:
            return [self.parameters(row) for row in rows]
        if self.constants:
            rows = [{**self.constants, **row} for row in rows]
        if not self.inward:
            return map(self.take, rows)
        return [self._converted(list(self.take(row))) for row in rows]

    def _converted(self, row: list[Any]) -> list[Any]:
        for at, convert in self.inward:
            row[at] = convert(row[at])
        return row


def any_of(name: str) -> BindParameter[Any]:
    """A list of parameters, for `column.in_`."""
    return bindparam(name, expanding=True)


def pair(at: int) -> tuple[BindParameter[int], BindParameter[int]]:
    """The parameters of the pair of keys number `at`; `paired` gives their values."""
    return bindparam(f"one{at}", type_=BigInteger), bindparam(f"other{at}", type_=BigInteger)


def paired(pairs: Collection[tuple[int, int]]) -> Iterator[tuple[int, Values]]:
    """How many pairs a statement has room for, and the values of their parameters, by portions.

    One short question a pair, in a UNION ALL: a list of pairs (`tuple_(...).in_`) makes SQLite walk through the whole
    table.  The room that is left holds keys that nothing has.
    """
    some = list(pairs)
    for start in range(0, len(some), PAIRS):
        portion = some[start : start + PAIRS]
        size = room(len(portion))
        values: dict[str, int | None] = {}
        for at, (one, other) in enumerate(portion):
            values[f"one{at}"], values[f"other{at}"] = one, other
        for at in range(len(portion), size):
            values[f"one{at}"] = values[f"other{at}"] = None
        yield size, values


def add(connection: Connection, table: Table, rows: Sequence[Values], *, once: bool = False) -> None:
    """Puts rows in; those with different keys go in the runs they form.  `once`: passes over known keys."""
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
    """Columns that are not named get the defaults the schema declares, as SQLAlchemy would give them."""
    values: dict[str, Any] = {name: bindparam(name, type_=table.c[name].type) for name in names}
    for column in table.columns:
        if column.name not in names and column.default is not None:
            assert isinstance(column.default, ScalarElementColumnDefault), "the schema has plain defaults only"
            values[column.name] = bindparam(None, column.default.arg, type_=column.type, literal_execute=True)
    if once:
        return Prepared(lambda dialect: INSERTS[dialect](table).values(values).on_conflict_do_nothing())
    return Prepared(insert(table).values(values))


def room(size: int) -> int:
    """The next of 1 2 3 4 6 8 12 16 24 ..., so that few texts serve lists of every size."""
    if size < 3:
        return max(1, size)
    power = 1 << (size - 1).bit_length()
    return power * 3 // 4 if size <= power * 3 // 4 else power


def _ways_back(columns: Sequence[Any], dialect: Dialect, cursor: Any) -> tuple[tuple[int, Convert], ...]:
    """Places of columns, and how a value of each comes back; what the driver says of their types counts too."""
    found = (
        (at, column.type.dialect_impl(dialect).result_processor(dialect, described[1]))
        for at, (column, described) in enumerate(zip(columns, cursor.description, strict=True))
    )
    # NULL is passed by before, so that the plain type serves for a truth value
    return tuple(
        (at, bool if isinstance(columns[at].type, Boolean) else convert) for at, convert in found if convert is not None
    )


def _converted(rows: Rows, outward: tuple[tuple[int, Convert], ...]) -> Rows:
    """NULL is None whatever the type, and many a moment is none."""
    made = []
    for row in rows:
        values = None
        for at, convert in outward:
            if row[at] is not None:
                values = values or list(row)
                values[at] = convert(row[at])
        made.append(tuple(values) if values else row)
    return made


# --- the driver


def _cursor(connection: Connection) -> Any:
    """A reader's first statement begins its transaction, which shows one moment of the store until its end."""
    if not connection.in_transaction():
        connection.begin()
    driver: Any = connection.connection.dbapi_connection
    return driver.cursor()


def execute(cursor: Any, text: str, parameters: Any) -> Any:
    cursor.execute(text, parameters)
    return cursor


def executemany(cursor: Any, text: str, rows: Iterable[Any]) -> None:
    cursor.executemany(text, rows)
