"""Records and tables have the same fields, so that no list of columns is written twice."""

from typing import NamedTuple

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text

from sitmail.domain.record import record
from sitmail.store.rows import RecordRows, defaults, row_of, shared

TABLE = Table(
    "pet",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, default="cat"),
    Column("retired", Integer),
)


@record
class Pet:
    name: str  # not in the order of the columns
    id: int
    tricks: tuple[str, ...] = ()


class Named(NamedTuple):
    name: str


def test_values_go_to_the_fields_of_their_names():
    rows = RecordRows(Pet, TABLE, beside=("tricks",), convert={"name": str.upper})
    assert [column.name for column in rows.columns] == ["name", "id"]
    assert rows.record(("Rex", 7, "more of the row"), tricks=("sit",)) == Pet(name="REX", id=7, tricks=("sit",))
    assert RecordRows(Named, TABLE).record(("Rex",)) == Named("Rex")


def test_a_field_without_a_column_is_found_when_the_program_starts():
    with pytest.raises(KeyError, match="tricks"):
        RecordRows(Pet, TABLE)


def test_a_record_as_a_row():
    pet = Pet(name="a\0\ud800", id=1, tricks=("\ud800",))
    assert row_of(pet, but=("id",)) == {"name": "a\\x00\\ud800", "tricks": ["\\ud800"]}
    assert shared(pet, TABLE, but=("id",)) == {"name": "a\0\ud800"}
    assert defaults(TABLE) == {"kind": "cat"}
