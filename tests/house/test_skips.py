"""PEERS=required turns a skip into a failure; without it skips are counted and their reasons shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
SUITE = """
import pytest
def test_passes(): pass
@pytest.mark.parametrize("n", [1, 2])
def test_needs(n): pytest.skip("needs a telegraph")
"""


def run(folder: Path, peers: str, suite: str = SUITE) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text((CHECKOUT / "conftest.py").read_text())
    (folder / "test_suite.py").write_text(suite)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PEERS": peers}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(("peers", "code"), [("", 0), ("required", 1)])
def test_skips_are_counted_and_explained(tmp_path: Path, peers: str, code: int) -> None:
    done = run(tmp_path, peers)
    assert done.returncode == code, done.stdout
    assert "2 skipped" in done.stdout
    assert "2 x needs a telegraph" in done.stdout
    assert ("a skip is a failure" in done.stdout) is bool(code)


def test_a_run_without_skips_passes_when_peers_are_required(tmp_path: Path) -> None:
    done = run(tmp_path, "required", "def test_passes(): pass\n")
    assert done.returncode == 0, done.stdout
    assert "0 skipped" in done.stdout


def test_a_whole_file_that_skips_counts_too(tmp_path: Path) -> None:
    done = run(tmp_path, "required", "import pytest\npytest.skip('needs a mast', allow_module_level=True)\n")
    assert done.returncode == 1, done.stdout
    assert "1 x needs a mast" in done.stdout
