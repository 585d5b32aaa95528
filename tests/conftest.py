"""Fixtures for all tests: a new store for each test; a certificate, and both sides of TLS with it."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, make_url

from sitmail.store.database import Database, open_database
from sitmail.store.schema import metadata
from tests import memory_folder
from tests.examples import examples
from tests.postgresql_server import BINARIES, Server

memory_folder.use()
settings.register_profile("house", examples(100), deadline=None)  # no test asserts how long something took
settings.load_profile("house")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the schema in it: copying one is quicker than making one."""
    folder = tmp_path_factory.mktemp("sqlite")
    open_database(f"sqlite:///{folder}/sitmail.db", data=folder).close()
    return folder / "sitmail.db"


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty store in SQLite, as the desk has it by default."""
    shutil.copy(sqlite_template, tmp_path)
    opened = open_database(f"sqlite:///{tmp_path}/sitmail.db", data=tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A private PostgreSQL server on a unix socket; gives its socket folder."""
    if not BINARIES:
        pytest.skip("needs postgresql (make peers)")
    server = Server()
    yield str(server.folder)
    server.remove()


@pytest.fixture(scope="session")
def postgresql_urls(postgresql: str) -> Iterator[Callable[..., str]]:
    """Makes new, empty databases on the private server."""
    numbers = count(1)
    admin = create_engine(
        f"postgresql+psycopg://sitmail@/postgres?host={postgresql}", isolation_level="AUTOCOMMIT", pool_size=1
    )

    def new(options: str = "") -> str:
        name = f"desk{next(numbers)}"
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} {options}")
        return f"postgresql://sitmail@/{name}?host={postgresql}"

    yield new
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for a store, on each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/sitmail.db"
    return str(request.getfixturevalue("postgresql_urls")())


@pytest.fixture(scope="session")
def postgresql_store(postgresql_urls: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """One database with the schema in it, for many tests: emptying it is quicker than making a new one."""
    url = str(postgresql_urls())
    open_database(url, data=tmp_path_factory.mktemp("postgresql")).close()
    return url


def empty(url: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def each_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty store, on each kind of database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path)
        url = f"sqlite:///{tmp_path}/sitmail.db"
    else:
        url = request.getfixturevalue("postgresql_store")
        empty(url)
    opened = open_database(url, data=tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", "/CN=mx.example.com", "-days", "2", "-keyout", key, "-out", cert),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusting(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(certificate[0]))
    context.check_hostname = False
    return context
