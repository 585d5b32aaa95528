"""`sitmail install-files`: writes the files that a distribution's package would install beside the program.

Units for systemd, man pages, completion for shells, and the pages of docs/.  Units and pages come from the wheel, else
from the checkout; the rest is made from the program's own tables.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from sitmail.cli import manuals
from sitmail.cli.failure import Failure
from sitmail.cli.parsing import parser
from sitmail.cli.table import safe
from sitmail.cli.verbs import VERBS

PROGRAM = "/usr/bin/sitmail"  # as the units in systemd/ name it
PAGES = ("README.md", "HACKING.md", "CHANGELOG.md", "LICENSE", "systemd/README.md")
COMPLETIONS = {
    "bash": "share/bash-completion/completions/sitmail",
    "zsh": "share/zsh/site-functions/_sitmail",
}


def install_files(asked: Namespace) -> int:
    """Writes all files below the prefix, replacing those of an earlier version.  Raises Failure (EX_CANTCREAT)."""
    prefix = Path(asked.prefix)
    written = []
    for name, text in files(this_program()):
        path = prefix / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            path.chmod(0o644)
        except OSError as error:
            raise Failure(f"{path} cannot be written: {error.strerror}.", os.EX_CANTCREAT) from error
        written.append(str(path))
    if asked.json:
        print(json.dumps({"written": written}, indent=2))
    else:
        print(*(f"wrote {safe(path)}" for path in written), sep="\n")
    return os.EX_OK


def files(program: str) -> Iterator[tuple[str, str]]:
    """(name below the prefix, text) of each file."""
    top = source()
    for path in sorted((top / "systemd").glob("sitmail*")):
        yield f"lib/systemd/system/{path.name}", path.read_text("utf-8").replace(PROGRAM, program)
    for name, text in manuals.pages().items():
        yield f"share/man/man{name[-1]}/{name}", text
    for shell, name in COMPLETIONS.items():
        yield name, completion(shell)
    for path in sorted([*(top / "docs").rglob("*"), *(top / page for page in PAGES)]):
        if path.is_file():
            yield f"share/doc/sitmail/{path.relative_to(top)}", path.read_text("utf-8")


def source() -> Path:
    """The folder with systemd/ and docs/: inside the wheel, else the checkout."""
    package = Path(__file__).parent.parent
    inside = package / "files"
    return inside if inside.is_dir() else package.parent


def this_program() -> str:
    """The path that units start: where this program was called from, else where the shell would find it."""
    called = Path(sys.argv[0])
    if called.name == "sitmail" and called.is_file():
        return str(called.absolute())
    return shutil.which("sitmail") or PROGRAM


def completion(shell: str) -> str:
    """The completion of all verbs and options, made by shtab."""
    import shtab  # noqa: PLC0415 - for this alone

    whole = argparse.ArgumentParser("sitmail")
    verbs = whole.add_subparsers()
    for verb in VERBS:
        verbs.add_parser(verb.name, help=verb.summary, parents=[parser(verb)], add_help=False)
    text: str = shtab.complete(whole, shell)
    return text
