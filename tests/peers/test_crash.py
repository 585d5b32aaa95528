"""No acknowledged mail is lost or doubled, wherever the desk is killed; deliberate mistakes make these tests fail.

`make crash` plays it for longer.  The parts are in crash/: people who write, a relay that outlives the desk, kills at
chosen system calls, an oracle, and saboteurs.
"""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.peers.crash import order
from tests.peers.crash.conversation import CUSTOMERS, DESK, mail, named
from tests.peers.crash.run import Aim, drain, play, spread, stage
from tests.peers.crash.victim import CHECKOUT, Point, Victim, may_trace
from tests.peers.real_desk import eventually

MAILS, KILLS = 500, 20
FEW: dict[str, Any] = {"mails": 40, "sessions": 4, "fresh": False}  # a short run: four conversations


@pytest.fixture(scope="module", autouse=True)
def strace() -> None:
    missing = may_trace()
    if missing:
        pytest.skip(missing)


def test_without_a_crash_the_conversations_are_what_the_oracle_expects(tmp_path: Path) -> None:
    run = play(tmp_path, [], mails=100)
    assert run.wrong == []
    assert run.code == 0


def test_killed_at_twenty_points_the_desk_loses_and_doubles_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    run = play(tmp_path, spread(KILLS, seed=2), mails=MAILS)  # with each kind of call
    record_property("crash", run.told())
    assert run.wrong == [], run.told()
    assert (run.kills, run.mails, run.code) == (KILLS, MAILS, 0), run.told()


# --- the test of the test

NAPS = [Aim("clock_nanosleep", first=number) for number in (2, 5)]  # where a saboteur is in danger


@pytest.mark.parametrize(
    ("saboteur", "aims", "finding"),
    [
        ("early_250", NAPS, "lost or doubled: mail"),
        ("no_dedupe", [], "['new', 'applied']"),
        ("random_message_id", [], "invented: the relay has"),
        ("sent_too_early", [], "is called sent, and the relay never had it"),
        ("two_transactions", NAPS, "updates: mail"),
        ("ended_first", NAPS, "has 0, not 1"),
    ],
)
def test_the_oracle_notices(tmp_path: Path, saboteur: str, aims: list[Aim], finding: str) -> None:
    run = play(tmp_path, aims, saboteur=saboteur, whims=4.0, patience=6.0, **FEW)
    assert [wrong for wrong in run.wrong if finding in wrong], "\n".join([run.told(), *run.wrong])


def traced(folder: Path, saboteur: str = "") -> list[str]:
    """What is wrong with the order of writing, syncing and answering, for ten mails one after the other."""
    with stage(folder, mails=10, saboteur=saboteur) as (victim, _relay, _feeder):
        assert victim.start([*order.TRACER, "-o", str(folder / "trace")]), victim.log
        for number in range(10):
            sender, recipient, raw = mail(number, 0, None)
            with smtplib.SMTP("127.0.0.1", victim.port, "client.example.net", timeout=30) as client:
                client.sendmail(sender, [recipient], raw)
        eventually(lambda: len(known(victim)) == 10, "ten mails that are no longer waiting")
        names = known(victim)
        victim.stop()
    assert order.answered(folder / "trace") == 10
    return list(order.faults(folder / "trace", names))


def known(victim: Victim) -> dict[int, str]:
    return {
        row["id"]: named(row["subject"]) for row in victim.ask("inbox") if row["ending"] not in ("duplicate", "waiting")
    }


def test_250_follows_the_sync_of_what_it_promises(tmp_path: Path) -> None:
    assert traced(tmp_path) == []


@pytest.mark.parametrize(("saboteur", "finding"), [("normal_sync", "before it was synced"), ("early_250", "no number")])
def test_the_order_of_calls_gives_away(tmp_path: Path, saboteur: str, finding: str) -> None:
    assert any(finding in fault for fault in traced(tmp_path, saboteur))


# --- a disk that fails

ERRORS = [
    Aim("fdatasync", first=3, effect="error=EIO"),
    Aim("pwrite64", first=90, effect="error=ENOSPC"),
    Aim("fdatasync", first=6, effect="error=ENOSPC"),
    Aim("pwrite64", first=160, effect="error=EIO"),
]


def test_after_an_error_of_the_disk_nothing_is_promised_and_the_desk_ends(tmp_path: Path) -> None:
    run = play(tmp_path, ERRORS, calm=False, **FEW)
    assert run.wrong == [], run.told()
    assert (run.kills, run.others) == (len(ERRORS), 0), run.told()
    assert all(code > 0 for code in run.codes), run.codes
    names = run.names
    for number in range(len(ERRORS)):
        trace = tmp_path / f"trace-{number}"
        assert "(INJECTED)" in trace.read_text(errors="replace")
        assert list(order.faults(trace, names)) == []


# --- the pipe


def deliver(victim: Victim, raw: bytes) -> int:
    """`sitmail deliver` with two recipients, as an MTA runs it."""
    words = [sys.executable, "-m", "sitmail", "deliver", "-f", "c0@acme.example.net"]
    recipients = ["--socket", str(victim.folder / "lmtp.sock"), DESK, DESK.replace("@", "+cranes@")]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        [*words, *recipients], input=raw, env=environment, capture_output=True, timeout=60, check=False
    )
    return done.returncode


PIPE = [("sendto", 2), ("sendto", 6), ("pwrite64", 12), ("fdatasync", 1), ("sendto", 8), ("fdatasync", 2)]


def test_what_a_pipe_delivers_while_the_desk_is_killed_arrives_once(tmp_path: Path) -> None:
    """Exit code 75 or 0 is all that a caller sees of a kill; 0 is a promise (RFC 2033: for both recipients)."""
    assert len(PIPE) < CUSTOMERS
    mails = [mail(number, 0, None)[2] for number in range(len(PIPE))]
    killed = 0
    with stage(tmp_path, mails=10) as (victim, _relay, _feeder):
        assert victim.start(), victim.log
        assert victim.stop() == 0
        kept = set()
        for raw, (call, when) in zip(mails, PIPE, strict=True):
            if victim.start_for(Point(call, when), tmp_path / "trace"):
                code = deliver(victim, raw)
                assert code in (os.EX_OK, os.EX_TEMPFAIL)
                kept |= {raw} if code == os.EX_OK else set()
            time.sleep(0.3)  # the point may lie behind the promise
            killed += not victim.running
            victim.signal(signal.SIGKILL)
            victim.ended()
        assert victim.start(), victim.log
        assert all(deliver(victim, raw) == os.EX_OK for raw in mails if raw not in kept)
        drain(victim)
        rows = [row for row in victim.ask("inbox") if row["ending"] != "duplicate"]
        assert sorted(named(row["subject"]) for row in rows) == [f"mail-{number}-0" for number in range(len(PIPE))]
        assert len(victim.ask("incidents")) == len(PIPE)
        assert victim.stop() == 0
    assert killed >= len(PIPE) - 1
