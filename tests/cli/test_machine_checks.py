"""What `sitmail check` finds on this machine: folders, sockets, ports, certificates; and wrong arguments of a verb."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sitmail import config
from sitmail.cli import checking, machine_checks
from sitmail.cli.main import run
from sitmail.config import Config
from sitmail.sending.letters.templates import Letters, packaged
from sitmail.store import data_folder

CONFIG = """\
[desk]
address = "support@example.com"
[smtp]
listen = [{smtp}]
{cert}
[lmtp]
listen = [{lmtp}]
[relay]
url = "maildir:outgoing"
{more}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for place in (tmp_path, *tmp_path.rglob("*")):
        if place.is_dir():
            place.chmod(0o700)


def settings(folder: Path, smtp: str = "", lmtp: str = "", cert: str = "", more: str = "") -> Config:
    path = folder / "config.toml"
    path.write_text(CONFIG.format(smtp=smtp, lmtp=lmtp, cert=cert, more=more))
    return config.load(path, {})


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_usual_desk_has_no_mistakes(folder: Path) -> None:
    assert machine_checks.mistakes(settings(folder, '"127.0.0.1:0"', '"unix:lmtp.sock"')) == []


def test_a_port_in_use(folder: Path, taken: int) -> None:
    found = machine_checks.mistakes(settings(folder, f'"127.0.0.1:{taken}"'))
    assert found == [
        f"smtp.listen: 127.0.0.1:{taken} is in use by another program; stop that one, or choose another port"
    ]


def test_a_port_in_use_by_the_desk_itself_is_right(folder: Path, taken: int) -> None:
    with socket.socket(socket.AF_UNIX) as control:
        control.bind(str(folder / "control.sock"))
        control.listen()
        assert machine_checks.mistakes(settings(folder, f'"127.0.0.1:{taken}"')) == []


def test_one_port_for_two_doors(folder: Path) -> None:
    found = machine_checks.mistakes(settings(folder, '"127.0.0.1:18025"', '"127.0.0.1:18025"'))
    assert "lmtp.listen: 127.0.0.1:18025 is also in smtp.listen" in found


def test_an_address_of_another_machine(folder: Path) -> None:
    found = machine_checks.mistakes(settings(folder, '"192.0.2.1:0"'))
    assert found == ["smtp.listen: 192.0.2.1:0 is no address of this machine"]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("nowhere/lmtp.sock", "there is no folder {folder}/nowhere for the socket lmtp.sock"),
        ("config.toml", "{folder}/config.toml is there and is no socket"),
        ("x" * 120, "the path of the socket {folder}/" + "x" * 120 + " is longer than 107 bytes"),
    ],
)
def test_a_unix_socket_that_cannot_be(folder: Path, path: str, sentence: str) -> None:
    found = machine_checks.mistakes(settings(folder, lmtp=f'"unix:{path}"'))
    assert found == [f"lmtp.listen: {sentence.format(folder=folder)}"]


def test_folders_that_this_user_may_not_write_in(folder: Path) -> None:
    made = settings(folder, more=f'[store]\nurl = "sqlite:///{folder}/data/sitmail.db"\nblobs = "{folder}/data/blobs"')
    (folder / "data").mkdir(mode=0o500)
    child = os.fork()
    if child == 0:  # root may write everywhere
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        found = " ".join(machine_checks._folders(made))
        os._exit(0 if "store.url: " in found and "may not write in" in found else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_is_told_that_the_data_belong_to_another_user(folder: Path) -> None:
    made = settings(folder)
    assert machine_checks.warnings(made) == []
    os.chown(folder, 65534, 65534)
    (found,) = machine_checks.warnings(made)
    assert found.startswith(f"store.url: {folder} belongs to ")
    assert "who may write everywhere: run sitmail check as " in found


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("one", "other"):
        command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=sink"
        subprocess.run(
            [*command.split(), "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"],
            check=True,
            capture_output=True,
        )
    return folder


def test_a_certificate_with_its_key(folder: Path, certificates: Path) -> None:
    made = settings(folder, cert=f'tls_cert = "{certificates}/one.pem"\ntls_key = "{certificates}/one.key"')
    assert machine_checks.mistakes(made) == machine_checks.warnings(made) == []


def test_the_key_of_another_certificate(folder: Path, certificates: Path) -> None:
    made = settings(folder, cert=f'tls_cert = "{certificates}/one.pem"\ntls_key = "{certificates}/other.key"')
    assert machine_checks.mistakes(made) == [
        f"smtp.tls_key: {certificates}/other.key is not the key of the certificate {certificates}/one.pem"
    ]


def test_a_certificate_that_is_none(folder: Path) -> None:
    made = settings(folder, cert='tls_cert = "config.toml"')
    assert machine_checks.mistakes(made) == [
        f"smtp.tls_cert: {folder}/config.toml holds no certificate with its key in PEM format"
    ]


def test_words_that_miss_their_verb(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    settings(folder)
    monkeypatch.chdir(folder)
    os.mkfifo(folder / "pipe")
    for words, code, sentence in (
        (["check", "config.toml"], os.EX_USAGE, "config.toml is no mail; a configuration is named by --config"),
        (["explain", "config.toml"], os.EX_USAGE, "config.toml is no mail"),
        (["explain", "absent.eml"], os.EX_NOINPUT, "absent.eml: there is no such file."),
        (["explain", "."], os.EX_NOINPUT, ".: is a folder; name the files in it."),
        (["explain", "pipe"], os.EX_NOINPUT, "pipe is no file."),
        (["explain", "/dev/zero"], os.EX_NOINPUT, "/dev/zero is no file."),
        (["init", "config.toml"], os.EX_CANTCREAT, "config.toml is a file"),
    ):
        assert run(words) == code
        told = capsys.readouterr().err
        assert sentence in told
        assert told.endswith(".\n")


def test_the_lock_is_no_mistake(folder: Path) -> None:
    """A daemon that runs has locked the folder; a check looks on."""
    made = settings(folder)
    lock = data_folder.take(made.data)
    try:
        assert machine_checks.mistakes(made) == []
    finally:
        data_folder.release(lock)


def test_a_language_without_letters_is_a_warning(folder: Path) -> None:
    catalogue = folder / "templates" / "locale" / "nl" / "LC_MESSAGES" / "sitmail.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text('msgid "Hello,"\nmsgstr "Hallo,"\n')
    people = (
        '[[site]]\nid = "acme"\nlanguage = "pt"\n'
        '[[contact]]\nname = "Jane"\naddresses = ["jane@example.net"]\nlanguage = "en-GB"\n'
        '[[contact]]\nname = "Jo"\naddresses = ["jo@example.net"]\nlanguage = "nl-BE"\n'
        '[[contact]]\nname = "Eva"\naddresses = ["eva@example.net"]\nlanguage = "pt-BR"\n'
    )
    (folder / "people.toml").write_text(people)
    (folder / "templates").chmod(0o700)
    alice = '[[engineer]]\nid = "alice"\naddresses = ["alice@example.com"]\nlanguage = "sv"\n'
    found = settings(folder, more='[directory]\nfiles = ["people.toml"]\n' + alice)
    assert checking.languages(found, Letters((*found.templates, packaged()))) == [
        "engineer alice: language: there are no letters in 'sv', so they are written in English",
        "directory: site acme: language: there are no letters in 'pt', so they are written in English",
        "directory: contact Eva: language: there are no letters in 'pt-BR', so they are written in English",
    ]
