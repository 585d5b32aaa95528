"""Beginning a desk: first files, and a check that says what is wrong."""

from __future__ import annotations

import json
import os
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sitmail.cli.main import run
from sitmail.cli.samples import samples
from sitmail.domain.notices import PURPOSES
from sitmail.mail.letters import Letters, packaged

CONFIG = '[desk]\nname = "Example Desk"\naddress = "support@example.com"\n[relay]\nurl = "maildir:outgoing"\n'
MAIL = b"Received: from a by b\r\nAuthentication-Results: mx.example.com; dkim=pass header.d=example.org\r\n\r\nx\r\n"


class Greeter(socketserver.StreamRequestHandler):
    """A relay that greets, says what it can, and takes leave."""

    def handle(self) -> None:
        self.wfile.write(b"220 relay.example.net\r\n")
        for line in self.rfile:
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 relay.example.net\r\n")


@pytest.fixture
def relay() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Greeter) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


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
    lines = directory.read_text().splitlines()
    rows = [line.removeprefix("# ") for line in lines[1:] if "service_level" not in line]
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
    letter = folder / "templates" / "en" / "acknowledgement.txt"
    letter.parent.mkdir(parents=True)
    letter.write_text("Subject: x\n\n{{ incident.nmber }}\n")
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
    (folder / "config.toml").write_text(CONFIG + 'usr = "x"\n[smtp]\nlisten = 5\n')
    assert run(["check"]) == os.EX_CONFIG
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("config.toml: ") for line in lines)


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
    assert report["unreachable"][0].startswith("relay: smtp://127.0.0.1:1: ")


def test_connect_tells_a_login_that_is_not_taken(folder: Path, relay: int, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "secret").write_text("opensesame\n")
    more = 'user = "desk"\npassword_file = "secret"\n'
    (folder / "config.toml").write_text(CONFIG.replace("maildir:outgoing", f"smtp://127.0.0.1:{relay}") + more)
    code, report = checked(capsys, "--connect")
    assert code == os.EX_UNAVAILABLE
    assert "opensesame" not in json.dumps(report)


def test_connect_tells_a_store_that_is_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(capsys, "--connect")[0] == 0  # the first start will make it
    (folder / "sitmail.db").write_bytes(b"this is no database" * 100)
    code, report = checked(capsys, "--connect")
    assert code == os.EX_UNAVAILABLE
    assert report["unreachable"][0].startswith("store: ")
