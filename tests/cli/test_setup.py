"""Setting up a desk: `init` writes the first files, and `check` reports mistakes."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sitmail.cli.main import run
from sitmail.cli.samples import samples
from sitmail.domain.notice_purposes import PURPOSES
from sitmail.sending.letters.templates import Letters, packaged
from tests.wire import Sink

CONFIG = '[desk]\nname = "Example Desk"\naddress = "support@example.com"\n[relay]\nurl = "maildir:outgoing"\n'
MAIL = b"Received: from a by b\r\nAuthentication-Results: mx.example.com; dkim=pass header.d=example.org\r\n\r\nx\r\n"


@pytest.fixture(autouse=True)
def own_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual ports may be in use on this machine."""
    monkeypatch.setenv("SITMAIL_SMTP__LISTEN", '["127.0.0.1:0"]')
    monkeypatch.setenv("SITMAIL_LMTP__LISTEN", '["unix:lmtp.sock"]')


@pytest.fixture
def relay() -> Iterator[int]:
    with Sink().in_thread() as sink:
        yield sink.port


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that this machine trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=sink -addext subjectAltName=IP:127.0.0.1"
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = run(["check", "--json", *words])
    return code, json.loads(capsys.readouterr().out)


def test_init_writes_what_check_finds_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path / "new" / "desk")]) == 0
    assert run(["check", "--config", str(tmp_path / "new" / "desk" / "config.toml")]) == 0
    assert "is fine" in capsys.readouterr().out


def test_what_init_leaves_as_comments_is_right_without_the_marks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not the config, which shows alternatives; the directory's example."""
    run(["init", str(tmp_path)])
    directory = tmp_path / "directory" / "directory.toml"
    rows = [line.removeprefix("#") for line in directory.read_text().splitlines() if line[:2] != "# "]
    directory.write_text("\n".join(rows))
    config = tmp_path / "config.toml"
    config.write_text(CONFIG + '[directory]\nfiles = ["directory/*.toml"]\n')
    assert run(["check", "--config", str(config)]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("name", ["config.toml", "directory/directory.toml"])
def test_init_never_writes_over_a_file(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    assert run(["init", str(tmp_path)]) == os.EX_CANTCREAT
    assert path.read_text() == "mine"
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]
    assert name in capsys.readouterr().err


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run(["init", str(tmp_path / "file")]) == os.EX_CANTCREAT
    assert "cannot be written" in capsys.readouterr().err


def test_every_packaged_letter_renders_and_every_purpose_has_one() -> None:
    assert Letters([packaged()]).check(samples()) == []
    assert set(samples()) == set(PURPOSES)


def test_a_broken_letter_of_the_admins_is_a_mistake(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letter = folder / "templates" / "acknowledgement.txt"
    letter.parent.mkdir()
    letter.write_text("Subject: x\n\n{{ incident.nmber }}\n")
    for place, mode in ((letter, 0o444), (letter.parent, 0o555)):
        place.chmod(mode)
    code, report = checked(capsys)
    assert code == os.EX_CONFIG
    assert len(report["mistakes"]) == 1
    assert f"{letter}:3" in report["mistakes"][0]


def test_warnings_are_told_and_do_not_fail(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = checked(capsys)
    assert code == 0
    assert any("engineer" in line for line in report["warnings"])
    assert report["mistakes"] == report["unreachable"] == []


def test_mistakes_are_a_line_each(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "config.toml").write_text(CONFIG + 'usr = "x"\n[smtp]\nhostname = 5\n')
    assert run(["check"]) == os.EX_CONFIG
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("config.toml: ") for line in lines)
    code, report = checked(capsys)
    assert (code, report["mistakes"]) == (os.EX_CONFIG, lines)


def test_a_mail_tells_what_to_write_under_trust(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mail.eml").write_bytes(MAIL)
    code, report = checked(capsys, "mail.eml")
    assert code == 0
    assert 'authserv_id = "mx.example.com", authserv_hops = 1' in report["remarks"][0]
    assert run(["check", "nowhere.eml"]) == os.EX_NOINPUT


def test_connect_asks_the_relay(folder: Path, relay: int, capsys: pytest.CaptureFixture[str]) -> None:
    config = folder / "config.toml"
    config.write_text(CONFIG.replace("maildir:outgoing", f"smtp://127.0.0.1:{relay}"))
    assert checked(capsys, "--connect")[0] == 0
    config.write_text(CONFIG.replace("maildir:outgoing", "smtp://127.0.0.1:1"))
    code, report = checked(capsys, "--connect")
    assert code == os.EX_UNAVAILABLE
    assert report["unreachable"][0].startswith("relay: 127.0.0.1:1: ")


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_connect_logs_in_and_tells_why_it_cannot(
    folder: Path, trusted: ssl.SSLContext, scheme: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Sink(tls=trusted, implicit=scheme == "smtps", logins={"desk": "opensesame"}).in_thread() as sink:
        login = CONFIG.replace("maildir:outgoing", f"{scheme}://127.0.0.1:{sink.port}") + 'user = "desk"\n'
        (folder / "config.toml").write_text(login + 'password_file = "secret"\n')
        (folder / "secret").write_text("opensesame\n")
        assert checked(capsys, "--connect")[0] == 0
        (folder / "secret").write_text("openwheat\n")
        code, report = checked(capsys, "--connect")
    assert code == os.EX_UNAVAILABLE
    assert "535" in report["unreachable"][0]
    assert "openwheat" not in json.dumps(report)


def test_results_at_the_top_are_remarked_upon(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = folder / "config.toml"
    trust = '[trust]\nauthserv_id = "mx.example.com"\nauthserv_strips = true\n'
    config.write_text(CONFIG + trust)
    code, report = checked(capsys)
    assert code == 0
    assert "authserv_hops = 0 is only safe" in report["remarks"][0]
    config.write_text(CONFIG + trust + "authserv_hops = 1\n")
    assert checked(capsys)[1]["remarks"] == []


def test_connect_tells_a_store_that_is_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(capsys, "--connect")[0] == 0  # the first start will make it
    (folder / "sitmail.db").write_bytes(b"this is no database" * 100)
    code, report = checked(capsys, "--connect")
    assert code == os.EX_UNAVAILABLE
    assert report["unreachable"][0].startswith("store: ")
