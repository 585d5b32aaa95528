"""Skips are said aloud: how many and why at the end of every run; with PEERS=required each one is a failure.

Only for pytest's own bookkeeping; fixtures live in tests/.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

import pytest

REQUIRED = os.environ.get("PEERS") == "required"


def pytest_configure() -> None:
    """A shell that starts us in the background has SIGINT ignored, and what we start would inherit that.

    Programs that we start keep what Python compiled: some hundred daemons would compile themselves, for a quarter of
    the time that a start takes.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def reasons(reporter: pytest.TerminalReporter) -> Counter[str]:
    """Why tests were skipped, and how many for each reason."""
    told: Counter[str] = Counter()
    for report in reporter.stats.get("skipped", []):
        detail = report.longrepr
        reason = detail[2] if isinstance(detail, tuple) else str(detail)
        told[reason.removeprefix("Skipped: ")] += 1
    return told


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    passing = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    if REQUIRED and reporter is not None and reasons(reporter) and session.exitstatus in passing:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told = reasons(terminalreporter)
    terminalreporter.section(f"{told.total()} skipped", sep="-")
    for reason, times in sorted(told.items()):
        terminalreporter.line(f"{times:4} x {reason}")
    if told and REQUIRED:
        terminalreporter.line("PEERS=required: a skip is a failure (`make peers` installs what is missing)", red=True)
