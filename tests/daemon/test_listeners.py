"""Listening: addresses in the configuration, sockets from systemd, and Unix sockets that a crash left behind."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sitmail.daemon.listeners import Place, inherited_sockets, open_listeners, place


class Door(asyncio.Protocol):
    """Says hello to whoever comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello\n")
        transport.close()


async def greeting(address: str) -> bytes:
    if address.startswith("unix:"):
        reader, writer = await asyncio.open_unix_connection(address.removeprefix("unix:"))
    else:
        host, _, port = address.rpartition(":")
        reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    text = await reader.read()
    writer.close()
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8025", Place("127.0.0.1", 8025)),
        ("[::1]:25", Place("::1", 25)),
        ("localhost:0", Place("localhost", 0)),
        ("*:25", Place("", 25)),
        (":25", Place("", 25)),
        ("tls:127.0.0.1:465", Place("127.0.0.1", 465, tls=True)),
        ("tls:[::1]:465", Place("::1", 465, tls=True)),
        ("unix:lmtp.sock", Place(path=Path("/base/lmtp.sock"))),
        ("unix:/run/sitmail/lmtp.sock", Place(path=Path("/run/sitmail/lmtp.sock"))),
    ],
)
def test_what_may_be_written(text: str, expected: Place) -> None:
    assert place(text, Path("/base")) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "8025", "127.0.0.1", "127.0.0.1:", "127.0.0.1:smtp", "127.0.0.1:65536", "::1:25", "host:-1", "host:²"),
        *("unix:", "unix:" + "x" * 120, "tls:", "tls:465", "tls:unix:x"),
    ],
)
def test_what_may_not(text: str) -> None:
    with pytest.raises(ValueError, match="listen"):
        place(text, Path("/base"))


async def test_names_show_the_real_port(tmp_path: Path) -> None:
    opened = await open_listeners("smtp", ["127.0.0.1:0", "127.0.0.1:0"], Door, base=tmp_path)
    assert len({listener.address for listener in opened}) == 2
    for listener in opened:
        assert listener.name == f"smtp {listener.address}"
        assert not listener.address.endswith(":0")
        assert await greeting(listener.address) == b"hello\n"
        await listener.close()
        with pytest.raises(ConnectionRefusedError):
            await greeting(listener.address)


async def test_places_with_tls_first_get_the_other_door(tmp_path: Path) -> None:
    class Encrypted(Door):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            transport.write(b"other\n")
            transport.close()

    plain, tls = await open_listeners(
        "smtp", ["127.0.0.1:0", "tls:127.0.0.1:0"], Door, base=tmp_path, encrypted=Encrypted
    )
    assert tls.name.startswith("smtp tls:127.0.0.1:")
    assert await greeting(plain.address) == b"hello\n"
    assert await greeting(tls.address.removeprefix("tls:")) == b"other\n"
    passed = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    inherited = {"smtp": passed[:1], "smtps": passed[1:]}
    more = await open_listeners("smtp", ["nonsense"], Door, base=tmp_path, inherited=inherited, encrypted=Encrypted)
    assert [await greeting(one.address.removeprefix("tls:")) for one in more] == [b"hello\n", b"other\n"]
    with pytest.raises(ValueError, match="certificate"):
        await open_listeners("smtp", ["tls:127.0.0.1:0"], Door, base=tmp_path)
    for listener in (plain, tls, *more):
        await listener.close()


async def test_a_unix_socket_is_for_the_group_and_goes_with_us(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        [listener] = await open_listeners("lmtp", ["unix:lmtp.sock"], Door, base=tmp_path)
    finally:
        os.umask(before)
    path = tmp_path / "lmtp.sock"
    assert listener.name == f"lmtp unix:{path}"
    assert path.stat().st_mode & 0o777 == 0o660
    assert await greeting(listener.address) == b"hello\n"
    await listener.close()
    assert not path.exists()


async def test_what_a_crash_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    [listener] = await open_listeners("lmtp", [f"unix:{path}"], Door, base=tmp_path)
    assert await greeting(listener.address) == b"hello\n"
    await listener.close()


async def test_a_living_neighbour_and_a_file_are_left_alone(tmp_path: Path) -> None:
    [first] = await open_listeners("lmtp", ["unix:lmtp.sock"], Door, base=tmp_path)
    with pytest.raises(OSError, match="another daemon listens"):
        await open_listeners("lmtp", ["unix:lmtp.sock"], Door, base=tmp_path)
    assert await greeting(first.address) == b"hello\n"
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(FileExistsError, match="no socket"):
        await open_listeners("lmtp", ["unix:precious"], Door, base=tmp_path)
    assert (tmp_path / "precious").read_text() == "mine"
    await first.close()


async def test_closing_leaves_a_successors_socket_alone(tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    [first] = await open_listeners("lmtp", ["unix:lmtp.sock"], Door, base=tmp_path)
    path.rename(tmp_path / "old.sock")
    [second] = await open_listeners("lmtp", ["unix:lmtp.sock"], Door, base=tmp_path)
    await first.close()
    assert await greeting(second.address) == b"hello\n"
    await second.close()


async def test_all_or_nothing(tmp_path: Path) -> None:
    [taken] = await open_listeners("smtp", ["127.0.0.1:0"], Door, base=tmp_path)
    with pytest.raises(OSError, match="in use"):
        await open_listeners("smtp", ["unix:a.sock", taken.address], Door, base=tmp_path)
    assert not (tmp_path / "a.sock").exists()
    with pytest.raises(ValueError, match="listen"):
        await open_listeners("smtp", ["unix:a.sock", "nonsense"], Door, base=tmp_path)
    assert not (tmp_path / "a.sock").exists()
    await taken.close()


async def test_closing_does_not_wait_for_sessions(tmp_path: Path) -> None:
    [listener] = await open_listeners("smtp", ["127.0.0.1:0"], asyncio.Protocol, base=tmp_path)
    host, _, port = listener.address.rpartition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    await asyncio.wait_for(listener.close(), 5)
    writer.close()


async def test_sockets_from_systemd_take_the_place_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "systemd.sock"
    inet, unix = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)
    unix.bind(str(path))
    unix.listen()
    passed = {"smtp": [inet], "lmtp": [unix]}
    [smtp] = await open_listeners("smtp", ["127.0.0.1:1"], Door, base=tmp_path, inherited=passed)
    [lmtp] = await open_listeners("lmtp", [], Door, base=tmp_path, inherited=passed)
    for listener in (smtp, lmtp):
        assert await greeting(listener.address) == b"hello\n"
        await listener.close()
    assert path.exists()  # it is systemd's


@pytest.mark.parametrize(
    "environ", [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "x"}]
)
def test_nothing_from_systemd(environ: dict[str, str]) -> None:
    assert inherited_sockets(environ, os.getpid()) == {}
    assert environ == {}


def test_names_and_numbers_of_systemd() -> None:
    """In a process of its own, as the numbers are fixed."""
    child = (
        "import os\nfrom sitmail.daemon.listeners import inherited_sockets\n"
        "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='3', LISTEN_FDNAMES='smtp:lmtp:smtp')\n"
        "found = inherited_sockets(os.environ, os.getpid())\n"
        "print({name: [s.getsockname()[1] for s in socks] for name, socks in found.items()}, sorted(found))\n"
        "print([os.get_inheritable(n) for n in (3, 4, 5)], 'LISTEN_FDS' in os.environ)\n"
    )
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    moved = [os.dup(sock.fileno()) for sock in sockets]
    script = "".join(f"os.dup2({n + 50}, {n})\n" for n in (3, 4, 5))
    passing = "import os, sys\n" + script + "os.execv(sys.executable, [sys.executable, '-c', sys.argv[1]])\n"
    for place_, number in zip((53, 54, 55), moved, strict=True):
        os.dup2(number, place_, inheritable=True)
        os.close(number)
    try:
        done = subprocess.run(
            [sys.executable, "-c", passing, child], pass_fds=(53, 54, 55), capture_output=True, text=True, check=True
        )
    finally:
        for number in (53, 54, 55):
            os.close(number)
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    names, flags = done.stdout.splitlines()
    assert names == f"{{'smtp': [{ports[0]}, {ports[2]}], 'lmtp': [{ports[1]}]}} ['lmtp', 'smtp']"
    assert flags == "[False, False, False] False"
