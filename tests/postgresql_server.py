"""A private PostgreSQL server on a Unix socket that can be stopped, started and made to refuse writes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


class Server:
    """Made and started; `remove` ends it.  Its folder is also where its socket is."""

    def __init__(self) -> None:
        self._user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
        # not under tmp_path: a user of its own must be able to walk there, and a socket's path must be short
        self.folder = Path(tempfile.mkdtemp(prefix="sitmail-pg-"))
        if self._user:
            shutil.chown(self.folder, self._user)
        self._run("initdb", "-D", self.folder / "data", "-U", "sitmail", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://sitmail@/{database}?host={self.folder}"

    def create(self, database: str) -> None:
        self._run("createdb", "-h", self.folder, "-U", "sitmail", database)

    def start(self, options: str = "") -> None:
        """`options` are the server's own, such as `-c default_transaction_read_only=on`."""
        plain = f"-c listen_addresses='' -c unix_socket_directories={self.folder} {options}"
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", plain, "start")

    def run_sql(self, statement: str, database: str = "postgres") -> None:
        self._run("psql", "-h", self.folder, "-U", "sitmail", "-d", database, "-c", statement)

    def ask_for_passwords(self, *roles: str) -> None:
        """From the next start on; everybody else is let in without one."""
        rules = "".join(f"local all {role} scram-sha-256\n" for role in roles)
        (self.folder / "data" / "pg_hba.conf").write_text(f"{rules}local all all trust\n")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-m", mode, "stop")

    def remove(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder)
        self._out.unlink(missing_ok=True)

    @property
    def _out(self) -> Path:
        return self.folder.parent / f"{self.folder.name}.out"

    def _run(self, program: str, *arguments: str | Path) -> None:
        with self._out.open("ab") as out:  # a pipe would wait for the server's end
            subprocess.run(
                [BINARIES[-1].parent / program, *arguments],
                check=True,
                user=self._user,
                cwd=self.folder,
                stdout=out,
                stderr=out,
                env={"LC_ALL": "C"},
            )
