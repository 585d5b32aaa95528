"""The program's entry point.

`sitmail deliver` is recognised before larger modules are imported, because an MTA runs it once for each mail.  The rest
of the command line is in `sitmail.cli.main`.
"""

from __future__ import annotations

import os
import sys

DELIVERED = (os.EX_OK, os.EX_DATAERR, os.EX_NOUSER, os.EX_TEMPFAIL)  # the exit codes of `deliver`


def main() -> int:
    """Runs the program; returns an exit code of sysexits.h."""
    rest = delivery(sys.argv[1:])
    if rest is not None and not {"-h", "--help"}.intersection(rest):
        return _deliver(rest)
    from sitmail.cli.main import run  # noqa: PLC0415 - `deliver` needs none of it

    return run(sys.argv[1:])


def delivery(argv: list[str]) -> list[str] | None:
    """The arguments of `deliver` if that is the verb, else None.  --json and --config before it are ignored."""
    at = 0
    while at < len(argv) and argv[at].startswith("--"):
        at += 2 if argv[at] == "--config" else 1
    return argv[at + 1 :] if argv[at : at + 1] == ["deliver"] else None


def _deliver(argv: list[str]) -> int:
    """Runs `deliver`.  Any error returns 75, so that the MTA keeps the mail and tries again instead of bouncing it."""
    try:
        from sitmail.cli.deliver import deliver  # noqa: PLC0415 - a failing import is 75 too

        code: object = deliver(argv)
    except SystemExit as end:
        code = os.EX_OK if end.code is None else end.code
    except BaseException as error:
        sys.stderr.write(f"sitmail deliver: {type(error).__name__}: {error}\n"[:500])
        return os.EX_TEMPFAIL
    return code if isinstance(code, int) and code in DELIVERED else os.EX_TEMPFAIL


if __name__ == "__main__":
    sys.exit(main())
