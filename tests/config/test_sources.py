"""Mailboxes and Maildirs to fetch from: how they are read, and which settings are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitmail import config
from sitmail.config.machinery import Imap, Maildir
from sitmail.config.rows import RECIPIENTS

DESK = '[desk]\naddress = "support@example.com"\n[[mailbox]]\naddress = "sales@example.com"\n'
GMAIL = '[[imap]]\nhost = "imap.example.com"\nuser = "Sales@example.com"\n'


def load(folder: Path, text: str) -> config.Config:
    path = folder / "config.toml"
    path.write_text(DESK + text)
    path.chmod(0o600)
    (folder / "secret").write_text("s3cret\n")
    return config.load(path, {})


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(config.ConfigError) as caught:
        load(folder, text)
    return [line.removeprefix("config.toml: ") for line in caught.value.lines]


def test_a_mailbox_with_its_defaults(tmp_path: Path) -> None:
    [found] = load(tmp_path, GMAIL + 'password_file = "secret"').imap
    assert found == Imap(
        *("imap.example.com", 993, "tls", "Sales@example.com", "s3cret", (), "INBOX", "", "new", "sales@example.com"),
        tuple(RECIPIENTS),
    )
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize("written", ["2026-12-01", '"2026-12-01"'])
def test_a_date_is_written_in_two_ways(tmp_path: Path, written: str) -> None:
    [found] = load(tmp_path, GMAIL + f'password_file = "secret"\nfirst = {written}').imap
    assert found.first == "2026-12-01"


def test_a_mailbox_with_everything(tmp_path: Path) -> None:
    written = """[[imap]]
    host = "127.0.0.1"
    security = "none"
    user = "desk"
    token_command = "'/opt/my tools/token' --for desk"
    folder = "Eingang"
    done_folder = "Erledigt & weg"
    address = "sales@example.com"
    recipients = ["X-Original-To"]
    """
    [found] = load(tmp_path, written).imap
    assert (found.port, found.token_command) == (143, ("/opt/my tools/token", "--for", "desk"))
    assert (found.folder, found.done_folder) == ("Eingang", "Erledigt & weg")
    assert (found.address, found.recipients) == ("sales@example.com", ("X-Original-To",))


def test_a_maildir(tmp_path: Path) -> None:
    [found] = load(tmp_path, '[[maildir]]\npath = "Maildir"\n').maildir
    assert found == Maildir(tmp_path / "Maildir", "", "", tuple(RECIPIENTS))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GMAIL, "imap[0].password_file: expected either a password or a token_command"),
        (
            GMAIL + 'password = "x"\ntoken_command = "y"',
            "imap[0].password_file: expected either a password or a token_command",
        ),
        (GMAIL + 'password_file = "none"', "imap[0].password_file: there is no such file"),
        (
            GMAIL + 'password = "x"\nsecurity = "none"',
            "imap[0].security: none is for this machine alone, such as 127.0.0.1; expected tls or starttls",
        ),
        (
            GMAIL + 'token_command = "print \'x"',
            "imap[0].token_command: expected a command with its quotes closed",
        ),
        (
            GMAIL + 'password = "x"\ndone_folder = "INBOX"',
            "imap[0].done_folder: is the folder itself; mail would be moved in a circle",
        ),
        (
            (GMAIL + 'password = "x"\n') * 2,
            "imap[1].folder: 'INBOX' of this user is fetched by imap[0] already",
        ),
        (GMAIL + 'password = "x"\naddress = "sale@example.com"', "imap[0].address: no mailbox 'sale@example.com'"),
        (
            GMAIL + 'password = "x"\nrecipients = ["De livered-To"]',
            'imap[0].recipients[0]: expected the name of a header field such as "Delivered-To"',
        ),
        (
            GMAIL + 'password = "x"\nfirst = "newest"',
            'imap[0].first: expected "new", "unseen", "all", or a date such as 2026-12-25',
        ),
        ('[[maildir]]\npath = "a"\n[[maildir]]\npath = "./a"', "maildir[1].path: './a' is already maildir[0]"),
        ('[[maildir]]\npath = "a"\ndone_folder = "b/c"', "maildir[0].done_folder: expected the name of a folder"),
        ('[[maildir]]\npath = ""', "maildir[0].path: expected the name of a folder"),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, text: str, expected: str) -> None:
    found = mistakes(tmp_path, text)
    assert len(found) == 1
    assert found[0].startswith(expected)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_without_tls_only_on_this_machine(tmp_path: Path, host: str) -> None:
    row = f'[[imap]]\nhost = "{host}"\nuser = "desk"\npassword = "x"\nsecurity = "none"\n'
    assert load(tmp_path, row).imap[0].security == "none"
