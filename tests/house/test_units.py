"""The systemd units: their settings, and their exposure as `systemd-analyze` computes it."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

EXPOSURE = 1.5  # of 10, which is worst


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text())
    return parser


@pytest.fixture(scope="module")
def units(checkout: Path) -> Path:
    return checkout / "systemd"


@pytest.fixture(scope="module")
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("needs systemd-analyze")
    return found


def test_the_service_is_watched_reloaded_and_not_restarted_for_a_bad_config(units: Path) -> None:
    service = unit(units / "sitmail.service")["Service"]
    wanted = {
        "Type": "notify",
        "ExecStart": "/usr/bin/sitmail run --config /etc/sitmail/config.toml",
        "WatchdogSec": "60",
        "Restart": "on-failure",
        "RestartPreventExitStatus": "77 78",
        "User": "sitmail",
        "UMask": "0077",
    }
    assert {key: service[key] for key in wanted} == wanted
    reload = re.findall("^ExecReload=(.*)", (units / "sitmail.service").read_text(), re.MULTILINE)
    assert reload == ["/usr/bin/sitmail check --config /etc/sitmail/config.toml", "/bin/kill -HUP $MAINPID"]


@pytest.mark.parametrize("door", ["smtp", "smtps", "lmtp"])
def test_each_door_has_a_socket_of_its_name(units: Path, door: str) -> None:
    """One name a unit: FileDescriptorName= is the same for every ListenStream= of a socket unit (systemd.socket(5))."""
    socket = unit(units / f"sitmail-{door}.socket")["Socket"]
    assert socket["FileDescriptorName"] == door
    assert socket["Service"] == "sitmail.service"


def test_the_service_is_exposed_little(units: Path, analyze: str) -> None:
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", str(units / "sitmail.service")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    level = re.search(r"Overall exposure level for sitmail\.service: ([0-9.]+)", done.stdout)
    assert level, done.stdout + done.stderr
    assert float(level[1]) <= EXPOSURE, done.stdout


def test_systemd_understands_every_line(units: Path, analyze: str, tmp_path: Path) -> None:
    """A copy is read, so that a program that is not installed here is no mistake of the unit."""
    for path in units.glob("sitmail*.s*"):
        (tmp_path / path.name).write_text(path.read_text().replace("/usr/bin/sitmail", "/bin/true"))
    done = subprocess.run(
        [analyze, "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    about_us = [line for line in done.stderr.splitlines() if str(tmp_path) in line or line.startswith("sitmail")]
    assert about_us == []
