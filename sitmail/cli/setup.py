"""Verbs that set up and start a desk: `init`, `check` and `run`."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from pathlib import Path

from sitmail import config
from sitmail.cli.failure import Failure
from sitmail.cli.here import loaded
from sitmail.cli.table import safe


def init(asked: Namespace) -> int:
    """Writes config.toml and directory/directory.toml; existing files are not changed (EX_CANTCREAT)."""
    from sitmail.config.example import UNDER_SYSTEMD, directory_example, example  # noqa: PLC0415 - loads all settings

    folder = Path(asked.folder)
    for_system = folder.absolute().is_relative_to("/etc")
    texts = {
        folder / "config.toml": example(UNDER_SYSTEMD if for_system else {}),
        folder / "directory" / "directory.toml": directory_example(),
    }
    there = [str(path) for path in texts if path.exists()]
    if there:
        raise Failure(f"There is {' and '.join(there)} already; nothing was written.", os.EX_CANTCREAT)
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            why = f"{folder} is a file" if folder.is_file() else error.strerror
            raise Failure(f"{path} cannot be written: {why}.", os.EX_CANTCREAT) from error
    if asked.json:
        print(json.dumps({"written": [str(path) for path in texts]}))
    else:
        print(*(f"wrote {safe(str(path))}" for path in texts), sep="\n")
        then = "continue with the lines of systemd/README.md" if for_system else "sitmail check, then sitmail run"
        print(f"Next: write your address into [desk] and yourself into [[engineer]]; then {then}.")
    return os.EX_OK


def run(asked: Namespace) -> int:
    """Runs the daemon until it is told to stop."""
    from sitmail.daemon.run import run as run_daemon  # noqa: PLC0415 - loads everything

    return run_daemon(found(asked), once=asked.once, level=asked.log_level)


def check(asked: Namespace) -> int:
    """Prints mistakes and warnings, one a line.  Mistakes end it with EX_CONFIG, warnings do not."""
    from sitmail.cli import checking  # noqa: PLC0415 - loads everything

    path = found(asked)
    try:
        settings = loaded(path)
    except Failure as failure:
        if asked.json:
            print(json.dumps(checking.NOTHING | {"mistakes": list(failure.lines)}, indent=2))
        raise
    report = checking.report(settings, connect=asked.connect, mail=asked.mail)
    if asked.json:
        print(json.dumps(report, indent=2))
    else:
        print(*map(safe, report["remarks"]), sep="\n", end="\n" if report["remarks"] else "")
        for line in report["warnings"]:
            print(f"warning: {safe(line)}", file=sys.stderr)
        for line in (*report["mistakes"], *report["unreachable"]):
            print(safe(line), file=sys.stderr)
    if report["mistakes"]:
        return os.EX_CONFIG
    if report["unreachable"]:
        return os.EX_UNAVAILABLE
    if not asked.json:
        print(f"{safe(str(settings.path))} is fine.")
    return os.EX_OK


def found(asked: Namespace) -> Path:
    """The configuration file, wherever it is.  Raises Failure (EX_CONFIG)."""
    path = config.find(asked.config, os.environ)
    if path is None:
        raise Failure("There is no configuration here: sitmail init writes one, --config names one.", os.EX_CONFIG)
    return path
