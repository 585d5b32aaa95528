"""`make migration` writes what a changed schema needs, for a desk that has rows already, on both databases."""

import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, Text, select, text

from sitmail.store import migrations, schema
from sitmail.store.database import Database, open_database
from sitmail.store.migrations import new
from sitmail.store.schema import Document, Key, Moment


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations, to write into."""
    shutil.copytree(migrations.FOLDER, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "migrations"


def changed_schema() -> MetaData:
    wanted = MetaData(naming_convention=schema.metadata.naming_convention)
    for table in schema.metadata.tables.values():
        table.to_metadata(wanted)
    for column in (
        Column("mood", Text, nullable=False, default=""),
        Column("glad", Boolean, nullable=False, default=False),
        Column("weight", Integer, nullable=False, default=3),
        Column("seen", Moment),
        Column("traits", Document),
    ):
        wanted.tables["mailbox"].append_column(column)
    glad = text("glad")
    Index("ix_mailbox_glad", wanted.tables["mailbox"].c.mood, sqlite_where=glad, postgresql_where=glad)
    Table("pet", wanted, Column("id", Key, primary_key=True), Column("born", Moment, nullable=False))
    return wanted


def test_a_changed_schema_is_written_as_the_next_migration(folder: Path, store_url: str, tmp_path: Path):
    wanted = changed_schema()
    path = new.write("pets_and_moods", folder, wanted)
    assert path is not None
    assert path == folder / "versions" / f"{int(migrations.HEAD) + 1:04}_pets_and_moods.py"

    def fill_and_upgrade(connection, items):
        connection.execute(schema.mailbox.insert().values(address="support@example.com", name="Support"))
        command.upgrade(migrations.alembic_config(folder, connection), "head")
        return items

    database: Database = open_database(store_url, data=tmp_path)
    try:
        database.write(fill_and_upgrade, None).result()
        with database.read() as connection:
            assert (
                compare_metadata(
                    MigrationContext.configure(connection, opts={"include_name": migrations.compared}), wanted
                )
                == []
            )
            row = connection.execute(select(wanted.tables["mailbox"])).one()
        assert (row.name, row.mood, row.glad, row.weight, row.seen) == ("Support", "", False, 3, None)
    finally:
        database.close()


def test_nothing_is_written_for_the_schema_as_it_is(folder: Path):
    before = sorted((folder / "versions").iterdir())
    assert new.write("nothing", folder) is None
    assert sorted(path for path in (folder / "versions").iterdir() if path.suffix == ".py") == before


@pytest.mark.parametrize("arguments", [[], ["two", "names"], ["../up"]])
def test_a_name_is_needed(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert new.main(arguments) == 2
    assert capsys.readouterr().err == f"{new.USAGE}\n"
