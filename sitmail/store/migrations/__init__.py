"""Brings a database of any earlier release to the present schema, with Alembic.

`HEAD` is the revision of the newest file in `versions/`: what this code reads and writes.  `new` writes such files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from sitmail.store.errors import StoreError
from sitmail.store.schema import metadata

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent
HEAD = max(path.name[:4] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def revision(connection: Connection) -> str:
    """The revision of the database's schema, "" for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def upgrade(connection: Connection) -> bool:
    """Brings the schema to HEAD in the caller's transaction.  False if it is there already.

    StoreError if a newer sitmail wrote the database.
    """
    present = revision(connection)
    if present == HEAD:
        return False
    from alembic import command  # noqa: PLC0415 - slow to import, and needed only where there is something to do
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = alembic_config(FOLDER, connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if present and present not in known:
        raise StoreError(newer(present))
    command.upgrade(config, "head")
    return True


def alembic_config(folder: Path, connection: Connection) -> Config:
    """Alembic's configuration for the migrations in a folder, applied to a connection."""
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes.update(connection=connection, metadata=metadata)
    return config


def newer(present: str) -> str:
    """The sentence for a database that this sitmail is too old for."""
    return f"this database was written by a newer sitmail (schema {present}; this one knows {HEAD}); upgrade sitmail"
