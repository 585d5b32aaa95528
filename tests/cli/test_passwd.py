"""`sitmail passwd`: what it writes to the file, and what it prints."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from sitmail.cli.main import run
from sitmail.receiving import passwords
from sitmail.receiving.passwords import read, verify

CONFIG = """
[desk]
address = "support@example.com"
[smtp]
passwords = "passwd"
[[engineer]]
id = "ann"
addresses = ["ann@example.com"]
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(passwords, "LOG_N", 4)
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return path


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_password_is_given_changed_and_taken(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = config.parent / "passwd"
    for name, word, told in [
        ("ann", "long enough", "ann can log in as ann.\n"),
        ("ann@example.com", "long enough", "ann@example.com can log in as ann.\n"),
        ("robot", "of tin and steel", "robot can log in, and is no engineer: a script.\n"),
        ("ann", "another one", "ann can log in as ann.\n"),
    ]:
        typed(monkeypatch, word + "\n")
        assert run(["passwd", name, "--config", str(config)]) == 0
        assert capsys.readouterr().out == told
        assert verify(read(file), name, word)
        assert word not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert run(["passwd", "Ann", "--delete", "--json", "--config", str(config)]) == 0
    assert json.loads(capsys.readouterr().out) == {"name": "ann", "engineer": "ann", "removed": True}
    assert sorted(read(file)) == ["ann@example.com", "robot"]


@pytest.mark.parametrize(
    ("name", "word", "code", "told"),
    [
        ("ann", "short", 65, "at least 8 characters"),
        ("ann", "", 65, "at least 8 characters"),
        ("ann:root", "long enough", 64, "is no name"),
        ("", "long enough", 64, "is no name"),
    ],
)
def test_what_is_refused_writes_nothing(
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    word: str,
    code: int,
    told: str,
) -> None:
    typed(monkeypatch, word + "\n")
    assert run(["passwd", name, "--config", str(config)]) == code
    assert told in capsys.readouterr().err
    assert not (config.parent / "passwd").exists()


def test_without_a_file_for_it_nobody_gets_one(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(CONFIG.replace('passwords = "passwd"\n', ""))
    typed(monkeypatch, "long enough\n")
    assert run(["passwd", "ann", "--config", str(config)]) == 78
    assert 'passwords = "passwd"' in capsys.readouterr().err
