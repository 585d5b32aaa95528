"""Runs a command line and returns an exit code of sysexits.h.  Every failure becomes a sentence here."""

from __future__ import annotations

import hashlib
import importlib
import io
import os
import sys
import traceback

from sitmail import __version__
from sitmail.cli.failure import Failure
from sitmail.cli.parsing import overview, parse, wants
from sitmail.cli.table import safe

INTERRUPTED = 130  # the exit code that shells use: 128 + SIGINT
PIPE_CLOSED = 141


def run(argv: list[str]) -> int:
    """Runs the verb that `argv` names and returns the exit code; never raises."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a character that the terminal cannot show must not stop the output
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(argv)
        sys.stdout.flush()
    except Failure as failure:
        return _told(failure)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # discards what is still to be flushed
        return PIPE_CLOSED
    except SystemExit as end:  # argparse has printed a help page
        return end.code if isinstance(end.code, int) else os.EX_OK
    except Exception as error:
        return _unexpected(error, "--debug" in argv or bool(os.environ.get("SITMAIL_DEBUG")))
    return code


def _run(argv: list[str]) -> int:
    if argv[:1] == ["help"]:
        argv = [*argv[1:2], "--help"]
    if wants(argv, "--version"):
        print(f"sitmail {__version__}")
        return os.EX_OK
    if not argv or wants(argv, "-h", "--help"):
        print(overview(), file=sys.stdout if argv else sys.stderr)
        return os.EX_OK if argv else os.EX_USAGE
    verb, asked = parse(argv)
    module, _, function = verb.does.partition(":")
    code: int = getattr(importlib.import_module(module), function)(asked)
    return code


def _told(failure: Failure) -> int:
    for line in failure.lines:
        print(safe(line), file=sys.stderr)
    return failure.code


def _unexpected(error: Exception, debug: bool) -> int:
    """Prints one sentence about a bug.  Its reference depends on the place only, so that reports can be compared."""
    if debug:
        traceback.print_exception(error)
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    reference = hashlib.sha256("\n".join(places).encode()).hexdigest()[:8]
    what = safe(f"{type(error).__name__}: {error}")[:300]
    hint = "" if debug else "; --debug shows where"
    print(f"sitmail: something unexpected happened (reference {reference}{hint}): {what}", file=sys.stderr)
    return os.EX_SOFTWARE
