"""Makes the tables of an empty database, and brings one of an earlier release to the present schema with Alembic.

`HEAD` is the revision of the newest file in `versions/`: what this code reads and writes.  `new` writes such files.
Alembic takes 11 MB and is slow to import: it is imported only where a database of an earlier release is met.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, text

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


def upgrade(connection: Connection) -> None:
    """Brings the schema to HEAD in the caller's transaction.  StoreError if a newer sitmail wrote the database."""
    present = revision(connection)
    if not present:
        _create(connection)
    elif present != HEAD:
        migrate(connection, present)


def _create(connection: Connection) -> None:
    """The tables as they are now, and what Alembic notes when it has made them."""
    metadata.create_all(connection)
    _NOTED.create(connection, checkfirst=True)
    connection.execute(insert(_NOTED).values(version_num=HEAD))


_NOTED = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def migrate(connection: Connection, present: str) -> None:
    """Applies the migrations that come after the revision `present`; all of them after ""."""
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = alembic_config(FOLDER, connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if present and present not in known:
        raise StoreError(newer(present))
    command.upgrade(config, "head")


def alembic_config(folder: Path, connection: Connection) -> Config:
    """Alembic's configuration for the migrations in a folder, applied to a connection."""
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes.update(connection=connection, metadata=metadata)
    return config


def compared(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a comparison with the schema looks at it: not at indexes of words, which each database has in its way."""
    return kind not in ("table", "index") or not re.fullmatch(r"words_of_\w+_index(_\w+)?|ix_words_of_\w+", name or "")


def newer(present: str) -> str:
    """The sentence for a database that this sitmail is too old for."""
    return f"this database was written by a newer sitmail (schema {present}; this one knows {HEAD}); upgrade sitmail"
