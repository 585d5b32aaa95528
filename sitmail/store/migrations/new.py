"""Writes a migration: what the schema has that the migrations so far do not make.  `make migration NAME=...` runs this.

For developers; the desk never imports it.  The file is a draft to be read: a column that is renamed looks like one that
is dropped and one that is added.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import AddColumnOp, MigrationScript, ModifyTableOps, OpContainer
from sqlalchemy import Column, DefaultClause, MetaData, TextClause, create_engine, text
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from sitmail.store import migrations
from sitmail.store.schema import Document, Key, Moment, metadata

USAGE = "usage: make migration NAME=what_it_adds"


def write(name: str, folder: Path = migrations.FOLDER, wanted: MetaData = metadata) -> Path | None:
    """Writes the next file into `versions/` of the folder; None if the migrations make the wanted schema already."""
    engine = create_engine("sqlite://")
    found: list[MigrationScript] = []

    def directives(_context: Any, _revision: Any, scripts: list[MigrationScript]) -> None:
        for script in scripts:
            assert script.upgrade_ops is not None
            _fill_existing_rows(script.upgrade_ops)
        if scripts[0].upgrade_ops is None or scripts[0].upgrade_ops.is_empty():
            scripts.clear()
        found.extend(scripts)

    with engine.begin() as connection:
        config = migrations.alembic_config(folder, connection)
        command.upgrade(config, "head")
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        config.attributes.update(
            metadata=wanted, options={"render_item": _rendered, "process_revision_directives": directives}
        )
        number = f"{int(max(path.name[:4] for path in (folder / 'versions').glob('[0-9]*.py'))) + 1:04}"
        made = command.revision(config, message=name, autogenerate=True, rev_id=number)
    engine.dispose()
    if not found or made is None or isinstance(made, list):
        return None
    return Path(made.path)


def _fill_existing_rows(operations: OpContainer) -> None:
    """A column that may not be NULL needs a value for the rows that are there: the schema's default."""
    for operation in operations.ops:
        if isinstance(operation, ModifyTableOps):
            _fill_existing_rows(operation)
        elif isinstance(operation, AddColumnOp):
            column: Column[Any] = operation.column
            if not column.nullable and isinstance(column.default, ScalarElementColumnDefault):
                column.server_default = DefaultClause(_literal(column.default.arg))


def _literal(value: Any) -> TextClause:
    """Text that SQLite and PostgreSQL both understand."""
    if isinstance(value, bool):
        return text(str(value).lower())
    return text(str(value) if isinstance(value, int | float) else f"'{value}'")


def _rendered(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """Our column types, as migrations write them; False leaves a type to Alembic."""
    if kind != "type":
        return False
    if isinstance(item, Moment):
        return "MOMENT"
    if isinstance(item, Document):
        return "sa.JSON()"
    return "KEY" if item is Key else False


def main(arguments: list[str]) -> int:
    """1 if there was nothing to write, 2 without a name.  Alembic prints the file it writes."""
    if len(arguments) != 1 or not arguments[0].replace("_", "").isalnum():
        print(USAGE, file=sys.stderr)
        return 2
    if write(arguments[0]) is None:
        print("the migrations make the schema as it is: there is nothing to write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
