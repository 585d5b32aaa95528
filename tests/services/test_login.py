"""A login proves From for that person only: the proof of mail from an authenticated session."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sitmail import config
from sitmail.daemon.runtime import Runtime
from sitmail.domain.facts import Facts, Proof
from sitmail.domain.mail import Envelope
from sitmail.services import process_mail
from sitmail.services.gather import facts_for
from sitmail.services.process_mail import Unread
from sitmail.store import inbox
from tests.by_hand import arrivals_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CONFIG = """
[desk]
address = "support@example.com"
[trust]
authserv_id = "mx.example.com"
[directory]
files = ["people.toml"]
[[engineer]]
id = "Ann"
addresses = ["ann@example.com", "archer@example.com"]
[[engineer]]
id = "bob"
addresses = ["bob@example.com"]
"""
PEOPLE = """
[[contact]]
addresses = ["carol@example.org"]
name = "Carol"
"""
PASSED = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com\n"


@pytest.fixture
def runtime(tmp_path: Path, sqlite_template: Path) -> Iterator[Runtime]:
    shutil.copy(sqlite_template, tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "people.toml").write_text(PEOPLE)
    runtime = Runtime(config.load(tmp_path / "config.toml", {}))
    yield runtime
    runtime.database.close()


def facts(runtime: Runtime, sender: str, login: str, above: str = "") -> Facts:
    """As gathered for a mail that was kept and read again, so that the store's part in it counts too."""
    writer = runtime.spool.writer()
    writer.write(f"{above}From: {sender}\nTo: support@example.com\nSubject: [SIT-1]\n\n/take\n".encode())
    envelope = Envelope(sender, ("support@example.com",), NOW, login=login)
    runtime.database.write(inbox.keep, process_mail.to_keep(runtime.desk, writer.finish(), envelope)).result()
    with runtime.database.read() as connection:
        [kept] = inbox.waiting(connection, 10, NOW)
        arrivals = arrivals_of(runtime.desk, [Unread(kept.data or b"", kept)])
        [found] = facts_for(connection, runtime.desk, arrivals, NOW)
    return found


@pytest.mark.parametrize(
    ("login", "sender", "proof"),
    [
        ("ann", "ann@example.com", Proof.LOGIN),
        ("ann", "archer@example.com", Proof.LOGIN),
        ("archer@example.com", "ann@example.com", Proof.LOGIN),
        ("carol@example.org", "carol@example.org", Proof.LOGIN),
        ("ann", "bob@example.com", Proof.NONE),
        ("ann@example.com", "carol@example.org", Proof.NONE),
        ("ann", "ann@example.net", Proof.NONE),
        ("backup-robot", "ann@example.com", Proof.NONE),
        ("carol@example.org", "ann@example.com", Proof.NONE),
        ("", "ann@example.com", Proof.NONE),
    ],
)
def test_what_a_login_proves(runtime: Runtime, login: str, sender: str, proof: Proof) -> None:
    assert facts(runtime, sender, login).proof is proof


@pytest.mark.parametrize(
    ("login", "proof"),
    [("bob", Proof.LOGIN), ("ann", Proof.NONE), ("backup-robot", Proof.AUTHENTICATED), ("", Proof.AUTHENTICATED)],
)
def test_an_engineer_who_logged_in_is_not_believed_to_be_another(runtime: Runtime, login: str, proof: Proof) -> None:
    """Not even when his mail proves something: a field he wrote himself, a token that is not his."""
    assert facts(runtime, "bob@example.com", login, PASSED).proof is proof
