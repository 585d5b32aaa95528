"""An earlier version of sitmail as a peer: its source from git, run by this Python with the same libraries."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]


def source(commit: str, cache: Path) -> Path:
    """The folder with the source of a commit, extracted once.  Raises ValueError if git does not know the commit."""
    asked = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode != 0:
        raise ValueError(f"{commit!r} is no commit of this repository; BESIDE takes one, such as BESIDE=HEAD~1")
    folder = cache / f"sitmail-{asked.stdout.strip()[:12]}"
    if not folder.exists():
        archive = subprocess.run(
            ["git", "archive", asked.stdout.strip(), "sitmail", "templates"],
            cwd=CHECKOUT,
            capture_output=True,
            check=True,
        )
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
            tar.extractall(part, filter="data")
        part.rename(folder)
    return folder
