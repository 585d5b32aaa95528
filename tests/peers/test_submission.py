"""Engineers and scripts log in at the running daemon with other people's programs, over TLS of both kinds."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.real_desk import Desk, eventually, port

PASSWORD = "correct horse"


def certify(folder: Path, name: str) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl (make peers)")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout key.pem"
    subprocess.run(
        [*command.split(), "-out", "cert.pem", "-subj", f"/CN={name}"], cwd=folder, check=True, capture_output=True
    )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, int]]:
    """A desk with both kinds of TLS and one password; and the port where TLS comes first."""
    desk, tls = Desk(tmp_path), port()
    certify(tmp_path, "first.example.com")
    desk.change(
        f'listen = ["127.0.0.1:{desk.smtp}"]\n',
        f'listen = ["127.0.0.1:{desk.smtp}", "tls:127.0.0.1:{tls}"]\n'
        'tls_cert = "cert.pem"\ntls_key = "key.pem"\npasswords = "passwd"\n',
    )
    given = subprocess.run(
        desk.command("passwd", "ann"), env=desk.environment, input=PASSWORD, text=True, capture_output=True, check=False
    )
    assert given.returncode == 0, given.stderr
    desk.start()
    yield desk, tls
    desk.stop()


def swaks(door: int, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    if shutil.which("swaks") is None:
        pytest.skip("needs swaks (make peers)")
    login = ["--auth", "PLAIN", "--auth-user", "ann", "--auth-password", password] if password else []
    command = ["swaks", "--server", f"127.0.0.1:{door}", "--to", "support@example.com", *login, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_login_gives_an_engineer_his_powers(desk: tuple[Desk, int]) -> None:
    """The same mail, first without a login: it is kept, and waits for a proof."""
    there, tls = desk
    assert (
        swaks(there.smtp, "--from", "carol@example.org", "--header", "Subject: Crane", "--body", "Stuck.").returncode
        == 0
    )
    there.ended(1)
    take = ["--from", "ann@example.com", "--header", "Subject: [EX-1] Crane", "--body"]
    assert swaks(tls, "--tls-on-connect", *take, "/status research").returncode == 0
    assert [row["ending"] for row in there.ended(2)].count("held") == 1
    done = swaks(tls, "--tls-on-connect", *take, "/status research\n\nx", password=PASSWORD)
    assert "235 2.7.0" in done.stdout, done.stdout
    rows = there.ended(3)
    assert [row["ending"] for row in rows].count("applied") == 1
    assert there.ask("incident", "1")["status"] == "research"
    done = swaks(there.smtp, "--tls", *take, "/status active\n\ny", password=PASSWORD)
    assert "235 2.7.0" in done.stdout, done.stdout
    there.ended(4)
    assert there.ask("incident", "1")["status"] == "active"


def test_wrong_passwords_lock_out_and_nothing_goes_in_the_clear(desk: tuple[Desk, int]) -> None:
    there, tls = desk
    plain = swaks(there.smtp, "--from", "ann@example.com", password=PASSWORD)
    assert [line for line in plain.stdout.splitlines() if line.startswith("<") and "AUTH" in line] == []
    tries = [swaks(tls, "--tls-on-connect", "--from", "ann@example.com", password="wrong horse") for _ in range(6)]
    assert ["421 4.7.0" in done.stdout for done in tries] == [False] * 5 + [True]  # swaks tries once a connection
    assert "421" in swaks(tls, "--tls-on-connect", "--from", "ann@example.com", password=PASSWORD).stdout
    assert there.ask("inbox") == []


def test_a_renewed_certificate_is_shown_after_a_reload_and_a_bad_one_is_not(desk: tuple[Desk, int]) -> None:
    there, tls = desk

    def shown() -> str:
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{tls}"],
            input="",
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    assert "first.example.com" in shown()
    certify(there.folder, "second.example.com")
    assert there.process
    there.process.send_signal(signal.SIGHUP)
    eventually(lambda: "second.example.com" in shown(), "the new certificate")
    (there.folder / "cert.pem").write_text("nonsense")
    there.process.send_signal(signal.SIGHUP)
    eventually(lambda: "reload-refused" in (there.folder / "log").read_text(), "a refusal in the log")
    assert "second.example.com" in shown()
