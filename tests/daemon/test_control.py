"""The control socket: its owner only, one answer for each question, and no client harms the daemon."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest

from sitmail.cli.ask import ask
from sitmail.cli.failure import Failure
from sitmail.daemon import control
from sitmail.daemon.control import Control, Handler
from sitmail.services.reports import NoAnswer


async def echo(args: dict[str, Any]) -> object:
    return args


async def refuse(_args: dict[str, Any]) -> object:
    raise NoAnswer("There is no incident 9.", os.EX_NOINPUT)


async def fail(_args: dict[str, Any]) -> object:
    raise ZeroDivisionError("a secret")


async def raw(_args: dict[str, Any]) -> object:
    return b"\0\r\n" * 100_000


HANDLERS: dict[str, Handler] = {"echo": echo, "refuse": refuse, "fail": fail, "raw": raw}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


async def asked(path: Path, verb: str, **args: object) -> tuple[bool, Any]:
    return await asyncio.to_thread(ask, path, verb, args)


async def sent(path: Path, line: bytes) -> dict[str, Any]:
    reader, writer = await asyncio.open_unix_connection(path, limit=1 << 20)
    writer.write(line)
    if not line.endswith(b"\n"):
        writer.write_eof()
    answer: dict[str, Any] = json.loads(await reader.readline())
    writer.close()
    return answer


async def test_a_question_is_answered_and_the_peer_is_named(path: Path) -> None:
    desk = Control(path, HANDLERS)
    await desk.start()
    answered, value = await asked(path, "echo", number=7, actor="somebody else")
    assert answered
    assert value["number"] == 7
    assert value["actor"] not in ("", "somebody else")
    await desk.stop()
    assert not path.exists()
    assert await asked(path, "echo") == (False, None)


async def test_raw_bytes_come_as_they_are(path: Path) -> None:
    desk = Control(path, HANDLERS)
    await desk.start()
    assert await asked(path, "raw") == (True, b"\0\r\n" * 100_000)
    await desk.stop()


async def test_a_refusal_keeps_its_sentence_and_code(path: Path) -> None:
    desk = Control(path, HANDLERS)
    await desk.start()
    with pytest.raises(Failure, match=r"There is no incident 9\.") as refused:
        await asked(path, "refuse")
    assert refused.value.code == os.EX_NOINPUT
    await desk.stop()


async def test_a_failing_handler_gives_a_reference_and_no_internals(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Control(path, HANDLERS)
    await desk.start()
    answer = await sent(path, b'{"verb": "fail"}\n')
    assert answer["code"] == os.EX_SOFTWARE
    assert "secret" not in answer["error"]
    reference = answer["error"].split()[-1].rstrip(".")
    assert reference in caplog.text
    assert (await asked(path, "echo"))[0]
    await desk.stop()


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"nonsense\n",
        b"[]\n",
        b"{}\n",
        b'{"verb": 3}\n',
        b'{"verb": "echo", "args": 3}\n',
        b"\xff\n",
        b"x" * 70_000,
    ],
)
async def test_nonsense_is_refused_and_the_daemon_goes_on(path: Path, line: bytes) -> None:
    desk = Control(path, HANDLERS)
    await desk.start()
    assert (await sent(path, line))["code"] == os.EX_USAGE
    assert (await sent(path, b'{"verb": "unheard-of"}\n'))["code"] == os.EX_UNAVAILABLE
    assert (await asked(path, "echo"))[0]
    await desk.stop()


async def test_a_silent_peer_is_let_go(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "ASKING_TIME", 0.05)
    desk = Control(path, HANDLERS)
    await desk.start()
    reader, writer = await asyncio.open_unix_connection(path)
    assert json.loads(await reader.readline())["code"] == os.EX_TEMPFAIL
    assert await reader.read() == b""
    writer.close()
    await desk.stop()


async def test_a_peer_that_leaves_before_the_answer_harms_nobody(path: Path) -> None:
    desk = Control(path, HANDLERS)
    await desk.start()
    for _ in range(3):
        _, writer = await asyncio.open_unix_connection(path)
        writer.write(b'{"verb": "raw"}\n')
        writer.transport.abort()
    assert (await asked(path, "echo"))[0]
    await desk.stop()


async def test_only_its_owner_may_connect(path: Path) -> None:
    desk = Control(path, HANDLERS)
    await desk.start()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await desk.stop()


async def test_another_user_is_refused_even_if_the_socket_let_him(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel names the peer's uid; here it is ours that is another one."""
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    monkeypatch.setattr(control, "_uid", lambda _writer: 12345)
    desk = Control(path, HANDLERS)
    await desk.start()
    assert (await sent(path, b'{"verb": "echo"}\n'))["code"] == os.EX_NOPERM
    await desk.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
async def test_the_kernel_tells_who_asks() -> None:
    """A child process of another uid connects through a socket opened wide, and is refused."""
    folder = tempfile.TemporaryDirectory()
    Path(folder.name).chmod(0o755)
    path = Path(folder.name) / "control.sock"
    desk = Control(path, HANDLERS)
    await desk.start()
    path.chmod(0o666)
    code = "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(s.recv(999).decode())"
    child = await asyncio.create_subprocess_exec(
        "python3", "-c", code, str(path), stdout=asyncio.subprocess.PIPE, user=65534, group=65534, cwd="/"
    )
    out, _ = await child.communicate()
    assert json.loads(out)["code"] == os.EX_NOPERM
    await desk.stop()
    folder.cleanup()


async def test_the_socket_of_a_dead_daemon_is_replaced(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    desk = Control(path, HANDLERS)
    await desk.start()
    assert (await asked(path, "echo"))[0]
    await desk.stop()


async def test_a_living_daemon_and_a_file_are_left_alone(path: Path, tmp_path: Path) -> None:
    desk = Control(path, HANDLERS)
    await desk.start()
    with pytest.raises(FileExistsError, match="another desk answers"):
        await Control(path, HANDLERS).start()
    assert (await asked(path, "echo"))[0]
    await desk.stop()
    (tmp_path / "note").write_text("mine")
    with pytest.raises(FileExistsError, match="no socket"):
        await Control(tmp_path / "note", HANDLERS).start()
    assert (tmp_path / "note").read_text() == "mine"


async def test_a_deep_folder_is_reached_too(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / "control.sock"
    deep.parent.mkdir()
    desk = Control(deep, HANDLERS)
    await desk.start()
    assert (await asked(deep, "echo"))[0]
    await desk.stop()
    assert not deep.exists()


async def test_stopping_answers_what_is_under_way(path: Path) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_args: dict[str, Any]) -> object:
        begun.set()
        await go_on.wait()
        return "done"

    desk = Control(path, {"slow": slow})
    await desk.start()
    question = asyncio.create_task(asked(path, "slow"))
    await begun.wait()
    stopping = asyncio.create_task(desk.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping
    assert await question == (True, "done")
