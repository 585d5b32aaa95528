"""A private PostgreSQL server on a Unix socket, with its defaults: fsync and synchronous_commit on."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def missing() -> str:
    return "" if BINARIES else "postgresql is not installed (make peers)"


class Server:
    def __init__(self) -> None:
        self._bin = BINARIES[-1].parent
        self._user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
        # its user must be able to walk there, and a socket's path must be short
        self.folder = Path(tempfile.mkdtemp(prefix="bench-pg-"))
        self._made = 0

    def start(self) -> None:
        if self._user:
            shutil.chown(self.folder, self._user)
        self._run("initdb", "-D", "data", "-U", "sitmail", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder}"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", "data", "-w", "-m", "fast", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self) -> str:
        """The address of a new, empty database."""
        self._made += 1
        name = f"desk{self._made}"
        self._run("createdb", "-h", str(self.folder), "-U", "sitmail", name)
        return f"postgresql+psycopg://sitmail@/{name}?host={self.folder}"

    @property
    def master(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def _run(self, program: str, *arguments: str) -> None:
        with (self.folder / "out").open("ab") as out:  # a pipe would wait for the server's end
            command = [str(self._bin / program), *arguments]
            subprocess.run(command, check=True, user=self._user, cwd=self.folder, stdout=out, stderr=out)
