"""Fetching mailboxes from Dovecot: woken by IDLE, restarted at any moment; no mail is lost or doubled."""

from __future__ import annotations

import asyncio
import http.server
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest

from sitmail import config
from sitmail.daemon import imap_accounts
from tests.fetching import TIMES, hurry, kept, position, rows, running, settled, status, until
from tests.peers.real_desk import Desk, eventually
from tests.peers.real_dovecot import PARTS, PASSWORD, Dovecot, Proxy

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "hosted-mailbox.md"
LETTER = """Return-Path: <carol@example.org>
Delivered-To: support@example.com
From: Carol Carter <carol@example.org>
To: support@example.com
Subject: Crane {n}
Message-ID: <crane{n}@example.org>

It stopped, for the {n}. time.
"""
ACCOUNT = """
[[imap]]
host = "127.0.0.1"
port = {port}
security = "none"
user = "support"
password = "{password}"
first = "{first}"
{more}
"""
PATIENT = replace(TIMES, patience=replace(TIMES.patience, command=20.0))


def letters(first: int, last: int) -> list[bytes]:
    return [LETTER.format(n=n).encode() for n in range(first, last + 1)]


Start = Callable[..., Dovecot]


@pytest.fixture
def dovecot() -> Iterator[Start]:
    """Starts a Dovecot with these lines more in its configuration."""
    if shutil.which("dovecot") is None:
        pytest.skip("needs dovecot (make peers)")
    if os.geteuid() != 0:
        pytest.skip("needs root to start a private dovecot")
    folder = Path(tempfile.mkdtemp(prefix="sitmail-dovecot-"))  # its processes must be able to walk there
    instance = Dovecot(folder / "it")

    def start(more: str = "", certificate: Path | None = None) -> Dovecot:
        instance.more, instance.certificate = more, certificate
        return instance.__enter__()

    yield start
    instance.stop()
    shutil.rmtree(folder)


def configured(folder: Path, port: int, more: str = "", first: str = "all") -> Path:
    path = folder / "config.toml"
    desk = '[desk]\naddress = "support@example.com"\n[relay]\nurl = "maildir:outgoing"\n'
    path.write_text(desk + ACCOUNT.format(port=port, password=PASSWORD, more=more, first=first))
    path.chmod(0o600)
    return path


def subjects(paths: list[Path]) -> list[str]:
    return sorted(message_from_bytes(path.read_bytes())["Subject"] for path in paths)


# --- the whole way, with a desk of its own


def test_a_conversation_through_a_mailbox(dovecot: Start, tmp_path: Path) -> None:
    """What comes wakes the desk at once: it would look by itself only after minutes."""
    server = dovecot()
    server.put("support", *letters(1, 1))
    desk = Desk(tmp_path)
    with (tmp_path / "config.toml").open("a") as file:
        file.write(ACCOUNT.format(port=server.port, password=PASSWORD, more='done_folder = "Done"', first="all"))
    (tmp_path / "config.toml").chmod(0o600)
    subprocess.run([*desk.command("check"), "--connect"], env=desk.environment, check=True, capture_output=True)
    desk.start()
    try:
        desk.ended(1)
        told = desk.letters("carol@example.org")[-1]
        answer = f"From: carol@example.org\nTo: {told['Reply-To']}\nSubject: Re: {told['Subject']}\n\nStill stuck.\n"
        server.put("support", answer.encode())
        assert sorted(row["ending"] for row in desk.ended(2)) == ["applied", "new"]
        assert len(desk.ask("incidents")) == 1
        eventually(lambda: len(server.mails("support", "Done")) == 2, "two mails that were moved")
        assert server.mails("support") == []
        assert desk.ask("status")["mailboxes"] == {"troubles": [], "left_behind": [], "left_alone": []}
    finally:
        desk.stop()


def test_once_fetches_what_is_there(dovecot: Start, tmp_path: Path) -> None:
    server = dovecot()
    server.put("support", *letters(1, 3))
    desk = Desk(tmp_path)
    with (tmp_path / "config.toml").open("a") as file:
        file.write(ACCOUNT.format(port=server.port, password=PASSWORD, more="", first="all"))
    (tmp_path / "config.toml").chmod(0o600)
    subprocess.run([*desk.command("run"), "--once"], env=desk.environment, check=True, capture_output=True, timeout=60)
    assert [row["ending"] for row in desk.ask("inbox")] == ["new"] * 3
    assert len(desk.letters("carol@example.org")) == 3


# --- restarts


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "UID SEARCH", "RFC822.SIZE", "BODY.PEEK", "UID MOVE", "IDLE"])
async def test_a_restart_in_the_middle(dovecot: Start, tmp_path: Path, command: str, when: str) -> None:
    server = dovecot()
    server.put("support", *letters(1, 5))
    with Proxy(server.port).running() as proxy:
        proxy.cut = (re.compile(command.encode()), when, server.restart)
        path = configured(tmp_path, proxy.port, 'done_folder = "Done"')
        async with running(path, PATIENT) as runtime:
            await until(settled(runtime, 5), 60)
            await until(lambda: proxy.cuts == 1)
            server.put("support", *letters(6, 6))
            await until(settled(runtime, 6), 60)
            assert [row.ending for row in rows(runtime)] == ["waiting"] * 6
            assert server.mails("support") == []
            assert subjects(server.mails("support", "Done")) == [f"Crane {n}" for n in range(1, 7)]


async def test_restarts_all_the_time(dovecot: Start, tmp_path: Path) -> None:
    server = dovecot()
    server.put("support", *letters(1, 300))
    async with running(configured(tmp_path, server.port, 'done_folder = "Done"'), PATIENT) as runtime:
        for number in range(1, 6):
            await until(lambda: len(rows(runtime)) >= 30 * number)  # noqa: B023
            server.restart()
        await until(settled(runtime, 300), 60)
        assert len({row.content for row in rows(runtime)}) == 300
        assert sum(row.ending == "waiting" for row in rows(runtime)) == 300
        assert len(server.mails("support", "Done")) == 300


def test_a_desk_that_is_killed_again_and_again(dovecot: Start, tmp_path: Path) -> None:
    """Between fetching, keeping, writing the position down and moving: whatever was done is known or done again."""
    server = dovecot()
    server.put("support", *letters(1, 600))
    desk = Desk(tmp_path)
    with (tmp_path / "config.toml").open("a") as file:
        file.write(ACCOUNT.format(port=server.port, password=PASSWORD, more='done_folder = "Done"', first="all"))
    (tmp_path / "config.toml").chmod(0o600)
    for number in range(8):
        desk.start()
        assert desk.process
        time.sleep(0.1 * number)
        desk.process.kill()
        desk.process.wait()
    desk.start()
    try:
        eventually(lambda: not server.mails("support"), "an empty folder")
        kept = [row for row in desk.ended(600) if row["ending"] != "duplicate"]
        assert len(kept) == len(desk.ask("incidents")) == 600
        assert len(server.mails("support", "Done")) == 600
    finally:
        desk.stop()


# --- positions


async def test_another_uidvalidity_with_a_thousand_old_mails(dovecot: Start, tmp_path: Path) -> None:
    server = dovecot()
    server.put("support", *letters(1, 1000))
    path = configured(tmp_path, server.port)
    async with running(path, PATIENT) as runtime:
        await until(settled(runtime, 1000), 120)
    server.new_uidvalidity("support")
    server.put("support", *letters(1001, 1001))
    async with running(path, PATIENT) as runtime:
        await until(settled(runtime, 1001, uid=91_001), 120)
        assert len(rows(runtime)) == 2001


async def test_a_mailbox_with_a_past(dovecot: Start, tmp_path: Path) -> None:
    """Only what comes after the first start is taken, also when the server gives all mails new UIDs."""
    server = dovecot()
    server.put("support", *letters(1, 300))
    year_ago = time.time() - 365 * 86_400
    for mail in server.mails("support"):
        os.utime(mail, (year_ago, year_ago))  # Dovecot's INTERNALDATE
    path = configured(tmp_path, server.port, first="new")
    async with running(path, PATIENT) as runtime:
        await until(lambda: status(runtime)["mailboxes"]["left_alone"])
        server.put("support", *letters(301, 301))
        await until(settled(runtime, 1, uid=301))
    server.new_uidvalidity("support")
    server.put("support", *letters(302, 302))
    async with running(path, PATIENT) as runtime:
        await until(settled(runtime, 2, uid=90_302))
        [left] = status(runtime)["mailboxes"]["left_alone"]
        assert left["mails"] == 300
    (tmp_path / "another").mkdir()  # a desk with a store of its own
    async with running(configured(tmp_path / "another", server.port, first="all"), PATIENT) as runtime:
        await until(settled(runtime, 300, uid=90_300), 120)
        await until(lambda: position(runtime) >= 90_302)
        assert kept(runtime) == 300  # what the first one has marked is left alone


async def test_a_folder_of_twenty_thousand(dovecot: Start, tmp_path: Path) -> None:
    server = dovecot()
    server.put("support", *letters(1, 20_000))
    async with running(configured(tmp_path, server.port), PATIENT) as runtime:
        await until(settled(runtime, 20_000), 400)
        server.put("support", *letters(20_001, 20_001))
        await until(settled(runtime, 20_001))
        assert len(rows(runtime)) == 20_001


# --- servers that can less


@pytest.mark.parametrize("extensions", ["IDLE UIDPLUS", "IDLE", "MOVE"])
async def test_servers_that_can_less(dovecot: Start, tmp_path: Path, extensions: str) -> None:
    server = dovecot(f"imap_capability = IMAP4rev1 LITERAL+ {extensions}")
    server.put("support", *letters(1, 3))
    async with running(configured(tmp_path, server.port, 'done_folder = "Done"'), PATIENT) as runtime:
        await until(settled(runtime, 3))
        server.put("support", *letters(4, 4))
        await until(settled(runtime, 4))
        assert server.mails("support") == []
        assert len(server.mails("support", "Done")) == 4


QUOTA = """
imap_capability = IMAP4rev1 IDLE UIDPLUS
mail_plugins = quota
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage={limit}
  quota_grace = 0
}}
"""


async def test_over_quota_mail_is_kept_and_moved_when_there_is_room(dovecot: Start, tmp_path: Path) -> None:
    server = dovecot(QUOTA.format(limit="2B"))
    server.put("support", *letters(1, 3))
    path = configured(tmp_path, server.port, 'done_folder = "Done"')
    async with running(path, PATIENT) as runtime:
        await until(lambda: kept(runtime) == 3)
        server.put("support", *letters(4, 4))
        await until(lambda: kept(runtime) == 4)
        for number in range(5, 9):
            hurry(runtime)
            server.put("support", *letters(number, number))
            await until(lambda: kept(runtime) == number)  # noqa: B023
        await until(lambda: "marked as done: " in " ".join(status(runtime)["needs"]))
        assert len(server.mails("support")) == 8
        hurry(runtime)
    server.more = QUOTA.format(limit="1G")
    server.restart()
    async with running(path, PATIENT) as runtime:
        hurry(runtime)
        await until(settled(runtime, 8))
        assert server.mails("support") == []
        assert subjects(server.mails("support", "Done")) == [f"Crane {n}" for n in range(1, 9)]


async def test_names_beyond_ascii(dovecot: Start, tmp_path: Path) -> None:
    more = "namespace inbox {\n  inbox = yes\n  separator = /\n  mailbox Anfragen für uns {\n    auto = create\n  }\n}"
    server = dovecot(more.replace("Anfragen für uns", '"Für & von uns"'))
    path = configured(tmp_path, server.port, 'folder = "Für & von uns"\ndone_folder = "Erledigt/日本語"')
    async with running(path, PATIENT) as runtime:
        folder = "F&APw-r &- von uns"
        box = server.maildir("support", folder)
        await until(lambda: all((box / part).is_dir() for part in PARTS))
        server.put("support", *letters(1, 1), folder=folder)
        await until(settled(runtime, 1))
        await until(lambda: len(server.mails("support", "Erledigt.&ZeVnLIqe-")) == 1)


# --- TLS, and the page


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, with its key in the same file."""
    folder = tmp_path_factory.mktemp("certificate")
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    files = ["-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run([*request, *names, *files], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "cert").read_text() + (folder / "key").read_text())
    both.chmod(0o644)
    return both


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_the_pages_plain_mailbox_under_tls(
    dovecot: Start, authority: Path, tmp_path: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = dovecot("", authority)
    server.put("support@example.com", *letters(1, 2))
    text = snippets("toml")[0].replace("imap.example.com", "localhost")
    port = server.tls_port if security == "tls" else server.port
    text = text.replace("[[imap]]", f'[[imap]]\nfirst = "all"\nport = {port}\nsecurity = "{security}"')
    (tmp_path / "imap-password").write_text(PASSWORD + "\n")
    path = tmp_path / "config.toml"
    path.write_text('[desk]\naddress = "support@example.com"\n' + text)
    unreachable = await asyncio.to_thread(imap_accounts.unreachable, config.load(path, {}))
    assert "certificate" in unreachable[0]
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    async with running(path, PATIENT) as runtime:
        await until(settled(runtime, 2))
        assert len(server.mails("support@example.com", "Done")) == 2


def test_every_snippet_of_the_page_is_right(tmp_path: Path) -> None:
    for name in ("imap-password", "app-password"):
        (tmp_path / name).write_text("x")
    found = snippets("toml")
    assert len(found) == 6
    for text in found:
        path = tmp_path / "config.toml"
        path.write_text('[desk]\naddress = "support@example.com"\n' + text)
        loaded = config.load(path, {})
        assert loaded.imap or loaded.maildir
        assert "no effect" not in " ".join(loaded.warnings)
        assert tomllib.loads(text)


class _Tokens(http.server.BaseHTTPRequestHandler):
    """A token endpoint: gives one to who brings the secret."""

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["Content-Length"])).decode()
        good = "client_secret=a%2Fb%3Dc" in said
        self.send_response(200 if good else 401)
        self.end_headers()
        self.wfile.write(b'{"token_type":"Bearer","expires_in":3599,"access_token":"eyJ0.abc-_"}')

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("number", [0, 1])
def test_the_pages_token_commands_print_a_token(tmp_path: Path, number: int) -> None:
    if shutil.which("curl") is None:
        pytest.skip("needs curl (make peers)")
    (tmp_path / "client-secret").write_text("a/b=c")
    (tmp_path / "refresh-token").write_text("r")
    with http.server.HTTPServer(("127.0.0.1", 0), _Tokens) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        script = re.sub(r"https://\S+/token", f"http://127.0.0.1:{server.server_port}/token", snippets("sh")[number])
        (tmp_path / "token").write_text(script.replace("/etc/sitmail", str(tmp_path)))
        done = subprocess.run(["sh", tmp_path / "token"], capture_output=True, text=True, timeout=30, check=False)
        server.shutdown()
    assert done.stdout.strip() == "eyJ0.abc-_", done.stderr
