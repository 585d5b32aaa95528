"""Imports go from upper floors to lower ones only, and a new module must be given a floor."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def floors(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def copy(tmp_path: Path, checkout: Path) -> Path:
    """The source alone, where a test may break it."""
    shutil.copytree(checkout / "sitmail", tmp_path / "sitmail", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(checkout / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_only_go_down(checkout: Path) -> None:
    done = floors(checkout)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("sitmail/attic.py", '"""A room without a floor."""\n'),
        ("sitmail/domain/climbs.py", "import sitmail.store\n"),
        ("sitmail/store/peeks.py", "import sitmail.reading\n"),
        ("sitmail/receiving/peeks.py", "import sitmail.sending\n"),
        ("sitmail/config/peeks.py", "import sitmail.services\n"),
        ("sitmail/services/climbs.py", "import sitmail.daemon\n"),
    ],
)
def test_a_broken_floor_is_noticed(copy: Path, name: str, code: str) -> None:
    (copy / name).write_text(code)
    done = floors(copy)
    assert done.returncode != 0
    assert Path(name).stem in done.stdout
