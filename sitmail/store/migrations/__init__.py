"""The way from any earlier schema to the present one, by Alembic embedded in the product.

`HEAD` is the revision this code writes and reads; a test holds it to the newest file in `versions/`.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from sitmail.store.errors import StoreError

HEAD = "0002"


def revision(connection: Connection) -> str:
    """The schema's revision, "" for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def upgrade(connection: Connection) -> bool:
    """Brings the schema to HEAD inside the caller's transaction; False if it is there already.

    StoreError if a newer sitmail wrote the database.
    """
    present = revision(connection)
    if present == HEAD:
        return False
    from alembic import command  # noqa: PLC0415 - imported only where there is something to do: it is slow
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if present and present not in known:
        raise StoreError(newer(present))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True


def newer(present: str) -> str:
    return f"this database was written by a newer sitmail (schema {present}; this one knows {HEAD}); upgrade sitmail"
