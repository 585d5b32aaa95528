"""What `sitmail install-files` writes: complete, valid, and the same from the wheel."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sitmail import config
from sitmail.cli import install_files, manuals
from sitmail.cli.main import run
from sitmail.cli.verbs import VERBS
from sitmail.config.example import UNDER_SYSTEMD, example
from sitmail.config.settings import Settings
from sitmail.domain.verbs import STAFF


@pytest.fixture
def installed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run(["install-files", "--prefix", str(tmp_path / "usr"), "--json"]) == 0
    written = [Path(path) for path in json.loads(capsys.readouterr().out)["written"]]
    assert sorted(written) == sorted(path for path in (tmp_path / "usr").rglob("*") if path.is_file())
    return tmp_path / "usr"


def test_there_are_units_pages_completion_and_documentation(installed: Path) -> None:
    for name in (
        "lib/systemd/system/sitmail.service",
        "lib/systemd/system/sitmail-lmtp.socket",
        "share/man/man1/sitmail.1",
        "share/man/man5/sitmail.toml.5",
        "share/man/man7/sitmail-commands.7",
        "share/bash-completion/completions/sitmail",
        "share/zsh/site-functions/_sitmail",
        "share/doc/sitmail/README.md",
        "share/doc/sitmail/docs/howto/postfix.md",
    ):
        assert (installed / name).read_text().strip(), name


def test_links_between_installed_pages_lead_somewhere(installed: Path) -> None:
    """But for those into the tests, which are not installed."""
    docs = installed / "share/doc/sitmail"
    missing = {
        f"{page.relative_to(docs)}: {link}"
        for page in docs.rglob("*.md")
        for link in re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", page.read_text())
        if not link.startswith("tests/") and not (page.parent / link).exists()
    }
    assert missing == set()


def test_the_units_start_the_program_that_wrote_them() -> None:
    units = {name: text for name, text in install_files.files("/opt/sitmail/bin/sitmail") if name.startswith("lib/")}
    service = units["lib/systemd/system/sitmail.service"]
    assert "ExecStart=/opt/sitmail/bin/sitmail run --config /etc/sitmail/config.toml\n" in service
    assert "ExecReload=/opt/sitmail/bin/sitmail check" in service
    assert install_files.PROGRAM not in "".join(units.values())


def test_the_pages_have_every_verb_key_and_command() -> None:
    plain = {name: text.replace("\\-", "-") for name, text in manuals.pages().items()}
    assert [verb.name for verb in VERBS if f".SS sitmail {verb.name}" not in plain["sitmail.1"]] == []
    tables = re.findall(r'^\.SH "\[+([\w.]+)\]+"', plain["sitmail.toml.5"], re.MULTILINE)
    assert set(Settings.model_fields) <= set(tables)
    assert ".B /take" in plain["sitmail-commands.7"]
    known = [verb.name for verb in STAFF.values() if not verb.later]
    assert [name for name in known if f".B /{name}" not in plain["sitmail-commands.7"]] == []


@pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff")
def test_groff_has_nothing_to_say(installed: Path) -> None:
    for page in installed.glob("share/man/*/*"):
        done = subprocess.run(
            ["groff", "-man", "-ww", "-z", "-Tutf8", page], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), page


def test_bash_completes_verbs_and_their_options(installed: Path) -> None:
    """Asked as the shell does when somebody presses the tabulator."""
    script = f"""
        source {installed}/share/bash-completion/completions/sitmail
        complete_for() {{
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
            _shtab_sitmail; echo "${{COMPREPLY[@]}}"
        }}
        complete_for sitmail inc
        complete_for sitmail incidents --st
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    assert set(first.split()) == {"incident", "incidents"}
    assert second.split() == ["--status"]


def test_a_prefix_that_cannot_be_written_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert run(["install-files", "--prefix", str(tmp_path / "file")]) == 73
    assert "cannot be written: Not a directory." in capsys.readouterr().err


def test_init_below_etc_names_places_that_the_unit_may_write_to(tmp_path: Path) -> None:
    service = (install_files.source() / "systemd" / "sitmail.service").read_text()
    assert "StateDirectory=sitmail\n" in service
    assert "RuntimeDirectory=sitmail\n" in service
    path = tmp_path / "config.toml"
    path.write_text(example(UNDER_SYSTEMD))
    (tmp_path / "directory").mkdir()
    made = config.load(path, {})
    places = [made.data, made.store.blobs, made.lmtp.spool, made.key_file]
    places += [Path(door.path) for door in (*made.smtp.listen, *made.lmtp.listen) if door.path]
    writable = (Path("/var/lib/sitmail"), Path("/run/sitmail"))
    assert [place for place in places if not any(place and place.is_relative_to(one) for one in writable)] == []
