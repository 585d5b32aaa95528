"""Log lines: one for each event whatever a mail contains, whether or not other handlers are attached."""

from __future__ import annotations

import io
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sitmail.daemon import logs

TABLE = [
    ({"id": 17, "of": "", "to": None, "from_": "jane@example.com"}, "id=17 from=jane@example.com"),
    ({"size": 0}, "size=0"),
    ({"subject": "two words"}, 'subject="two words"'),
    ({"reason": 'say "no" to C:\\'}, r'reason="say \"no\" to C:\\"'),
    ({"sender": "a=b"}, 'sender="a=b"'),
    ({"sender": "x\nlevel=error event=forged"}, 'sender="x\\u000alevel=error event=forged"'),
    ({"sender": "j\u00f6rg@example.com"}, 'sender="j\u00f6rg@example.com"'),
    ({"sender": "\u202egro"}, 'sender="\\u202egro"'),
    ({"sender": "\x7f"}, 'sender="\\u007f"'),
    ({"first": "x" * 201, "second": "y"}, f"first={'x' * 200} second=y"),
    ({"from_": "a_=b"}, 'from="a_=b"'),
    ({"first": "x", "second_": "a b=c"}, 'first=x second="a b=c"'),
    ({"first": "", "second": ""}, ""),
    ({"first": "Nonesuch", "second": None}, "first=Nonesuch"),
    ({"first": "\ud800"}, 'first="\\ud800"'),
    ({}, ""),
    ({"first": "x" * 150, "second": "y" * 150}, f"first={'x' * 150} second={'y' * 150}"),
]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What `start` sends to stderr."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.start(environ={})
    yield alone(Timeless())
    root.handlers[:] = before
    root.setLevel(level)


class Timeless(io.StringIO):
    """Takes the time off each line, after looking that it is one."""

    def write(self, text: str) -> int:
        for line in text.splitlines(keepends=True):
            time, rest = line.split(" ", 1)
            assert re.fullmatch(r"ts=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time)
            super().write(rest)
        return len(text)


def alone(stream: io.StringIO) -> io.StringIO:
    """Nobody else listens, not even pytest (which begins to after the fixtures)."""
    root = logging.getLogger()
    root.handlers[:] = [one for one in root.handlers if isinstance(one, logs._Lines)]
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    return stream


@pytest.mark.parametrize(("values", "shown"), TABLE)
def test_an_event_is_one_line_and_the_same_by_both_ways(
    lines: io.StringIO, values: dict[str, object], shown: str
) -> None:
    alone(lines)
    logs.event("kept", **values)
    short = lines.getvalue()
    logging.getLogger().addHandler(logging.NullHandler())
    logs.event("kept", **values)
    assert short == f"level=info event=kept {shown}".rstrip() + "\n"
    assert lines.getvalue() == short * 2


def test_who_else_listens_hears_events_too(lines: io.StringIO) -> None:
    heard: list[logging.LogRecord] = []
    listener = logging.Handler()
    listener.emit = heard.append  # type: ignore[method-assign]
    logging.getLogger().addHandler(listener)
    logs.event("quarantined", level=logging.ERROR, id=3)
    assert [record.getMessage() for record in heard] == ["event=quarantined id=3"]
    assert lines.getvalue() == "level=error event=quarantined id=3\n"


def test_several_events_are_lines_of_one_write(lines: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    alone(lines)
    written: list[str] = []
    monkeypatch.setattr(lines, "write", written.append)
    logs.events([(logging.INFO, "sent", {"letter": 1}), (logging.DEBUG, "hidden", {}), (logging.ERROR, "failed", {})])
    (text,) = written
    assert re.sub("ts=[^ ]+ ", "", text) == "level=info event=sent letter=1\nlevel=error event=failed\n"


def test_events_below_the_level_are_not_said(lines: io.StringIO) -> None:
    logging.getLogger().setLevel(logging.WARNING)
    logs.event("kept", id=1)
    assert lines.getvalue() == ""


def test_a_stream_that_cannot_be_written_to_stops_nobody(
    lines: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    lines.close()
    logs.event("kept", id=1)
    assert "ValueError" in capsys.readouterr().err


def test_lines_of_libraries_are_events_too(lines: io.StringIO) -> None:
    logging.getLogger("sqlalchemy").warning("two\nlines of %s", "them")
    assert lines.getvalue() == 'level=warning event=log logger=sqlalchemy text="two\\u000alines of them"\n'


def test_a_traceback_stays_on_its_line(lines: io.StringIO) -> None:
    try:
        raise ValueError("it broke")
    except ValueError:
        logging.getLogger("sitmail").exception("event=trace at=tick")
    (line,) = lines.getvalue().splitlines()
    assert line.startswith('level=error event=trace at=tick trace="Traceback')
    assert "it broke" in line


def test_the_journal_gets_priorities_instead_of_the_time() -> None:
    before, level = logging.getLogger().handlers[:], logging.getLogger().level
    with tempfile.TemporaryFile("w+") as stream:
        found = os.fstat(stream.fileno())
        environ = {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}
        assert logs.to_journal(stream, environ)
        handler = logs._Lines(stream, journal=True)
        try:
            logging.getLogger().handlers[:] = [handler]
            logging.getLogger().setLevel(logging.DEBUG)
            for severity in logs.PRIORITIES:
                logs.event("kept", level=severity)
        finally:
            logging.getLogger().handlers[:] = before
            logging.getLogger().setLevel(level)
        stream.seek(0)
        assert [line.split("level=")[0] for line in stream] == ["<7>", "<6>", "<4>", "<3>", "<2>"]


@pytest.mark.parametrize("environ", [{}, {"JOURNAL_STREAM": "1:2"}, {"JOURNAL_STREAM": ""}])
def test_another_stream_is_not_the_journal(environ: dict[str, str]) -> None:
    with tempfile.TemporaryFile("w") as stream:
        assert not logs.to_journal(stream, environ)


@pytest.mark.slow
def test_the_level_on_the_command_line_leaves_out_what_is_below_it(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[desk]\naddress = "support@example.com"\n[smtp]\nlisten = []\n[lmtp]\nlisten = []\n[[maildir]]\npath = "in"\n'
    )
    new = tmp_path / "in" / "new"
    for folder in (new, tmp_path / "in" / "cur", tmp_path / "in" / "tmp"):
        folder.mkdir(parents=True)

    def levels(number: int, *options: str) -> set[str]:
        (new / str(number)).write_text(
            f"From: jane@example.net\nTo: support@example.com\nSubject: {number}\n\n{number}\n"
        )
        command = [sys.executable, "-m", "sitmail", "run", "--once", *options, "--config", str(config)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return set(re.findall(r"^ts=\S+ level=(\w+) event=", done.stderr, re.MULTILINE))

    assert "info" in levels(1)
    assert "info" not in levels(2, "--log-level", "warning")
    assert "debug" not in levels(3, "--log-level", "info")
