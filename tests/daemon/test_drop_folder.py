"""What `sitmail deliver` puts aside while nobody answers, and how the daemon takes it in: once, whole, as it came.

The program runs as a process of its own; the desk is the daemon's own rooms without its doors.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sitmail import config
from sitmail.cli import dropping
from sitmail.cli.deliver import tidied
from sitmail.daemon import drop_folder
from sitmail.daemon.drop_folder import empty, prepare
from sitmail.daemon.runtime import Runtime, now
from sitmail.store import inbox, schema
from sitmail.store.inbox import Waiting

RUN = [sys.executable, "-c", "import sys; from sitmail.cli.deliver import deliver; sys.exit(deliver(sys.argv[1:]))"]
ROOT = Path(__file__).parents[2]
MAIL = b"From: jane@example.net\nTo: help@example.com\nSubject: printer\n\n.\nIt is gr\xc3\xbcn.\n"
CONFIG = """
[desk]
address = "support@example.com"
[directory]
files = []
[[mailbox]]
address = "help@example.com"
"""


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """On a disk: beside a socket in memory nothing is put aside."""
    on_disk = next((one for one in (tmp_path, Path("/var/tmp"), ROOT) if not dropping.volatile(one)), None)
    if on_disk is None:
        pytest.skip("needs a folder for temporary files that is not in memory")
    if on_disk == tmp_path:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=on_disk) as folder:
        yield Path(folder)


@pytest.fixture
def runtime(tmp_path: Path, sqlite_template: Path) -> Iterator[Runtime]:
    shutil.copy(sqlite_template, tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    runtime = Runtime(config.load(tmp_path / "config.toml", {}))
    prepare(runtime.settings.lmtp.spool)
    yield runtime
    runtime.database.close()


def deliver(*argv: str, mail: bytes = MAIL, named: bool = True, **environ: str) -> tuple[int, str]:
    """The folder beside the socket is named, as a test's folder may be in memory."""
    if named:
        environ = {"SITMAIL_SPOOL": str(Path(argv[1]).parent / "deliver"), **environ}
    done = subprocess.run(
        [*RUN, *argv],
        input=mail,
        capture_output=True,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr.decode()


def lying(folder: Path) -> list[Path]:
    return sorted((folder / "deliver" / "new").iterdir())


def waiting(runtime: Runtime) -> list[Waiting]:
    with runtime.database.read() as connection:
        return inbox.waiting(connection, 100, now())


@pytest.mark.parametrize("where", ["beside", "option", "environment"])
async def test_kept_while_nobody_answers_and_taken_in_later(runtime: Runtime, tmp_path: Path, where: str) -> None:
    """Beside the socket that is not there, or in the folder that is named; with the moment it came."""
    socket = {"beside": str(tmp_path / "lmtp.sock")}.get(where, "127.0.0.1:1")
    options = ["--spool", str(tmp_path / "deliver")] if where == "option" else []
    environ = {"SITMAIL_SPOOL": str(tmp_path / "deliver")} if where == "environment" else {}
    before = now()
    argv = ["--socket", socket, *options, "-f", "jane@example.net", "help@example.com"]
    assert deliver(*argv, named=False, **environ) == (0, "")
    assert lying(tmp_path)[0].stat().st_mode & 0o777 == 0o600
    then = now()
    assert await empty(runtime, set()) == 1
    [kept] = waiting(runtime)
    assert (kept.sender, kept.recipients, kept.door) == ("jane@example.net", ("help@example.com",), "pipe")
    assert before <= kept.received <= then
    assert kept.data == MAIL.replace(b"\n", b"\r\n")
    assert lying(tmp_path) == []
    assert await empty(runtime, set()) == 0


@pytest.mark.parametrize(
    ("argv", "recipients"),
    [
        ([], ("help@example.com",)),
        (["nobody@example.org"], ("support@example.com",)),
        (["nobody@example.org", "support@example.com", "support+x@example.com"],
         ("support@example.com", "support+x@example.com")),
    ],
)  # fmt: skip
async def test_whom_it_was_for_is_found_out_later(
    runtime: Runtime, tmp_path: Path, argv: list[str], recipients: tuple[str, ...]
) -> None:
    """The pipe cannot ask which addresses are ours; what it took is not lost for a wrong one."""
    header = b"Delivered-To: jane@example.net\n" if not argv else b""
    assert deliver("--socket", str(tmp_path / "lmtp.sock"), *argv, mail=header + MAIL)[0] == 0
    await empty(runtime, set())
    assert [kept.recipients for kept in waiting(runtime)] == [recipients]


async def test_what_comes_by_both_ways_is_one_mail(runtime: Runtime, tmp_path: Path) -> None:
    """A daemon that died between its commit and its reply; a crash between our commit and the removal."""
    for _ in range(3):
        assert deliver("--socket", str(tmp_path / "none"), "help@example.com")[0] == 0
    assert len(lying(tmp_path)) == 3
    await empty(runtime, set())
    assert len(waiting(runtime)) == 1
    with runtime.database.read() as connection:
        endings = connection.execute(select(schema.inbox.c.ending).order_by(schema.inbox.c.id)).scalars()
        assert list(endings) == ["waiting", "duplicate", "duplicate"]


@pytest.mark.parametrize(
    "breaks",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data + b"x",
        lambda data: data.partition(b"\n")[2],
        lambda _: b"",
        lambda _: b"[1]\nx",
        lambda _: b'{"sender": "", "groups": 7, "guessed": false, "received": 0, "size": 1}\nx',
        lambda _: b'{"sender": "", "groups": [], "guessed": false, "received": 1e99, "size": 1}\nx',
    ],
)
async def test_what_is_not_whole_stays_and_holds_nobody_up(
    runtime: Runtime, tmp_path: Path, breaks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    new = tmp_path / "deliver" / "new"
    assert deliver("--socket", str(tmp_path / "none"), "help@example.com")[0] == 0
    [good] = lying(tmp_path)
    (new / "0").write_bytes(breaks(good.read_bytes()))
    (new / "1").mkdir()
    (tmp_path / "deliver" / "tmp" / "half").write_bytes(good.read_bytes())
    (new / "2").symlink_to(tmp_path / "deliver" / "tmp" / "half")
    known: set[str] = set()
    with caplog.at_level(logging.ERROR):
        assert [await empty(runtime, known) for _ in range(3)] == [1, 0, 0]
    assert [path.name for path in lying(tmp_path)] == ["0", "1", "2"]
    assert sum("stumbled" in record.getMessage() for record in caplog.records) == 3
    assert len(waiting(runtime)) == 1


async def test_a_big_mail_and_a_full_disk(runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    big = MAIL + b"x" * 70 + b"\n"
    big += (b"y" * 70 + b"\n") * 450_000
    assert deliver("--socket", str(tmp_path / "none"), "help@example.com", mail=big)[0] == 0
    monkeypatch.setattr(runtime, "guard", lambda: "452 4.3.1 full")
    assert await empty(runtime, set()) == 0
    assert len(lying(tmp_path)) == 1
    monkeypatch.undo()
    assert await empty(runtime, set()) == 1
    [kept] = waiting(runtime)
    assert kept.size == len(tidied(big))
    with runtime.database.read() as connection:
        assert runtime.blobs.read(connection, kept.raw) == tidied(big)
    assert list((tmp_path / "spool").iterdir()) == []


async def test_what_could_not_be_kept_stays(runtime: Runtime, tmp_path: Path) -> None:
    assert deliver("--socket", str(tmp_path / "none"), "help@example.com")[0] == 0
    runtime.database.close()
    known: set[str] = set()
    assert await empty(runtime, known) == 0
    assert [path.name for path in lying(tmp_path)] == list(known)


def test_try_again_where_nobody_would_take_it_out(tmp_path: Path) -> None:
    """No folder, half a folder, a folder we may not write in, a disk that is full."""
    assert deliver("--socket", str(tmp_path / "lmtp.sock"), "help@example.com")[0] == 75
    (tmp_path / "deliver" / "new").mkdir(parents=True)
    assert deliver("--socket", str(tmp_path / "lmtp.sock"), "help@example.com")[0] == 75
    prepare(tmp_path / "deliver")
    argv = ["--socket", "none", "--spool", str(tmp_path / "deliver"), "a@example.com"]
    limited = ["sh", "-c", 'ulimit -f 100; exec "$@"', "sh", *RUN, *argv]
    done = subprocess.run(
        limited, input=MAIL + b"x\n" * 500_000, cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 75
    assert done.stderr.count(b"\n") == 1
    for part in ("new", "tmp"):
        assert list((tmp_path / "deliver" / part).iterdir()) == []


def test_what_was_refused_is_not_put_aside(tmp_path: Path) -> None:
    """A daemon that goes after it has said no to somebody: the mail server asks again, and hears it again."""
    prepare(tmp_path / "deliver")

    async def play(script: bytes) -> int:
        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(script)
            writer.write_eof()
            while await reader.read(1000):
                pass
            writer.close()

        server = await asyncio.start_unix_server(hang_up, tmp_path / "s")
        code, _ = await asyncio.to_thread(deliver, "--socket", str(tmp_path / "s"), "a@example.com", "b@example.com")
        server.close()
        (tmp_path / "s").unlink(missing_ok=True)
        return code

    begin = b"220 x\r\n250 x\r\n250 x\r\n"
    for script, code, kept in [
        (begin + b"550 5.1.1 no\r\n", 75, 0),
        (begin + b"250 x\r\n452 full\r\n354 x\r\n", 75, 0),
        (begin + b"250 x\r\n250 x\r\n354 x\r\n452 full\r\n", 75, 0),
        (begin + b"250 x\r\n250 x\r\n354 x\r\n452 full\r\n452 full\r\n", 75, 0),
        (b"421 later\r\n", 75, 0),
        (begin + b"250 x\r\n250 x\r\n354 x\r\n250 x\r\n250 cut", 0, 1),
        (begin + b"250 x\r\n", 0, 1),
        (b"", 0, 1),
    ]:
        assert asyncio.run(play(script)) == code, script
        found = lying(tmp_path)
        assert len(found) == kept, script
        for path in found:
            path.unlink()


def test_killed_in_the_middle_leaves_nothing_in_the_daemons_way(runtime: Runtime, tmp_path: Path) -> None:
    """Whatever moment a kill comes: what lies in `new` is whole."""
    big = MAIL + b"z\n" * 2_000_000
    argv = [*RUN, "--socket", "none", "--spool", str(tmp_path / "deliver"), "help@example.com"]
    folder = tmp_path / "deliver"
    for pause in (0.0, 0.0, 0.0, 0.002, 0.005, 0.01, 0.02, 0.04):
        before = len(list(folder.rglob("*")))
        child = subprocess.Popen(argv, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT)
        assert child.stdin
        child.stdin.write(big)
        child.stdin.close()
        until = time.monotonic() + 20
        while len(list(folder.rglob("*"))) == before and child.poll() is None and time.monotonic() < until:
            pass
        time.sleep(pause)
        child.send_signal(signal.SIGKILL)
        child.wait()
    known: set[str] = set()
    whole = len(lying(tmp_path))
    assert asyncio.run(empty(runtime, known)) == whole
    assert known == set()
    drop_folder._sweep(tmp_path / "deliver" / "tmp", time.time() + drop_folder.ABANDONED + 60)
    assert list((tmp_path / "deliver" / "tmp").iterdir()) == []


def test_a_user_of_the_group_may_drop_and_the_daemon_can_read(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    folder = tmp_path / "deliver"
    prepare(folder)
    assert [path.stat().st_mode & 0o777 for path in (folder, folder / "new", folder / "tmp")] == [0o770] * 3
    for parent in tmp_path.parents[:3]:
        parent.chmod(parent.stat().st_mode | 0o011)
    tmp_path.chmod(0o711)
    for part in (folder, folder / "new", folder / "tmp"):
        os.chown(part, 0, 54321)
    code = (
        "import os, sys; os.setgroups(eval(sys.argv[2])); os.setgid(65534); os.setuid(65534)\n"
        "from pathlib import Path; keep(Path(sys.argv[1]), 's', [['a']], False, b'x')"
    )
    script = Path(dropping.__file__).read_text() + code
    member = subprocess.run([sys.executable, "-c", script, folder, "[54321]"], capture_output=True, check=False)
    assert member.returncode == 0, member.stderr
    [file] = lying(tmp_path)
    assert (file.stat().st_gid, file.stat().st_mode & 0o777) == (54321, 0o640)
    stranger = subprocess.run([sys.executable, "-c", script, folder, "[]"], capture_output=True, check=False)
    assert b"PermissionError" in stranger.stderr
    assert len(lying(tmp_path)) == 1


@pytest.mark.parametrize(
    ("mounts", "folder", "lost"),
    [
        (b"/dev/vda / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n", "/run/sitmail/deliver", True),
        (b"/dev/vda / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n", "/var/lib/deliver", False),
        (b"/dev/vda / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n", "/runner/deliver", False),
        (b"none / tmpfs rw 0 0\n/dev/vda /var ext4 rw 0 0\n", "/var/deliver", False),
        (b"", "/var/deliver", True),
    ],
)
def test_a_folder_that_a_reboot_empties_is_not_durable(
    monkeypatch: pytest.MonkeyPatch, mounts: bytes, folder: str, lost: bool
) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda _: mounts)
    assert dropping.volatile(Path(folder)) is lost


def test_the_envelope_is_json_on_one_line(tmp_path: Path) -> None:
    prepare(tmp_path / "deliver")
    assert deliver("--socket", str(tmp_path / "none"), "-f", "", "grü@example.com", "b@example.com", mail=b"x")[0] == 0
    head, _, mail = lying(tmp_path)[0].read_bytes().partition(b"\n")
    envelope = json.loads(head)
    assert (envelope["sender"], envelope["groups"], envelope["guessed"]) == (
        "",
        [["grü@example.com", "b@example.com"]],
        False,
    )
    assert mail == b"x\r\n"
