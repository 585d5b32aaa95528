"""What an admin installs: the wheel, from the checkout or from the source archive, is whole and writes letters."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def wheel(source: Path, target: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", target, source, cwd=target)
    return next(target.glob("sitmail-*.whl"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    return wheel(checkout, tmp_path_factory.mktemp("wheel"))


def members(path: Path) -> set[str]:
    return {name for name in zipfile.ZipFile(path).namelist() if ".dist-info/" not in name}


def tracked(checkout: Path, *folders: str) -> set[str]:
    listing = run("git", "ls-files", "-z", *folders, cwd=checkout)
    return {name for name in listing.split("\0") if name and (checkout / name).is_file()}


def test_the_wheel_holds_code_migrations_templates_and_the_example(checkout: Path, built: Path) -> None:
    held = members(built)
    templates = {f"sitmail/{name}" for name in tracked(checkout, "templates")}
    assert tracked(checkout, "sitmail") | templates | {"sitmail/config.example.toml", "sitmail/py.typed"} <= held
    assert any(name.startswith("sitmail/store/migrations/versions/") for name in held)
    assert {name.split("/")[0] for name in held} == {"sitmail"}


def test_a_wheel_made_from_the_source_archive_is_the_same(tmp_path: Path, checkout: Path, built: Path) -> None:
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path, cwd=checkout)
    with tarfile.open(next(tmp_path.glob("sitmail-*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    source = next(path for path in tmp_path.glob("sitmail-*") if path.is_dir())
    (tmp_path / "again").mkdir()
    assert members(wheel(source, tmp_path / "again")) == members(built)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Path:
    """The tree of an installed wheel, without what it depends on, which is here already."""
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "install", "-q", "--no-deps", "--no-index", "--target", target, built, cwd=target)
    where = run(sys.executable, "-c", "import sitmail; print(sitmail.__file__)", cwd=target, PYTHONPATH=str(target))
    assert Path(where.strip()).is_relative_to(target)
    return target


def test_an_installed_wheel_sends_letters(tmp_path: Path, installed: Path) -> None:
    """The demo of the installed tree: code and templates are found there, not in this checkout."""
    shown = run(sys.executable, "-m", "sitmail", "demo", cwd=tmp_path, PYTHONPATH=str(installed))
    assert "Auto-Submitted" in shown or "Subject:" in shown
    assert "> the printer on the third floor stopped" in shown  # the letters are shown with their words


def test_an_installed_wheel_brings_what_a_package_would(tmp_path: Path, checkout: Path, installed: Path) -> None:
    """Units, man pages, completion and documentation, the same as from the checkout."""
    for source in (installed, checkout):
        prefix = tmp_path / source.name
        run(sys.executable, "-m", "sitmail", "install-files", "--prefix", prefix, cwd=tmp_path, PYTHONPATH=str(source))
    first, second = (
        {str(path.relative_to(prefix)): path.read_text() for path in prefix.rglob("*") if path.is_file()}
        for prefix in (tmp_path / installed.name, tmp_path / checkout.name)
    )
    assert {name for name in first if name.startswith("lib/systemd/system/")}
    assert first == second
