"""What the tests of the repository read: the files of this checkout, and sitmail's modules as syntax trees."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def checkout() -> Path:
    return CHECKOUT


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """Every text file git tracks, by its path from the checkout's root."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    found = {}
    for name in filter(None, listing.split("\0")):
        path = CHECKOUT / name
        content = path.read_bytes() if path.is_file() else b"\0"
        if b"\0" not in content and path.suffix != ".eml":  # letters are bytes of mail, not text of ours
            found[name] = content.decode("utf-8")
    return found


@pytest.fixture(scope="session")
def modules() -> dict[str, ast.Module]:
    """Every module of sitmail, by its path from the checkout's root."""
    paths = sorted((CHECKOUT / "sitmail").rglob("*.py"))
    return {str(path.relative_to(CHECKOUT)): ast.parse(path.read_text()) for path in paths}
