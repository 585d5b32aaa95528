"""The migrations make exactly the tables of the schema, on both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from sitmail.store import dialects, migrations
from sitmail.store.database import StoreError, open_database, open_reader
from sitmail.store.schema import metadata


def differences(store_url: str):
    """Between the tables that are there and those of the schema."""
    reader = open_reader(store_url)
    with reader.read() as connection:
        looked_at = MigrationContext.configure(connection, opts={"include_name": migrations.compared})
        found = compare_metadata(looked_at, metadata)
    reader.close()
    return found


def test_an_empty_database_gets_the_tables_of_the_schema(store_url: str, tmp_path: Path):
    open_database(store_url, data=tmp_path).close()
    assert differences(store_url) == []


def test_the_migrations_make_the_tables_of_the_schema(store_url: str, tmp_path: Path):
    _, address = dialects.of(store_url)
    engine = create_engine(address)
    with engine.begin() as connection:
        migrations.migrate(connection, "")
        assert migrations.revision(connection) == migrations.HEAD
    engine.dispose()
    open_database(store_url, data=tmp_path).close()  # it finds nothing to do
    assert differences(store_url) == []


def test_the_migrations_make_the_partial_indexes_and_those_of_words():
    """compare_metadata looks at no conditions, and at nothing that FTS5 makes."""

    def conditions(connection):
        special = "sql LIKE '%INDEX%WHERE%' OR sql LIKE '% VIRTUAL %'"
        found = connection.execute(text(f"SELECT name, sql FROM sqlite_master WHERE {special}"))
        return {row.name: " ".join(row.sql.split()) for row in found}

    migrated, straight = create_engine("sqlite://"), create_engine("sqlite://")
    with migrated.connect() as one, straight.connect() as other:
        migrations.migrate(one, "")
        metadata.create_all(other)
        assert conditions(one) == conditions(other) != {}
    migrated.dispose()
    straight.dispose()


def test_head_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_a_newer_database_is_refused_in_words(store_url: str, tmp_path: Path):
    def age(connection, items):
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        return items

    database = open_database(store_url, data=tmp_path)
    database.write(age, None).result()
    database.close()
    with pytest.raises(StoreError, match="newer sitmail"):
        open_database(store_url, data=tmp_path)
    with pytest.raises(StoreError, match="newer sitmail"):
        open_reader(store_url)


def test_a_reader_never_makes_the_schema(store_url: str):
    with pytest.raises(StoreError, match="start the daemon once"):
        open_reader(store_url)


def test_the_epoch_stays(store_url: str, tmp_path: Path):
    database = open_database(store_url, data=tmp_path)
    epoch = database.epoch
    database.close()
    again = open_database(store_url, data=tmp_path)
    reader = open_reader(store_url)
    assert len(epoch) == 16
    assert again.epoch == reader.epoch == epoch
    reader.close()
    again.close()
