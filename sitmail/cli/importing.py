"""What every import shares: whom it asks, how mistakes are told, and the bar on a terminal.

An import is checked whole before anything is written; then it is written in parts, each in a transaction of its own, so
that the desk goes on working.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from sitmail.cli.ask import ask, control_socket
from sitmail.cli.failure import Failure
from sitmail.cli.here import changing
from sitmail.cli.setup import found

SHOWN = 20  # mistakes


class Ask(Protocol):
    """Asks the desk one thing; `body` is the argument of that name, which may be long.  Raises Failure."""

    def __call__(self, args: Mapping[str, Any], body: bytes = b"") -> Any: ...


@contextmanager
def asking(asked: Namespace, verb: str, nothing: Mapping[str, Any]) -> Iterator[Ask]:
    """Asks the running daemon, or where none runs this process, which then keeps the store open.

    `nothing` are arguments with which `verb` changes nothing.
    """
    config = found(asked)
    where = control_socket(config, os.environ)
    if where is not None and ask(where, verb, nothing)[0]:
        yield lambda args, body=b"": ask(where, verb, args, body)[1]
        return
    with changing(config) as change:
        yield lambda args, body=b"": change(verb, {**args, "body": body} if body else args)


def refuse(mistakes: Sequence[str]) -> None:
    """Raises Failure if there are any."""
    if not mistakes:
        return
    first, *more = mistakes[:SHOWN]
    if len(mistakes) > SHOWN:
        more.append(f"... and {len(mistakes) - SHOWN} more.")
    raise Failure(first, os.EX_DATAERR, *more, "Nothing was written.")


class Progress:
    """A bar on a terminal; nothing anywhere else."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total, self.done = what, max(1, total), 0
        self.shown = total > 0 and sys.stderr.isatty()

    def add(self, count: int) -> None:
        self.done += count
        if self.shown:
            done = min(self.done, self.total)  # which may be an estimate
            full = done * 30 // self.total
            line = f"\r{self.what:>8} [{'#' * full}{'.' * (30 - full)}] {done * 100 // self.total:3} %"
            print(line, end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.shown:
            print(file=sys.stderr)
