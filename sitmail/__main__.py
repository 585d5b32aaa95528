"""Where the program begins.  `sitmail deliver` is told apart before anything heavy is loaded: a pipe runs it per mail.

The rest of the command line stands in `sitmail.cli.main`.
"""

from __future__ import annotations

import os
import sys

DELIVERED = (os.EX_OK, os.EX_DATAERR, os.EX_NOUSER, os.EX_TEMPFAIL)  # all that `deliver` may end with


def main() -> int:
    """The exit code, one of sysexits.h."""
    rest = delivery(sys.argv[1:])
    if rest is not None and not {"-h", "--help"}.intersection(rest):
        return _deliver(rest)
    from sitmail.cli.main import run  # noqa: PLC0415 - `deliver` needs none of it

    return run(sys.argv[1:])


def delivery(argv: list[str]) -> list[str] | None:
    """The arguments of `deliver`, if that is the verb; --json and --config before it mean nothing to a pipe."""
    at = 0
    while at < len(argv) and argv[at].startswith("--"):
        at += 2 if argv[at] == "--config" else 1
    return argv[at + 1 :] if argv[at : at + 1] == ["deliver"] else None


def _deliver(argv: list[str]) -> int:
    """Whatever goes wrong, the MTA must keep the mail and try again: 75, for everything else bounces there."""
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
